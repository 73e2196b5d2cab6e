/**
 * What frames bring, summed up. Lists that are always read whole are JSON; what is looked up is rows.
 *
 * - `missing_frames` holds what later frames say of frames that have not come, and nothing else: a
 *   number that `instances.seen` holds is never in it.
 * - `seals` keeps, of each instance and hop, the one of the highest frame number.
 * - `coverage.intervals` and `instances.seen`: `[[from, to), …]`, sorted and disjoint.
 */
export const evidence = `
CREATE TABLE positions (partition TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT;

CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;

CREATE TABLE hops (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  hop INTEGER NOT NULL REFERENCES hops,
  channel TEXT NOT NULL,
  origin TEXT NOT NULL,
  reason TEXT NOT NULL,
  params TEXT NOT NULL,
  UNIQUE (hop, channel, origin, reason, params)
) STRICT;

CREATE TABLE tallies (
  id INTEGER PRIMARY KEY,
  window INTEGER NOT NULL,
  series INTEGER NOT NULL REFERENCES series,
  count INTEGER NOT NULL,
  placeless INTEGER NOT NULL,
  ranges TEXT NOT NULL,
  sketch BLOB NOT NULL,
  UNIQUE (window, series)
) STRICT;

CREATE TABLE coverage (
  hop INTEGER NOT NULL REFERENCES hops,
  partition INTEGER NOT NULL,
  intervals TEXT NOT NULL,
  PRIMARY KEY (hop, partition)
) STRICT, WITHOUT ROWID;

CREATE TABLE gaps (
  hop INTEGER NOT NULL REFERENCES hops,
  reason TEXT NOT NULL,
  from_window INTEGER NOT NULL,
  to_window INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (hop, reason, from_window, to_window)
) STRICT, WITHOUT ROWID;

CREATE TABLE hop_counts (
  hop INTEGER NOT NULL REFERENCES hops,
  name TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (hop, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE instances (
  id INTEGER PRIMARY KEY,
  instance TEXT NOT NULL UNIQUE,
  head INTEGER NOT NULL,
  service TEXT NOT NULL,
  flush_ms INTEGER NOT NULL,
  window_ms INTEGER NOT NULL,
  first_sent_at INTEGER NOT NULL,
  last_sent_at INTEGER NOT NULL,
  last_heard_at INTEGER NOT NULL,
  goodbye INTEGER,
  seen TEXT NOT NULL
) STRICT;

CREATE TABLE instance_hops (
  instance INTEGER NOT NULL REFERENCES instances ON DELETE CASCADE,
  hop INTEGER NOT NULL REFERENCES hops,
  PRIMARY KEY (instance, hop)
) STRICT, WITHOUT ROWID;

CREATE TABLE missing_frames (
  instance INTEGER NOT NULL REFERENCES instances ON DELETE CASCADE,
  number INTEGER NOT NULL,
  from_window INTEGER NOT NULL,
  to_window INTEGER NOT NULL,
  PRIMARY KEY (instance, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE seals (
  instance INTEGER NOT NULL REFERENCES instances ON DELETE CASCADE,
  hop INTEGER NOT NULL REFERENCES hops,
  number INTEGER NOT NULL,
  sealed_until INTEGER NOT NULL,
  open TEXT NOT NULL,
  PRIMARY KEY (instance, hop)
) STRICT, WITHOUT ROWID;
`
