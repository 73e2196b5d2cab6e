/** Which hops of a pipeline are looked at, in the order in which messages travel, and by which names. Pure. */
import type { WatchedEdge, WatchedHop } from '../drift/judge.ts'
import type { ShapePlan } from '../drift/shape.ts'
import { describeHop, type HopKey, type HopRef, hopKey, topicHop } from '../hop/hop.ts'
import type { HopDeclaration, Pipeline } from '../hop/pipeline.ts'

export interface Watch {
  readonly pipeline: string
  readonly hops: readonly WatchedHop[]
  readonly edges: readonly WatchedEdge[]
  /** Names of hops, of those looked at. */
  readonly names: ReadonlyMap<HopKey, string>
}

/** Plans of topics, whichever pipeline declares them; as agents do, of several the first. */
export function plansOf(pipelines: readonly Pipeline[]): ReadonlyMap<HopKey, ShapePlan> {
  const plans = new Map<HopKey, ShapePlan>()
  for (const { hop, shape } of pipelines.flatMap((p) => p.hops)) {
    if (hop.role !== 'topic' || shape === undefined) continue
    if (!plans.has(hopKey(hop))) plans.set(hopKey(hop), shape)
  }
  return plans
}

/** @param heard hops of which there is a shape: of producers also those that nobody declared */
export function watchOf(
  pipeline: Pipeline,
  plans: ReadonlyMap<HopKey, ShapePlan>,
  heard: readonly HopRef[],
): Watch {
  const topics = new Map<HopKey, Stop>()
  for (const [at, { name, hop }] of inOrder(pipeline).entries()) {
    if (hop.role !== 'topic' && hop.role !== 'producer' && hop.role !== 'consumer') continue
    const key = topicKey(hop)
    const plan = plans.get(key)
    if (plan === undefined) continue
    const stop = topics.get(key) ?? { at, plan, producer: [], topic: [], consumer: [] }
    topics.set(key, stop)
    // A producer that nothing leads to says nothing of where its topic stands.
    if (stop.topic.length === 0) stop.at = at
    stop[hop.role].push({ name, hop })
  }
  for (const hop of heard) {
    const stop = topics.get(topicKey(hop))
    // Whoever else writes into a topic of this pipeline; groups that nobody named are none of its affair.
    if (hop.role !== 'producer' || stop === undefined || stop.topic.length === 0) continue
    if (stop.producer.every((own) => hopKey(own.hop) !== hopKey(hop)))
      stop.producer.push({ name: describeHop(hop), hop })
  }
  const names = new Map<HopKey, string>()
  const hops: WatchedHop[] = []
  const stops = [...topics.values()].sort((a, b) => a.at - b.at)
  for (const { plan, producer, topic, consumer } of stops) {
    for (const { name, hop } of [...producer, ...topic, ...consumer]) {
      if (names.has(hopKey(hop))) continue
      names.set(hopKey(hop), name)
      hops.push({ hop: name, role: hop.role as WatchedHop['role'], topic: hop.topic, plan })
    }
  }
  return { pipeline: pipeline.name, hops, edges: pipeline.edges.map(edgeOf), names }
}

interface Stop {
  /** Place among the hops: of the topic, or of the last hop at it. */
  at: number
  readonly plan: ShapePlan
  readonly producer: Named[]
  readonly topic: Named[]
  readonly consumer: Named[]
}

type Named = Pick<HopDeclaration, 'name' | 'hop'>

const topicKey = (hop: HopRef): HopKey => hopKey(topicHop(hop.cluster, hop.topic))

/** All ends are named, looked at or not: what went where nobody looks is not known to be gone. */
function edgeOf({ name, from, to, preserve, keep = [] }: Pipeline['edges'][number]): WatchedEdge {
  return {
    edge: name,
    from: from.map((hop) => hop.name),
    to: to.map((hop) => hop.name),
    preserves: preserve?.value === true,
    keep,
  }
}

/** Hops before those that come of them; where messages go round, as declared. */
function inOrder({ hops, edges }: Pipeline): readonly HopDeclaration[] {
  const left = new Map(hops.map((hop) => [hop.name, hop]))
  const ordered: HopDeclaration[] = []
  while (left.size > 0) {
    const awaited = new Set(
      edges
        .filter(({ from }) => from.some(({ name }) => left.has(name)))
        .flatMap(({ to }) => to.map(({ name }) => name)),
    )
    const free = [...left.values()].filter(({ name }) => !awaited.has(name))
    const [first] = left.values()
    // A circle is opened where the file names it first.
    for (const hop of free.length > 0 ? free : first === undefined ? [] : [first]) {
      left.delete(hop.name)
      ordered.push(hop)
    }
  }
  return ordered
}
