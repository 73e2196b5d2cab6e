/** How long it takes to fold one id into an open window, and what the window takes in memory. */
import bloomFilters from 'bloom-filters'
import { digestOf, type Preserve } from '../src/message/digest.ts'
import type { IdWords } from '../src/message/id.ts'
import { Latencies } from '../src/sketch/latency.ts'
import { Membership } from '../src/sketch/membership.ts'
import { CELLS, DEFAULT_SEED, WIDE_LIMBS } from '../src/sketch/shape.ts'
import { LIST_LIMIT, Sketch } from '../src/sketch/sketch.ts'
import { agentFold, plans } from './sketch-agent.ts'
import {
  BIRTHS_PER_MS,
  buffersOf,
  type Contender,
  FIRST_BIRTH,
  grownBytes,
  median,
  rounded,
  sideBySide,
  stampsOf,
} from './sketch-samples.ts'
import type { BenchResult } from './types.ts'

export const name = 'fold'

export const about: string =
  'how long it takes to fold one id into a window that is open\n' +
  'Ids of stamps, all different, of one window, as Buffers of 16 bytes (slices of one) or as their four ' +
  `words. Lists are fresh sketches of ${LIST_LIMIT} ids; tables are past that before the timing, and ` +
  'so is what agents keep. Latencies are those of batches of 500, of which 20 in a row are alike. ' +
  `Agents: a whole Recorder.add. Beside it, in the same rounds: InvertibleBloomFilter of bloom-filters ` +
  `with as many cells (${CELLS}) and 4 hashes, its BloomFilter for as many ids at 1%, a Set of hexadecimal ` +
  'strings. Leaves out: finding the id in a message, cutting frames, and what Kafka costs.'

const ROUNDS = 9
const WINDOWS = 16
const IDS = 100_000
/** The filters of bloom-filters take tens of microseconds an id. */
const SLOW_IDS = 1_000
const BATCH = 500
const VALUE_BYTES = 200
const ONLY_VALUE: Preserve = { value: true, key: false, headers: [] }

const ids: readonly IdWords[] = stampsOf(IDS)
const buffers: readonly Buffer[] = buffersOf(ids)
/** A batch is handled at once, 15 ms after its last message was born. */
const passedAt: readonly number[] = ids.map(
  (_, i) => FIRST_BIRTH + 15 + ((Math.floor(i / BATCH) + 1) * BATCH) / BIRTHS_PER_MS,
)
const latenciesMs: readonly number[] = passedAt.map(
  (at, i) => at - FIRST_BIRTH - Math.floor(i / BIRTHS_PER_MS),
)

interface Fold extends Contender {
  readonly what: string
  readonly given: 'Buffer' | 'words' | 'ms' | `${number} bytes`
  /** What the window takes; absent where that is the sum of what stands above. */
  readonly bytes?: () => number
  /** The ids in it, unless they are all. */
  readonly idsKept?: number
}

/** The last one is what the others are compared with. */
const folds: readonly Fold[] = [
  {
    what: 'list',
    given: 'Buffer',
    count: IDS,
    prepare: () => foldIntoLists,
    bytes: () => filled(new Sketch(), LIST_LIMIT).bytesInMemory,
    idsKept: LIST_LIMIT,
  },
  {
    what: 'table',
    given: 'Buffer',
    count: IDS,
    prepare: () => {
      const sketch = tableSketch()
      return () => {
        for (let i = 0; i < IDS; i++) sketch.addBytes(buffers[i]!)
      }
    },
    bytes: () => tableSketch().bytesInMemory,
  },
  {
    what: `table, ${WINDOWS} windows in turn`,
    given: 'Buffer',
    count: IDS,
    prepare: () => {
      const sketches = Array.from({ length: WINDOWS }, tableSketch)
      return () => {
        for (let i = 0; i < IDS; i++) sketches[i % WINDOWS]!.addBytes(buffers[i]!)
      }
    },
  },
  {
    what: 'table',
    given: 'words',
    count: IDS,
    prepare: () => foldWords(tableSketch()),
  },
  {
    what: 'table, ids with digests',
    given: 'words',
    count: IDS,
    prepare: () => {
      const sketch = tableSketch(WIDE_LIMBS)
      return () => {
        for (let i = 0; i < IDS; i++) {
          const [w0, w1, w2, w3] = ids[i]!
          sketch.add(w0, w1, w2, w3, 1, i)
        }
      }
    },
    bytes: () => tableSketch(WIDE_LIMBS).bytesInMemory,
  },
  {
    what: 'the digest of a value',
    given: `${VALUE_BYTES} bytes`,
    count: IDS,
    prepare: () => {
      const value = Buffer.alloc(VALUE_BYTES, 'quipu')
      return () => {
        let sum = 0
        for (let i = 0; i < IDS; i++) sum += digestOf({ value }, ONLY_VALUE)
        return sum
      }
    },
  },
  {
    what: 'latencies',
    given: 'ms',
    count: IDS,
    prepare: () => {
      const latencies = new Latencies()
      return () => {
        for (let i = 0; i < IDS; i++) latencies.record(latenciesMs[i]!)
      }
    },
    bytes: () => {
      const latencies = new Latencies()
      for (const ms of latenciesMs) latencies.record(ms)
      return latencies.bytesInMemory
    },
  },
  {
    what: 'membership',
    given: 'words',
    count: IDS,
    prepare: () => {
      const membership = new Membership(DEFAULT_SEED, IDS)
      return () => {
        for (let i = 0; i < IDS; i++) {
          const [w0, w1, w2, w3] = ids[i]!
          membership.add(w0, w1, w2, w3)
        }
      }
    },
    bytes: () => new Membership(DEFAULT_SEED, IDS).bytesInMemory,
  },
  ...plans(IDS).map(
    (plan): Fold => ({
      what: `agent: ${plan.what}`,
      given: 'words',
      count: IDS,
      prepare: () => agentFold(plan, ids, passedAt),
    }),
  ),
  {
    what: 'Set of strings',
    given: 'Buffer',
    count: IDS,
    prepare: () => {
      const set = new Set<string>()
      return () => {
        for (let i = 0; i < IDS; i++) set.add(buffers[i]!.toString('hex'))
      }
    },
    bytes: () => grownBytes(() => new Set(buffers.map((id) => id.toString('hex'))), 5),
  },
  {
    what: 'BloomFilter',
    given: 'Buffer',
    count: SLOW_IDS,
    prepare: () => {
      const filter = bloomFilters.BloomFilter.create(IDS, 0.01)
      return () => {
        for (let i = 0; i < SLOW_IDS; i++) filter.add(buffers[i]!)
      }
    },
    bytes: () => Math.ceil(bloomFilters.BloomFilter.create(IDS, 0.01).size / 8),
  },
  {
    what: 'InvertibleBloomFilter',
    given: 'Buffer',
    count: SLOW_IDS,
    prepare: () => {
      const filter = new bloomFilters.InvertibleBloomFilter(CELLS, 4)
      return () => {
        for (let i = 0; i < SLOW_IDS; i++) filter.add(buffers[i]!)
      }
    },
    bytes: () => grownBytes(fullFilter, 5),
  },
]

export async function run(): Promise<BenchResult> {
  const bytes = folds.map((fold) => fold.bytes?.())
  const samples = sideBySide(folds, ROUNDS)
  const filterNs = median(samples.at(-1)!)
  return {
    rows: folds.map(({ what, given, idsKept = IDS }, i) => {
      const each = samples[i]!
      const kept = bytes[i]
      return {
        'folded into': what,
        given,
        'ns per id': rounded(median(each)),
        best: rounded(Math.min(...each)),
        worst: rounded(Math.max(...each)),
        'times as fast': rounded(filterNs / median(each)),
        ...(kept === undefined ? {} : { 'memory, bytes': kept, 'an id': rounded(kept / idsKept) }),
      }
    }),
    notes: [
      `medians of ${ROUNDS} rounds of ${IDS.toLocaleString('en-US')} ids; of BloomFilter and InvertibleBloomFilter ${SLOW_IDS.toLocaleString('en-US')}`,
      'times as fast: as InvertibleBloomFilter',
      `memory: of a window of ${IDS.toLocaleString('en-US')} ids (a list: ${LIST_LIMIT.toLocaleString('en-US')}); of the Set and InvertibleBloomFilter what the process grows by, of BloomFilter its bits`,
      'target: table at most 100 ns per id, and at least 400 times as fast as InvertibleBloomFilter',
    ],
  }
}

function foldIntoLists(): void {
  for (let from = 0; from < IDS; from += LIST_LIMIT) {
    const sketch = new Sketch()
    const end = Math.min(from + LIST_LIMIT, IDS)
    for (let i = from; i < end; i++) sketch.addBytes(buffers[i]!)
  }
}

function foldWords(sketch: Sketch): () => void {
  return () => {
    for (let i = 0; i < IDS; i++) {
      const [w0, w1, w2, w3] = ids[i]!
      sketch.add(w0, w1, w2, w3)
    }
  }
}

/** Past the list already. */
function tableSketch(limbs: 4 | 5 = 4): Sketch {
  return filled(new Sketch(DEFAULT_SEED, limbs), LIST_LIMIT + 1)
}

function filled(sketch: Sketch, count: number): Sketch {
  for (let i = 0; i < count; i++) sketch.add(0, 0, 0, i)
  return sketch
}

/** Its cells grow when they are first used. */
function fullFilter(): object {
  const filter = new bloomFilters.InvertibleBloomFilter(CELLS, 4)
  for (let i = 0; i < SLOW_IDS; i++) filter.add(buffers[i]!)
  return filter
}
