/**
 * Audited: of the windows, edges and hops that were to be judged, those that were seen whole. A window
 * that nobody judged in time was not seen. The auditor's own: it says nothing of messages.
 */
import type { EdgeDeclaration } from '../hop/pipeline.ts'
import { type Books, entryOf } from './books.ts'
import { NO_CLUMPS, type WindowEvents } from './events.ts'

export function auditEvents(
  start: number,
  books: Books,
  edges: readonly EdgeDeclaration[],
  now: number,
): WindowEvents | null {
  let [all, bad, most] = [0, 0, 0]
  let found: { readonly edge: string; readonly start: number; readonly end: number } | null = null
  for (const { name } of edges) {
    const verdict = books.at(name, start)
    if (verdict === undefined) continue
    const { state, from, to, window } = verdict
    const isOverdue = entryOf(verdict, books.pipeline, now) === 'overdue'
    if (state === 'open' && !isOverdue) continue
    const cells = [...from, ...to].filter((p) => p.passage !== 'out_of_scope')
    const unseen = isOverdue ? cells.length : cells.filter((p) => p.passage !== 'passed').length
    all += cells.length
    bad += unseen
    if (found === null || unseen > most) found = { edge: name, ...window }
    most = Math.max(most, unseen)
  }
  if (found === null || all === 0) return null
  const { edge, end } = found
  return { edge, start, end, all, parts: [{ oneIn: 1, bad, unknown: 0, clumps: NO_CLUMPS }] }
}
