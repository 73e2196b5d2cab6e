/** Which group will lose what it has not read, and when: for a terminal, and as JSON. */
import pc from 'picocolors'
import { visible } from '../src/base/visible.ts'
import { formatCount, formatInstant, messages, plural } from '../src/base/words.ts'
import type { GroupForecast, PartitionForecast } from '../src/diagnose/forecast.ts'
import { isoOf } from '../src/objective/iso.ts'
import { roughly } from '../src/objective/sentence.ts'
import { glyphed, indented } from './lines.ts'

/** It only grows: schemas/forecast.schema.json says what is in it. */
const SCHEMA = 'quipu.forecast/v1'
/** Partitions shown of one group; the JSON has all. */
const SHOWN_MAX = 5

export interface ForecastReport {
  /** ms */
  readonly now: number
  /** ms: a loss that comes later is shown, and decides nothing */
  readonly withinMs: number
  readonly groups: readonly GroupForecast[]
}

/** ms from now; null: it never does. The newest sample may be old, and the loss be there. */
export function lossFromNow({ at, lossInMs }: GroupForecast, now: number): number | null {
  return lossInMs === null ? null : Math.max(0, at + lossInMs - now)
}

/** 1: one loses within the time asked for; 3: of one nothing can be foretold, or nobody was asked. */
export function forecastCode({ now, withinMs, groups }: ForecastReport): 0 | 1 | 3 {
  const losses = groups.map((group) => lossFromNow(group, now))
  if (losses.some((ms) => ms !== null && ms <= withinMs)) return 1
  return groups.length === 0 || groups.some(({ isWhole }) => !isWhole) ? 3 : 0
}

export function forecastJson(report: ForecastReport): object {
  const { now, withinMs, groups } = report
  return {
    ...{ schema: SCHEMA, at: isoOf(now), withinMs, exitCode: forecastCode(report) },
    groups: groups.map((one) => {
      const { cluster, topic, group } = one.group
      const lossInMs = lossFromNow(one, now)
      return {
        ...{ cluster, topic, group },
        sampledAt: one.at === 0 ? null : isoOf(one.at),
        ...{ spanMs: one.spanMs, lag: one.lag, lossInMs },
        lossAt: lossInMs === null ? null : isoOf(now + lossInMs),
        ...{ willLose: one.willLose, why: one.why, isWhole: one.isWhole },
        partitions: one.partitions.map(({ lossInMs: ms, ...partition }) => ({
          ...partition,
          lossInMs: lossFromNow({ ...one, lossInMs: ms }, now),
        })),
      }
    }),
  }
}

export function renderForecast(
  { now, withinMs, groups }: ForecastReport,
  { color = false }: { readonly color?: boolean } = {},
): string {
  if (groups.length === 0) return 'No audited group has been asked yet.\n'
  const paint = pc.createColors(color)
  const lines = groups.flatMap((group) => {
    const loss = lossFromNow(group, now)
    const isNear = loss !== null && loss <= withinMs
    const glyph = isNear ? '✗' : loss !== null ? '!' : group.isWhole ? '✓' : '?'
    const tone = isNear ? paint.red : glyph === '✓' ? paint.green : paint.yellow
    return [
      ...glyphed(glyph, visible(headOf(group, now)), tone, ''),
      ...detailsOf(group, now).flatMap((text) => indented(visible(text), '    ')),
    ]
  })
  return `${lines.join('\n')}\n`
}

function headOf(group: GroupForecast, now: number): string {
  const who = `group ${group.group.group}`
  const { topic } = group.group
  const loss = lossFromNow(group, now)
  if (loss === null) {
    if (group.partitions.length === 0)
      return `${who} on ${topic}: nothing is foretold: ${group.why}`
    return `${who} stays ahead of the start of ${topic} at the present rates`
  }
  const when = loss === 0 ? 'is at' : `reaches`
  const within = loss === 0 ? '' : ` in ${roughly(loss)}`
  return `${who} ${when} the start of ${topic}${within} at the present rates, and will then lose ${lossWords(group)} an hour`
}

/** `about 12,400 messages`; where a jump of the start decides: `0 to 3,000 messages`. */
function lossWords({ willLose }: GroupForecast): string {
  const { low, high } = willLose ?? { low: 0, high: 0 }
  if (high - low <= (high + low) / 20) return `about ${messages(Math.round((low + high) / 2))}`
  return `${formatCount(low)} to ${messages(high)}`
}

function detailsOf(group: GroupForecast, now: number): string[] {
  const { partitions, lag, at, spanMs, why } = group
  if (partitions.length === 0) return []
  const losing = partitions
    .filter(({ lossInMs }) => lossInMs !== null)
    .sort((a, b) => (a.lossInMs as number) - (b.lossInMs as number))
  const more = losing.length - SHOWN_MAX
  return [
    `${messages(lag)} behind the end in ${plural(partitions.length, 'partition')}; rates of ${roughly(spanMs)} until ${formatInstant(at)}`,
    ...losing.slice(0, SHOWN_MAX).map((one) => partitionWords(one, group, now)),
    ...(more > 0 ? [`${plural(more, 'more partition')} that will lose`] : []),
    ...(why === null ? [] : [`not foretold: ${why}`]),
  ]
}

function partitionWords(one: PartitionForecast, group: GroupForecast, now: number): string {
  const ms = lossFromNow({ ...group, lossInMs: one.lossInMs }, now) ?? 0
  const when = ms === 0 ? 'now' : `in ${roughly(ms)}`
  return (
    `partition ${one.partition}: ${when}; ${formatCount(one.room)} from the start, ` +
    `which goes ${rateWords(one.deletes)}, the group ${rateWords(one.reads)}, the end ${rateWords(one.writes)}`
  )
}

const rateWords = (offsets: number): string =>
  offsets >= 10 || offsets === 0
    ? `${formatCount(Math.round(offsets))} a second`
    : `${Number(offsets.toPrecision(2))} a second`
