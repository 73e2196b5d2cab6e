/**
 * Paths: the edges that an objective is kept over.
 *
 * A hop is `to` of one edge only. So from each terminal the way back is a tree, and the sources that
 * reach it meet on its last edge at the latest: from there on nobody can tell whose a message was. They
 * stand together at the beginning of one path. To promise something of one source alone, its own edge is
 * named as the scope.
 *
 * A terminal is a hop that nothing leads out of; dead letters are no end that was promised.
 */
import { type HopKey, hopKey } from '../hop/hop.ts'
import type { EdgeDeclaration, HopDeclaration, Pipeline } from '../hop/pipeline.ts'
import type { Scope } from './objective.ts'

export interface Path {
  /** `checkin + kiosk to store`, or the name of the edge. */
  readonly name: string
  /** Those before the last one; in what order says nothing. */
  readonly before: readonly EdgeDeclaration[]
  readonly last: EdgeDeclaration
  /** Where what was promised has arrived. */
  readonly ends: readonly HopDeclaration[]
  /** Where it begins: nothing on this path leads into them. */
  readonly sources: readonly HopDeclaration[]
}

/** Empty where the edge is no longer declared, or nothing comes to an end. */
export function pathsOf(pipeline: Pipeline, scope: Scope): Path[] {
  if (scope.kind === 'edge') {
    const edge = pipeline.edges.find((e) => e.name === scope.edge)
    return edge === undefined ? [] : [edgePath(edge)]
  }
  const out = new Set(pipeline.edges.flatMap((e) => e.from.map(keyOf)))
  return pipeline.edges.flatMap((last) => {
    const ends = last.to.filter((d) => !d.deadLetter && !out.has(keyOf(d)))
    return ends.length === 0 ? [] : [pathTo(last, ends, pipeline.edges)]
  })
}

function edgePath(last: EdgeDeclaration): Path {
  const { name, from: sources } = last
  const ends = last.to.filter((d) => !d.deadLetter)
  return { name, before: [], last, ends: ends.length > 0 ? ends : last.to, sources }
}

function pathTo(
  last: EdgeDeclaration,
  ends: readonly HopDeclaration[],
  edges: readonly EdgeDeclaration[],
): Path {
  const into = new Map<HopKey, EdgeDeclaration>()
  for (const edge of edges) for (const d of edge.to) into.set(keyOf(d), edge)
  const found = new Set([last])
  const sources = new Map<HopKey, HopDeclaration>()
  // A set that grows is walked to its end.
  for (const edge of found)
    for (const d of edge.from) {
      const feeder = into.get(keyOf(d))
      if (feeder === undefined) sources.set(keyOf(d), d)
      else found.add(feeder)
    }
  const before = [...found].filter((e) => e !== last)
  // A ring without a way in begins where it is read.
  const begins = sources.size > 0 ? [...sources.values()] : last.from
  const named = (list: readonly HopDeclaration[]): string => list.map((d) => d.name).join(' + ')
  return { name: `${named(begins)} to ${named(ends)}`, before, last, ends, sources: begins }
}

const keys = new WeakMap<HopDeclaration, HopKey>()

/** Asked for every window of a period: made once. */
export function keyOf(declared: HopDeclaration): HopKey {
  const known = keys.get(declared)
  if (known !== undefined) return known
  const key = hopKey(declared.hop)
  keys.set(declared, key)
  return key
}
