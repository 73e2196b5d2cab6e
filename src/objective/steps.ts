/**
 * The edges of a path in one window: how many messages there were, and what became of copies.
 *
 * Law: a message counts once, wherever it is copied. Every edge expects what the one before handed on,
 * copies too, so from what comes to the end the copies are taken away that came with it. Where a copy may
 * have been dropped on the way as well as a message, there were as many messages as the sources sent, less
 * all that was dropped.
 */
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { HopKey } from '../hop/hop.ts'
import type { EdgeDeclaration } from '../hop/pipeline.ts'
import type { Books } from './books.ts'
import { keyOf, type Path } from './paths.ts'

export interface Step {
  readonly edge: EdgeDeclaration
  readonly verdict: EdgeVerdict
}

/** Of those edges that were judged; the last one of the path comes last. */
export function stepsOf({ before, last }: Path, books: Books, start: number): Step[] {
  return [...before, last].flatMap((edge): Step[] => {
    const verdict = books.at(edge.name, start)
    return verdict === undefined ? [] : [{ edge, verdict }]
  })
}

/** Messages of a path, of which `atEnd` came with the copies made on the way. */
export function messagesOf(path: Path, steps: readonly Step[], atEnd: number): number {
  const { sure, doubtful } = copiesAtEnd(steps, path.last)
  const most = atEnd - sure
  if (doubtful === 0) return most
  return Math.max(most - doubtful, Math.min(most, boundOf(path, steps)))
}

/** Expected at the sources, less what was dropped or went where this path does not lead. */
export function boundOf(path: Path, steps: readonly Step[]): number {
  const begins = new Set(path.sources.map(keyOf))
  const elsewhere = elsewhereOn(path, steps)
  return steps.reduce((n, step) => {
    const { expected, filtered, dead_lettered } = step.verdict.counts
    const isFirst = step.edge.from.some((d) => begins.has(keyOf(d)))
    return n + (isFirst ? expected : 0) - filtered - dead_lettered - elsewhere(step)
  }, 0)
}

/** How many went where this path does not lead, dead letters aside. */
export function elsewhereOn(path: Path, steps: readonly Step[]): (step: Step) => number {
  const inside = new Set([...steps.flatMap((s) => s.edge.from.map(keyOf)), ...path.ends.map(keyOf)])
  return ({ edge, verdict }) => {
    const aside = edge.to.filter((d) => !d.deadLetter && !inside.has(keyOf(d))).map((d) => d.name)
    return verdict.to.reduce((n, p) => (aside.includes(p.hop) ? n + p.count : n), 0)
  }
}

/** Copies made before the last edge: those that came to it for sure, and those that may have. */
function copiesAtEnd(
  steps: readonly Step[],
  last: EdgeDeclaration,
): { readonly sure: number; readonly doubtful: number } {
  let [sure, doubtful] = [0, 0]
  for (const { edge, verdict } of steps) {
    const { duplicated } = verdict.counts
    if (edge === last || duplicated === 0) continue
    const open = Math.min(duplicated, astrayBehind(edge, steps))
    doubtful += open
    sure += duplicated - open
  }
  return { sure, doubtful }
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

/** Not known to have come to the next edge, and not dropped on purpose. */
export const missingOf = ({ counts: c }: EdgeVerdict): number =>
  c.lost + c.in_flight + c.undetermined
