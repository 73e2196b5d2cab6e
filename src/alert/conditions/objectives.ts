/**
 * Objectives that are breached or burn too fast, and those that nothing came for.
 *
 * A tier that fires is going on. A breach by itself is not: a budget that was overspent three weeks ago
 * is told when it happens and again when more is spent, not until the period is over. A strict one has no
 * tiers, so its first bad event is the one that is told.
 */
import { formatCount, formatPercent } from '../../base/words.ts'
import type { ObjectiveSeverity } from '../../objective/objective.ts'
import type { BurnState, ObjectiveAssessment } from '../../objective/report.ts'
import type { Condition } from '../condition.ts'
import type { AlertEvent } from '../event.ts'
import { judgedWithin, type Known, ownerOf } from '../known.ts'
import { factsOf, quoted, spanText, summaryOf } from '../words.ts'
import { isAbout, samplesOf } from './indicators.ts'

export function objectiveConditions(known: Known): Condition[] {
  return known.report.objectives.flatMap((of) =>
    of.verdict === 'no_data' ? noData(of, known) : burning(of, known),
  )
}

const frameOf = (
  { pipeline, objective }: ObjectiveAssessment,
  known: Known,
): Pick<Condition, 'pipeline' | 'objective' | 'edge' | 'owner' | 'links' | 'next'> => ({
  ...{ pipeline, objective: objective.id },
  edge: objective.scope.kind === 'edge' ? objective.scope.edge : null,
  ...ownerOf(known, pipeline),
  next: `quipu report --pipeline ${quoted(pipeline)} --since 1h`,
})

/** The incident that its worst window is part of, where there is one that is about it. */
function explained(of: ObjectiveAssessment, { report }: Known): { readonly next?: string } {
  const [worst] = of.worst
  const incident = report.incidents.find(
    (i) =>
      i.findings.some(({ code }) => isAbout(of, i, code)) &&
      (worst === undefined || (i.start <= worst.start && worst.end <= i.end)),
  )
  return incident === undefined ? {} : { next: `quipu explain ${quoted(incident.id)}` }
}

function noData(of: ObjectiveAssessment, known: Known): Condition[] {
  const severity = known.alerting.noData
  if (severity === 'off') return []
  const { pipeline, objective, reasons } = of
  return [
    {
      ...frameOf(of, known),
      ...{ key: `${pipeline}/${objective.id}/no_data`, kind: 'no_data', severity },
      since: known.now,
      windows: null,
      summary: summaryOf(`${pipeline}/${objective.id}: no data. ${reasons[0] ?? of.sentence}`),
      facts: factsOf([['promised', of.sentence]]),
      ...{ samples: [], evidence: null, isGoingOn: true, tally: null },
      forMs: judgedWithin(known, pipeline),
    },
  ]
}

function burning(of: ObjectiveAssessment, known: Known): Condition[] {
  const { pipeline, objective, worst, events, verdict } = of
  const firing = of.burn.filter((state) => state.firing)
  if (verdict !== 'breached' && firing.length === 0) return []
  const starts = worst.map(({ start }) => start).sort()
  const ends = worst.map(({ end }) => end).sort()
  const [first] = starts
  const last = ends.at(-1)
  const windows =
    first === undefined || last === undefined ? null : { first, last, count: worst.length }
  return [
    {
      ...frameOf(of, known),
      ...explained(of, known),
      ...{ key: `${pipeline}/${objective.id}`, kind: 'objective' },
      severity: severityOf(of, firing),
      since: windows === null ? known.now : Date.parse(windows.first),
      windows,
      summary: summaryOf(`${pipeline}/${objective.id} ${whatOf(of, firing)}`),
      facts: factsOf([
        ['promised', of.sentence],
        ['kept', keptOf(of)],
        ['bad', `${formatCount(events.bad)} of ${formatCount(allOf(of))}`],
        ['budget left', leftOf(of)],
        ['used up in', of.budget?.exhaustsInMs == null ? null : spanText(of.budget.exhaustsInMs)],
        ['worst window', worst[0] === undefined ? null : `${worst[0].edge}, ${worst[0].start}`],
        ['burns', burnOf(firing[0])],
      ]),
      samples: samplesOf(known.report.incidents, (i, code) => isAbout(of, i, code)),
      evidence: evidenceOf(of, known),
      isGoingOn: firing.length > 0,
      tally: { bad: events.bad, until: last === undefined ? 0 : Date.parse(last) },
      forMs: 0,
    },
  ]
}

/** Who wrote `ticket` wants nobody called, whichever tier it is; a breach counts as the file says. */
function severityOf(
  { objective, verdict }: ObjectiveAssessment,
  firing: readonly BurnState[],
): ObjectiveSeverity {
  if (objective.severity === 'ticket') return 'ticket'
  return verdict === 'breached' || firing.some((f) => f.severity === 'page') ? 'page' : 'ticket'
}

function whatOf(
  { verdict, objective, events }: ObjectiveAssessment,
  firing: readonly BurnState[],
): string {
  const bad = `${formatCount(events.bad)} bad ${events.bad === 1 ? 'event' : 'events'}`
  const tier = firing[0] === undefined ? '' : `, ${burnOf(firing[0])}`
  const what = `${objective.indicator}, ${bad}${tier}`
  return `${verdict === 'breached' ? 'is breached' : 'burns too fast'}: ${what}`
}

const burnOf = (state: BurnState | undefined): string | null =>
  state === undefined || state.long === null
    ? null
    : `${Math.round(state.long * 10) / 10} times as fast as it lasts, over ${spanText(state.longMs)}`

const allOf = ({ events: { good, bad, unknown } }: ObjectiveAssessment): number =>
  good + bad + unknown

function keptOf(of: ObjectiveAssessment): string | null {
  const all = allOf(of)
  if (all === 0) return null
  const { good, unknown } = of.events
  const [low, high] = [formatPercent(good, all), formatPercent(good + unknown, all)]
  return low === high ? low : `${low} to ${high}`
}

function leftOf({ budget }: ObjectiveAssessment): string | null {
  if (budget?.left == null) return null
  return `${Math.floor(budget.left.low * 100)}%`
}

function evidenceOf(of: ObjectiveAssessment, { report }: Known): AlertEvent['evidence'] {
  const such = report.incidents
    .filter(({ pipeline }) => pipeline === of.pipeline)
    .flatMap((incident) => incident.findings.filter(({ code }) => isAbout(of, incident, code)))
  return such[0]?.evidence ?? null
}
