/**
 * What is kept beside a sketch: latencies, the dense-sequence witness, membership filters; and of each
 * instance the least delay of its frames, which tells clocks apart.
 *
 * - `tags`: `[[tag, low, high, count], …]`, or the empty text where nothing is witnessed.
 * - `series.params` names the sample as one in n, in the order in which hop/params.ts writes it.
 * - Filters of unequal capacity or seed do not merge: each has a row of its own.
 */
export const aside = `
ALTER TABLE tallies ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE tallies ADD COLUMN birth_latency BLOB NOT NULL DEFAULT x'';
ALTER TABLE tallies ADD COLUMN hop_latency BLOB NOT NULL DEFAULT x'';

UPDATE series SET params = json_object(
  'windowMs', json_extract(params, '$.windowMs'),
  'identity', json_extract(params, '$.identity'),
  'element', 'id',
  'oneIn', 1,
  'shape', json_extract(params, '$.shape'),
  'seed', json_extract(params, '$.seed')
);

ALTER TABLE instances ADD COLUMN min_delay_ms INTEGER NOT NULL DEFAULT 0;

CREATE TABLE memberships (
  window INTEGER NOT NULL,
  hop INTEGER NOT NULL REFERENCES hops,
  capacity INTEGER NOT NULL,
  seed INTEGER NOT NULL,
  count INTEGER NOT NULL,
  bits BLOB NOT NULL,
  PRIMARY KEY (window, hop, capacity, seed)
) STRICT;
`
