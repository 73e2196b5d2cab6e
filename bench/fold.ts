/** How long it takes to fold one id into an open tally. */
import bloomFilters from 'bloom-filters'
import { CELLS } from '../src/sketch/shape.ts'
import { LIST_LIMIT, Sketch } from '../src/sketch/sketch.ts'
import type { BenchResult } from './types.ts'

export const name = 'fold'

export const about: string =
  'Folds the ids of stamps, 16-byte slices of a Buffer, all different, into a sketch that is ' +
  `open: as a list (fresh sketches of ${LIST_LIMIT} ids), as a table, as 16 tables in turn. Beside it, in the ` +
  `same rounds: InvertibleBloomFilter of bloom-filters with as many cells (${CELLS}) and 4 hashes, and a ` +
  'Set of hexadecimal strings. Leaves out: finding the id in a message, choosing the window, ' +
  'counting, encoding, and what Kafka costs.'

const ROUNDS = 9
const WINDOWS = 16
const IDS = 100_000
/** The other filter takes tens of microseconds an id. */
const FILTER_IDS = 1000

interface Contender {
  readonly what: string
  readonly ids: number
  /** Makes what is folded into, outside of the timing; the result folds the ids given. */
  readonly prepare: () => (ids: readonly Buffer[]) => void
}

const contenders: readonly Contender[] = [
  { what: 'sketch, list', ids: IDS, prepare: () => foldIntoLists },
  {
    what: 'sketch, table',
    ids: IDS,
    prepare: () => {
      const sketch = tableSketch()
      return (ids) => {
        for (let i = 0; i < ids.length; i++) sketch.addBytes(ids[i] as Buffer)
      }
    },
  },
  {
    what: `sketch, ${WINDOWS} tables in turn`,
    ids: IDS,
    prepare: () => {
      const sketches = Array.from({ length: WINDOWS }, tableSketch)
      return (ids) => {
        for (let i = 0; i < ids.length; i++) {
          const sketch = sketches[i % WINDOWS] as Sketch
          sketch.addBytes(ids[i] as Buffer)
        }
      }
    },
  },
  {
    what: 'Set of strings',
    ids: IDS,
    prepare: () => {
      const set = new Set<string>()
      return (ids) => {
        for (let i = 0; i < ids.length; i++) set.add((ids[i] as Buffer).toString('hex'))
      }
    },
  },
  {
    what: 'InvertibleBloomFilter',
    ids: FILTER_IDS,
    prepare: () => {
      const filter = new bloomFilters.InvertibleBloomFilter(CELLS, 4)
      return (ids) => {
        for (let i = 0; i < ids.length; i++) filter.add(ids[i] as Buffer)
      }
    },
  },
]

export async function run(): Promise<BenchResult> {
  const ids = stamps(IDS)
  const samples = contenders.map((): number[] => [])
  // Side by side: every round times each once. The first two only warm up.
  for (let round = -2; round < ROUNDS; round++) {
    contenders.forEach((contender, i) => {
      const nanoseconds = time(contender, ids)
      if (round >= 0) samples[i]?.push(nanoseconds)
    })
  }

  const medians = samples.map(median)
  const filter = medians.at(-1) as number
  return {
    rows: contenders.map(({ what }, i) => {
      const each = medians[i] as number
      return {
        'folded into': what,
        'ns per id, median': Number(each.toFixed(1)),
        best: Number(Math.min(...(samples[i] as number[])).toFixed(1)),
        worst: Number(Math.max(...(samples[i] as number[])).toFixed(1)),
        'times as fast as InvertibleBloomFilter': Number((filter / each).toFixed(1)),
      }
    }),
    notes: [
      `${ROUNDS} rounds of ${IDS} ids; InvertibleBloomFilter: of ${FILTER_IDS}`,
      'target: table at most 100 ns per id, and at least 400 times as fast as InvertibleBloomFilter',
    ],
  }
}

function time(contender: Contender, ids: readonly Buffer[]): number {
  const used = ids.slice(0, contender.ids)
  const fold = contender.prepare()
  const start = process.hrtime.bigint()
  fold(used)
  return Number(process.hrtime.bigint() - start) / used.length
}

function foldIntoLists(ids: readonly Buffer[]): void {
  for (let from = 0; from < ids.length; from += LIST_LIMIT) {
    const sketch = new Sketch()
    const end = Math.min(from + LIST_LIMIT, ids.length)
    for (let i = from; i < end; i++) sketch.addBytes(ids[i] as Buffer)
  }
}

/** Past the list already. */
function tableSketch(): Sketch {
  const sketch = new Sketch()
  for (let i = 0; i <= LIST_LIMIT; i++) sketch.add(0, 0, 0, i)
  return sketch
}

/**
 * As one producer instance mints them: version 7, one tag, a dense sequence, 20 in a millisecond. They
 * are slices of one buffer, as a client hands out the headers of a fetched batch.
 */
function stamps(count: number): Buffer[] {
  const batch = Buffer.alloc(16 * count)
  return Array.from({ length: count }, (_, i) => {
    const id = batch.subarray(16 * i, 16 * i + 16)
    id.writeUIntBE(0x0190_0000_0000 + Math.floor(i / 20), 0, 6)
    id.writeUInt16BE(0x7abc, 6)
    id.writeUInt32BE((0x80001234 | (i >>> 22)) >>> 0, 8)
    id.writeUInt32BE((i << 10) >>> 0, 12)
    return id
  })
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] as number
}
