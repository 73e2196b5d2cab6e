/** The shape of messages in words: findings of drift in short, versions, and what changed between them. */
import { formatCount, formatPercent, formatWindow, plural } from '../src/base/words.ts'
import type { DriftCode } from '../src/drift/finding.ts'
import type { FieldChange } from '../src/drift/judge.ts'
import type { ShapeFinding, ShapeVersion } from '../src/objective/report.ts'

/** `type changed`, `null rate` */
export const driftWords = (code: DriftCode): string => code.replace(/_/g, ' ')

/** `/delay of flights`, `flights` */
export const whereWords = ({ path, topic }: Pick<ShapeFinding, 'path' | 'topic'>): string =>
  path === '' ? topic : `${path} of ${topic}`

/** `3.09% of 12,400 looked at (1 in 64)` */
export function lookedWords({ count, of, oneIn }: Counted): string {
  const share = of === 0 ? formatCount(count) : formatPercent(Math.min(count, of), of)
  return `${share} of ${formatCount(of)} looked at${oneIn === 1 ? '' : ` (1 in ${formatCount(oneIn)})`}`
}

interface Counted {
  readonly count: number
  readonly of: number
  readonly oneIn: number
}

/** `2026-… – …, 3 windows, still open; at checkin, flights` */
export function whenWords({ since, until, windows, open, hops }: ShapeFinding): string {
  const span = formatWindow({ start: Date.parse(since), end: Date.parse(until) })
  return `${span}, ${plural(windows, 'window')}, ${open ? 'still open' : 'over'}; at ${hops.join(', ')}`
}

/** `version 3 (id 7)`; where there is none, what was seen in its place. */
export const versionWords = ({ schema }: Pick<ShapeVersion, 'schema'>): string =>
  schema === '' ? 'no schema' : schema

/** `written by checkin; read by enrich` */
export function usersWords({ services, groups }: ShapeVersion): string {
  const by = (verb: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`${verb} by ${names.join(', ')}`]
  return [...by('written', services), ...by('read', groups)].join('; ')
}

/** `+ /gate: string`, `- /gate: string`, `~ /delay: int → string` */
export function changeWords({ path, change, before, after }: FieldChange): string {
  const type = (text: string): string => (text === '' ? '' : `: ${text}`)
  if (change === 'added') return `+ ${path}${type(after)}`
  if (change === 'removed') return `- ${path}${type(before)}`
  return `~ ${path}: ${before} → ${after}`
}

/** What is wrong with the messages of a pipeline, in one sentence; null: nothing that is an error. */
export function shapeSentence(pipeline: string, findings: readonly ShapeFinding[]): string | null {
  const wrong = findings.filter((f) => f.severity === 'error')
  const topics = [...new Set(wrong.map(({ topic }) => topic))]
  if (topics.length === 0) return null
  const open = wrong.some((f) => f.open) ? '' : ', and it is over'
  return `${pipeline}: messages of ${topics.join(', ')} are not what was promised (${plural(wrong.length, 'finding')}${open}).`
}
