/**
 * What the one who is woken needs: mishaps, who minted which tag, sums that only grow, alerts.
 *
 * - `mishaps`: `id`, `trace` are empty blobs where there is none.
 * - `minters.window`: the newest in which ids of the tag were reported.
 * - `totals`: sums of settled verdicts over all time, for counters; they outlive the windows. What each
 *   window has given to them so far stands in `counted`, so that judging anew adds what is new, once.
 * - `alerts`: one row for each thing that is wrong or was lately. `outbox`: what is still to be sent.
 *   `deliveries`: what came of it last, one row for each target.
 */
export const onCall = `
CREATE TABLE mishaps (
  hop INTEGER NOT NULL REFERENCES hops,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  instance INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  low INTEGER NOT NULL,
  high INTEGER NOT NULL,
  id BLOB NOT NULL,
  trace BLOB NOT NULL,
  detail TEXT NOT NULL,
  count INTEGER NOT NULL
) STRICT;
CREATE INDEX mishaps_at ON mishaps (at);
CREATE INDEX mishaps_of ON mishaps (hop, kind, at);

CREATE TABLE minters (
  tag INTEGER PRIMARY KEY,
  instance INTEGER NOT NULL,
  window INTEGER NOT NULL
) STRICT;

CREATE TABLE totals (
  pipeline TEXT NOT NULL,
  edge TEXT NOT NULL,
  name TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (pipeline, edge, name)
) STRICT;
CREATE TABLE counted (
  window INTEGER NOT NULL,
  pipeline TEXT NOT NULL,
  edge TEXT NOT NULL,
  counts TEXT NOT NULL,
  PRIMARY KEY (window, pipeline, edge)
) STRICT;

CREATE TABLE alerts (
  key TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE outbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  route TEXT NOT NULL,
  key TEXT NOT NULL,
  event TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  last_error TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at);
CREATE TABLE deliveries (
  route TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  done INTEGER NOT NULL,
  result TEXT NOT NULL,
  sent INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  dropped INTEGER NOT NULL
) STRICT;
`
