/** Verdicts by revision, and small facts about the run for readers. */
export const verdicts = `
CREATE TABLE verdicts (
  pipeline TEXT NOT NULL,
  edge TEXT NOT NULL,
  window INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  judged_at INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  UNIQUE (window, pipeline, edge, revision)
) STRICT;

CREATE TABLE facts (name TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;
`
