/**
 * Incidents: bad windows of one edge that follow each other, as what a person would call one.
 *
 * A window is bad if it is breached, or settled and indeterminate. One that saw nothing, or is not judged
 * yet, neither ends an incident nor makes it longer; one that was met ends it, and so does a time of which
 * nobody told.
 */
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { summarizeFindings } from './findings.ts'
import { isoOf } from './iso.ts'
import type { Agreement } from './objective.ts'
import { keyOf } from './paths.ts'
import type { Incident } from './report.ts'

/** Incidents of a pipeline that are told, the newest ones: a page of more is read by nobody. */
const INCIDENTS_MAX = 200

/** Newest first, all of them. @param verdicts of one pipeline, the newest revisions */
export function incidentsOf(
  pipeline: string,
  declared: Pipeline | undefined,
  verdicts: readonly EdgeVerdict[],
  agreement: Agreement | null,
): Incident[] {
  const edges = new Map<string, EdgeVerdict[]>()
  for (const verdict of verdicts) {
    const list = edges.get(verdict.edge)
    if (list === undefined) edges.set(verdict.edge, [verdict])
    else list.push(verdict)
  }
  const consumers = agreement?.consumers.map((c) => c.name) ?? []
  const all = [...edges].flatMap(([edge, list]) => {
    const reaches = [...(declared === undefined ? [] : behind(declared, edge)), ...consumers]
    return runsOf(list).map(({ windows, isOpen }) => ({ edge, windows, isOpen, reaches }))
  })
  // What is not told is not put into words either.
  return all
    .sort((a, b) => startOf(b.windows) - startOf(a.windows) || (a.edge < b.edge ? -1 : 1))
    .slice(0, INCIDENTS_MAX)
    .map(({ edge, windows, isOpen, reaches }): Incident => {
      const start = isoOf(startOf(windows))
      return {
        id: `${pipeline}/${edge}/${start}`,
        ...{ pipeline, edge, start, end: isoOf(windows.at(-1)?.window.end ?? 0) },
        ...{ open: isOpen, windows: windows.length },
        standing: windows.some(isBreached) ? 'breached' : 'indeterminate',
        findings: summarizeFindings(windows.flatMap((v) => v.findings)),
        ...{ reaches, causes: null },
      }
    })
}

interface Run {
  readonly windows: readonly EdgeVerdict[]
  readonly isOpen: boolean
}

const isBreached = ({ verdict }: EdgeVerdict): boolean => verdict === 'breached'
const startOf = (windows: readonly EdgeVerdict[]): number => windows[0]?.window.start ?? 0

function runsOf(list: readonly EdgeVerdict[]): Run[] {
  const runs: EdgeVerdict[][] = []
  let run: EdgeVerdict[] | null = null
  let reached = Number.NEGATIVE_INFINITY
  for (const verdict of [...list].sort((a, b) => a.window.start - b.window.start)) {
    const { state, window } = verdict
    if (window.start > reached) run = null
    reached = window.end
    const isBad = isBreached(verdict) || (state !== 'open' && verdict.verdict === 'indeterminate')
    if (isBad) {
      if (run === null) {
        run = []
        runs.push(run)
      }
      run.push(verdict)
    } else if (state !== 'open' && verdict.verdict === 'met') run = null
  }
  // Only the last one can go on: nothing that was met, and no silence, has come after it.
  return runs.map((windows) => ({ windows, isOpen: windows === run }))
}

/** Hops of a pipeline that what goes wrong on an edge reaches, the nearest first. */
function behind({ edges }: Pipeline, name: string): string[] {
  const start = edges.find((e) => e.name === name)
  // A map that grows is walked to its end.
  const found = new Map((start?.to ?? []).map((d) => [keyOf(d), d.name]))
  for (const [key] of found)
    for (const edge of edges)
      if (edge.from.some((d) => keyOf(d) === key))
        for (const d of edge.to) if (!found.has(keyOf(d))) found.set(keyOf(d), d.name)
  return [...found.values()]
}
