/** The pipeline from top to bottom: hops, and between them each edge with its verdict and counts. */
import type { EdgeSummary } from '../src/objective/summary.ts'

/** One line: what leads up to it, and an edge or the hops that it reaches. */
export type GraphLine =
  | {
      readonly lead: string
      /** What leads on past it, for lines that say more of the edge. */
      readonly onward: string
      readonly edge: EdgeSummary
      readonly besides: readonly string[]
    }
  | { readonly lead: string; readonly hops: readonly string[] }

/**
 * Every edge is drawn once, under the first of its `from` hops that is drawn; other hops that feed it
 * are its `besides`. A chain goes straight down, more than one way on goes to the right.
 */
export function graphOf(edges: readonly EdgeSummary[]): GraphLine[] {
  const lines: GraphLine[] = []
  const drawn = new Set<EdgeSummary>()

  const below = (hops: readonly string[], lead: string): void => {
    const kids = edges.filter((e) => !drawn.has(e) && e.from.some((hop) => hops.includes(hop)))
    for (const kid of kids) drawn.add(kid)
    for (const [i, edge] of kids.entries()) {
      const last = i === kids.length - 1
      const branch = kids.length === 1 ? '│ ' : last ? '╰─╮ ' : '├─╮ '
      const inner = kids.length === 1 ? lead : lead + (last ? '  ' : '│ ')
      const besides = edge.from.filter((hop) => !hops.includes(hop))
      lines.push({ lead: lead + branch, onward: `${inner}│ `, edge, besides })
      lines.push({ lead: `${inner}▼ `, hops: edge.to })
      below(edge.to, inner)
    }
  }

  while (drawn.size < edges.length) {
    const rest = edges.filter((e) => !drawn.has(e))
    const fed = new Set(rest.flatMap((e) => e.to))
    // A head is fed by nobody; in a ring there is none, and it is cut anywhere.
    const head = rest.find((e) => e.from.every((hop) => !fed.has(hop))) ?? (rest[0] as EdgeSummary)
    lines.push({ lead: '', hops: head.from })
    below(head.from, '')
  }
  return lines
}
