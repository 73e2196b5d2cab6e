/**
 * What live traffic says of findings: a field that no message has carried breaks nobody, one that most
 * carry is named with how many.
 *
 * Laws:
 * - No acquittal without evidence: a finding is made `info` only if the topic was looked at on every one
 *   of `TRAFFIC_DAYS` days, no message carried the field, and what could not be read and what was not
 *   looked at leave, with 95%, less than one message in `RARE_ONE_IN`.
 * - Only what past messages can tell is acquitted: that a field is removed, or that old data are read
 *   otherwise. What new messages will do to readers of before nobody has seen yet.
 * - Nothing is made worse, and nothing is left out: each finding stays, with its reason.
 */

import { plural } from '../base/words.ts'
import type { ReportedFinding } from './report.ts'
import { intervalOf, upperOf } from './usage-bounds.ts'
import { type FieldPlace, fieldPlace, type SchemaTexts } from './usage-path.ts'
import { removedValues, type TextsSeen, type ValuesSeen, valuesSeen } from './usage-values.ts'

/** Days of which every one must have been looked at. */
export const TRAFFIC_DAYS = 30
/** A field that fewer messages carry is as good as unused. With nothing seen, 29,958 messages show it. */
export const RARE_ONE_IN = 10_000

/** What was seen of the messages of one subject, in the last `TRAFFIC_DAYS` days. */
export interface SubjectTraffic {
  readonly topics: readonly string[]
  /** Consumer groups that are known to read them. */
  readonly groups: readonly string[]
  /** Days, of `TRAFFIC_DAYS`, on which messages were looked at. */
  readonly daysSeen: number
  /** One message in so many was looked at, at the most sparing. */
  readonly oneIn: number
  /** Messages that were looked at, and of those the ones that could be read. */
  readonly looked: number
  readonly read: number
  /** How many messages those that were looked at stand for. */
  readonly scaled: number
  /** Some fields were not kept for lack of room: one that is not listed may have been carried. */
  readonly hasMore: boolean
  /** Messages, of those read, in which a field stood at least once, by its path. Not listed: in none. */
  readonly fields: ReadonlyMap<string, number>
  /** By path; not listed: none came. */
  readonly texts: ReadonlyMap<string, TextsSeen>
  /** ms: when the versions that a registry knows were last seen, by number; 0: never. */
  readonly versions: ReadonlyMap<number, number>
  /** Some messages are of schemas that were not told apart. */
  readonly hasOtherSchemas: boolean
  /** Paths longer than this are not told apart. */
  readonly pathCharsMax: number
}

/** Null: nothing was seen of that subject. */
export type TrafficOf = (subject: string) => SubjectTraffic | null
/** Of the versions that a finding is between. */
export type TextsOf = (finding: ReportedFinding) => SchemaTexts

export function withTraffic(
  findings: readonly ReportedFinding[],
  trafficOf: TrafficOf,
  textsOf: TextsOf,
): ReportedFinding[] {
  return findings.map((finding) => {
    const { kind, subject } = finding
    if (subject === null || kind === 'problem' || kind === 'upkeep') return finding
    const traffic = trafficOf(subject)
    const place = traffic === null ? null : fieldPlace(finding, textsOf(finding))
    if (traffic === null || place === null || traffic.looked === 0) return finding
    return told(finding, place, traffic)
  })
}

function told(
  finding: ReportedFinding,
  place: FieldPlace,
  traffic: SubjectTraffic,
): ReportedFinding {
  const present = carriedOf(place, traffic)
  if (present === null) return finding
  const removed = removedValues(finding)
  const values = removed === null ? null : valuesSeen(removed, place.paths, traffic.texts)
  const carried = values === null ? present : values.count
  const doubt =
    values === null
      ? doubtOf(finding, place, carried, traffic)
      : (doubtOf(finding, { ...place, effect: 'removed' }, carried, traffic) ?? unknownIn(values))
  const isAcquitted = doubt === null
  const said =
    values === null
      ? carried === 0
        ? noneWords(traffic, doubt)
        : someWords(place, carried, traffic)
      : valueWords(values, traffic, doubt)
  const message = `${finding.message}${finding.message.endsWith('.') ? '' : '.'} ${said}`
  return {
    ...finding,
    message,
    severity: isAcquitted ? 'info' : finding.severity,
    args: {
      ...finding.args,
      trafficCarried: carried,
      trafficRead: traffic.read,
      trafficLooked: traffic.looked,
      trafficOneIn: traffic.oneIn,
      trafficDays: traffic.daysSeen,
      trafficTopics: traffic.topics,
      trafficGroups: traffic.groups,
      ...(isAcquitted ? { severityWithoutTraffic: finding.severity } : {}),
    },
  }
}

/** Of a field that may stand at several places, as many as at the commonest at least; null: not told. */
function carriedOf({ paths }: FieldPlace, traffic: SubjectTraffic): number | null {
  const counts = paths.map((path) => {
    if (path.length > traffic.pathCharsMax || mayBeEntry(path, traffic)) return null
    return path === '' ? traffic.read : (traffic.fields.get(path) ?? 0)
  })
  return counts.includes(null) ? null : Math.max(...(counts as number[]))
}

/** Objects of very many names are taken for maps: of a name in one it is not known whether it came. */
function mayBeEntry(path: string, { fields }: SubjectTraffic): boolean {
  for (
    let at = path.lastIndexOf('/');
    at >= 0;
    at = at === 0 ? -1 : path.lastIndexOf('/', at - 1)
  ) {
    const entries = `${path.slice(0, at)}/{}`
    if (path !== entries && !path.startsWith(`${entries}/`) && fields.has(entries)) return true
  }
  return false
}

const unknownIn = ({ unknown }: ValuesSeen): string | null =>
  unknown === 0 ? null : `${plural(unknown, 'value')} could not be told apart`

/** Why it is not acquitted; null: it is. */
function doubtOf(
  { direction }: ReportedFinding,
  { effect }: FieldPlace,
  carried: number,
  { daysSeen, looked, read, hasMore }: SubjectTraffic,
): string | null {
  if (carried > 0) return 'it is carried'
  if (effect === 'added') return 'it is new, and what is on the topic lacks it'
  if (effect === 'changed' && direction === 'forward') return 'new messages may yet carry it'
  if (hasMore) return 'not all fields were kept'
  if (daysSeen < TRAFFIC_DAYS) return `it was looked at on ${daysSeen} of ${TRAFFIC_DAYS} days only`
  // What could not be read may have carried it.
  if (upperOf(looked - read) * RARE_ONE_IN < looked) return null
  return looked > read
    ? `${plural(looked - read, 'message')} could not be read`
    : 'they are too few to say that none does'
}

function noneWords(traffic: SubjectTraffic, doubt: string | null): string {
  const seen = `0 of ${whole(traffic.read)} messages carried it${sampled(traffic)}`
  const days = `in ${TRAFFIC_DAYS} days`
  return doubt === null
    ? `${seen} ${days}: it is less than 1 in ${whole(RARE_ONE_IN)}, with 95%.`
    : `${seen}; ${doubt}, which acquits nothing.`
}

function someWords({ paths }: FieldPlace, carried: number, traffic: SubjectTraffic): string {
  const { read, looked, scaled, oneIn, daysSeen, groups } = traffic
  const least = paths.length > 1 ? 'at least ' : ''
  const factor = looked === 0 ? 1 : scaled / looked
  const [from, to] = intervalOf(carried)
  const volume =
    oneIn === 1
      ? `${whole(carried)}`
      : `about ${rounded(carried * factor)} (${rounded(from * factor)} to ${rounded(to * factor)}; one in ${whole(oneIn)} is looked at)`
  const by = groups.length === 0 ? '' : `; read by ${groups.join(', ')}`
  const days = `on ${daysSeen} of ${TRAFFIC_DAYS} days`
  if (paths.includes('')) return `${volume} messages of it came ${days}${by}.`
  return `${least}${percent(carried / read)} of messages carry it: ${least}${volume} ${days}${by}.`
}

/** Of values of an enum: what came at its place, and of that what is taken away. */
function valueWords(values: ValuesSeen, traffic: SubjectTraffic, doubt: string | null): string {
  const { occurrences, count, unknown } = values
  const days = `on ${traffic.daysSeen} of ${TRAFFIC_DAYS} days`
  if (count > 0) {
    const least = unknown > 0 ? 'at least ' : ''
    const by = traffic.groups.length === 0 ? '' : `; read by ${traffic.groups.join(', ')}`
    return `${least}${percent(count / occurrences)} of the values there are it: ${whole(count)} of ${whole(occurrences)}${sampled(traffic)} ${days}${by}.`
  }
  const seen = `0 of ${whole(occurrences)} values there were it${sampled(traffic)}`
  return doubt === null
    ? `${seen} in ${TRAFFIC_DAYS} days: it is in less than 1 of ${whole(RARE_ONE_IN)} messages, with 95%.`
    : `${seen}; ${doubt}, which acquits nothing.`
}

const sampled = ({ oneIn }: SubjectTraffic): string =>
  oneIn === 1 ? '' : ` (one in ${whole(oneIn)} is looked at)`

/** Three digits of an estimate. */
const rounded = (value: number): string => whole(Number(value.toPrecision(3)))

const whole = (value: number): string => Math.round(value).toLocaleString('en-US')

/** Neither all nor none unless it is. */
function percent(share: number): string {
  if (share === 1) return '100%'
  const tenths = Math.round(share * 1000) / 10
  return tenths === 0 ? 'less than 0.1%' : tenths === 100 ? 'more than 99.9%' : `${tenths}%`
}
