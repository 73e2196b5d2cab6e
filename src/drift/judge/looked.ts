/** How many messages were looked at, by hop and by instance, in any span of time. Pure. */
import type { Seen } from './sighting.ts'

export interface LookedAt {
  /** ms: end of the newest window of a hop, by its place in the list. */
  until(at: number): number
  /** In windows that touch `[from, until)`. */
  of(at: number, from: number, until: number): number
  /** At producer hops. */
  ofInstance(instance: string, from: number, until: number): number
}

interface Span {
  readonly window: number
  readonly end: number
  readonly count: number
}

export function lookedAt(seen: readonly Seen[]): LookedAt {
  const hops = new Map<number, Span[]>()
  const instances = new Map<string, Span[]>()
  for (const { at, window, end, writer, variant } of seen) {
    const span = { window, end, count: variant.count }
    append(hops, at, span)
    if (writer !== null) append(instances, writer.instance, span)
  }
  return {
    until: (at) => (hops.get(at) ?? []).reduce((last, { end }) => Math.max(last, end), 0),
    of: (at, from, until) => count(hops.get(at), from, until),
    ofInstance: (instance, from, until) => count(instances.get(instance), from, until),
  }
}

function append<K>(lists: Map<K, Span[]>, key: K, span: Span): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [span])
  else list.push(span)
}

function count(spans: readonly Span[] = [], from: number, until: number): number {
  return spans.reduce(
    (sum, one) => (one.window < until && one.end > from ? sum + one.count : sum),
    0,
  )
}
