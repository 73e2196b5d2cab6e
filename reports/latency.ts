/** Latencies and clocks in words. */
import { formatPercent } from '../src/base/words.ts'
import type { ClockNote } from '../src/objective/clocks.ts'
import type { EdgeLatency, LatencySummary } from '../src/objective/latency.ts'
import { oneInWords } from './sampled.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** From so much on a larger unit is read more easily. */
const UNITS = [
  { from: 2 * DAY, unit: DAY, name: 'd' },
  { from: 2 * HOUR, unit: HOUR, name: 'h' },
  { from: 2 * MINUTE, unit: MINUTE, name: 'min' },
  { from: SECOND, unit: SECOND, name: 's' },
] as const

/**
 * `12 ms`, `3.4 s`, `80 s`, `5 min`: two digits or more, which suits what is known within 1%.
 *
 * @param round towards where, of the size: down for "at least", up for "at most"
 */
export function durationWords(ms: number, round: (n: number) => number = Math.round): string {
  const size = round(Math.abs(ms))
  const sign = ms < 0 && size > 0 ? '−' : ''
  const large = UNITS.find(({ from }) => size >= from)
  if (large === undefined) return `${sign}${size} ms`
  const { unit, name } = large
  const text = size < 10 * unit ? round((size * 10) / unit) / 10 : round(size / unit)
  return `${sign}${text} ${name}`
}

/** A threshold is a promise: it is not rounded. */
function exactWords(ms: number): string {
  if (ms < SECOND) return `${ms} ms`
  const whole = UNITS.find(({ from, unit }) => ms >= from && ms % unit === 0)
  return whole === undefined ? `${ms / SECOND} s` : `${ms / whole.unit} ${whole.name}`
}

/** `p50 12 ms  p95 80 ms  p99 1.2 s  max 3.4 s; since birth p99 2.1 s, 99.98% within 60 s` */
export function latencyWords({ fromHop, fromBirth, oneIn }: EdgeLatency): string {
  const sampled = oneIn === 1 ? '' : ` (${oneInWords(oneIn)})`
  if (fromHop === null) {
    if (fromBirth === null) return ''
    const parts = [`since birth ${spreadWords(fromBirth)}`, ...withinWords(fromBirth)]
    return `${parts.join(', ')}${sampled}`
  }
  if (fromBirth === null) {
    return `${[spreadWords(fromHop), ...withinWords(fromHop)].join(', ')}${sampled}`
  }
  const birth = [`since birth p99 ${durationWords(fromBirth.p99Ms)}`, ...withinWords(fromBirth)]
  return `${spreadWords(fromHop)}; ${birth.join(', ')}${sampled}`
}

function spreadWords({ minMs, p50Ms, p95Ms, p99Ms, maxMs }: LatencySummary): string {
  const named = [
    ...(minMs < 0 ? ([['min', minMs]] as const) : []),
    ...([
      ['p50', p50Ms],
      ['p95', p95Ms],
      ['p99', p99Ms],
      ['max', maxMs],
    ] as const),
  ]
  return named.map(([name, ms]) => `${name} ${durationWords(ms)}`).join('  ')
}

function withinWords({ within, count }: LatencySummary): string[] {
  return within.map((w) => `${formatPercent(w.count, count)} within ${exactWords(w.thresholdMs)}`)
}

/** Only what is proven is said to be so. */
export function clockWords(note: ClockNote): string {
  switch (note.kind) {
    case 'ahead':
      return `${who(note)}: clock ahead of the auditor's by at least ${down(note.atLeastMs)}`
    case 'behind_or_slow':
      return `${who(note)}: clock behind the auditor's by up to ${up(note.atMostMs)}, or its frames were slow`
    case 'edge_behind':
      return `${note.edge} (${note.pipeline}): negative latencies, so the clock at its end was behind the one at its beginning by at least ${down(note.atLeastMs)}`
  }
}

const who = ({
  service,
  instances,
}: {
  readonly service: string
  readonly instances: number
}): string => (instances === 1 ? service : `${service} (${instances} agents)`)

const down = (ms: number): string => durationWords(ms, Math.floor)
const up = (ms: number): string => durationWords(ms, Math.ceil)
