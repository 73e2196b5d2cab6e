/**
 * Copies on their way: the edges behind the one that made them expect them like messages, until they are
 * dropped, lost, or sent elsewhere.
 */
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { HopKey } from '../hop/hop.ts'
import type { EdgeDeclaration } from '../hop/pipeline.ts'
import { keyOf } from './paths.ts'

/** An edge of a path, and what became of one window on it. */
export interface Step {
  readonly edge: EdgeDeclaration
  readonly verdict: EdgeVerdict
}

/** Copies made before the last edge that came to it for sure. */
export function copiesAtEnd(steps: readonly Step[], last: EdgeDeclaration): number {
  return steps.reduce((n, { edge, verdict }) => {
    const { duplicated } = verdict.counts
    if (edge === last || duplicated === 0) return n
    return n + Math.max(0, duplicated - astrayBehind(edge, steps))
  }, 0)
}

/** What came out of an edge and did not come to the end, at most: copies may be among it. */
export function astrayBehind(start: EdgeDeclaration, steps: readonly Step[]): number {
  let astray = 0
  const visited = new Set<EdgeDeclaration>()
  for (let edge: EdgeDeclaration | undefined = start; edge !== undefined && !visited.has(edge); ) {
    visited.add(edge)
    const keys: readonly HopKey[] = edge.to.map(keyOf)
    const next: EdgeDeclaration | undefined = steps.find((s) =>
      s.edge.from.some((d) => keys.includes(keyOf(d))),
    )?.edge
    const verdict = steps.find((s) => s.edge === edge)?.verdict
    if (verdict !== undefined) {
      const onward = new Set(next?.from.map(keyOf) ?? keys)
      const aside = edge.to.filter((d) => !onward.has(keyOf(d))).map((d) => d.name)
      astray += verdict.to.reduce((n, p) => (aside.includes(p.hop) ? n + p.count : n), 0)
      if (edge !== start) astray += leftOf(verdict)
    }
    edge = next
  }
  return astray
}

/** Expected on an edge and not handed on. */
function leftOf({ counts: c }: EdgeVerdict): number {
  return c.lost + c.filtered + c.dead_lettered + c.in_flight + c.undetermined + c.copies_removed
}
