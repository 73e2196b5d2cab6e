/** What it costs to save a verdict, and how much of that are the sums that outlive its window. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EdgeVerdict, NO_COUNTS } from '../src/finding/verdict.ts'
import { openSqliteStore } from '../src/store/sqlite.ts'
import type { BenchResult } from './types.ts'

export const name = 'verdicts'

const WINDOWS = 1_000
const EDGES = 10
const ROUNDS = 7
const WINDOW_MS = 10_000

export const about: string =
  'what it costs to save a verdict, and how much of that are the sums that outlive its window\n' +
  `${WINDOWS} windows in turn, each with the verdicts of ${EDGES} edges in one transaction, in a store ` +
  'in memory and in one on disk. Open windows give nothing to sums; others that are settled give ' +
  'three; the same again gives nothing; more of them gives two. CPU time of the process, the median of ' +
  `${ROUNDS} rounds by turns. Leaves out: opening the store, judging, and waiting for the disk.`

interface Step {
  readonly what: string
  /** The first window. */
  readonly from: number
  readonly state: EdgeVerdict['state']
  readonly delivered: number
}

/** On one store, one after another. */
const STEPS: readonly Step[] = [
  { what: 'open', from: 0, state: 'open', delivered: 12_345 },
  { what: 'settled', from: WINDOWS, state: 'settled', delivered: 12_345 },
  { what: 'the same again', from: WINDOWS, state: 'settled', delivered: 12_345 },
  { what: 'more', from: WINDOWS, state: 'revised', delivered: 12_350 },
]

export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'quipu-bench-'))
  const all = new Map<string, number[]>()
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      for (const path of [':memory:', join(folder, `${round}.db`)]) {
        const where = path === ':memory:' ? 'memory' : 'disk'
        for (const [what, us] of await measured(path)) {
          const key = JSON.stringify([where, what])
          if (round > 0) all.set(key, [...(all.get(key) ?? []), us])
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const rows = [...all].map(([key, us]) => {
    const [store = '', verdicts = ''] = JSON.parse(key) as string[]
    const sorted = us.sort((a, b) => a - b)
    return { store, verdicts, 'µs a verdict': sorted[Math.floor(ROUNDS / 2)] as number }
  })
  return { rows, notes: ['What settled ones cost beyond open ones is what the sums cost.'] }
}

async function measured(path: string): Promise<readonly (readonly [string, number])[]> {
  const store = await openSqliteStore(path)
  const out: (readonly [string, number])[] = []
  for (const step of STEPS) {
    const windows = Array.from({ length: WINDOWS }, (_, window) =>
      Array.from({ length: EDGES }, (__, edge) => verdictOf(step.from + window, edge, step)),
    )
    const before = process.cpuUsage()
    for (const [at, verdicts] of windows.entries()) await store.saveVerdicts(verdicts, at)
    const { user, system } = process.cpuUsage(before)
    out.push([step.what, (user + system) / (WINDOWS * EDGES)])
  }
  await store.close()
  return out
}

function verdictOf(window: number, edge: number, { state, delivered }: Step): EdgeVerdict {
  const hop = (name: string) => ({
    ...{ hop: name, declared: true, count: delivered, passage: 'passed' as const, why: [] },
  })
  const start = window * WINDOW_MS
  return {
    ...{ pipeline: 'flights', edge: `topic-${edge} → group-${edge}` },
    ...{ window: { start, end: start + WINDOW_MS }, state, revision: 0, verdict: 'met' },
    ...{ evidence: 'exact', oneIn: 1, from: [hop('from')], to: [hop('to')], findings: [] },
    counts: { ...NO_COUNTS, expected: delivered, delivered },
  }
}
