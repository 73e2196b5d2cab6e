/**
 * What hops give to sums that only grow: evidence given up, and drift. Pure.
 *
 * Old shapes are put together into spans of up to six hours, and what is pruned makes findings look
 * younger. So drift is counted by six hours, and only what began in the last seven days, which are kept
 * longer: then neither counts anything twice.
 */
import type { Drift } from '../drift/judge.ts'
import type { HopGap } from '../hop/evidence.ts'
import type { HopKey } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import type { SumsGiven } from './snapshot.ts'

const SPAN_MS = 21_600_000
const BACK_MS = 604_800_000

export const DROPPED = 'dropped'
export const INVALID = 'invalid'
/** With the code of the finding behind it. */
export const DRIFT = 'drift.'

/** What sums of a hop are kept under: no edge is called like that. */
export const hopEdge = (hop: string): string => `hop ${hop}`

/** @param names of the hops of the pipeline */
export function droppedSums(
  pipeline: string,
  gaps: readonly HopGap[],
  names: ReadonlyMap<HopKey, string>,
): SumsGiven[] {
  const sums = new Summing(pipeline)
  for (const { key, count, toWindow } of gaps) {
    const hop = names.get(key)
    if (hop !== undefined) sums.add(hop, toWindow, DROPPED, count)
  }
  return sums.list()
}

export function driftSums(
  pipeline: Pipeline,
  { findings, cells }: Drift,
  now: number,
): SumsGiven[] {
  const { name, windowMs, latenessMs } = pipeline
  const sums = new Summing(name)
  const isCounted = (at: number): boolean =>
    at >= now - BACK_MS && at + windowMs + latenessMs <= now
  const spanOf = (at: number): number => Math.floor(at / SPAN_MS) * SPAN_MS
  for (const { hop, since, code, severity } of findings)
    if (severity !== 'info' && isCounted(since)) sums.add(hop, spanOf(since), DRIFT + code, 1)
  for (const { hop, window, invalid, oneIn } of cells)
    if (isCounted(window)) sums.add(hop, spanOf(window), INVALID, invalid * oneIn)
  return sums.list()
}

class Summing {
  readonly #pipeline: string
  readonly #places = new Map<string, SumsGiven & { readonly sums: Record<string, number> }>()

  constructor(pipeline: string) {
    this.#pipeline = pipeline
  }

  add(hop: string, window: number, name: string, value: number): void {
    const key = JSON.stringify([hop, window])
    const place = this.#places.get(key) ?? {
      ...{ pipeline: this.#pipeline, edge: hopEdge(hop), window, sums: {} },
    }
    place.sums[name] = (place.sums[name] ?? 0) + value
    this.#places.set(key, place)
  }

  list(): SumsGiven[] {
    return [...this.#places.values()]
  }
}
