/** A store whose work ends in the middle of a write, wherever that is: all of it is there or nothing. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { QuipuError } from '../../src/base/errors.ts'
import { type EdgeVerdict, NO_COUNTS } from '../../src/finding/verdict.ts'
import { Membership } from '../../src/sketch/membership.ts'
import { DEFAULT_SEED } from '../../src/sketch/sketch.ts'
import { lockForAuditor } from '../../src/store/auditor-lock.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import {
  eachStatement,
  type Fault,
  failing,
  foldOnward,
  tableOf,
} from '../support/crashing-sqlite.ts'
import {
  checkin,
  deltaOf,
  enrich,
  flights,
  frameOf,
  instanceOf,
  mishapOf,
  WINDOW_MS,
} from './frames.ts'
import { makeOlderStore } from './older.ts'
import { shapeDelta } from './shapes.ts'
import { evidenceOf } from './suite.ts'

const NOW = 1_000_000
const PAGE_BYTES = 4_096
const DAY_MS = 86_400_000
/** Stores are opened by the hundred: on a machine that does much else that takes its time. */
const TIMEOUT_MS = 180_000
const CODES = ['SQLITE_IOERR', 'SQLITE_FULL', 'SQLITE_BUSY'] as const

const folder = mkdtempSync(join(tmpdir(), 'quipu-crash-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

let files = 0
const fresh = (): string => join(folder, `${files++}.db`)

/** A copy of what a process that dies now would leave: the file and its log, committed or not. */
function imageOf(path: string): string {
  const image = fresh()
  copyFileSync(path, image)
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${image}-wal`)
  return image
}

/** All that another process finds: tables, rows, version. */
function contentOf(path: string): unknown {
  const db = new Database(path)
  const tables = db.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all() as {
    name: string
    sql: string | null
  }[]
  const rows = tables
    .filter(({ sql }) => sql?.startsWith('CREATE TABLE'))
    .map(({ name }) => [name, db.prepare(`SELECT * FROM ${name} ORDER BY 1, 2`).all()])
  const version = db.pragma('user_version', { simple: true })
  db.close()
  return { tables, rows, version }
}

async function inStore<T>(path: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openSqliteStore(path)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

function expectStoreError(error: unknown, code: string): void {
  expect(error).toBeInstanceOf(QuipuError)
  expect(error).toMatchObject({ code: 'STORE', cause: { code } })
  expect((error as QuipuError).hint).toBeDefined()
}

const verdictOf = (start: number, revision: number): EdgeVerdict => ({
  pipeline: 'flights',
  edge: 'checkin',
  window: { start, end: start + WINDOW_MS },
  state: revision === 0 ? 'settled' : 'revised',
  revision,
  verdict: 'met',
  evidence: 'exact',
  oneIn: 1,
  counts: NO_COUNTS,
  from: [],
  to: [],
  findings: [],
})

function filterOf(ids: readonly number[]): { capacity: number; bits: Uint8Array } {
  const filter = new Membership(DEFAULT_SEED, 1_000)
  for (const id of ids) filter.add(0, 0x7000, 0x80000000, id)
  return { capacity: 1_000, bits: filter.toBytes() }
}

const TAG = { tag: 7, low: 0, high: 1, count: 1 }

/** Frames 0 and 2 of an instance; 1 is missing. */
const before = [
  frameOf(0, {
    deltas: [
      deltaOf(checkin, 0, [1, 2], { membership: filterOf([1, 2]), tags: [TAG] }),
      deltaOf(checkin, WINDOW_MS, [3]),
    ],
    covered: [{ hop: checkin, partition: 0, from: 0, to: 3 }],
    seals: [{ hop: checkin, sealedUntil: 5, open: [0] }],
    dropped: [{ hop: checkin, reason: 'late', count: 2, fromWindow: 0, toWindow: 0 }],
    counts: [{ hop: checkin, name: 'received', count: 3 }],
    shapes: [shapeDelta(checkin, 0, [1, 2]), shapeDelta(checkin, WINDOW_MS, [3])],
    mishaps: [mishapOf(checkin), mishapOf(checkin, { at: WINDOW_MS })],
  }),
  frameOf(2, {
    covered: [{ hop: checkin, partition: 0, from: 20, to: 22 }],
    recent: [{ number: 1, from: 0, to: WINDOW_MS }],
  }),
  // Of another one, heard as early, the rest goes with time.
  frameOf(0, {
    instance: instanceOf(0),
    covered: [{ hop: checkin, partition: 0, from: 0, to: 1 }],
    seals: [{ hop: checkin, sealedUntil: 5, open: [] }],
  }),
]

/** Changes rows and adds some, in every table of evidence. */
const batch = [
  frameOf(1, {
    deltas: [deltaOf(checkin, 0, [4], { membership: filterOf([4]), tags: [TAG] })],
    shapes: [shapeDelta(checkin, 0, [4])],
    mishaps: [mishapOf(checkin), mishapOf(enrich)],
  }),
  frameOf(5, {
    deltas: [deltaOf(flights, WINDOW_MS, [1, 2, 3], { membership: filterOf([1]) })],
    covered: [{ hop: checkin, partition: 0, from: 3, to: 9 }],
    seals: [{ hop: checkin, sealedUntil: 9, open: [] }],
    dropped: [{ hop: checkin, reason: 'late', count: 2, fromWindow: 0, toWindow: 0 }],
    strays: [{ hop: flights, count: 3, windows: [WINDOW_MS] }],
    counts: [{ hop: checkin, name: 'received', count: 3 }],
    recent: [{ number: 4, from: 0, to: 0 }],
    shapes: [shapeDelta(flights, WINDOW_MS, [1, 2, 3])],
  }),
  frameOf(0, { instance: instanceOf(2), deltas: [deltaOf(enrich, 0, [1])], goodbye: true }),
]
const EVIDENCE_TABLES = [
  ...['counters', 'coverage', 'gaps', 'hop_counts', 'hops', 'instance_hops', 'instances'],
  ...['memberships', 'minters', 'mishaps', 'missing_frames', 'positions', 'reach', 'seals'],
  ...['series', 'shapes', 'tallies', 'totals'],
]

const operations: Record<string, (store: Store) => Promise<unknown>> = {
  fold: (store) => store.fold(batch, { '0': 7, '1': 2 }, NOW + 1, 2),
  saveVerdicts: (store) => store.saveVerdicts([verdictOf(0, 1), verdictOf(WINDOW_MS, 0)], NOW),
  setFact: (store) => store.setFact('pipelines', ['flights', 'bookings']),
  condenseShapes: (store) => store.condenseShapes(2 * WINDOW_MS, 2 * WINDOW_MS),
  changeAlerts: (store) =>
    store.changeAlerts(
      {
        states: [{ key: 'a', state: '{}' }],
        added: [{ route: 'r', key: 'a', event: '{}' }],
        deliveries: [{ route: 'r', isDone: true, result: '200', sent: 1, failed: 0, dropped: 0 }],
      },
      NOW,
    ),
  prune: (store) => store.prune(WINDOW_MS),
  'prune of agents too': (store) => store.prune(40 * DAY_MS),
}

let base: string

beforeAll(async () => {
  base = fresh()
  await inStore(base, async (store) => {
    await store.fold(before, { '0': 2 }, NOW, 1)
    await store.saveVerdicts([verdictOf(0, 0)], NOW)
    await store.setFact('pipelines', ['flights'])
  })
})

/** By the same process, with nothing in its way. */
async function undisturbed(
  operation: (store: Store) => Promise<unknown>,
): Promise<{ outcome: unknown; after: unknown; sqls: readonly string[] }> {
  const path = imageOf(base)
  const sqls: string[] = []
  const outcome = await inStore(path, (store) =>
    eachStatement(
      ({ sql }, run) => {
        sqls.push(sql)
        return run()
      },
      () => operation(store),
    ),
  )
  return { outcome, after: contentOf(path), sqls }
}

describe('a statement that fails', () => {
  test('is tried in every table of evidence', async () => {
    const { sqls } = await undisturbed(operations.fold as (store: Store) => Promise<unknown>)
    const written = sqls.map((sql) => /(?:INTO|UPDATE|DELETE FROM) (\w+)/.exec(sql)?.[1])
    expect([...new Set(written)].filter((table) => table !== undefined).sort()).toEqual(
      EVIDENCE_TABLES,
    )
    expect([sqls[0], sqls.at(-1)]).toEqual(['BEGIN IMMEDIATE', 'COMMIT'])
  })

  test('is tried in every table that forgets', async () => {
    const { sqls } = await undisturbed((store) => store.prune(40 * DAY_MS))
    const written = sqls.map((sql) => /(?:INTO|UPDATE|DELETE FROM) (\w+)/.exec(sql)?.[1])
    expect([...new Set(written)].filter((table) => table !== undefined).sort()).toEqual([
      ...['counted', 'counters', 'coverage', 'gaps', 'instance_hops', 'instances', 'memberships'],
      ...[
        'minters',
        'mishaps',
        'missing_frames',
        'reach',
        'seals',
        'shapes',
        'tallies',
        'verdicts',
      ],
    ])
  })

  for (const [name, operation] of Object.entries(operations)) {
    for (const manner of ['refused', 'undone'] as const) {
      test(
        `leaves nothing of ${name} behind, whichever it is, when ${manner}`,
        async () => {
          const [held, { outcome, after, sqls }] = [contentOf(base), await undisturbed(operation)]
          expect(after).not.toEqual(held)
          const evidence = await inStore(base, evidenceOf)
          for (let at = 1; at <= sqls.length; at++) {
            const path = imageOf(base)
            const code = CODES[at % CODES.length] as Fault['code']
            const image = await inStore(path, async (store) => {
              expectStoreError(await failing({ at, code, manner }, () => operation(store)), code)
              expect(await evidenceOf(store)).toEqual(evidence)
              expect(contentOf(path)).toEqual(held)
              const image = imageOf(path)
              expect(await operation(store)).toEqual(outcome)
              return image
            })
            expect(contentOf(path)).toEqual(after)
            expect(await inStore(image, operation)).toEqual(outcome)
            expect(contentOf(image)).toEqual(after)
          }
        },
        TIMEOUT_MS,
      )
    }
  }

  test('after all was stored leaves all, and the frames are repeated ones then', async () => {
    const operation = operations.fold as (store: Store) => Promise<unknown>
    const { after, sqls } = await undisturbed(operation)
    const path = imageOf(base)
    const fault = { at: sqls.length, code: 'SQLITE_IOERR', manner: 'kept' } as const
    await inStore(path, async (store) => {
      expectStoreError(await failing(fault, () => operation(store)), fault.code)
      expect(contentOf(path)).toEqual(after)
      const again = store.fold(batch, { '0': 7, '1': 2 }, NOW + 1)
      expect(await again).toMatchObject({ taken: 0, repeated: batch.length, windows: [] })
    })
    expect(contentOf(path)).toEqual(after)
  })
})

describe('a process that dies', () => {
  for (const [name, operation] of Object.entries(operations)) {
    test(
      `before any statement of ${name} leaves the store as it was`,
      async () => {
        const held = contentOf(base)
        const { outcome, after, sqls } = await undisturbed(operation)
        const path = imageOf(base)
        const images: string[] = []
        const each = (_: unknown, run: () => unknown): unknown => {
          images.push(imageOf(path))
          return run()
        }
        const last = await inStore(path, async (store) => {
          await eachStatement(each, () => operation(store))
          return imageOf(path)
        })
        expect(images).toHaveLength(sqls.length)
        expect(contentOf(last)).toEqual(after)
        for (const image of images) {
          expect(contentOf(image)).toEqual(held)
          expect(await inStore(image, operation)).toEqual(outcome)
          expect(contentOf(image)).toEqual(after)
        }
      },
      TIMEOUT_MS,
    )
  }

  test('leaves nothing of a fold too large for its memory, half of which is on the disk', async () => {
    const deltas = Array.from({ length: 800 }, (_, i) => tableOf(checkin, i))
    const path = imageOf(base)
    let image = ''
    const each = ({ sql }: { readonly sql: string }, run: () => unknown): unknown => {
      if (sql === 'COMMIT') image = imageOf(path)
      return run()
    }
    await inStore(path, (store) =>
      eachStatement(each, () => store.fold([frameOf(9, { deltas })], { '0': 9 }, NOW)),
    )
    expect(statSync(`${image}-wal`).size).toBeGreaterThan(100 * PAGE_BYTES)
    expect(contentOf(image)).toEqual(contentOf(base))
  })
})

/** More than a few pages: the disk can be full at many places. */
const wide = frameOf(6, { deltas: [2, 3, 4].map((window) => tableOf(enrich, window)) })

describe('a disk that is full', () => {
  test('after any number of pages leaves nothing of the fold behind', async () => {
    const [held, { after }] = [
      contentOf(base),
      await undisturbed((store) => store.fold([...batch, wide], { '0': 7 }, NOW + 1)),
    ]
    let refused = 0
    for (let pages = statSync(base).size / PAGE_BYTES; ; pages++) {
      const path = imageOf(base)
      const store = await openSqliteStore(path, { maxBytes: pages * PAGE_BYTES })
      const work = store.fold([...batch, wide], { '0': 7 }, NOW + 1)
      const error = await work.then(
        () => null,
        (e: unknown) => e,
      )
      await store.close()
      if (error === null) {
        expect(contentOf(path)).toEqual(after)
        break
      }
      refused++
      expectStoreError(error, 'SQLITE_FULL')
      expect(contentOf(path)).toEqual(held)
    }
    expect(refused).toBeGreaterThan(10)
  })
})

describe('bringing an older store up to date', () => {
  const open = (path: string) => (): Promise<void> => inStore(path, async () => {})

  for (let version = 0; version < migrations.length; version++) {
    test(
      `from version ${version} is done wholly or not at all, whichever statement fails`,
      async () => {
        const old = fresh()
        makeOlderStore(old, version)
        const held = contentOf(old)
        const path = imageOf(old)
        const images: string[] = []
        const each = ({ sql }: { readonly sql: string }, run: () => unknown): unknown => {
          images.push(imageOf(path))
          return sql === 'COMMIT' ? [run(), images.push(imageOf(path))] : run()
        }
        await eachStatement(each, open(path))
        const after = contentOf(path)
        expect(after).toMatchObject({ version: migrations.length })
        expect(images.length).toBeGreaterThan(migrations.length)

        // The process dies.
        for (const image of images.slice(0, -1)) {
          expect(contentOf(image)).toEqual(held)
          await open(image)()
          expect(contentOf(image)).toEqual(after)
        }
        expect(contentOf(images.at(-1) as string)).toEqual(after)

        // The statement fails.
        for (const manner of ['refused', 'undone'] as const) {
          for (let at = 1; at < images.length; at++) {
            const path = imageOf(old)
            const code = CODES[at % CODES.length] as Fault['code']
            expectStoreError(await failing({ at, code, manner }, open(path)), code)
            expect(contentOf(path)).toEqual(held)
            await open(path)()
            expect(contentOf(path)).toEqual(after)
          }
        }
      },
      TIMEOUT_MS,
    )
  }
})

describe('an auditor that is killed', () => {
  const script = fileURLToPath(new URL('../support/crashing-sqlite.ts', import.meta.url))
  const LIVES = 8

  /** Waits until it has folded something. */
  async function auditorOf(path: string): Promise<ChildProcess> {
    const code = `(await import(${JSON.stringify(script)})).foldUntilKilled(${JSON.stringify(path)})`
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', code],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    children.push(child)
    const gone = once(child, 'exit').then(() => Promise.reject(new Error('it could not fold')))
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), gone])
    gone.catch(() => {})
    return child
  }

  test(
    'at any moment has folded whole batches, and the next one goes on from there',
    async () => {
      const path = fresh()
      const reference = await openSqliteStore(':memory:')
      let position = 0
      for (let life = 0; life < LIVES; life++) {
        const child = await auditorOf(path)
        const refusal = await lockForAuditor(path).catch((e: unknown) => e)
        expect(refusal).toMatchObject({ code: 'STORE', message: expect.stringContaining('in use') })
        await sleep(randomInt(60))
        child.kill('SIGKILL')
        if (child.signalCode === null) await once(child, 'exit')

        await inStore(path, async (store) => {
          const reached = (await store.positions())['0'] ?? 0
          expect(reached).toBeGreaterThan(position)
          position = reached
          await foldOnward(reference, position)
          expect(await evidenceOf(store)).toEqual(await evidenceOf(reference))
        })
      }
      const lock = await lockForAuditor(path)
      await inStore(path, async (store) => {
        await foldOnward(store, position + 5)
        await foldOnward(reference, position + 5)
        expect(await evidenceOf(store)).toEqual(await evidenceOf(reference))
      })
      lock.release()
      await reference.close()
    },
    TIMEOUT_MS,
  )
})
