/** The verdicts of one pipeline, by edge and window. A newer revision replaces an older one. */
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { Pipeline } from '../hop/pipeline.ts'

/**
 * ms: an auditor judges within 2 s of the deadline, a busy one later. A window that is open for longer
 * after its deadline was left by an auditor that is gone.
 */
const JUDGED_WITHIN_MS = 60_000

export interface Books {
  readonly pipeline: Pipeline
  /** Starts of all windows that any edge has a verdict of, ascending. */
  readonly windows: readonly number[]
  at(edge: string, window: number): EdgeVerdict | undefined
}

export function booksOf(pipeline: Pipeline, verdicts: Iterable<EdgeVerdict>): Books {
  const edges = new Map<string, Map<number, EdgeVerdict>>()
  const windows = new Set<number>()
  for (const verdict of verdicts) {
    if (verdict.pipeline !== pipeline.name) continue
    const { start } = verdict.window
    const list = edges.get(verdict.edge) ?? new Map<number, EdgeVerdict>()
    edges.set(verdict.edge, list)
    windows.add(start)
    const known = list.get(start)
    if (known === undefined || isNewer(verdict, known)) list.set(start, verdict)
  }
  return {
    pipeline,
    windows: [...windows].sort((a, b) => a - b),
    at: (edge, window) => edges.get(edge)?.get(window),
  }
}

/** An open one is judged again and again as revision 0, and settles as such. */
function isNewer(a: EdgeVerdict, b: EdgeVerdict): boolean {
  return a.revision !== b.revision ? a.revision > b.revision : b.state === 'open'
}

/**
 * How a window enters the books of an objective. `counted`: it is settled. `proven`: not yet, or the
 * audit had not begun: only if something is proven in it, and the rest of it is not known. `overdue`:
 * nobody judged it in time, so nothing is known of it but what is proven.
 */
export type Entry = 'counted' | 'proven' | 'overdue'

export function entryOf(verdict: EdgeVerdict, { latenessMs }: Pipeline, now: number): Entry {
  const { state, from, to, window } = verdict
  if (state === 'open')
    return now > window.end + latenessMs + JUDGED_WITHIN_MS ? 'overdue' : 'proven'
  return [...from, ...to].some((p) => p.passage === 'out_of_scope') ? 'proven' : 'counted'
}
