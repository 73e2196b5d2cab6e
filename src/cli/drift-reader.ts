/** Store → what drifted: shapes, declarations and the registries' words, judged for each pipeline. */
import { type Drift, type HopShape, judgeDrift } from '../drift/judge.ts'
import { NO_FACTS } from '../drift/registry-facts.ts'
import type { StoredShape } from '../hop/evidence.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { REGISTRY_FACT } from '../store/facts.ts'
import type { Store } from '../store/store.ts'
import { plansOf, type Watch, watchOf } from './drift-hops.ts'
import { heldShapes } from './held-shapes.ts'
import { registryFactsOf } from './registry-fact.ts'

export interface DriftQuery {
  /** All that were audited: one of them may say what a topic of another is held against. */
  readonly audited: readonly Pipeline[]
  /** Only the pipeline of this name; left out: all. */
  readonly pipeline?: string | undefined
  /** ms: findings are of windows from then on; left out: of all. */
  readonly since?: number | undefined
  /** ms: nothing before is read, not even to compare with; left out: all is. */
  readonly from?: number
  readonly now: number
}

/** One of each pipeline that looks at any topic, in their order. */
export async function driftOf(store: Store, query: DriftQuery): Promise<readonly Drift[]> {
  const { audited, pipeline: only, since = 0, from = 0, now } = query
  const plans = plansOf(audited)
  const asked = audited.filter(({ name }) => only === undefined || name === only)
  const watched = asked.filter((p) => watchOf(p, plans, []).hops.length > 0)
  if (watched.length === 0) return []
  const shapes = await heldShapes(store, from)
  const heard = [...new Map(shapes.map(({ key, hop }) => [key, hop])).values()]
  const facts = registryFactsOf(await store.fact(REGISTRY_FACT))
  return watched.map((pipeline) => {
    const watch = watchOf(pipeline, plans, heard)
    const { hops, edges } = watch
    const url = hops.flatMap(({ plan }) => plan.registry?.url ?? [])[0]
    const registry = (url === undefined ? undefined : facts[url]) ?? NO_FACTS
    const own = shapes.flatMap((shape) => hopShapeOf(watch, shape))
    return judgeDrift({ pipeline: pipeline.name, hops, edges, shapes: own, registry, since, now })
  })
}

/** Nothing if the pipeline does not watch that hop. */
function hopShapeOf(
  { names }: Watch,
  { key, writer, window, spanMs, shape }: StoredShape,
): readonly HopShape[] {
  const hop = names.get(key)
  return hop === undefined ? [] : [{ hop, writer, window, spanMs, shape }]
}
