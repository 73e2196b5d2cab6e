/** What `quipu explain` is asked about: a window, an incident, an edge, or whatever is going on. Pure. */
import { QuipuError } from '../base/errors.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { instantOf } from '../message/instant.ts'
import { incidentsOf } from '../objective/incidents.ts'
import type { Incident } from '../objective/report.ts'
import { unknown } from './store-reader.ts'

export interface Asked {
  readonly kind: 'incident' | 'window'
  readonly pipeline: string
  readonly edge: string
  /** The incident, or the one that the window is part of; null: it is part of none. */
  readonly incident: Incident | null
  /** Bad windows of the incident, or the one window. */
  readonly verdicts: readonly EdgeVerdict[]
}

export interface Books {
  readonly pipelines: readonly Pipeline[]
  /** The newest revisions. */
  readonly verdicts: readonly EdgeVerdict[]
}

/** Ids shown to one who named none of them. */
const SHOWN_MAX = 5

/**
 * Null: nothing is going on.
 * @throws QuipuError NOT_FOUND: no such incident, edge or window; CONFIG: it may mean two things
 */
export function askedOf(target: string | undefined, books: Books): Asked | null {
  const incidents = incidentsIn(books)
  if (target === undefined) {
    const open = incidents.filter((incident) => incident.open)
    const newest = open.find((i) => i.standing === 'breached') ?? open[0]
    return newest === undefined ? null : ofIncident(newest, books)
  }
  const name = target.replaceAll(' -> ', ' → ').trim()
  const named = incidents.find(({ id }) => id === name)
  if (named !== undefined) return ofIncident(named, books)
  const edges = edgesIn(books)
  if (edges.includes(name)) {
    const newest = incidents.find(({ edge }) => edge === name)
    return newest === undefined ? null : ofIncident(newest, books)
  }
  const at = name.lastIndexOf('@')
  const instant = at < 0 ? null : instantOf(name.slice(at + 1).trim())
  if (instant !== null) return ofWindow(name.slice(0, at).trim(), instant, books, incidents)
  const before = name.slice(0, Math.max(at, 0)).trim()
  if (edges.includes(before))
    throw new QuipuError('CONFIG', `expected ${before}@WINDOW, got \`${name.slice(at + 1)}\``, {
      hint: 'WINDOW is an instant in it, such as 2026-11-23T01:00:00Z.',
    })
  if (/\/\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(name)) throw noIncident(name, incidents)
  throw unknown('edge', name, edges)
}

/** Of all pipelines, the newest first. */
export function incidentsIn({ pipelines, verdicts }: Books): Incident[] {
  const names = new Set(verdicts.map((v) => v.pipeline))
  return [...names]
    .flatMap((name) =>
      incidentsOf(
        name,
        pipelines.find((p) => p.name === name),
        verdicts.filter((v) => v.pipeline === name),
        null,
      ),
    )
    .sort((a, b) => Date.parse(b.start) - Date.parse(a.start))
}

function ofIncident(incident: Incident, { verdicts }: Books): Asked {
  const { pipeline, edge, start, end } = incident
  const [from, to] = [Date.parse(start), Date.parse(end)]
  const bad = verdicts.filter(
    (v) =>
      v.pipeline === pipeline &&
      v.edge === edge &&
      v.window.start >= from &&
      v.window.end <= to &&
      (v.verdict === 'breached' || (v.state !== 'open' && v.verdict === 'indeterminate')),
  )
  return { kind: 'incident', pipeline, edge, incident, verdicts: bad }
}

function ofWindow(edge: string, at: number, books: Books, incidents: readonly Incident[]): Asked {
  const edges = edgesIn(books)
  if (!edges.includes(edge)) throw unknown('edge', edge, edges)
  const found = books.verdicts.filter(
    (v) => v.edge === edge && v.window.start <= at && at < v.window.end,
  )
  const [verdict, other] = found
  if (verdict === undefined) {
    throw new QuipuError(
      'NOT_FOUND',
      `no window of ${edge} at ${new Date(at).toISOString()} has been judged`,
      { hint: 'It was not audited then, or is pruned; `quipu report` shows what there is.' },
    )
  }
  if (other !== undefined) {
    throw new QuipuError(
      'CONFIG',
      `${edge} is an edge of ${verdict.pipeline} and of ${other.pipeline}`,
      { hint: 'Name one of them with --pipeline.' },
    )
  }
  const { pipeline, window } = verdict
  const incident = incidents.find(
    (i) =>
      i.pipeline === pipeline &&
      i.edge === edge &&
      Date.parse(i.start) <= window.start &&
      window.end <= Date.parse(i.end),
  )
  return { kind: 'window', pipeline, edge, incident: incident ?? null, verdicts: [verdict] }
}

function edgesIn({ pipelines, verdicts }: Books): string[] {
  const declared = pipelines.flatMap((p) => p.edges.map((e) => e.name))
  return [...new Set([...declared, ...verdicts.map((v) => v.edge)])]
}

function noIncident(name: string, incidents: readonly Incident[]): QuipuError {
  const known = incidents.slice(0, SHOWN_MAX).map(({ id }) => id)
  const hint = known.length === 0 ? 'There is none.' : `The newest are: ${known.join(', ')}`
  return new QuipuError('NOT_FOUND', `there is no incident \`${name}\``, { hint })
}
