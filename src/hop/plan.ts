/**
 * What a hop must keep, so that every edge it stands at can be judged.
 *
 * Only like is compared with like (law 7), so whatever one end of an edge keeps, the other must keep
 * too. From that follow the rules:
 *
 * 1. Every hop keeps exact tallies, unless it declares `sample`.
 * 2. A hop at an edge with a sampled hop keeps that sampled tally as well, beside its exact one.
 * 3. A hop at an edge with `preserve` keeps the ids with that digest as well, at each of its rates.
 * 4. Whoever sends into a topic, declared or not, follows the edge into that topic: undeclared producers
 *    are added to its balance, also where its declared hops are consumers.
 * 5. A hop of several pipelines keeps what each of them needs.
 * 6. Whoever sends into a topic with a `schema`, declared or not, and every declared group that reads it,
 *    looks at what the topic looks at. Of several that differ the first is taken; the pipeline file is
 *    refused for it.
 *
 * What a hop keeps is bounded by `RATES_MAX` and `DIGESTS_MAX`; beyond, an edge lacks a tally at one end
 * and cannot be judged, which the pipeline file is refused for.
 */
import type { ShapePlan } from '../drift/shape.ts'
import { type Preserve, preserveName } from '../message/digest.ts'
import { type HopKey, type HopRef, hopKey, topicHop } from './hop.ts'
import type { Pipeline } from './pipeline.ts'

export interface TallyPlan {
  /** Tallies of every message. */
  readonly exact: boolean
  /** Sampled tallies: one in so many, ascending, without 1. */
  readonly oneIn: readonly number[]
  /** Digests folded with the id, in tallies of their own, by name. */
  readonly preserve: readonly Preserve[]
  /** Messages a window that a filter of the ids is made for; null: none. */
  readonly membership: number | null
  /** Ascending, distinct. */
  readonly thresholdsMs: readonly number[]
  /** What messages are held against, as their topic declares; null: nobody looks into them. */
  readonly shape: ShapePlan | null
}

/** Sampled tallies that a hop keeps at most. Each costs as much memory as the exact one. */
export const RATES_MAX = 4
/** Digests that a hop keeps at most: each is computed for every message, and tallied at each rate. */
export const DIGESTS_MAX = 4

export const PLAIN: TallyPlan = {
  exact: true,
  oneIn: [],
  preserve: [],
  membership: null,
  thresholdsMs: [],
  shape: null,
}

/** Plans by hop, ready made: looking one up costs the hop's key. Unknown hops are plain. */
export function tallyPlans(
  pipelines: readonly Pick<Pipeline, 'hops' | 'edges' | 'thresholdsMs'>[],
): (hop: HopRef) => TallyPlan {
  const declared = new Map<HopKey, { readonly hop: HopRef; readonly needs: Needs }>()
  const intoTopic = new Map<HopKey, Needs>()
  const shapes = new Map<HopKey, ShapePlan>()
  for (const { hops, edges } of pipelines) {
    for (const { hop, oneIn, membership, shape } of hops) {
      if (shape !== undefined) getOrAdd(shapes, hopKey(hop), () => shape)
      const { needs } = getOrAdd(declared, hopKey(hop), () => ({ hop, needs: new Needs() }))
      if (oneIn === 1) needs.exact = true
      else needs.rates.add(oneIn)
      if (membership !== null) needs.membership = Math.max(needs.membership ?? 0, membership)
    }
    for (const { from, to, preserve } of edges) {
      const ends = [...from, ...to]
      const rates = new Set(ends.map(({ oneIn }) => oneIn).filter((oneIn) => oneIn !== 1))
      const demand = (needs: Needs | undefined): void => {
        for (const oneIn of rates) needs?.rates.add(oneIn)
        if (preserve !== null) needs?.preserve.set(preserveName(preserve), preserve)
      }
      for (const { hop } of ends) demand(declared.get(hopKey(hop))?.needs)
      for (const { hop } of to) {
        if (hop.role === 'topic') demand(getOrAdd(intoTopic, hopKey(hop), () => new Needs()))
      }
    }
  }

  const thresholds = new Set(pipelines.flatMap(({ thresholdsMs }) => thresholdsMs))
  const thresholdsMs = [...thresholds].sort((a, b) => a - b)
  const plain: TallyPlan = thresholdsMs.length === 0 ? PLAIN : { ...PLAIN, thresholdsMs }
  const senders = new Map<HopKey, TallyPlan>()
  for (const [topic, shape] of shapes) senders.set(topic, { ...plain, shape })
  for (const [topic, needs] of intoTopic) {
    // Nobody said that they sample.
    needs.exact = true
    senders.set(topic, needs.plan(thresholdsMs, shapes.get(topic)))
  }
  const plans = new Map<HopKey, TallyPlan>()
  for (const [key, { hop, needs }] of declared) {
    if (hop.role === 'producer') needs.add(intoTopic.get(topicKey(hop)))
    plans.set(key, needs.plan(thresholdsMs, shapes.get(topicKey(hop))))
  }
  return (hop) =>
    plans.get(hopKey(hop)) ??
    (hop.role === 'producer' ? senders.get(topicKey(hop)) : undefined) ??
    plain
}

const topicKey = (hop: HopRef): HopKey => hopKey(topicHop(hop.cluster, hop.topic))

/** What has been asked of one hop so far. */
class Needs {
  /** One of its declarations has no `sample`. */
  exact = false
  readonly rates = new Set<number>()
  readonly preserve = new Map<string, Preserve>()
  membership: number | null = null

  add(other: Needs | undefined): void {
    for (const oneIn of other?.rates ?? []) this.rates.add(oneIn)
    for (const [name, preserve] of other?.preserve ?? []) this.preserve.set(name, preserve)
  }

  plan(thresholdsMs: readonly number[], shape: ShapePlan | null = null): TallyPlan {
    const names = [...this.preserve.keys()].sort().slice(0, DIGESTS_MAX)
    return {
      exact: this.exact,
      oneIn: [...this.rates].sort((a, b) => a - b).slice(0, RATES_MAX),
      preserve: names.map((name) => this.preserve.get(name) as Preserve),
      membership: this.membership,
      thresholdsMs,
      shape,
    }
  }
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
