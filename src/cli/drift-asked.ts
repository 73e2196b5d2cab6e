/** Of what drifted, what was asked for. Pure. */
import type { Drift } from '../drift/judge.ts'
import type { Pipeline } from '../hop/pipeline.ts'

/**
 * @param pipelines those asked for; where an edge was asked for, with no other edges
 * @param isEdge whether one was: then only what shows at its ends is left
 */
export function driftAsked(
  drift: readonly Drift[],
  pipelines: readonly Pipeline[],
  isEdge: boolean,
): readonly Drift[] {
  return drift.flatMap((one) => {
    const pipeline = pipelines.find(({ name }) => name === one.pipeline)
    if (pipeline === undefined) return []
    if (!isEdge) return [one]
    const ends = pipeline.edges.flatMap(({ from, to }) => [...from, ...to])
    const names = new Set(ends.map(({ name }) => name))
    const topics = new Set(ends.map(({ hop }) => hop.topic))
    const edges = new Set(pipeline.edges.map(({ name }) => name))
    const findings = one.findings.filter(({ edge, hops }) =>
      edge === null ? hops.some((hop) => names.has(hop)) : edges.has(edge),
    )
    const versions = one.versions.filter(({ topic }) => topics.has(topic))
    return [{ ...one, findings, versions, cells: one.cells.filter(({ hop }) => names.has(hop)) }]
  })
}
