/** The first sentence of a report: numbers of messages before shares, and what is not known. */
import { formatCount, messages, plural } from '../base/words.ts'
import { sumCounts } from './counts.ts'
import type { ObjectiveAssessment, ObjectiveVerdict, Shapes } from './report.ts'
import type { PipelineSummary } from './summary.ts'

/**
 * `412 of 6,012,345 messages were lost and 58 doubled. The objective no-loss is breached.`
 *
 * Messages are counted where they begin: on the edges that nothing leads into.
 */
export function headlineOf(
  pipelines: readonly PipelineSummary[],
  objectives: readonly ObjectiveAssessment[],
  verdict: ObjectiveVerdict | null,
  shapes: Shapes,
): string {
  const words = [countWords(pipelines), shapeWords(shapes), promiseWords(objectives, verdict)]
  return words.filter((text) => text !== null).join(' ')
}

/** `Messages of flights and of 2 other topics are not what was promised.` */
function shapeWords({ findings }: Shapes): string | null {
  const wrong = findings.filter(({ severity }) => severity === 'error')
  const [first] = wrong
  if (first === undefined) return null
  const others = new Set(wrong.map(({ pipeline, topic }) => JSON.stringify([pipeline, topic]))).size
  const more = others === 1 ? '' : ` and of ${plural(others - 1, 'other topic')}`
  return `Messages of ${first.topic}${more} are not what was promised.`
}

function countWords(pipelines: readonly PipelineSummary[]): string {
  const edges = pipelines.flatMap((p) => p.edges)
  const sent = pipelines.reduce((n, p) => n + sentIn(p), 0)
  if (edges.every((e) => e.windows.judged + e.windows.open === 0))
    return 'Nothing was audited: no agent has told of any window.'
  const c = sumCounts(edges.map((e) => e.counts))
  const sampled = edges.some((e) => e.sampling !== null) ? 'about ' : ''
  const estimated = edges.some((e) => e.evidence === 'estimated') ? 'at least ' : ''
  const about = sampled === '' ? estimated : sampled
  const bad = [
    ...part(c.lost, 'lost'),
    ...part(c.altered, 'altered'),
    ...part(c.duplicated, 'doubled'),
    ...part(c.unexpected + c.extra, 'unexpected'),
  ]
  const open = c.undetermined + c.in_flight
  const unknown = open === 0 ? '' : ` Of ${formatCount(open)} it is not known whether they arrived.`
  if (bad.length === 0) return `${noneWords(pipelines, sent)}${unknown}`
  const [first = '', ...rest] = bad
  const were = bad[0]?.startsWith('1 ') ? 'was' : 'were'
  const listed = [first.replace(' ', ` of ${messages(sent)} ${were} `), ...rest]
  const all =
    listed.length > 1 ? `${listed.slice(0, -1).join(', ')} and ${listed.at(-1)}` : first0(listed)
  return `${capital(`${about}${all}`)}.${unknown}`
}

const first0 = (list: readonly string[]): string => list[0] ?? ''
const part = (n: number, word: string): string[] => (n === 0 ? [] : [`${formatCount(n)} ${word}`])
const capital = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`

function noneWords(pipelines: readonly PipelineSummary[], sent: number): string {
  if (sent === 0) return 'No messages were sent in the windows that were judged.'
  const isWhole = pipelines.every((p) => p.standing === 'met')
  const none = isWhole ? 'none was lost, doubled or altered' : 'none is known to be lost or doubled'
  return `Of ${messages(sent)} ${none}.`
}

/** Expected on edges whose senders nobody feeds; in a ring on all of them. */
function sentIn({ edges }: PipelineSummary): number {
  const fed = new Set(edges.flatMap((e) => e.to))
  const first = edges.filter((e) => e.from.some((hop) => !fed.has(hop)))
  return (first.length > 0 ? first : edges).reduce((n, e) => n + e.counts.expected, 0)
}

function promiseWords(
  objectives: readonly ObjectiveAssessment[],
  verdict: ObjectiveVerdict | null,
): string | null {
  if (verdict === null) return null
  const { length } = objectives
  if (verdict === 'met')
    return length === 1 ? 'The objective is met.' : `All ${length} objectives are met.`
  const such = objectives.filter((o) => o.verdict === verdict)
  const [only] = such
  const many = new Set(objectives.map((o) => o.pipeline)).size > 1
  const who =
    such.length === 1 && only !== undefined
      ? `The objective ${only.objective.id}${many ? ` of ${only.pipeline}` : ''}`
      : `${such.length} of ${plural(length, 'objective')}`
  return `${who} ${OUTCOMES[verdict](such.length)}.`
}

const OUTCOMES: Readonly<Record<Exclude<ObjectiveVerdict, 'met'>, (n: number) => string>> = {
  breached: (n) => `${n === 1 ? 'is' : 'are'} breached`,
  at_risk: (n) => `${n === 1 ? 'is' : 'are'} at risk`,
  indeterminate: () => 'cannot be judged: evidence is missing',
  no_data: (n) => `${n === 1 ? 'has' : 'have'} no data`,
}
