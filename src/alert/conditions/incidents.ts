/** Edges that lost, doubled or altered messages in a way that no objective says how bad it is. */
import { formatCount } from '../../base/words.ts'
import type { FindingCode } from '../../finding/finding.ts'
import type { FindingSummary } from '../../objective/findings.ts'
import { isoOf } from '../../objective/iso.ts'
import type { Incident } from '../../objective/report.ts'
import type { Condition } from '../condition.ts'
import { type Known, ownerOf } from '../known.ts'
import { factsOf, quoted, summaryOf } from '../words.ts'
import { isAbout, samplesOf } from './indicators.ts'

/** Told as facts of one alert. */
const CODES_MAX = 4

/** One of each edge: what happens to it again is the same alert. */
export function incidentConditions(known: Known): Condition[] {
  const severity = known.alerting.incident
  if (severity === 'off') return []
  const edges = new Map<string, Incident[]>()
  for (const incident of known.report.incidents) {
    if (uncovered(incident, known).length === 0) continue
    const key = `${incident.pipeline}/${incident.edge}/incident`
    const list = edges.get(key)
    if (list === undefined) edges.set(key, [incident])
    else list.push(incident)
  }
  return [...edges].map(([key, list]) => ({ ...conditionOf(list, known), key, severity }))
}

function uncovered(incident: Incident, { report }: Known): readonly FindingSummary[] {
  return incident.findings.filter(
    ({ code, severity }) =>
      severity === 'error' && !report.objectives.some((of) => isAbout(of, incident, code)),
  )
}

/** @param list newest first, one or more */
function conditionOf(list: readonly Incident[], known: Known): Omit<Condition, 'key' | 'severity'> {
  const [newest] = list as [Incident]
  const { pipeline, edge } = newest
  const findings = list.flatMap((incident) => uncovered(incident, known))
  const codes = new Map<FindingCode, number>()
  for (const { code, count } of findings) codes.set(code, (codes.get(code) ?? 0) + count)
  const [worst] = uncovered(newest, known)
  const bad = findings.reduce((sum, { count }) => sum + count, 0)
  const start = list.reduce((min, i) => Math.min(min, Date.parse(i.start)), Number.MAX_VALUE)
  const end = list.reduce((max, i) => Math.max(max, Date.parse(i.end)), 0)
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more findings)` : ''
  return {
    ...{ kind: 'incident', pipeline, objective: null, edge },
    ...ownerOf(known, pipeline),
    since: Date.parse(newest.start),
    windows: {
      ...{ first: isoOf(start), last: isoOf(end) },
      count: list.reduce((sum, { windows }) => sum + windows, 0),
    },
    summary: summaryOf(`${pipeline}, ${edge}: ${worst?.sentence ?? ''}${more}`),
    facts: factsOf([
      ...[...codes].slice(0, CODES_MAX).map(([code, count]) => [code, formatCount(count)] as const),
      ['certainty', worst?.certainty ?? null],
      ['reaches', newest.reaches.length === 0 ? null : newest.reaches.join(', ')],
      ['still going on', newest.open ? 'yes' : 'no'],
    ]),
    samples: samplesOf(list, (_, code) => codes.has(code)),
    evidence: worst?.evidence ?? null,
    next: `quipu explain ${quoted(newest.id)}`,
    isGoingOn: newest.open && newest.standing === 'breached',
    tally: { bad, until: end },
    forMs: 0,
  }
}
