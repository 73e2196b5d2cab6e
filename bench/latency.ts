/** What it costs to record a latency, and to keep, send and merge the latencies of a window. */
import { Latencies } from '../src/sketch/latency.ts'
import type { BenchResult } from './types.ts'

export const name = 'latency'

export const about: string =
  'Records the latencies of a window, whole ms, into quantiles of 1% relative error, without and with ' +
  'two thresholds, and reads five quantiles. Beside it, in the same rounds: pushing them onto an array ' +
  'and sorting it, which is exact, counts no thresholds and does not merge into less. Workloads: a ' +
  'minute of 100 and of 1,000 messages a second, log-normal around 50 ms, around 2 s, and evenly ' +
  'from 0 to a minute, as of a consumer that catches up. Leaves out: the clock, and the frame.'

const ROUNDS = 9
const QUANTILES = [0.5, 0.9, 0.95, 0.99, 0.999]
const THRESHOLDS_MS = [1_000, 60_000]
/** Each figure is taken over about so many values, so that short windows are timed as well. */
const VALUES = 300_000
const MERGES = 2_000

interface Workload {
  readonly what: string
  readonly values: Float64Array
}

/** What is kept of a window, and what that is as bytes. */
interface Contender {
  readonly what: string
  /** Records all, reads the quantiles, and returns their sum, so that nothing is optimised away. */
  readonly run: (values: Float64Array) => number
  readonly bytesOf: (values: Float64Array) => { sent: number; kept: number }
}

const contenders: readonly Contender[] = [
  latencies('latencies', []),
  latencies('latencies, 2 thresholds', THRESHOLDS_MS),
  {
    what: 'array and sort',
    run: (values) => {
      const kept: number[] = []
      for (let i = 0; i < values.length; i++) kept.push(values[i] as number)
      kept.sort((a, b) => a - b)
      let sum = 0
      for (const q of QUANTILES) sum += kept[Math.floor(q * (kept.length - 1))] as number
      return sum
    },
    // As whole ms in 4 bytes each, if one had to send them.
    bytesOf: (values) => ({ sent: 4 * values.length, kept: 8 * values.length }),
  },
]

function latencies(what: string, thresholdsMs: readonly number[]): Contender {
  const record = (values: Float64Array): Latencies => {
    const window = new Latencies(thresholdsMs)
    for (let i = 0; i < values.length; i++) window.record(values[i] as number)
    return window
  }
  return {
    what,
    run: (values) => {
      const window = record(values)
      let sum = 0
      for (const q of QUANTILES) sum += window.quantile(q) as number
      return sum
    },
    bytesOf: (values) => {
      const window = record(values)
      return { sent: window.toBytes().length, kept: window.bytesInMemory }
    },
  }
}

export async function run(): Promise<BenchResult> {
  const pairs = workloads().flatMap((workload) =>
    contenders.map((contender) => ({ workload, contender, samples: [] as number[] })),
  )
  // Side by side: every round times each once. The first two only warm up.
  for (let round = -2; round < ROUNDS; round++) {
    for (const { workload, contender, samples } of pairs) {
      const nanoseconds = time(contender, workload.values)
      if (round >= 0) samples.push(nanoseconds)
    }
  }
  return {
    rows: pairs.map(({ workload, contender, samples }) => {
      const { sent, kept } = contender.bytesOf(workload.values)
      return {
        workload: workload.what,
        'kept as': contender.what,
        'ns per value, median': Number(median(samples).toFixed(1)),
        best: Number(Math.min(...samples).toFixed(1)),
        'bytes in memory': kept,
        'bytes sent': sent,
      }
    }),
    notes: [
      `${ROUNDS} rounds; a value's share of reading ${QUANTILES.length} quantiles is in its ns`,
      `reading the bytes of a window and merging them: ${mergeMicroseconds().toFixed(1)} µs, median ` +
        'over rounds (1,000 a second around 50 ms, 2 thresholds)',
    ],
  }
}

function time({ run: runOnce }: Contender, values: Float64Array): number {
  const times = Math.max(1, Math.round(VALUES / values.length))
  let sum = 0
  const start = process.hrtime.bigint()
  for (let i = 0; i < times; i++) sum += runOnce(values)
  const nanoseconds = Number(process.hrtime.bigint() - start) / (times * values.length)
  if (Number.isNaN(sum)) throw new Error('expected quantiles')
  return nanoseconds
}

function mergeMicroseconds(): number {
  const window = new Latencies(THRESHOLDS_MS)
  for (const value of logNormal(60_000, 50, 0.5)) window.record(value)
  const bytes = window.toBytes()
  const samples: number[] = []
  for (let round = -2; round < ROUNDS; round++) {
    const total = new Latencies(THRESHOLDS_MS)
    const start = process.hrtime.bigint()
    for (let i = 0; i < MERGES; i++) total.merge(Latencies.fromBytes(bytes))
    const microseconds = Number(process.hrtime.bigint() - start) / 1_000 / MERGES
    if (round >= 0) samples.push(microseconds)
  }
  return median(samples)
}

function workloads(): Workload[] {
  return [6_000, 60_000].flatMap((count) => {
    const rate = `${(count / 60).toLocaleString('en-US')}/s`
    return [
      { what: `${rate}, around 50 ms`, values: logNormal(count, 50, 0.5) },
      { what: `${rate}, around 2 s`, values: logNormal(count, 2_000, 0.8) },
      { what: `${rate}, 0 to 60 s`, values: evenly(count, 60_000) },
    ]
  })
}

function logNormal(count: number, medianMs: number, sigma: number): Float64Array {
  const share = shares()
  return Float64Array.from({ length: count }, () => {
    const normal = Math.sqrt(-2 * Math.log(share())) * Math.cos(2 * Math.PI * share())
    return Math.round(medianMs * Math.exp(sigma * normal))
  })
}

function evenly(count: number, endMs: number): Float64Array {
  const share = shares()
  return Float64Array.from({ length: count }, () => Math.floor(endMs * share()))
}

/** The same numbers between 0 and 1 in every run. */
function shares(): () => number {
  let state = 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] as number
}
