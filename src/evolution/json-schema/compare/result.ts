/** What a comparison of two schemas found, as a graph: a pair that is met twice is there once. */
import type { Args } from '../args.ts'
import { DIFFERENCES_MAX, PATHS_LENGTH_MAX } from '../limits.ts'
import type { Solid } from '../model.ts'

/** One change that the policy does not accept. */
export interface Change {
  /** Name of the registry. */
  readonly name: string
  /** From the pair, as the registry writes paths: `properties/a`. */
  readonly at: string
  readonly readerPath: string | null
  readonly writerPath: string | null
  readonly args: Args
}

/** Schemas within, all that was found there. */
interface Within {
  readonly at: string
  readonly result: PairResult
}

export type Entry = Change | Within

export interface PairResult {
  readonly writer: Solid
  readonly reader: Solid
  readonly compatible: boolean
  readonly entries: readonly Entry[]
}

export interface FoundChange extends Change {
  /** As the registry writes it: `#/properties/a`. */
  readonly path: string
}

/** Every change once, in the order in which it was met, up to the limit. */
export function changesOf(root: PairResult): readonly FoundChange[] {
  const found = new Map<string, FoundChange>()
  const passed = new Map<Solid, Set<Solid>>()
  let length = 0
  const walk = (result: PairResult, path: readonly string[]): void => {
    const readers = passed.get(result.writer) ?? new Set()
    if (readers.has(result.reader)) return
    passed.set(result.writer, readers.add(result.reader))
    for (const entry of result.entries) {
      if (found.size >= DIFFERENCES_MAX || length > PATHS_LENGTH_MAX) return
      const at = entry.at === '' ? path : [...path, entry.at]
      if ('result' in entry) {
        walk(entry.result, at)
        continue
      }
      const key = JSON.stringify([entry.name, entry.readerPath, entry.writerPath])
      if (found.has(key)) continue
      found.set(key, { ...entry, path: `#/${at.join('/')}` })
      length += key.length
    }
  }
  walk(root, [])
  return [...found.values()]
}
