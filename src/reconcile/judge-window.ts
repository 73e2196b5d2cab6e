/** One pure walk over a window: every edge of a pipeline, in the order a message travels. */
import type { HopKey } from '../hop/hop.ts'
import { hopKey } from '../hop/hop.ts'
import type { EdgeDeclaration, Pipeline } from '../hop/pipeline.ts'
import type { Handled, Inherited } from './edge-context.ts'
import type { WindowEvidence } from './evidence.ts'
import { type Judgement, judgeEdge } from './judge-edge.ts'
import { type Passage, worst } from './passage.ts'
import { UNTOLD } from './standing.ts'
import { rateOf } from './view.ts'

export function judgeWindow(pipeline: Pipeline, evidence: WindowEvidence): Judgement[] {
  const passages = new Map<HopKey, Passage>()
  const handled = new Map<HopKey, Handled>()
  const handledMore = new Set<HopKey>()
  const copiesAt = new Map<HopKey, Inherited>()
  // Copies at each hop have names among one message in so many; infinite: not even there.
  const namedAt = new Map<HopKey, number>()
  return inOrder(pipeline.edges).map((edge) => {
    const inherited = new Map<string, number>()
    for (const { hop } of edge.from)
      for (const [id, n] of copiesAt.get(hopKey(hop)) ?? [])
        inherited.set(id, Math.max(n, inherited.get(id) ?? 0))
    const rate = rateOf(edge)
    const copiesUnnamed = edge.from.some(({ hop }) => (namedAt.get(hopKey(hop)) ?? 1) > rate)
    const expected = { inherited, handled, handledMore, copiesUnnamed }
    const context = { pipeline, edge, evidence, passages, ...expected }
    const judgement = judgeEdge(context)
    for (const [key, passage] of judgement.onward)
      passages.set(key, isTold(judgement, edge, pipeline) ? passage : worst([passage, UNTOLD]))
    if (judgement.handledMore) for (const { hop } of edge.to) handledMore.add(hopKey(hop))
    const [to] = edge.to
    if (to !== undefined && judgement.handled !== null)
      handled.set(hopKey(to.hop), judgement.handled)
    for (const { hop } of edge.to) {
      copiesAt.set(hopKey(hop), judgement.copies)
      namedAt.set(hopKey(hop), judgement.copiesUnnamed ? Number.POSITIVE_INFINITY : rate)
    }
    return judgement
  })
}

/** Whether the edges after it can expect all that was handled: by name, and at the same rate. */
function isTold({ handled }: Judgement, edge: EdgeDeclaration, { edges }: Pipeline): boolean {
  if (handled === null) return false
  if (handled.size === 0) return true
  const next = edges.filter((e) =>
    e.from.some((from) => edge.to.some((to) => hopKey(to.hop) === hopKey(from.hop))),
  )
  return edge.to.length === 1 && [edge, ...next].every((e) => rateOf(e) === 1)
}

/**
 * Edges such that the one into a hop comes before those out of it. In a retry loop the edge that
 * closes it comes after the others, in the order of the file.
 */
export function inOrder(edges: readonly EdgeDeclaration[]): EdgeDeclaration[] {
  const into = new Map<HopKey, EdgeDeclaration>()
  for (const edge of edges) for (const { hop } of edge.to) into.set(hopKey(hop), edge)
  const out: EdgeDeclaration[] = []
  const visited = new Set<EdgeDeclaration>()
  const visit = (edge: EdgeDeclaration): void => {
    if (visited.has(edge)) return
    visited.add(edge)
    for (const { hop } of edge.from) {
      const feeder = into.get(hopKey(hop))
      if (feeder !== undefined) visit(feeder)
    }
    out.push(edge)
  }
  for (const edge of edges) visit(edge)
  return out
}
