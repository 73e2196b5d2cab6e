/**
 * Loops: what fails goes to a topic for retries, from where the same service takes it again.
 *
 * A message in such a topic has not come out of the loop. Once everything there was handled again, each
 * of its entries has been counted on both sides, and whether the message came out is told only by the
 * hops that do not feed back.
 */
import { type HopKey, hopKey } from '../hop/hop.ts'
import type { EdgeDeclaration, Pipeline } from '../hop/pipeline.ts'

const known = new WeakMap<readonly EdgeDeclaration[], Map<EdgeDeclaration, ReadonlySet<HopKey>>>()

/** The `to` hops of an edge from which the edges lead back into it. Walked once per pipeline. */
export function feedingBack({ edges }: Pipeline, edge: EdgeDeclaration): ReadonlySet<HopKey> {
  let byEdge = known.get(edges)
  if (byEdge === undefined) {
    byEdge = new Map()
    known.set(edges, byEdge)
  }
  let back = byEdge.get(edge)
  if (back === undefined) {
    const from = new Set(edge.from.map((d) => hopKey(d.hop)))
    const to = edge.to.map((d) => hopKey(d.hop))
    const next = nextOf(edges)
    back = new Set(to.filter((key) => leadsTo(key, from, next)))
    byEdge.set(edge, back)
  }
  return back
}

function nextOf(edges: readonly EdgeDeclaration[]): ReadonlyMap<HopKey, readonly HopKey[]> {
  const next = new Map<HopKey, HopKey[]>()
  for (const { from, to } of edges)
    for (const { hop } of from) {
      const list = next.get(hopKey(hop)) ?? []
      next.set(hopKey(hop), list)
      for (const d of to) list.push(hopKey(d.hop))
    }
  return next
}

function leadsTo(
  start: HopKey,
  goals: ReadonlySet<HopKey>,
  next: ReadonlyMap<HopKey, readonly HopKey[]>,
): boolean {
  const visited = new Set<HopKey>()
  const waiting = [start]
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (goals.has(key)) return true
    if (visited.has(key)) continue
    visited.add(key)
    waiting.push(...(next.get(key) ?? []))
  }
  return false
}
