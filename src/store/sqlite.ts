/** The embedded store: one SQLite file, tables in migrations/, folding in fold.ts. */
import type Sqlite from 'better-sqlite3'
import { type EdgeVerdict, NO_COUNTS } from '../finding/verdict.ts'
import type { CoverSpan } from '../hop/evidence.ts'
import type { Channel, Frame, HopCounts, Origin } from '../hop/frame.ts'
import { type HopKey, hopOfKey } from '../hop/hop.ts'
import type { Minter, StoredMishap } from '../hop/mishap.ts'
import { limbsOf, type TallyParams } from '../hop/params.ts'
import { Membership } from '../sketch/membership.ts'
import { Sketch } from '../sketch/sketch.ts'
import { changeAlerts, readAlerts, readDeliveries, readOutbox } from './alert-rows.ts'
import type { AlertChange, AlertRow, Delivery, OutboxRow } from './alerts.ts'
import { condenseBefore } from './condense-shapes.ts'
import { intervalsOf, spansOf } from './cover-spans.ts'
import { BatchFold } from './fold.ts'
import { rangesOf, tagsOf } from './fold-tallies.ts'
import { readInstances, speakersSince } from './instance-rows.ts'
import { readMinters } from './minters.ts'
import { readMishaps } from './mishaps.ts'
import { Names } from './names.ts'
import { pruneBefore } from './prune.ts'
import { latenciesOf } from './read-deltas.ts'
import { readShapeRows } from './shape-rows.ts'
import { storeError } from './sqlite-errors.ts'
import { openDatabase, openToRead } from './sqlite-open.ts'
import type { SqliteOptions } from './sqlite-options.ts'
import { Statements } from './statements.ts'
import type {
  FoldOutcome,
  HopCoverage,
  HopGap,
  InstanceState,
  MishapQuery,
  Store,
  StoredLatency,
  StoredMembership,
  StoredShape,
  StoredTags,
  StoredTally,
  Total,
  VerdictQuery,
  WindowSums,
} from './store.ts'
import { addToTotals, readTotals, sumsOfVerdict } from './totals.ts'

const SAVE_VERDICT =
  'INSERT INTO verdicts (pipeline, edge, window, revision, judged_at, verdict) ' +
  'VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET ' +
  'judged_at = excluded.judged_at, verdict = excluded.verdict'
const FOREIGN = 'foreign-records'
const WATERMARK = 'pruned-before'

/** Opens a store, making it where there is none; `:memory:` keeps nothing. */
export async function openSqliteStore(path: string, options: SqliteOptions = {}): Promise<Store> {
  try {
    const db =
      options.readOnly === true ? await openToRead(path) : await openDatabase(path, options)
    return new SqliteStore(path, db)
  } catch (error) {
    throw storeError(path, error)
  }
}

class SqliteStore implements Store {
  readonly #path: string
  readonly #db: Sqlite.Database
  readonly #sql: Statements
  readonly #names: Names
  /** Made once: to make one costs more than a statement. */
  readonly #transaction: Sqlite.Transaction<(work: () => unknown) => unknown>

  constructor(path: string, db: Sqlite.Database) {
    this.#path = path
    this.#db = db
    this.#sql = new Statements(db)
    this.#names = new Names(this.#sql)
    this.#transaction = db.transaction((work) => work())
  }

  async positions(): Promise<Readonly<Record<string, number>>> {
    return this.#read(() => {
      const rows = this.#sql.all<{ partition: string; position: number }>(
        'SELECT partition, position FROM positions',
      )
      return Object.fromEntries(rows.map(({ partition, position }) => [partition, position]))
    })
  }

  async fold(
    frames: readonly Frame[],
    positions: Readonly<Record<string, number>>,
    now: number,
    foreign = 0,
  ): Promise<FoldOutcome> {
    return this.#write(() => {
      const batch = new BatchFold(this.#sql, this.#names, now, this.#counter(WATERMARK))
      for (const frame of frames) batch.add(frame)
      const outcome = batch.write()
      for (const [partition, position] of Object.entries(positions)) {
        this.#sql.run(
          'INSERT INTO positions (partition, position) VALUES (?, ?) ' +
            'ON CONFLICT DO UPDATE SET position = excluded.position',
          partition,
          position,
        )
      }
      const strange = foreign + outcome.malformed
      if (strange > 0) this.#setCounter(FOREIGN, this.#counter(FOREIGN) + strange)
      return outcome
    })
  }

  async windows(since = 0): Promise<readonly number[]> {
    return this.#read(() =>
      this.#sql
        .all<{ window: number }>(
          'SELECT DISTINCT window FROM tallies WHERE window >= ? ORDER BY window',
          since,
        )
        .map(({ window }) => window),
    )
  }

  async tallies(window: number): Promise<readonly StoredTally[]> {
    return this.#read(() =>
      this.#sql
        .all<TallyRow>(
          'SELECT key, channel, origin, reason, params, window, count, placeless, ranges, sketch, ' +
            'tags FROM tallies JOIN series ON series.id = tallies.series ' +
            'JOIN hops ON hops.id = series.hop WHERE window = ? ' +
            'ORDER BY key, channel, origin, reason, params',
          window,
        )
        .map(tallyOf),
    )
  }

  async latencies(
    since = 0,
    until: number = Number.MAX_SAFE_INTEGER,
  ): Promise<readonly StoredLatency[]> {
    return this.#read(() =>
      this.#sql
        .all<LatencyRow>(
          'SELECT key, origin, params, window, birth_latency, hop_latency ' +
            'FROM tallies JOIN series ON series.id = tallies.series ' +
            'JOIN hops ON hops.id = series.hop WHERE window >= ? AND window < ? ' +
            "AND channel = 'passed' AND length(birth_latency) > 0 " +
            'ORDER BY window, key, origin, reason, params',
          since,
          until,
        )
        .map((row) => ({
          hop: hopOfKey(row.key),
          key: row.key,
          origin: originOf(row.origin),
          window: row.window,
          oneIn: (JSON.parse(row.params) as TallyParams).oneIn,
          fromBirth: latenciesOf(row.birth_latency),
          fromHop: latenciesOf(row.hop_latency),
        })),
    )
  }

  async tags(window: number): Promise<readonly StoredTags[]> {
    return this.#read(() =>
      this.#sql
        .all<TagsRow>(
          'SELECT key, channel, origin, ranges, tags FROM tallies ' +
            'JOIN series ON series.id = tallies.series JOIN hops ON hops.id = series.hop ' +
            'WHERE window = ? AND params LIKE \'%"element":"id"%"oneIn":1,%\' ' +
            'ORDER BY key, channel, origin, reason, params',
          window,
        )
        .map(({ key, channel, origin, ranges, tags }) => ({
          key,
          hop: hopOfKey(key),
          channel,
          origin: originOf(origin),
          ranges: rangesOf(ranges),
          tags: tagsOf(tags),
        })),
    )
  }

  async memberships(window: number): Promise<readonly StoredMembership[]> {
    return this.#read(() =>
      this.#sql
        .all<MembershipRow>(`${MEMBERSHIPS} WHERE window = ? ORDER BY key, capacity, seed`, window)
        .map(membershipOf),
    )
  }

  async mayHold(
    hash: Uint8Array,
  ): Promise<readonly { readonly key: HopKey; readonly window: number }[]> {
    return this.#read(() => {
      const found: { readonly key: HopKey; readonly window: number }[] = []
      // One at a time: a filter takes up to 512 KiB.
      const rows = this.#sql.all<{ rowid: number }>(
        'SELECT rowid FROM memberships ORDER BY window, hop',
      )
      for (const { rowid } of rows) {
        const row = this.#sql.get<MembershipRow>(
          `${MEMBERSHIPS} WHERE memberships.rowid = ?`,
          rowid,
        )
        if (row === undefined) continue
        const { key, window, filter } = membershipOf(row)
        if (filter.mayHaveForeign(hash)) found.push({ key, window })
      }
      return found
    })
  }

  async shapes(
    since = 0,
    until: number = Number.MAX_SAFE_INTEGER,
  ): Promise<readonly StoredShape[]> {
    return this.#read(() => readShapeRows(this.#sql, since, until))
  }

  async shapeWindows(since = 0): Promise<readonly number[]> {
    return this.#read(() =>
      this.#sql
        .all<{ window: number }>(
          'SELECT DISTINCT window FROM shapes WHERE window >= ? ORDER BY window',
          since,
        )
        .map(({ window }) => window),
    )
  }

  async condenseShapes(before: number, spanMs: number): Promise<boolean> {
    return this.#write(() => condenseBefore(this.#sql, before, spanMs))
  }

  async coverage(): Promise<readonly HopCoverage[]> {
    return this.#read(() => {
      const byHop = new Map<HopKey, Map<number, readonly CoverSpan[]>>()
      for (const row of this.#sql.all<CoverageRow>(
        'SELECT key, partition, spans FROM coverage JOIN hops ON hops.id = coverage.hop ' +
          'ORDER BY key, partition',
      )) {
        const partitions = byHop.get(row.key) ?? new Map<number, readonly CoverSpan[]>()
        partitions.set(row.partition, spansOf(row.spans))
        byHop.set(row.key, partitions)
      }
      return [...byHop].map(([key, spans]) => ({
        ...{ key, hop: hopOfKey(key), spans },
        partitions: new Map([...spans].map(([partition, of]) => [partition, intervalsOf(of)])),
      }))
    })
  }

  async highestCounted(hop: HopKey): Promise<ReadonlyMap<number, number>> {
    return this.#read(() => {
      const highest = new Map<number, number>()
      const rows = this.#sql.all<{ ranges: string }>(
        'SELECT ranges FROM tallies JOIN series ON series.id = tallies.series ' +
          'JOIN hops ON hops.id = series.hop WHERE key = ?',
        hop,
      )
      for (const { ranges } of rows)
        for (const { partition, high } of rangesOf(ranges))
          highest.set(partition, Math.max(high, highest.get(partition) ?? 0))
      return highest
    })
  }

  async instances(since = 0): Promise<readonly InstanceState[]> {
    return this.#read(() => {
      const from = Math.max(since, this.#counter(WATERMARK))
      return readInstances(this.#sql, speakersSince(this.#sql, from))
    })
  }

  async gaps(): Promise<readonly HopGap[]> {
    return this.#read(() =>
      this.#sql.all<HopGap>(
        'SELECT key, reason, count, from_window AS fromWindow, to_window AS toWindow ' +
          'FROM gaps JOIN hops ON hops.id = gaps.hop ORDER BY key, reason, fromWindow, toWindow',
      ),
    )
  }

  async mishaps(query: MishapQuery): Promise<readonly StoredMishap[]> {
    return this.#read(() => readMishaps(this.#sql, query))
  }

  async minters(tags?: readonly number[]): Promise<ReadonlyMap<number, Minter>> {
    return this.#read(() => readMinters(this.#sql, tags))
  }

  async counts(): Promise<readonly HopCounts[]> {
    return this.#read(() =>
      this.#sql
        .all<{ key: HopKey; name: string; count: number }>(
          'SELECT key, name, count FROM hop_counts JOIN hops ON hops.id = hop ORDER BY key, name',
        )
        .map(({ key, name, count }) => ({ hop: hopOfKey(key), name, count })),
    )
  }

  async foreignRecords(): Promise<number> {
    return this.#read(() => this.#counter(FOREIGN))
  }

  async verdicts(query: VerdictQuery = {}): Promise<readonly EdgeVerdict[]> {
    const { pipeline, edge, since = 0, until = Number.MAX_SAFE_INTEGER } = query
    const values: (string | number)[] = [since, until]
    let only = ''
    for (const [column, value] of Object.entries({ pipeline, edge })) {
      if (value === undefined) continue
      only += `AND ${column} = ? `
      values.push(value)
    }
    return this.#read(() =>
      this.#sql
        .all<VerdictRow>(
          `SELECT verdict FROM verdicts AS v WHERE window >= ? AND window < ? ${only}` +
            'AND revision = (SELECT max(revision) FROM verdicts WHERE window = v.window ' +
            'AND pipeline = v.pipeline AND edge = v.edge) ORDER BY window, edge, pipeline',
          ...values,
        )
        .map(verdictOf),
    )
  }

  async revisions(pipeline: string, edge: string, window: number): Promise<readonly EdgeVerdict[]> {
    return this.#read(() =>
      this.#sql
        .all<VerdictRow>(
          'SELECT verdict FROM verdicts WHERE window = ? AND pipeline = ? AND edge = ? ' +
            'ORDER BY revision',
          window,
          pipeline,
          edge,
        )
        .slice(0, -1)
        .map(verdictOf),
    )
  }

  async saveVerdicts(verdicts: readonly EdgeVerdict[], judgedAt: number): Promise<void> {
    this.#write(() => {
      for (const verdict of verdicts) {
        this.#sql.run(
          SAVE_VERDICT,
          verdict.pipeline,
          verdict.edge,
          verdict.window.start,
          verdict.revision,
          judgedAt,
          textOf(verdict),
        )
      }
      const sums = verdicts.flatMap((verdict) => sumsOfVerdict(verdict) ?? [])
      addToTotals(this.#sql, sums, this.#counter(WATERMARK))
    })
  }

  async addToTotals(list: readonly WindowSums[]): Promise<void> {
    this.#write(() => addToTotals(this.#sql, list, this.#counter(WATERMARK)))
  }

  async totals(): Promise<readonly Total[]> {
    return this.#read(() => readTotals(this.#sql))
  }

  async setFact(name: string, json: unknown): Promise<void> {
    this.#write(() => {
      this.#sql.run(
        'INSERT INTO facts (name, json) VALUES (?, ?) ' +
          'ON CONFLICT DO UPDATE SET json = excluded.json',
        name,
        JSON.stringify(json ?? null),
      )
    })
  }

  async fact(name: string): Promise<unknown> {
    return this.#read(() => {
      const row = this.#sql.get<{ json: string }>('SELECT json FROM facts WHERE name = ?', name)
      return row === undefined ? undefined : JSON.parse(row.json)
    })
  }

  async prune(before: number): Promise<void> {
    this.#write(() => {
      if (before <= this.#counter(WATERMARK)) return
      this.#setCounter(WATERMARK, before)
      pruneBefore(this.#sql, before)
    })
  }

  async alerts(): Promise<readonly AlertRow[]> {
    return this.#read(() => readAlerts(this.#sql))
  }

  async outbox(
    dueBy: number,
    limit: number,
    latest: number = Number.MAX_SAFE_INTEGER,
  ): Promise<readonly OutboxRow[]> {
    return this.#read(() => readOutbox(this.#sql, dueBy, limit, latest))
  }

  async deliveries(): Promise<readonly Delivery[]> {
    return this.#read(() => readDeliveries(this.#sql))
  }

  async changeAlerts(change: AlertChange, now: number): Promise<void> {
    this.#write(() => changeAlerts(this.#sql, change, now))
  }

  async close(): Promise<void> {
    this.#db.close()
  }

  #counter(name: string): number {
    const row = this.#sql.get<{ value: number }>('SELECT value FROM counters WHERE name = ?', name)
    return row?.value ?? 0
  }

  #setCounter(name: string, value: number): void {
    this.#sql.run(
      'INSERT INTO counters (name, value) VALUES (?, ?) ' +
        'ON CONFLICT DO UPDATE SET value = excluded.value',
      name,
      value,
    )
  }

  /** One snapshot, however many statements. */
  #read<T>(work: () => T): T {
    try {
      return this.#transaction.deferred(work) as T
    } catch (error) {
      throw storeError(this.#path, error)
    }
  }

  /** One transaction, its lock taken first: what it reads is what it changes. */
  #write<T>(work: () => T): T {
    try {
      return this.#transaction.immediate(work) as T
    } catch (error) {
      this.#names.forget()
      throw storeError(this.#path, error)
    }
  }
}

interface TallyRow {
  readonly key: HopKey
  readonly channel: Channel
  readonly origin: string
  readonly reason: string
  readonly params: string
  readonly window: number
  readonly count: number
  readonly placeless: number
  readonly ranges: string
  readonly sketch: Buffer
  readonly tags: string
}

function tallyOf(row: TallyRow): StoredTally {
  const params = JSON.parse(row.params) as TallyParams
  return {
    hop: hopOfKey(row.key),
    key: row.key,
    channel: row.channel,
    origin: originOf(row.origin),
    reason: row.reason,
    params,
    window: row.window,
    count: row.count,
    placeless: row.placeless,
    sketch: Sketch.fromBytes(row.sketch, params.seed, limbsOf(params.element)),
    ranges: rangesOf(row.ranges),
    tags: tagsOf(row.tags),
  }
}

function originOf(text: string): Origin | null {
  if (text === '') return null
  const [topic = '', group = ''] = JSON.parse(text) as string[]
  return { topic, group }
}

interface CoverageRow {
  readonly key: HopKey
  readonly partition: number
  readonly spans: string
}

interface LatencyRow {
  readonly key: HopKey
  readonly origin: string
  readonly params: string
  readonly window: number
  readonly birth_latency: Buffer
  readonly hop_latency: Buffer
}

interface TagsRow {
  readonly key: HopKey
  readonly channel: Channel
  readonly origin: string
  readonly ranges: string
  readonly tags: string
}

const MEMBERSHIPS =
  'SELECT key, window, capacity, seed, count, bits FROM memberships JOIN hops ON hops.id = hop'

function membershipOf(row: MembershipRow): StoredMembership {
  const { key, window, count, bits, seed, capacity } = row
  return { key, window, count, filter: Membership.fromBytes(bits, seed, capacity) }
}

interface MembershipRow {
  readonly key: HopKey
  readonly window: number
  readonly capacity: number
  readonly seed: number
  readonly count: number
  readonly bits: Buffer
}

interface VerdictRow {
  readonly verdict: string
}

const COUNTS = Object.keys(NO_COUNTS) as readonly (keyof typeof NO_COUNTS)[]

/** Without what was counted none: that is most of it. */
function textOf(verdict: EdgeVerdict): string {
  const counts: Record<string, number> = {}
  for (const name of COUNTS) if (verdict.counts[name] !== 0) counts[name] = verdict.counts[name]
  return JSON.stringify({ ...verdict, counts })
}

function verdictOf({ verdict }: VerdictRow): EdgeVerdict {
  const { counts, ...rest } = JSON.parse(verdict) as EdgeVerdict
  // What was not written, here or by earlier versions, was not there.
  return { ...rest, oneIn: rest.oneIn ?? 1, counts: { ...NO_COUNTS, ...counts } }
}
