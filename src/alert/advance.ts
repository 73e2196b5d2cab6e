/**
 * From what was told and what is wrong now to what has to be told. Pure: states go in and come out, and
 * are stored together with the events that they make, so an end in between neither doubles nor loses one.
 *
 * Laws, of each key: it fires before it is resolved; it is resolved once, and only after it was well for
 * `resolveAfterMs` without a break; while it fires it is told again only after `repeatMs`, or at once if
 * its severity rises. What is not known now (`isKnown`) stays as it was: silence is no good news. A time
 * that is still to come was noted by a clock that ran ahead: it counts as now.
 */
import type { ObjectiveSeverity } from '../objective/objective.ts'
import type { Condition, Tally } from './condition.ts'
import type { AlertState } from './state.ts'

export type States = ReadonlyMap<string, AlertState>

export interface AdvanceOptions {
  /** ms */
  readonly now: number
  readonly repeatMs: number
  readonly resolveAfterMs: number
  /** Whether it was looked at this time; left out: everything was. */
  readonly isKnown?: (condition: Condition) => boolean
}

/** What to tell of a state: to all that its severity and match lead to, or to those who heard of it. */
export interface Telling {
  readonly key: string
  readonly status: 'firing' | 'resolved'
  readonly state: AlertState
}

export interface Advanced {
  /** All that are kept. */
  readonly states: States
  /** In the order of the conditions; then what is resolved. */
  readonly tellings: readonly Telling[]
}

export function advance(
  states: States,
  conditions: readonly Condition[],
  options: AdvanceOptions,
): Advanced {
  const { isKnown = () => true } = options
  const next = new Map<string, AlertState>()
  const tellings: Telling[] = []
  const take = (key: string, [state, status]: Step): void => {
    if (state !== null) next.set(key, state)
    const told = state ?? states.get(key)
    if (status !== null && told !== undefined) tellings.push({ key, status, state: told })
  }
  const wrong = new Set<string>()
  for (const condition of conditions) {
    const { key } = condition
    if (wrong.has(key)) continue
    wrong.add(key)
    take(key, met(notAhead(states.get(key), options), condition, options))
  }
  for (const [key, before] of states) {
    if (wrong.has(key)) continue
    const state = notAhead(before, options) as AlertState
    take(key, isKnown(state.condition) ? missed(state, options) : unknown(state))
  }
  return { states: next, tellings }
}

function notAhead(state: AlertState | undefined, { now }: AdvanceOptions): AlertState | undefined {
  if (state === undefined) return undefined
  const { since, toldAt, fineSince } = state
  if (Math.max(since, toldAt, fineSince ?? 0) <= now) return state
  return {
    ...state,
    since: Math.min(since, now),
    toldAt: Math.min(toldAt, now),
    fineSince: fineSince === null ? null : Math.min(fineSince, now),
  }
}

/** What becomes of a state (null: it is forgotten), and what is told. */
type Step = readonly [AlertState | null, 'firing' | 'resolved' | null]

function met(before: AlertState | undefined, condition: Condition, options: AdvanceOptions): Step {
  const { now, repeatMs } = options
  const isNews = condition.isGoingOn || hasGrown(before?.tally ?? null, condition.tally)
  const tally = greater(before?.tally ?? null, condition.tally)
  if (before?.phase === 'firing') {
    const severity = higher(before.condition.severity, condition.severity)
    const { since } = before.condition
    const state = { ...before, tally, condition: { ...condition, severity, since } }
    if (!isNews) return fine(state, options, 'quiet')
    const isWorse = severity !== before.condition.severity
    const isDue = isWorse || now - before.toldAt >= repeatMs
    const going = { ...state, fineSince: null, toldAt: isDue ? now : before.toldAt }
    return [going, isDue ? 'firing' : null]
  }
  const quiet = { toldAt: 0, fineSince: null, toldTo: {}, tally, condition }
  if (!isNews) return [tally === null ? null : { ...quiet, phase: 'quiet', since: now }, null]
  const since = before?.phase === 'waiting' ? before.since : now
  if (now - since < condition.forMs) return [{ ...quiet, phase: 'waiting', since }, null]
  return [
    { ...quiet, phase: 'firing', since: Math.min(condition.since, since), toldAt: now },
    'firing',
  ]
}

function missed(before: AlertState, options: AdvanceOptions): Step {
  return before.phase === 'firing' ? fine(before, options, 'forgotten') : [null, null]
}

/** Nobody saw it meanwhile, so what waits begins to wait anew. */
const unknown = (before: AlertState): Step => [before.phase === 'waiting' ? null : before, null]

function fine(
  state: AlertState,
  { now, resolveAfterMs }: AdvanceOptions,
  then: 'quiet' | 'forgotten',
): Step {
  const fineSince = state.fineSince ?? now
  if (now - fineSince < resolveAfterMs) return [{ ...state, fineSince }, null]
  if (then === 'forgotten') return [null, 'resolved']
  // Without its tally all that it counts would be news the next time.
  return [{ ...state, fineSince, phase: 'quiet' }, 'resolved']
}

const hasGrown = (before: Tally | null, now: Tally | null): boolean =>
  now !== null && (before === null ? now.bad > 0 : now.bad > before.bad || now.until > before.until)

/** Periods that roll on lose what is oldest: what is counted then is compared with less. */
function greater(before: Tally | null, now: Tally | null): Tally | null {
  if (now === null || before === null) return now
  return { bad: now.bad, until: Math.max(now.until, before.until) }
}

const higher = (a: ObjectiveSeverity, b: ObjectiveSeverity): ObjectiveSeverity =>
  a === 'page' || b === 'page' ? 'page' : 'ticket'
