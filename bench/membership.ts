/** What it costs to remember which ids passed, and to ask: time, memory, bytes sent, false answers. */
import { spawnSync } from 'node:child_process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import bloomFilters from 'bloom-filters'
import {
  CAPACITY_MAX,
  CAPACITY_MIN,
  DEFAULT_CAPACITY,
  Membership,
} from '../src/sketch/membership.ts'
import type { BenchResult } from './types.ts'

export const name = 'membership'

export const about: string =
  'what it costs to remember which ids passed, and to ask\n' +
  'Adds ids of stamps, all different, and asks for as many others. Membership is made for a capacity of ' +
  `as many ids (at most ${CAPACITY_MAX.toLocaleString('en-US')}) and takes the words of an id. Beside it, in the same rounds: BloomFilter ` +
  'of bloom-filters with as many bits and places but its own hashing, given hexadecimal strings and given ' +
  'Buffers; and a Set of hexadecimal strings. Words, strings and Buffers are made before the timing. ' +
  'Leaves out: finding the id in a message, choosing the window, frames, and what Kafka costs.'

const ROUNDS = 7
const SIZES: readonly number[] = [10_000, 100_000, 1_000_000]
const PLACES = 7
/** BloomFilter takes tens of microseconds an id. */
const SLOW_IDS = 1000

interface Memory {
  add(i: number): void
  has(i: number): boolean
}

interface Contender {
  readonly what: string
  /** How many of the ids are timed. */
  readonly idsMax: number
  /** An empty one. Ids are called by their number. */
  readonly open: (ids: Ids) => Memory
}

/** One set of ids in the three forms. */
interface Ids {
  readonly count: number
  readonly words: Uint32Array
  readonly strings: readonly string[]
  readonly buffers: readonly Buffer[]
}

const contenders: readonly Contender[] = [
  { what: 'Membership', idsMax: Number.POSITIVE_INFINITY, open: openMembership },
  { what: 'Set of strings', idsMax: Number.POSITIVE_INFINITY, open: openSet },
  {
    what: 'BloomFilter, strings',
    idsMax: SLOW_IDS,
    open: ({ count, strings }) => openBloomFilter(count, strings),
  },
  {
    what: 'BloomFilter, Buffers',
    idsMax: SLOW_IDS,
    open: ({ count, buffers }) => openBloomFilter(count, buffers),
  },
]

export async function run(): Promise<BenchResult> {
  return {
    rows: SIZES.flatMap(rowsOf),
    notes: [
      `times: medians of ${ROUNDS} rounds; of BloomFilter ${SLOW_IDS} ids`,
      'memory: growth of heapUsed + arrayBuffers of process.memoryUsage() while 1,000,000 ids or more are added ' +
        'to so many of one kind, over their number, after forced collections; the strings of a Set ' +
        'are its own, made on the way',
      'sent: toBytes, for a capacity of as many ids, and for the default one; of a Set 16 bytes an id',
      'false: yes for ids that were not added, of as many asked; told: falsePositiveRate()',
      `the package is loaded with the first filter of a process: ${loadingMs().toFixed(0)} ms once`,
    ],
  }
}

function rowsOf(count: number): BenchResult['rows'] {
  const memory = [membershipBytes(count), setBytes(count)]
  const ids = idsOf(count)
  const times = contenders.map(() => ({ add: [] as number[], has: [] as number[] }))
  // Side by side: every round times each once. The first two only warm up.
  for (let round = -2; round < ROUNDS; round++) {
    contenders.forEach(({ idsMax, open }, k) => {
      const used = Math.min(idsMax, count)
      const filter = open(ids)
      const add = nsEach(used, (i) => filter.add(i))
      const has = nsEach(used, (i) => filter.has(count + i))
      if (round < 0) return
      times[k]!.add.push(add)
      times[k]!.has.push(has)
    })
  }
  return contenders.map(({ what }, k) => ({
    ids: count,
    what,
    'ns per add': Number(median(times[k]!.add).toFixed(1)),
    'ns per question': Number(median(times[k]!.has).toFixed(1)),
    ...(k < memory.length ? { 'memory, bytes': memory[k]! } : {}),
    ...(k === 0 ? figuresOf(ids) : {}),
    ...(k === 1 ? { 'bytes sent': 16 * count } : {}),
  }))
}

function figuresOf(ids: Ids): Record<string, number> {
  const filter = filledMembership(ids.words, ids.count, capacityFor(ids.count))
  const usual = filledMembership(ids.words, ids.count, DEFAULT_CAPACITY)
  let yes = 0
  for (let i = ids.count; i < 2 * ids.count; i++) if (mayHave(filter, ids.words, i)) yes++
  return {
    'bytes sent': filter.toBytes().length,
    [`at ${DEFAULT_CAPACITY.toLocaleString('en-US')}`]: usual.toBytes().length,
    'false, %': Number(((100 * yes) / ids.count).toFixed(2)),
    'told, %': Number((100 * filter.falsePositiveRate()).toFixed(2)),
  }
}

function openMembership({ count, words }: Ids): Memory {
  const filter = new Membership(1, capacityFor(count))
  return {
    add: (i) => addTo(filter, words, i),
    has: (i) => mayHave(filter, words, i),
  }
}

function openSet({ strings }: Ids): Memory {
  const set = new Set<string>()
  return { add: (i) => set.add(strings[i]!), has: (i) => set.has(strings[i]!) }
}

function openBloomFilter(count: number, elements: readonly (string | Buffer)[]): Memory {
  const { bytesInMemory } = new Membership(1, capacityFor(count))
  const filter = new bloomFilters.BloomFilter(8 * bytesInMemory, PLACES)
  return { add: (i) => filter.add(elements[i]!), has: (i) => filter.has(elements[i]!) }
}

function capacityFor(count: number): number {
  return Math.min(CAPACITY_MAX, Math.max(CAPACITY_MIN, count))
}

function filledMembership(words: Uint32Array, count: number, capacity: number): Membership {
  const filter = new Membership(1, capacity)
  for (let i = 0; i < count; i++) addTo(filter, words, i)
  return filter
}

function addTo(filter: Membership, words: Uint32Array, i: number): void {
  filter.add(words[4 * i]!, words[4 * i + 1]!, words[4 * i + 2]!, words[4 * i + 3]!)
}

function mayHave(filter: Membership, words: Uint32Array, i: number): boolean {
  return filter.mayHave(words[4 * i]!, words[4 * i + 1]!, words[4 * i + 2]!, words[4 * i + 3]!)
}

function membershipBytes(count: number): number {
  const words = wordsOf(count)
  return grownBytes(count, () => filledMembership(words, count, capacityFor(count)))
}

function setBytes(count: number): number {
  const bytes = bytesOf(wordsOf(count))
  return grownBytes(count, () => {
    const set = new Set<string>()
    for (let i = 0; i < count; i++) set.add(bytes.toString('hex', 16 * i, 16 * i + 16))
    return set
  })
}

/** What one result of `make` holds: of so many that the rest of the heap is little beside. */
function grownBytes(count: number, make: () => object): number {
  const kept = [make()]
  const before = usedBytes()
  const more = Math.max(3, Math.ceil(1_000_000 / count))
  for (let i = 0; i < more; i++) kept.push(make())
  const bytes = (usedBytes() - before) / more
  // Read here, so that none is collected before.
  return kept.length > more ? Math.round(bytes) : 0
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function usedBytes(): number {
  // The second waits until the first has given back the buffers, which it does on the side.
  collect()
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** In a process of its own, for this one has loaded it. */
function loadingMs(): number {
  const script =
    "const start = process.hrtime.bigint(); require('bloom-filters/dist/bloom/bloom-filter.js'); " +
    'console.log(Number(process.hrtime.bigint() - start) / 1e6)'
  const cwd = import.meta.dirname
  return Number(spawnSync(process.execPath, ['-e', script], { cwd, encoding: 'utf8' }).stdout)
}

/** `count` ids to add, and as many to ask for. */
function idsOf(count: number): Ids {
  const words = wordsOf(2 * count)
  const bytes = bytesOf(words)
  const each = <T>(make: (start: number) => T): T[] =>
    Array.from({ length: 2 * count }, (_, i) => make(16 * i))
  return {
    count,
    words,
    strings: each((start) => bytes.toString('hex', start, start + 16)),
    buffers: each((start) => bytes.subarray(start, start + 16)),
  }
}

/** As one producer instance mints them: version 7, one tag, a dense sequence, 20 in a millisecond. */
function wordsOf(count: number): Uint32Array {
  const words = new Uint32Array(4 * count)
  for (let i = 0; i < count; i++) {
    const ms = Math.floor(i / 20)
    words[4 * i] = 0x0190_0000 + (ms >>> 16)
    words[4 * i + 1] = ((ms & 0xffff) << 16) | 0x7abc
    words[4 * i + 2] = 0x8000_1234 | (i >>> 22)
    words[4 * i + 3] = i << 10
  }
  return words
}

/** Big-endian, as in a header. */
function bytesOf(words: Uint32Array): Buffer {
  return Buffer.from(words.slice().buffer).swap32()
}

function nsEach(count: number, one: (i: number) => void): number {
  const start = process.hrtime.bigint()
  for (let i = 0; i < count; i++) one(i)
  return Number(process.hrtime.bigint() - start) / count
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] as number
}
