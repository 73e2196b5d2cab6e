/** Sums that only grow: whatever is judged again, revised, pruned or killed, nothing counts twice. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type Counts, type EdgeVerdict, NO_COUNTS } from '../../src/finding/verdict.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'

const WINDOW_MS = 60_000
const NOW = 1_000_000

const folder = mkdtempSync(join(tmpdir(), 'quipu-totals-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const fresh = (): string => join(folder, `${files++}.db`)

interface Parts extends Partial<Pick<EdgeVerdict, 'state' | 'verdict' | 'evidence' | 'findings'>> {
  readonly edge?: string
  readonly counts?: Partial<Counts>
  readonly revision?: number
}

const verdictOf = (
  start: number,
  { edge = 'a → b', counts = {}, ...rest }: Parts,
): EdgeVerdict => ({
  ...{ pipeline: 'flights', edge, window: { start, end: start + WINDOW_MS } },
  ...{ state: 'settled', revision: 0, verdict: 'met', evidence: 'exact', oneIn: 1 },
  ...{ from: [], to: [], findings: [] },
  ...rest,
  counts: { ...NO_COUNTS, ...counts },
})

const sumsOf = async (store: Store): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await store.totals()).map(({ edge, name, value }) => [`${edge} ${name}`, value]),
  )

describe('totals', () => {
  let store: Store
  beforeEach(async () => {
    store = await openSqliteStore(':memory:')
    return () => store.close()
  })
  const save = (...verdicts: readonly EdgeVerdict[]): Promise<void> =>
    store.saveVerdicts(verdicts, NOW)

  test('begin with nothing, and take nothing of an open window', async () => {
    await save(verdictOf(0, { state: 'open', counts: { expected: 5, lost: 1 } }))
    expect(await store.totals()).toEqual([])
  })

  test('add up windows, each edge by itself', async () => {
    await save(
      verdictOf(0, { counts: { expected: 5, delivered: 4, lost: 1 } }),
      verdictOf(WINDOW_MS, { counts: { expected: 7, delivered: 7, duplicated: 2 } }),
      verdictOf(0, { edge: 'b → c', counts: { expected: 4, altered: 3, filtered: 1 } }),
      verdictOf(WINDOW_MS, { edge: 'b → c', counts: { dead_lettered: 8, unexpected: 9 } }),
    )
    expect(await sumsOf(store)).toEqual({
      ...{ 'a → b expected': 12, 'a → b delivered': 11, 'a → b lost': 1, 'a → b duplicated': 2 },
      ...{ 'a → b closed.exact': 2, 'b → c closed.exact': 2, 'b → c expected': 4 },
      ...{ 'b → c altered': 3, 'b → c filtered': 1, 'b → c dead_lettered': 8 },
      'b → c unexpected': 9,
    })
  })

  test('are the same of many at once as of one after another, also of one window twice', async () => {
    const many = [...Array(50).keys()].flatMap((i) =>
      ['a → b', 'b → c'].map((edge) =>
        verdictOf(i * WINDOW_MS, { edge, counts: { expected: 10 + i, delivered: 10, lost: i } }),
      ),
    )
    const twice = verdictOf(7 * WINDOW_MS, { revision: 1, counts: { expected: 20, lost: 9 } })
    await save(...many, twice)
    const lost = (49 * 50) / 2
    expect(await sumsOf(store)).toEqual({
      ...{ 'a → b expected': 500 + lost + 3, 'a → b delivered': 500, 'a → b lost': lost + 2 },
      ...{ 'b → c expected': 500 + lost, 'b → c delivered': 500, 'b → c lost': lost },
      ...{ 'a → b closed.exact': 50, 'b → c closed.exact': 50 },
    })
  })

  test('take a revision by what it has beyond all before it', async () => {
    await save(verdictOf(0, { counts: { expected: 5, delivered: 2, lost: 3 } }))
    const late = { expected: 5, delivered: 5, recovered: 3 }
    await save(verdictOf(0, { state: 'revised', revision: 1, counts: late }))
    const after = { expected: 5, delivered: 5, lost: 3, recovered: 3, 'closed.exact': 1 }
    const named = Object.fromEntries(Object.entries(after).map(([n, v]) => [`a → b ${n}`, v]))
    expect(await sumsOf(store)).toEqual(named)
    // Lost again, and one more of it.
    await save(verdictOf(0, { state: 'revised', revision: 2, counts: { expected: 5, lost: 4 } }))
    expect(await sumsOf(store)).toEqual({ ...named, 'a → b lost': 4 })
  })

  test('close a window once, with the evidence that it had first', async () => {
    await save(
      verdictOf(0, { verdict: 'indeterminate' }),
      verdictOf(WINDOW_MS, { evidence: 'sampled' }),
    )
    await save(verdictOf(0, { state: 'revised', revision: 1 }))
    const undecodable = { code: 'undecodable' } as EdgeVerdict['findings'][number]
    await save(verdictOf(2 * WINDOW_MS, { findings: [undecodable, undecodable] }))
    expect(await sumsOf(store)).toEqual({
      ...{ 'a → b closed.none': 1, 'a → b closed.sampled': 1, 'a → b closed.exact': 1 },
      'a → b undecodable': 1,
    })
  })

  test('stop at the greatest whole number: sums that nobody honest has keep no verdict out', async () => {
    const most = Number.MAX_SAFE_INTEGER
    await save(verdictOf(0, { counts: { lost: 2 ** 31 * most } }))
    await save(verdictOf(WINDOW_MS, { counts: { lost: most } }))
    const odd = { more: 2 ** 80, none: Number.NaN, endless: Number.POSITIVE_INFINITY, less: -1 }
    const place = { pipeline: 'flights', edge: 'a → b' }
    await store.addToTotals([{ ...place, window: 0, sums: odd }])
    expect(await sumsOf(store)).toEqual({
      ...{ 'a → b lost': most, 'a → b closed.exact': 2 },
      ...{ 'a → b more': most, 'a → b endless': most },
    })
    expect(await store.verdicts()).toHaveLength(2)
  })

  test('outlive what is pruned, and take nothing more of it', async () => {
    const verdict = verdictOf(0, { counts: { expected: 5, lost: 1 } })
    await save(verdict, verdictOf(WINDOW_MS, { counts: { expected: 2 } }))
    const before = await sumsOf(store)
    await store.prune(WINDOW_MS)
    expect(await sumsOf(store)).toEqual(before)
    await save({ ...verdict, counts: { ...verdict.counts, lost: 2 } })
    await store.addToTotals([{ ...verdict, window: 0, sums: { more: 4 } }])
    expect(await sumsOf(store)).toEqual(before)
    await save(verdictOf(WINDOW_MS, { counts: { expected: 3 } }))
    expect(await sumsOf(store)).toEqual({ ...before, 'a → b expected': 8 })
  })

  test('are the same in any order and however often, and never fall', async () => {
    const revision = fc.record({
      ...{ window: fc.nat(3), lost: fc.nat(5), delivered: fc.nat(5), recovered: fc.nat(5) },
      edge: fc.constantFrom('a → b', 'b → c'),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(revision, { maxLength: 20 }),
        fc.infiniteStream(fc.nat()),
        async (list, picks) => {
          const own = await openSqliteStore(':memory:')
          const most = new Map<string, number>()
          let last: Record<string, number> = {}
          const repeated = [...list, ...list.filter(() => (picks.next().value ?? 0) % 2 === 0)]
          for (const { window, edge, ...counts } of repeated) {
            await own.saveVerdicts([verdictOf(window * WINDOW_MS, { edge, counts })], NOW)
            for (const [name, n] of Object.entries(counts)) {
              const key = JSON.stringify([`${edge} ${name}`, window])
              most.set(key, Math.max(n, most.get(key) ?? 0))
            }
            const sums = await sumsOf(own)
            for (const [name, n] of Object.entries(last))
              expect(sums[name]).toBeGreaterThanOrEqual(n)
            last = sums
          }
          const wanted: Record<string, number> = {}
          for (const [key, n] of most) {
            const [name] = JSON.parse(key) as [string]
            if (n > 0) wanted[name] = (wanted[name] ?? 0) + n
          }
          const counted = Object.entries(last).filter(([name]) => !name.includes('closed'))
          expect(Object.fromEntries(counted)).toEqual(wanted)
          await own.close()
        },
      ),
      { numRuns: 60 },
    )
  })
})

const CHILD = `
import { openSqliteStore } from './src/store/sqlite.ts'
const store = await openSqliteStore(process.argv[1])
for (let round = 0; ; round++) {
  for (let i = 0; i < 20; i++) {
    const counts = { expected: 3, lost: 1 + (round % 2) }
    const window = { start: i * 60000, end: (i + 1) * 60000 }
    await store.saveVerdicts([{ pipeline: 'p', edge: 'e', window, state: 'settled', revision: 0,
      verdict: 'breached', evidence: 'exact', oneIn: 1, counts, from: [], to: [], findings: [] }], 1)
    if (round === 0 || i === 0) process.stdout.write('.')
  }
}`

test('a process killed in the middle of judging counts nothing twice', {
  timeout: 60_000,
}, async () => {
  const path = fresh()
  for (let kill = 1; kill <= 4; kill++) {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', CHILD, path],
      { cwd: join(import.meta.dirname, '..', '..'), stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let written = 0
    for await (const chunk of child.stdout) {
      written += chunk.length
      if (written >= 6 * kill) break
    }
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    const store = await openSqliteStore(path)
    const verdicts = await store.verdicts()
    const sums = await sumsOf(store)
    expect(verdicts.length).toBeGreaterThan(0)
    expect(sums['e expected']).toBe(3 * verdicts.length)
    expect(sums['e closed.exact']).toBe(verdicts.length)
    // Two at most of each window, one at least.
    expect(sums['e lost']).toBeGreaterThanOrEqual(verdicts.length)
    expect(sums['e lost']).toBeLessThanOrEqual(2 * verdicts.length)
    await store.close()
  }
})
