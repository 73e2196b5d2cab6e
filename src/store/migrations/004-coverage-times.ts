/**
 * When offsets were watched, how far each instance came, and ways to those heard last.
 *
 * - `coverage.spans`: `[[from, to, first_at, last_at], …]`, sorted and disjoint; a time of 0 is not known.
 * - `instances.closed_at`: `[[number, sent_at], …]` of the first frame of each interval of `seen`, the one
 *   that came after a gap; of what was folded before, nobody kept it.
 * - `reach.until`: one past the highest offset that the instance covered. Of what was folded before,
 *   nobody kept which instance it was.
 */
export const coverageTimes = `
ALTER TABLE coverage RENAME COLUMN intervals TO spans;

UPDATE coverage SET spans = (
  SELECT json_group_array(json_array(json_extract(value, '$[0]'), json_extract(value, '$[1]'), 0, 0))
  FROM json_each(spans)
);

CREATE TABLE reach (
  instance INTEGER NOT NULL REFERENCES instances ON DELETE CASCADE,
  hop INTEGER NOT NULL REFERENCES hops,
  partition INTEGER NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (instance, hop, partition)
) STRICT, WITHOUT ROWID;

ALTER TABLE instances ADD COLUMN closed_at TEXT NOT NULL DEFAULT '[]';

CREATE INDEX instances_by_hearing ON instances (last_heard_at);

CREATE INDEX instance_hops_by_hop ON instance_hops (hop);
`
