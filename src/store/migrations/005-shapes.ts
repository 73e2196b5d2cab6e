/**
 * What messages looked like, and what each instance says it runs, and where.
 *
 * - `shapes.window` and `span_ms`: a window, or those from there on that were put together once they were
 *   old. What comes late for one of these has a row of its own until that is put together again.
 * - `shapes.instance`: of producers; 0: of all instances.
 * - What was held against different schemas, or looked at at different rates, does not merge: it has rows
 *   of its own.
 */
export const shapes = `
CREATE TABLE shapes (
  window INTEGER NOT NULL,
  hop INTEGER NOT NULL REFERENCES hops,
  instance INTEGER NOT NULL,
  declared TEXT NOT NULL,
  one_in INTEGER NOT NULL,
  span_ms INTEGER NOT NULL,
  shape BLOB NOT NULL,
  PRIMARY KEY (window, hop, instance, declared, one_in)
) STRICT;

ALTER TABLE instances ADD COLUMN client TEXT NOT NULL DEFAULT '';
ALTER TABLE instances ADD COLUMN host TEXT NOT NULL DEFAULT '';
`
