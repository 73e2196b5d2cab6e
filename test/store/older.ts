/**
 * Stores as earlier versions left them: their tables, filled by the statements that they had. What is
 * in it is always the same two frames of one instance, of which a third one is missing.
 */
import Database from 'better-sqlite3'
import { hopKey } from '../../src/hop/hop.ts'
import { Latencies } from '../../src/sketch/latency.ts'
import { Membership } from '../../src/sketch/membership.ts'
import { DEFAULT_SEED } from '../../src/sketch/sketch.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { checkin, enrich, instanceOf, sketchOf, WINDOW_MS } from './frames.ts'

/** What was in `user_version` and `application_id`. */
const APPLICATION_ID = 0x51555055

/** Makes one where there is none. @param version of its tables; 0: an empty database */
export function makeOlderStore(path: string, version: number): void {
  const db = new Database(path)
  for (const sql of migrations.slice(0, version)) db.exec(sql)
  if (version > 0) {
    db.pragma(`user_version = ${version}`)
    db.pragma(`application_id = ${APPLICATION_ID}`)
    fill(db, version)
  }
  db.close()
}

function fill(db: Database.Database, version: number): void {
  const run = (sql: string, ...values: unknown[]): void => {
    db.prepare(sql).run(...values)
  }
  run('INSERT INTO positions (partition, position) VALUES (?, ?)', '0', 3)
  run('INSERT INTO counters (name, value) VALUES (?, ?)', 'foreign-records', 2)
  for (const hop of [checkin, enrich]) run('INSERT INTO hops (key) VALUES (?)', hopKey(hop))
  const params = { windowMs: WINDOW_MS, identity: 'stamp', element: 'id' }
  // Samples were a rate once, of which there was only 1.
  const rate = version < 3 ? { sampleRate: 1 } : { oneIn: 1 }
  for (const hop of [1, 2])
    run(
      'INSERT INTO series (hop, channel, origin, reason, params) VALUES (?, ?, ?, ?, ?)',
      ...[hop, 'passed', '', ''],
      JSON.stringify({ ...params, ...rate, shape: 'q1', seed: DEFAULT_SEED }),
    )
  const sketch = sketchOf([1, 2]).toBytes()
  for (const [series, ranges] of ['[]', '[[0,4,9],[1,0,0]]'].entries()) {
    const values = [0, series + 1, 2, 0, ranges, sketch]
    if (version < 3)
      run(
        'INSERT INTO tallies (window, series, count, placeless, ranges, sketch) ' +
          'VALUES (?, ?, ?, ?, ?, ?)',
        ...values,
      )
    else
      run(
        'INSERT INTO tallies (window, series, count, placeless, ranges, sketch, tags, ' +
          'birth_latency, hop_latency) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
        ...[...values, '[[7,1,2,2]]', latency(), new Uint8Array(0)],
      )
  }
  // When offsets were watched was not kept once.
  const [column, times] = version < 4 ? ['intervals', ''] : ['spans', ',900,1000']
  const watched = [`[[4,10${times}],[12,20${times}]]`, `[[0,1${times}]]`, '[]']
  for (const [partition, intervals] of watched.entries())
    run(
      `INSERT INTO coverage (hop, partition, ${column}) VALUES (?, ?, ?)`,
      ...[2, partition, intervals],
    )
  run('INSERT INTO hop_counts (hop, name, count) VALUES (?, ?, ?)', 2, 'received', 2)
  run(
    'INSERT INTO gaps (hop, reason, from_window, to_window, count) VALUES (?, ?, ?, ?, ?)',
    ...[2, 'tallies-full', 0, WINDOW_MS, 5],
  )
  const delay = version < 3 ? '' : ', min_delay_ms'
  run(
    'INSERT INTO instances (instance, head, service, flush_ms, window_ms, first_sent_at, ' +
      `last_sent_at, last_heard_at, goodbye, seen${delay}) ` +
      `VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?${version < 3 ? '' : ', 0'})`,
    ...[instanceOf(1), 2, 'checkin', 5_000, WINDOW_MS, 1_000, 1_002, 1_100, '[[0,1],[2,3]]'],
  )
  for (const hop of [1, 2]) run('INSERT INTO instance_hops (instance, hop) VALUES (?, ?)', 1, hop)
  run(
    'INSERT INTO missing_frames (instance, number, from_window, to_window) VALUES (?, ?, ?, ?)',
    ...[1, 1, 0, WINDOW_MS],
  )
  run(
    'INSERT INTO seals (instance, hop, number, sealed_until, open) VALUES (?, ?, ?, ?, ?)',
    ...[1, 1, 2, 900, '[0]'],
  )
  if (version >= 2) {
    run('INSERT INTO facts (name, json) VALUES (?, ?)', 'pipelines', '["flights"]')
    run(
      'INSERT INTO verdicts (pipeline, edge, window, revision, judged_at, verdict) ' +
        'VALUES (?, ?, ?, ?, ?, ?)',
      ...['flights', 'checkin → flights', 0, 0, 1_100],
      JSON.stringify({ pipeline: 'flights', edge: 'checkin → flights', counts: { expected: 2 } }),
    )
  }
  if (version >= 3)
    run(
      'INSERT INTO memberships (window, hop, capacity, seed, count, bits) VALUES (?, ?, ?, ?, ?, ?)',
      ...[0, 2, 1_000, DEFAULT_SEED, 2, filter()],
    )
  if (version >= 4) {
    run('UPDATE instances SET closed_at = ? WHERE id = 1', '[[0,1000],[2,1002]]')
    run('INSERT INTO reach (instance, hop, partition, until) VALUES (?, ?, ?, ?)', 1, 2, 0, 20)
  }
}

function latency(): Uint8Array {
  const latencies = new Latencies()
  for (const ms of [3, 70]) latencies.record(ms)
  return latencies.toBytes()
}

function filter(): Uint8Array {
  const membership = new Membership(DEFAULT_SEED, 1_000)
  for (const id of [1, 2]) membership.add(0, 0x7000, 0x80000000, id)
  return membership.toBytes()
}
