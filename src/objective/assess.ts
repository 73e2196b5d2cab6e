/**
 * One objective, assessed: events of its period, value, budget, burn rates, verdict, and why. Pure.
 *
 * Laws: the order of verdicts says nothing, nor does an older revision beside a newer one; to assess
 * twice gives the same. Of several paths the worst counts; one over which nothing came counts only if
 * nothing came over any.
 */
import type { ValidityCell } from '../drift/judge.ts'
import { auditEvents } from './audit-cells.ts'
import type { Books } from './books.ts'
import { budgetOf, isKept, isMissed, isStrict } from './budget.ts'
import { burnOf, exhaustsInMs, presentRate } from './burn.ts'
import { burnDownOf } from './burn-down.ts'
import { allOf, boundsOf, sumEvents, type WindowEvents, windowEvent } from './events.ts'
import { freshnessEvents } from './freshness.ts'
import { isoOf } from './iso.ts'
import { lookedTopicsOf } from './looked-topics.ts'
import type { BurnRates, Objective } from './objective.ts'
import { type Path, pathsOf } from './paths.ts'
import { periodOf } from './period.ts'
import { reasonsOf } from './reasons.ts'
import type { ObjectiveAssessment } from './report.ts'
import { sentenceOf } from './sentence.ts'
import { settledEvents } from './settled-events.ts'
import type { Span } from './spans.ts'
import { timelinessEvents } from './timeliness.ts'
import type { TimelinessFold } from './timings.ts'
import { type Agents, tellersOf } from './told.ts'
import { validityEvents } from './validity.ts'
import { verdictOf, worstVerdict } from './verdict.ts'
import { volumeEvents } from './volume.ts'

export interface AssessInput {
  readonly books: Books
  readonly objective: Objective
  readonly burnRates: BurnRates
  readonly timings: TimelinessFold
  readonly agents: Agents
  /** Of this pipeline; left out: nobody looked. */
  readonly cells?: readonly ValidityCell[]
}

/** Windows named that spent the most. */
const WORST_MAX = 10

export function assessObjective(input: AssessInput): ObjectiveAssessment {
  const { books, objective, agents } = input
  const period = periodOf(objective.period, agents.now)
  const paths = pathsOf(books.pipeline, objective.scope).filter((path) =>
    isPromised(path, objective, books),
  )
  const assessed = paths.map((path) => assessPath(path, period, input))
  const heard = assessed.filter((a) => a.value !== null)
  const [worst] = (heard.length > 0 ? heard : assessed).sort(byNeed)
  const frame = {
    pipeline: books.pipeline.name,
    objective,
    sentence: sentenceOf(objective),
    period: { start: isoOf(period.start), end: isoOf(period.end) },
  }
  if (worst !== undefined) {
    const { name, ...rest } = worst
    const others = paths.length > 1 ? [`Of ${paths.length} paths the worst is ${name}.`] : []
    return { ...frame, ...rest, reasons: [...rest.reasons, ...others] }
  }
  return { ...frame, ...nothing(input) }
}

type Assessed = Omit<ObjectiveAssessment, 'pipeline' | 'objective' | 'sentence' | 'period'>

/** Worst first; what is equally bad by its share, then by name. */
function byNeed(a: Assessed & { readonly name: string }, b: typeof a): number {
  if (a.verdict !== b.verdict) return worstVerdict([a.verdict, b.verdict]) === a.verdict ? -1 : 1
  const [x, y] = [a.value?.low ?? 1, b.value?.low ?? 1]
  return x - y || (a.name < b.name ? -1 : 1)
}

/** Integrity is promised where an edge says what it preserves, validity where a topic has a schema. */
function isPromised(path: Path, { indicator }: Objective, { pipeline }: Books): boolean {
  if (indicator === 'validity') return lookedTopicsOf(path, pipeline).length > 0
  if (indicator !== 'integrity') return true
  return [...path.before, path.last].some((e) => (e.preserve ?? null) !== null)
}

function whyNothing({ books, objective }: AssessInput): string {
  const { scope, indicator } = objective
  const { name } = books.pipeline
  if (pathsOf(books.pipeline, scope).length > 0)
    return indicator === 'validity'
      ? 'No topic on this path declares a schema.'
      : 'No edge here says what it preserves, so nothing is known of what was altered.'
  return scope.kind === 'edge'
    ? `The pipeline ${name} has no edge ${scope.edge}.`
    : `No hop of the pipeline ${name} is an end: something leads out of each.`
}

function nothing(input: AssessInput): Assessed {
  return {
    ...{
      verdict: 'no_data',
      reasons: [whyNothing(input)],
      events: sumEvents([]),
      value: null,
      budget: null,
    },
    ...{ burn: [], burnDown: [], worst: [] },
  }
}

function assessPath(
  path: Path,
  period: Span,
  input: AssessInput,
): Assessed & { readonly name: string } {
  const { books, objective, burnRates, agents } = input
  const { target, minEvents } = objective
  const { now } = agents
  const windows = eventsOf(path, period, input)
  const events = sumEvents(windows)
  const all = allOf(events)
  const isFew = all < minEvents
  const isRolling = objective.period.kind === 'rolling'
  const periodMs = period.end - period.start
  const burn = burnOf({
    windows: isFew ? [] : windows,
    sum: sumEvents,
    ...{ target, periodMs, rates: burnRates, windowMs: books.pipeline.windowMs },
  })
  // What the period holds begins with its first event.
  const begun = Math.max(period.start, windows[0]?.start ?? period.start)
  const budget = budgetOf(events, target, null)
  const runsOut =
    isFew || budget === null || isStrict(target)
      ? null
      : exhaustsInMs({
          spent: budget.spent.low / budget.allowed,
          rate: presentRate(burn),
          periodMs: isRolling ? periodMs : period.end - begun,
          elapsedMs: now - begun,
          isRolling,
        })
  const verdict = verdictOf({ events, target, minEvents, burn, exhaustsInMs: runsOut })
  const known = { verdict, events, budget: budget && { ...budget, exhaustsInMs: runsOut }, burn }
  return {
    ...{ name: path.name, ...known, value: boundsOf(events) },
    reasons: reasonsOf({ ...known, objective, pipeline: books.pipeline, windows, now }),
    burnDown: burnDownOf(windows, target),
    worst: worstOf(windows),
  }
}

/** Ascending. */
function eventsOf(path: Path, period: Span, input: AssessInput): WindowEvents[] {
  const { books, objective, timings, agents, cells = [] } = input
  const { indicator, thresholdMs, volume, refundLate } = objective
  const { now } = agents
  const inPeriod = books.windows.filter((w) => w >= period.start && w < period.end)
  const each = (of: (start: number) => WindowEvents | null): WindowEvents[] =>
    byBudget(
      inPeriod.flatMap((start) => of(start) ?? []),
      objective,
      books.pipeline.windowMs,
    )
  switch (indicator) {
    case 'completeness':
    case 'uniqueness':
    case 'integrity':
      return each((start) => settledEvents(start, { books, path, indicator, refundLate, now }))
    case 'timeliness': {
      const tellers = tellersOf(path.ends, agents)
      const isEndToEnd = objective.scope.kind === 'end-to-end'
      const of = { books, path, isEndToEnd, thresholdMs: thresholdMs ?? 0, timings, tellers, now }
      return each((start) => timelinessEvents(start, of))
    }
    case 'freshness': {
      const tellers = tellersOf(path.ends, agents)
      const of = { books, path, thresholdMs: thresholdMs ?? 0, timings, tellers, period, now }
      return freshnessEvents(of)
    }
    case 'volume': {
      const tellers = tellersOf(path.sources, agents)
      const bounds = volume ?? { min: 0, max: null }
      return volumeEvents({ books, path, bounds, tellers, period, now })
    }
    case 'audit-coverage': {
      const edges = objective.scope.kind === 'edge' ? [path.last] : books.pipeline.edges
      return inPeriod.flatMap((start) => auditEvents(start, books, edges, now) ?? [])
    }
    case 'validity': {
      const windows = validityEvents({ books, path, cells, period, now })
      return byBudget(windows, objective, books.pipeline.windowMs)
    }
  }
}

/**
 * Windows that are good if enough of their messages are; bad only if too many are even at best. Where
 * several were put together and are not good, one of them is bad, and of the others nobody knows.
 */
function byBudget(
  windows: WindowEvents[],
  { budget, windowTarget }: Objective,
  windowMs: number,
): WindowEvents[] {
  if (budget === 'messages') return windows
  const target = windowTarget ?? 1
  return windows.flatMap((window) => {
    const events = sumEvents([window])
    if (allOf(events) === 0) return []
    const kind = isMissed(events, target) ? 'bad' : isKept(events, target) ? 'good' : 'unknown'
    const rest = Math.round((window.end - window.start) / windowMs) - 1
    const others = kind === 'good' ? 'good' : 'unknown'
    return [windowEvent(window, kind), ...(rest > 0 ? [windowEvent(window, others, rest)] : [])]
  })
}

function worstOf(windows: readonly WindowEvents[]): Assessed['worst'] {
  return windows
    .map((window) => ({ window, bad: sumEvents([window]).bad }))
    .filter(({ bad }) => bad > 0)
    .sort((a, b) => b.bad - a.bad || a.window.start - b.window.start)
    .slice(0, WORST_MAX)
    .map(({ window: { edge, start, end }, bad }) => ({
      ...{ edge, start: isoOf(start), end: isoOf(end), bad },
    }))
}
