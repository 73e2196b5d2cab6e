/**
 * Burn-rate alerts of an objective: windows scaled to its period, as the auditor itself scales them. The
 * short one holds two audit windows at least: one alone is an accident.
 */
import type { BurnTier, CalendarUnit, Objective, Promises } from '../objective/objective.ts'

const DAY_MS = 86_400_000
const WINDOWS_LEAST = 2

/** Of a calendar period the longest that there is: with it alerts come rather late than for nothing. */
const CALENDAR_MS: Readonly<Record<CalendarUnit, number>> = {
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 31 * DAY_MS,
  quarter: 92 * DAY_MS,
  year: 366 * DAY_MS,
}

export const periodMsOf = ({ period }: Objective): number =>
  period.kind === 'rolling' ? period.ms : CALENDAR_MS[period.unit]

export interface ScaledWindow {
  /** ms */
  readonly ms: number
  /** ms, as the file has it: by it the auditor's own burn rates are named, whatever the period. */
  readonly writtenMs: number
}

export interface ScaledTier extends Pick<BurnTier, 'severity' | 'speed'> {
  readonly long: ScaledWindow
  readonly short: ScaledWindow
  readonly factor: number
}

/** Nobody is called for what asks for a ticket. None where nothing may burn. */
export function scaledTiers(
  objective: Objective,
  { burnRates: { forMs, tiers } }: Promises,
  windowMs: number,
): ScaledTier[] {
  if (isStrict(objective)) return []
  const periodMs = periodMsOf(objective)
  const scaled = (ms: number): number => Math.round((ms * periodMs) / forMs)
  const own = tiers.filter((t) => objective.severity === 'page' || t.severity === 'ticket')
  return own.map(({ severity, speed, budget, longMs, shortMs }) => {
    const ms = Math.max(scaled(shortMs), WINDOWS_LEAST * windowMs)
    return {
      ...{ severity, speed, short: { ms, writtenMs: shortMs } },
      long: { ms: Math.max(scaled(longMs), ms), writtenMs: longMs },
      factor: Number(((budget * forMs) / longMs).toPrecision(12)),
    }
  })
}

/** Share that may be bad; decimal, as it was promised. */
export const missOf = ({ target }: Objective): number => Number((1 - target).toPrecision(12))

export const isStrict = (objective: Objective): boolean => missOf(objective) === 0
