/** Ids of the kinds that occur, as arbitraries and as deterministic series. */
import fc from 'fast-check'
import { foreignId } from '../../src/message/identity.ts'
import type { Sketch } from '../../src/sketch/sketch.ts'

export type Words = readonly [number, number, number, number]
/** With a digest it is an element of five limbs. */
export type Entry = readonly [words: Words, times: number, digest?: number | undefined]

const uint32 = fc.nat({ max: 0xffffffff })
/** The residues that may stand for two limbs, and the words around p. */
const edgeWord = fc.oneof(fc.nat({ max: 6 }), fc.integer({ min: 0xfffffff8, max: 0xffffffff }))
const randomId: fc.Arbitrary<Words> = fc.tuple(uint32, uint32, uint32, uint32)
const edgeId: fc.Arbitrary<Words> = fc.tuple(edgeWord, edgeWord, edgeWord, edgeWord)
const sequentialId: fc.Arbitrary<Words> = fc.nat({ max: 2000 }).map((n) => [0, 0, 0, n] as const)
const stampedId: fc.Arbitrary<Words> = fc
  .tuple(fc.nat({ max: 60_000 }), fc.nat({ max: 3 }), fc.nat({ max: 5000 }))
  .map(([ms, tag, sequence]) => stamp(ms, tag, sequence))

export const anyId: fc.Arbitrary<Words> = fc.oneof(randomId, edgeId, sequentialId, stampedId)
const anyDigest: fc.Arbitrary<number> = fc.oneof(uint32, edgeWord)
const anyTimes: fc.Arbitrary<number> = fc
  .oneof(
    { weight: 4, arbitrary: fc.constant(1) },
    fc.constant(-1),
    fc.integer({ min: -1_000_000, max: 1_000_000 }),
  )
  .filter((times) => times !== 0)
/** Some sum up to more than an int32 in a cell, which cannot be written. */
export const anyInt32: fc.Arbitrary<number> = fc
  .oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.constantFrom(2, -2, 2 ** 31 - 1))
  .filter((times) => times !== 0)

export function anyEntriesOf(
  limbs: 4 | 5,
  times: fc.Arbitrary<number> = anyTimes,
): fc.Arbitrary<Entry[]> {
  const entry: fc.Arbitrary<Entry> =
    limbs === 4 ? fc.tuple(anyId, times) : fc.tuple(anyId, times, anyDigest)
  return fc.array(entry, { maxLength: 60 })
}

export const anyEntries: fc.Arbitrary<Entry[]> = anyEntriesOf(4)

/** Laid out as a stamp: time, version 7, tag, sequence; ordinal 0. */
export function stamp(ms: number, tag: number, sequence: number): Words {
  const time = 0x0190_0000_0000 + ms
  return [
    Math.floor(time / 65536),
    ((time % 65536) * 65536 + 0x7000 + (tag & 0xfff)) >>> 0,
    (0x80000000 | (tag << 2)) >>> 0,
    (sequence << 10) >>> 0,
  ]
}

/** A small deterministic generator of uint32 (splitmix32). */
export function random(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let x = state ^ (state >>> 16)
    x = Math.imul(x, 0x21f0aaad)
    x ^= x >>> 15
    x = Math.imul(x, 0x735a2d97)
    return (x ^ (x >>> 15)) >>> 0
  }
}

export const series: Readonly<Record<string, (count: number, seed: number) => Words[]>> = {
  sequential: (count, seed) =>
    Array.from({ length: count }, (_, i) => [0, 0, 0, seed * 10_000 + i]),
  strided: (count, seed) => Array.from({ length: count }, (_, i) => [0, seed, i * 65536, 0]),
  stamped: (count, seed) => Array.from({ length: count }, (_, i) => stamp(i >> 3, seed, i)),
  random: (count, seed) => {
    const next = random(seed)
    return Array.from({ length: count }, () => [next(), next(), next(), next()])
  },
}

/** What else occurs: ids of other makers, and counters at either end of a random prefix. */
export const kinds: typeof series = {
  ...series,
  'random UUIDv7': (count, seed) => {
    const next = random(seed)
    return Array.from({ length: count }, (_, i) => {
      const [w0, w1] = stamp(i >> 3, next(), 0)
      return [w0, w1, ((next() >>> 2) | 0x80000000) >>> 0, next()]
    })
  },
  'foreign UUIDv8': (count, seed) =>
    Array.from({ length: count }, (_, i) =>
      foreignId(0x0190_0000_0000 + (i >> 3), Buffer.from(`order-${seed}-${i}`)),
    ),
  'counter in the low bits': (count, seed) => {
    const next = random(seed)
    const [w0, w1, w2, start] = [next(), next(), next(), next()]
    return Array.from({ length: count }, (_, i) => [w0, w1, w2, (start + i) >>> 0])
  },
}

/** One add each; where there are five limbs, with a digest that many ids share. */
export function onceEach(ids: readonly Words[], limbs: 4 | 5, times = 1): Entry[] {
  return ids.map((words, i) => (limbs === 4 ? [words, times] : [words, times, i % 5]))
}

export function addAll(sketch: Pick<Sketch, 'add'>, entries: Iterable<Entry>): void {
  for (const [words, times, digest] of entries) sketch.add(...words, times, digest)
}

export function hexOf(words: Iterable<number>): string {
  return Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('')
}

/** What peeling must find: the entries of each id added up, those of nothing left out, by hex. */
export function netOf(entries: Iterable<Entry>): Array<{ hex: string; times: number }> {
  const sums = new Map<string, number>()
  for (const [words, times, digest] of entries) {
    const hex = hexOf(digest === undefined ? words : [...words, digest])
    sums.set(hex, (sums.get(hex) ?? 0) + times)
  }
  return [...sums]
    .filter(([, times]) => times !== 0)
    .map(([hex, times]) => ({ hex, times }))
    .sort((a, b) => (a.hex < b.hex ? -1 : 1))
}
