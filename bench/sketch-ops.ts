/** How long it takes to add, subtract, write, read and peel sketches, and to estimate. */
import bloomFilters from 'bloom-filters'
import { type Estimate, estimateOf } from '../src/sketch/estimate.ts'
import { peelTable } from '../src/sketch/peel.ts'
import { CELLS, DEFAULT_SEED, ID_LIMBS, type Limbs, WIDE_LIMBS } from '../src/sketch/shape.ts'
import { LIST_LIMIT, Sketch } from '../src/sketch/sketch.ts'
import { Table } from '../src/sketch/table.ts'
import {
  buffersOf,
  type Contender,
  median,
  rounded,
  sideBySide,
  stampOf,
  stampsOf,
} from './sketch-samples.ts'
import type { BenchResult } from './types.ts'

export const name = 'sketch-ops'

const WINDOW = 50_000

export const about: string =
  'how long it takes to add, subtract, write, read and peel sketches, and to estimate\n' +
  `Tables of ${WINDOW.toLocaleString('en-US')} ids, lists of ${LIST_LIMIT.toLocaleString('en-US')}; differences of so many ids, half of them missing and half ` +
  'extra, in tables. Of ids (4 limbs) and of ids with digests (5 limbs), and beside them, in the same rounds, ' +
  `InvertibleBloomFilter of bloom-filters with as many cells (${CELLS}) and 4 hashes, where it can do the ` +
  'like. Leaves out: making the sketches, frames, the store.'

const ROUNDS = 15
const DIFFERENCES: readonly number[] = [0, 10, 100, 600, 100_000]
/** Beyond, folding takes the other filter seconds, and nothing decodes. */
const FILTER_DIFFERENCES_MAX = 600

type InvertibleBloomFilter = InstanceType<typeof bloomFilters.InvertibleBloomFilter>

interface Operation {
  readonly what: string
  /** How often in one round: enough to be timed. */
  readonly times: number
  /** What it works on is made once for each width. */
  readonly of: (limbs: Limbs) => () => unknown
  readonly filter?: () => () => unknown
}

const operations: readonly Operation[] = [
  {
    what: 'merge, table + table',
    times: 100,
    of: (limbs) => {
      const [total, other] = [sketchOf(WINDOW, limbs), sketchOf(WINDOW, limbs)]
      return () => total.merge(other)
    },
  },
  {
    what: 'merge, table + list',
    times: 20,
    of: (limbs) => {
      const [total, other] = [sketchOf(WINDOW, limbs), sketchOf(LIST_LIMIT, limbs)]
      return () => total.merge(other)
    },
  },
  {
    what: 'subtract, table − table',
    times: 100,
    of: (limbs) => {
      const [total, other] = [sketchOf(WINDOW, limbs), sketchOf(WINDOW, limbs)]
      return () => total.merge(other, -1)
    },
    filter: () => {
      const [one, other] = [filterOf(1_000), filterOf(1_000)]
      return () => one.substract(other)
    },
  },
  { what: 'write, table', times: 50, of: (limbs) => writing(sketchOf(WINDOW, limbs)) },
  { what: 'write, list', times: 20, of: (limbs) => writing(sketchOf(LIST_LIMIT, limbs)) },
  { what: 'read, table', times: 50, of: (limbs) => reading(sketchOf(WINDOW, limbs), limbs) },
  { what: 'read, list', times: 20, of: (limbs) => reading(sketchOf(LIST_LIMIT, limbs), limbs) },
  ...DIFFERENCES.map(
    (ids): Operation => ({
      what: `peel, ${ids.toLocaleString('en-US')} differences`,
      times: ids < 100 ? 20 : 3,
      of: (limbs) => {
        const table = differenceOf(ids, limbs)
        return () => peelTable(table)
      },
      ...(ids <= FILTER_DIFFERENCES_MAX ? { filter: () => decoding(ids) } : {}),
    }),
  ),
  {
    what: `estimate, ${DIFFERENCES.at(-1)!.toLocaleString('en-US')} differences`,
    times: 1,
    of: (limbs) => {
      const table = differenceOf(DIFFERENCES.at(-1)!, limbs)
      const peeled = peelTable(table)
      return (): Estimate => estimateOf(table.counts(), peeled)
    },
  },
]

export async function run(): Promise<BenchResult> {
  const timed = operations.flatMap((operation): Contender[] => {
    const { times } = operation
    return [
      repeated(operation.of(ID_LIMBS), times),
      repeated(operation.of(WIDE_LIMBS), times),
      // The other filter takes milliseconds: once will do.
      repeated(operation.filter?.() ?? (() => undefined), 1),
    ]
  })
  const microseconds = sideBySide(timed, ROUNDS).map((each) => rounded(median(each) / 1_000))
  return {
    rows: operations.map(({ what, filter }, i) => ({
      operation: what,
      'µs, ids': microseconds[3 * i]!,
      'µs, with digests': microseconds[3 * i + 1]!,
      ...(filter === undefined ? {} : { 'µs, InvertibleBloomFilter': microseconds[3 * i + 2]! }),
    })),
    notes: [
      `medians of ${ROUNDS} rounds`,
      'peel of 100,000 differences: does not decode, true samples only; the estimate takes them and the counts',
      'peel of InvertibleBloomFilter: with its subtraction, since decoding empties it',
      `InvertibleBloomFilter decodes ${decodedBy()} of the same differences`,
    ],
  }
}

function repeated(once: () => unknown, times: number): Contender {
  return {
    count: times,
    prepare: () => () => {
      for (let i = 0; i < times; i++) once()
    },
  }
}

function writing(sketch: Sketch): () => unknown {
  return () => sketch.toBytes()
}

function reading(sketch: Sketch, limbs: Limbs): () => unknown {
  const bytes = sketch.toBytes()
  return () => Sketch.fromBytes(bytes, DEFAULT_SEED, limbs)
}

function sketchOf(count: number, limbs: Limbs): Sketch {
  const sketch = new Sketch(DEFAULT_SEED, limbs)
  for (let i = 0; i < count; i++) sketch.add(...stampOf(i), 1, limbs === ID_LIMBS ? 0 : i)
  return sketch
}

function differenceOf(ids: number, limbs: Limbs): Table {
  const table = new Table(DEFAULT_SEED, limbs)
  for (let i = 0; i < ids; i++) table.add(...stampOf(i), i % 2 === 0 ? 1 : -1, i)
  return table
}

/** Its `decode` empties what it is called on, so each gets the difference anew, in the timing. */
function decoding(ids: number): () => unknown {
  const [one, other] = [filterOf(ids, 0), filterOf(ids, 1)]
  return () => one.substract(other).decode()
}

function filterOf(count: number, parity?: 0 | 1): InvertibleBloomFilter {
  const filter = new bloomFilters.InvertibleBloomFilter(CELLS, 4)
  buffersOf(stampsOf(count)).forEach((id, i) => {
    if (parity === undefined || i % 2 === parity) filter.add(id)
  })
  return filter
}

function decodedBy(): string {
  const sizes = DIFFERENCES.filter((ids) => ids <= FILTER_DIFFERENCES_MAX)
  const decoded = sizes.filter(
    (ids) => filterOf(ids, 0).substract(filterOf(ids, 1)).decode().success,
  )
  return decoded.length === 0 ? 'none' : decoded.join(', ')
}
