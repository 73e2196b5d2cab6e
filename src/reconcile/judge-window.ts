/** One pure walk over a window: every edge of a pipeline, in the order a message travels. */
import type { HopKey } from '../hop/hop.ts'
import { hopKey } from '../hop/hop.ts'
import type { EdgeDeclaration, Pipeline } from '../hop/pipeline.ts'
import type { Inherited } from './edge-context.ts'
import type { WindowEvidence } from './evidence.ts'
import { type Judgement, judgeEdge } from './judge-edge.ts'
import type { Passage } from './passage.ts'
import { rateOf } from './view.ts'

export function judgeWindow(pipeline: Pipeline, evidence: WindowEvidence): Judgement[] {
  const passages = new Map<HopKey, Passage>()
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
    const context = { pipeline, edge, evidence, passages, inherited, copiesUnnamed }
    const judgement = judgeEdge(context)
    for (const [key, passage] of judgement.onward) passages.set(key, passage)
    for (const { hop } of edge.to) {
      copiesAt.set(hopKey(hop), judgement.copies)
      namedAt.set(hopKey(hop), judgement.copiesUnnamed ? Number.POSITIVE_INFINITY : rate)
    }
    return judgement
  })
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
