/**
 * Makes the SQLite driver fail at a statement of the test's choice, in the ways in which SQLite does;
 * and holds what a process folds until it is killed.
 */
import Database from 'better-sqlite3'
import type { Frame, TallyDelta } from '../../src/hop/frame.ts'
import type { HopRef } from '../../src/hop/hop.ts'
import { lockForAuditor } from '../../src/store/auditor-lock.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import {
  checkin,
  deltaOf,
  enrich,
  frameOf,
  instanceOf,
  sketchOf,
  WINDOW_MS,
} from '../store/frames.ts'

/** One that is about to run; all of the driver's, also those that begin and end transactions. */
export interface Step {
  /** From 1. */
  readonly n: number
  readonly sql: string
  readonly db: Database.Database
}

type Method = (this: Database.Statement, ...values: unknown[]) => unknown

/** What all prepared statements inherit from; a script is run through `exec` instead. */
const prepared = Object.getPrototypeOf(new Database(':memory:').prepare('SELECT 1')) as {
  run: Method
  get: Method
  all: Method
}
const script = Database.prototype.exec

/** Asks `each` to run every statement, those of scripts one by one, for as long as `work` takes. */
export async function eachStatement<T>(
  each: (step: Step, run: () => unknown) => unknown,
  work: () => Promise<T>,
): Promise<T> {
  const before = { run: prepared.run, get: prepared.get, all: prepared.all }
  let n = 0
  for (const name of ['run', 'get', 'all'] as const) {
    const method = before[name]
    prepared[name] = function (...values) {
      const step = { n: ++n, sql: this.source, db: this.database }
      return each(step, () => method.apply(this, values))
    }
  }
  Database.prototype.exec = function (text) {
    for (const sql of text.split(/;\s*\n/).filter((part) => part.trim() !== '')) {
      each({ n: ++n, sql, db: this }, () => script.call(this, sql))
    }
    return this
  }
  try {
    return await work()
  } finally {
    Object.assign(prepared, before)
    Database.prototype.exec = script
  }
}

export interface Fault {
  /** The statement that fails, from 1. */
  readonly at: number
  readonly code: 'SQLITE_IOERR' | 'SQLITE_FULL' | 'SQLITE_BUSY'
  /**
   * `refused`: it does nothing, and the transaction stays open. `undone`: SQLite itself has rolled
   * the transaction back. `kept`: it has done its work, which nobody is told; of a commit only.
   */
  readonly manner: 'refused' | 'undone' | 'kept'
}

/**
 * The error of `work`, or null if it needs fewer statements than that. A rollback does not fail:
 * SQLite ends the transaction whatever it meets.
 */
export async function failing(fault: Fault, work: () => Promise<unknown>): Promise<unknown> {
  const each = ({ n, sql, db }: Step, run: () => unknown): unknown => {
    if (n !== fault.at || sql === 'ROLLBACK') return run()
    if (fault.manner === 'undone' && db.inTransaction) script.call(db, 'ROLLBACK')
    if (fault.manner === 'kept') run()
    throw new Database.SqliteError(`at statement ${n}`, fault.code)
  }
  return eachStatement(each, work).then(
    () => null,
    (error: unknown) => error,
  )
}

/** ms: the collector's clock at batch 0. */
const START = 1_000_000
/** Batches of one life: bounds what a test has to fold after it, should it come late to kill. */
const BATCHES_MAX = 60

/** So many ids that their sketch is a table, made once: nearly all of a life is spent in the store. */
const TABLE_IDS = 1_500
const TABLE: Uint8Array = sketchOf(Array.from({ length: TABLE_IDS }, (_, i) => i)).toBytes()

/** A delta of 32 KB. */
export function tableOf(hop: HopRef, window: number): TallyDelta {
  return deltaOf(hop, window * WINDOW_MS, [], { count: TABLE_IDS, sketch: TABLE })
}

/** Always the same frames for the same number: of two instances, one of which repeats itself. */
function batchOf(n: number): readonly Frame[] {
  const own = [deltaOf(checkin, (n % 7) * WINDOW_MS, [3 * n, 3 * n + 1])]
  const others = Array.from({ length: 12 }, (_, i) => tableOf(enrich, (n + i) % 40))
  const first = frameOf(n, {
    deltas: own,
    covered: [{ hop: checkin, partition: n % 3, from: n, to: n + 1 }],
    counts: [{ hop: checkin, name: 'received', count: n }],
  })
  const second = frameOf(n, { instance: instanceOf(2), deltas: others })
  const again = frameOf(Math.max(0, n - 1), { instance: instanceOf(2), deltas: others })
  return [first, second, again]
}

/** Folds from where the store stands to batch `until`. */
export async function foldOnward(
  store: Store,
  until: number,
  onFolded: () => void = () => {},
): Promise<void> {
  for (let n = (await store.positions())['0'] ?? 0; n < until; n++) {
    await store.fold(batchOf(n), { '0': n + 1 }, START + n, 1)
    onFolded()
  }
}

/** What the process to be killed does: it says so when its first batch is in. */
export async function foldUntilKilled(path: string): Promise<void> {
  const lock = await lockForAuditor(path)
  const store = await openSqliteStore(path)
  const from = (await store.positions())['0'] ?? 0
  let folded = 0
  await foldOnward(store, from + BATCHES_MAX, () => {
    if (++folded === 1) process.stdout.write('folding\n')
  })
  // Keeps the process, and with it the lock: one that nobody can reach any more is given back.
  setInterval(() => lock, 1_000)
}
