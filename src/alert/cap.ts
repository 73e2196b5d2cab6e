/**
 * How much of what is due to one target is sent now. What is above its rate is put into one summary, so that a
 * storm of alerts is still read by somebody. Pure.
 *
 * Laws: every row is sent, folded or waits; no more than `allowed` are sent with the summary; what resolves
 * is never folded, since it closes what was opened there.
 */
import { type AlertEvent, FACTS_MAX } from './event.ts'
import { factsOf, summaryOf } from './words.ts'

export interface Due {
  readonly number: number
  readonly event: AlertEvent
}

export interface Capped {
  readonly now: readonly Due[]
  readonly folded: readonly Due[]
}

/** @param allowed how many more may be sent this minute */
export function capped(due: readonly Due[], allowed: number): Capped {
  if (due.length <= allowed) return { now: due, folded: [] }
  if (allowed < 1) return { now: [], folded: [] }
  const now = due.slice(0, allowed - 1)
  const folded = due
    .slice(allowed - 1)
    .filter(({ event }) => event.status === 'firing' && event.kind !== 'summary')
  // One alone is as short as its summary.
  return folded.length > 1 ? { now, folded } : { now: due.slice(0, allowed), folded: [] }
}

/** @param folded one or more. @param at ISO 8601. @param flags of a command, with a blank before */
export function summaryEvent(
  folded: readonly AlertEvent[],
  {
    route,
    id,
    at,
    flags,
  }: {
    readonly route: string
    readonly id: string
    readonly at: string
    readonly flags: string
  },
): AlertEvent {
  const isPage = folded.some(({ severity }) => severity === 'page')
  const worst = [...folded].sort((a, b) => rank(a) - rank(b))
  return {
    ...{ schema: 'quipu.alert/v1', id, key: `summary/${route}`, kind: 'summary' },
    ...{ status: 'firing', severity: isPage ? 'page' : 'ticket' },
    ...{ pipeline: '', objective: null, edge: null, owner: {} },
    ...{ startsAt: at, endsAt: null, windows: null },
    summary: summaryOf(`${folded.length} more alerts at once, first of all: ${worst[0]?.summary}`),
    facts: factsOf(worst.slice(0, FACTS_MAX).map(({ key, summary }) => [key, summary] as const)),
    ...{ samples: [], evidence: null, next: `quipu alert status${flags}` },
    links: { runbook: null, report: null },
  }
}

const rank = ({ severity }: AlertEvent): number => (severity === 'page' ? 0 : 1)
