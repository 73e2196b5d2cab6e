/** What the benches of the sketch share: ids as producers mint them, timing side by side, memory. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type IdWords, wordsOfParts } from '../src/message/id.ts'

/** The first birth, ms. */
export const FIRST_BIRTH = 0x0190_0000_0000
export const BIRTHS_PER_MS = 20
const TAG = 0x0abc_0000_048d

/** As one producer instance mints them: version 7, one tag, a dense sequence, 20 in a millisecond. */
export function stampOf(
  i: number,
  birth: number = FIRST_BIRTH + Math.floor(i / BIRTHS_PER_MS),
): IdWords {
  return wordsOfParts({ birth, version: 7, tag: TAG, sequence: i, ordinal: 0 })
}

export function stampsOf(count: number): IdWords[] {
  return Array.from({ length: count }, (_, i) => stampOf(i))
}

/** Slices of one Buffer, as a client hands out the headers of a fetched batch. */
export function buffersOf(ids: readonly IdWords[]): Buffer[] {
  const batch = Buffer.alloc(16 * ids.length)
  return ids.map((words, i) => {
    words.forEach((word, k) => {
      batch.writeUInt32BE(word, 16 * i + 4 * k)
    })
    return batch.subarray(16 * i, 16 * i + 16)
  })
}

/** The same numbers from [0, 1) in every run. */
export function shares(seed = 1): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** One that is timed: `prepare` is not, what it returns is. */
export interface Contender {
  readonly prepare: () => () => unknown
  /** Things done in one run. */
  readonly count: number
}

/** ns for each thing, by contender. Every round times each once; the first two only warm up. */
export function sideBySide(contenders: readonly Contender[], rounds: number): number[][] {
  const samples = contenders.map((): number[] => [])
  for (let round = -2; round < rounds; round++) {
    contenders.forEach(({ prepare, count }, i) => {
      const run = prepare()
      const start = process.hrtime.bigint()
      run()
      const ns = Number(process.hrtime.bigint() - start) / count
      if (round >= 0) samples[i]?.push(ns)
    })
  }
  return samples
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** Three significant digits, never fewer than the integer part has. */
export function rounded(value: number): number {
  return value >= 1_000 ? Math.round(value) : Number(value.toPrecision(3))
}

/** Bytes by which the process grows for one result of `make`: of so many that the rest is little. */
export function grownBytes(make: () => object, count: number): number {
  const kept = [make()]
  const before = usedBytes()
  for (let i = 0; i < count; i++) kept.push(make())
  const bytes = (usedBytes() - before) / count
  // Read here, so that none is collected before.
  return kept.length > count ? Math.round(bytes) : 0
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
