/**
 * An incident for the one who was woken: is it still going on, what, why, where it concentrates, how sure
 * the audit is, what to do. For a terminal of 80 columns, and for a ticket.
 */
import pc from 'picocolors'
import { visible } from '../src/base/visible.ts'
import { formatCount, formatInstant, formatWindow, plural } from '../src/base/words.ts'
import type { Concentration, Dimension } from '../src/diagnose/concentration.ts'
import type { CauseCode, CauseFact } from '../src/finding/cause.ts'
import type { FindingSummary, ShownId } from '../src/objective/findings.ts'
import type { Standing } from '../src/objective/standing.ts'
import type { EdgeSummary } from '../src/objective/summary.ts'
import { codeWords, titleOf } from './finding-words.ts'
import { cut, wrap } from './lines.ts'
import { escaped, fenced } from './markdown/escape.ts'
import { besidesOf, marks, severityGlyphs, sumOf } from './words.ts'

/** What is asked about: an incident, or one window. */
export interface Subject {
  readonly kind: 'incident' | 'window'
  /** Of the incident, or of the one that the window is part of; null: it is part of none. */
  readonly incident: string | null
  readonly pipeline: string
  readonly edge: string
  /** ISO 8601: births of its messages. */
  readonly start: string
  readonly end: string
  /** Nothing that was met has come after it. */
  readonly open: boolean
  readonly standing: Standing
  readonly owner: Readonly<Record<string, string>>
  /** Hops behind the edge, and consumers of the agreement, whom it reaches. */
  readonly hops: readonly string[]
  readonly consumers: readonly string[]
  /** Of its windows together. */
  readonly summary: EdgeSummary
}

export interface ShownCause {
  readonly code: CauseCode
  readonly rule: string
  readonly finding: FindingSummary['code']
  readonly count: number
  readonly certainty: 'proven' | 'likely' | 'unknown'
  readonly sentence: string
  /** How sure, and why not surer. */
  readonly why: string
  readonly next: string | null
  readonly ids: readonly ShownId[]
  readonly proof: readonly CauseFact[]
  readonly lacking: readonly string[]
}

/** A dimension that was looked at. */
export interface Looked {
  readonly dimension: Dimension
  readonly values: number
  /** Bad messages whose value is known, and others. */
  readonly bad: number
  readonly badUnknown: number
  readonly counted: string
}

export interface NextStep {
  readonly command: string
  readonly why: string
}

export interface Explained {
  readonly schema: 'quipu.explain/v1'
  /** ISO 8601 */
  readonly at: string
  /** As it was named; null: the newest open incident was asked for. */
  readonly target: string | null
  /** 0 nothing is wrong; 1 proven wrong; 3 cannot say. */
  readonly exitCode: 0 | 1 | 3
  readonly headline: string
  /** Null: there is no incident. */
  readonly subject: Subject | null
  readonly causes: readonly ShownCause[]
  /** Rows for values of bad messages: what chance explains least comes first; at most `ROWS_MAX`. */
  readonly concentration: readonly Concentration[]
  readonly looked: readonly Looked[]
  /** What the audit itself could not see there, and clocks that disagree. */
  readonly doubts: readonly string[]
  readonly notLookedAt: readonly string[]
  readonly next: readonly NextStep[]
}

export const ROWS_MAX = 50
/** Shown in a text; the JSON has more. */
const SHOWN_ROWS_MAX = 6
const IDS_MAX = 5
const CAUSES_MAX = 8
const COLUMNS = 80

type Colors = ReturnType<typeof pc.createColors>

export function renderExplained(
  explained: Explained,
  { color = false }: { readonly color?: boolean } = {},
): string {
  const paint = pc.createColors(color)
  const { subject, headline } = explained
  if (subject === null)
    return `${[...lines(visible(headline), ''), ...nextLines(explained)].join('\n')}\n`
  const { glyph } = marks[subject.standing]
  const tone = toneOf(subject.standing, paint)
  const out = [...mark(glyph, visible(headline), tone, '')]
  for (const fact of factsOf(subject)) out.push(...lines(visible(fact), '  '))
  const section = (title: string, body: readonly string[]): void => {
    if (body.length > 0) out.push('', paint.bold(title), ...body)
  }
  section(
    'What',
    subject.summary.findings.flatMap((f) => findingLines(f, paint)),
  )
  section('Why', causeLines(explained, paint))
  section('Where', whereLines(explained, paint))
  section('How sure the audit is', doubtLines(explained, paint))
  section(
    'Not looked at',
    explained.notLookedAt.flatMap((why) => mark('·', visible(why), paint.dim, '  ')),
  )
  section('Next', nextLines(explained))
  return `${out.join('\n')}\n`
}

const nextLines = ({ next }: Explained): string[] =>
  next.flatMap(({ command, why }) => [
    ...lines(visible(`${why}:`), '  '),
    // A command that is broken over lines cannot be taken as it is.
    `    ${visible(command)}`,
  ])

/** The facts under the headline. */
function factsOf(subject: Subject): string[] {
  const { kind, incident, pipeline, start, end, open, summary, owner, hops, consumers } = subject
  const { judged, open: unjudged } = summary.windows
  const span = formatWindow({ start: Date.parse(start), end: Date.parse(end) })
  const windows = kind === 'window' ? 'one window' : plural(judged + unjudged, 'window')
  const state = open ? 'still going on' : `over since ${formatInstant(Date.parse(end))}`
  const owned = Object.entries(owner).map(([name, value]) => `${name} ${value}`)
  const besides = besidesOf(summary)
  return [
    `pipeline ${pipeline}; born ${span} (${windows})`,
    ...(incident === null
      ? []
      : [kind === 'window' ? `part of incident ${incident}, ${state}` : state]),
    `${sumOf(summary)}${besides === '' ? '' : `; besides: ${besides}`}`,
    ...(owned.length === 0 ? [] : [`owner: ${owned.join(', ')}`]),
    ...(hops.length === 0 ? [] : [`reaches ${hops.join(', ')}`]),
    ...(consumers.length === 0 ? [] : [`promised to ${consumers.join(', ')}`]),
  ]
}

function findingLines(finding: FindingSummary, paint: Colors): string[] {
  const { severity, sentence, certainty, ids, count } = finding
  const tone = severity === 'error' ? paint.red : severity === 'warning' ? paint.yellow : paint.dim
  const out = mark(severityGlyphs[severity], visible(`${sentence} ${certainty}`), tone, '  ')
  for (const { id, born, times } of ids.slice(0, IDS_MAX))
    out.push(
      `      ${id}  born ${formatInstant(Date.parse(born))}${times > 1 ? `  ×${times}` : ''}`,
    )
  const more = count - ids.slice(0, IDS_MAX).reduce((sum, { times }) => sum + times, 0)
  if (ids.length > 0 && more > 0) out.push(`      … and ${formatCount(more)} more`)
  return out
}

const certainties = { proven: '✓', likely: '~', unknown: '?' } as const

function causeLines({ causes, subject }: Explained, paint: Colors): string[] {
  if (causes.length === 0) {
    return subject?.standing === 'breached' ? ['  No rule tells why.'] : []
  }
  const out = causes.slice(0, CAUSES_MAX).flatMap((cause) => {
    const { certainty, sentence, why, next, rule } = cause
    const tone = certainty === 'proven' ? paint.green : paint.yellow
    return [
      ...mark(certainties[certainty], visible(`${rule}: ${sentence}`), tone, '  '),
      ...lines(visible(why), '    '),
      ...(next === null ? [] : lines(visible(next), '    ')),
    ]
  })
  const more = causes.length - CAUSES_MAX
  return more > 0 ? [...out, `  … and ${plural(more, 'more cause')}: see --json`] : out
}

const dimensionWords: Readonly<Record<Dimension, string>> = {
  ...{ partition: 'partition', producer: 'producer', host: 'host', client: 'client' },
  ...{ schema: 'schema', key_bucket: 'keys' },
}

/** `partition 2: 40 bad, 100% of the bad, 25% of all messages (4.0×); chance alone: 1 in 9,000` */
function rowWords({ dimension, value, ...row }: Concentration): string {
  const { bad, badShare, allShare, lift } = row
  const shares = `${shareWords(badShare)} of the bad, ${shareWords(allShare)} of all messages`
  const times = lift === null ? '' : ` (${lift.toFixed(1)}×)`
  return `${dimensionWords[dimension]} ${value}: ${formatCount(bad)} bad, ${shares}${times}; ${chanceWords(row.pValue)}`
}

const shareWords = (share: number): string =>
  `${share === 0 || share === 1 ? share * 100 : (share * 100).toPrecision(share < 0.1 ? 1 : 2)}%`

/** A chance that is told finer than it matters is believed more than it should be. */
function chanceWords(pValue: number): string {
  if (pValue >= 0.5) return 'no more than chance gives'
  if (pValue < 1e-6) return 'chance alone: below 1 in a million'
  return `chance alone: 1 in ${formatCount(Math.floor(1 / pValue))}`
}

/**
 * Rows that say something. A host with one producer, and a client that only one of them runs, say the
 * same of the same messages: they are one.
 */
function significantRows(rows: readonly Concentration[]): string[] {
  const groups = new Map<string, Concentration[]>()
  for (const row of rows) {
    if (!row.significant) continue
    const isMinter = MINTERS.has(row.dimension)
    const key = JSON.stringify(isMinter ? [row.bad, row.allShare] : [row.dimension, row.value])
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.values()].map(([first, ...others]) => {
    const also = others.map(({ dimension, value }) => `${dimensionWords[dimension]} ${value}`)
    return `${rowWords(first as Concentration)}${also.length === 0 ? '' : `; the same: ${also.join(', ')}`}`
  })
}

const MINTERS: ReadonlySet<Dimension> = new Set(['producer', 'host', 'client'])

function whereLines({ concentration, looked, subject }: Explained, paint: Colors): string[] {
  if (subject === null || looked.length === 0) return []
  const rows = significantRows(concentration)
  const significant = concentration.filter((row) => row.significant)
  const out = rows
    .slice(0, SHOWN_ROWS_MAX)
    .flatMap((row) => mark('▲', visible(row), paint.red, '  '))
  const told = new Set(significant.map((row) => row.dimension))
  const even = looked.filter(({ dimension }) => !told.has(dimension))
  const more = rows.length - SHOWN_ROWS_MAX
  if (more > 0) out.push(`  … and ${plural(more, 'more value')}: see --json`)
  if (even.length > 0) {
    const names = even.map(({ dimension, values }) =>
      values === 1 ? `${dimensionWords[dimension]} (all the same)` : dimensionWords[dimension],
    )
    out.push(...mark('·', `no more than chance gives by: ${names.join(', ')}`, paint.dim, '  '))
  }
  const counted = [...new Set(looked.map((l) => l.counted))]
  out.push(...mark('·', visible(`held against ${counted.join('; ')}`), paint.dim, '  '))
  const unknown = looked.filter(({ badUnknown }) => badUnknown > 0)
  if (unknown.length > 0) {
    const parts = unknown.map(
      ({ dimension, badUnknown }) => `${dimensionWords[dimension]} of ${formatCount(badUnknown)}`,
    )
    out.push(...mark('·', `not known of all bad messages: ${parts.join(', ')}`, paint.dim, '  '))
  }
  return out
}

function doubtLines({ doubts }: Explained, paint: Colors): string[] {
  if (doubts.length > 0)
    return doubts.flatMap((doubt) => mark('!', visible(doubt), paint.yellow, '  '))
  return mark('✓', 'All hops of the edge were seen whole; clocks agree.', paint.green, '  ')
}

const toneOf = (standing: Standing, paint: Colors): ((text: string) => string) =>
  standing === 'breached' ? paint.red : standing === 'met' ? paint.green : paint.yellow

/** Wrapped, all of it behind `indent`. */
const lines = (text: string, indent: string): string[] =>
  wrap(text, COLUMNS - indent.length, '  ').map((line) => indent + line)

function mark(
  glyph: string,
  text: string,
  tone: (text: string) => string,
  indent: string,
): string[] {
  const [first = '', ...rest] = wrap(text, COLUMNS - indent.length - 2)
  return [`${indent}${tone(glyph)} ${first}`, ...rest.map((line) => `${indent}  ${line}`)]
}

/** For a ticket. */
export function renderExplainedMarkdown(explained: Explained): string {
  const { subject, headline, causes, concentration, doubts, notLookedAt, next } = explained
  const steps = next.map(({ command, why }) => `${escaped(why)}: \`${fenced(command)}\``)
  if (subject === null) return `${[escaped(headline), ...steps].join('\n\n')}\n`
  const out = [`## ${marks[subject.standing].glyph} ${escaped(headline)}`, '']
  const bullets = (title: string, texts: readonly string[]): void => {
    if (texts.length > 0) out.push('', `### ${title}`, '', ...texts.map((text) => `- ${text}`))
  }
  out.push(...factsOf(subject).map((fact) => `- ${escaped(fact)}`))
  bullets(
    'What',
    subject.summary.findings.map((finding) => {
      const ids = finding.ids.slice(0, IDS_MAX).map(({ id }) => `\`${fenced(id)}\``)
      const named = ids.length === 0 ? '' : ` ${ids.join(', ')}`
      return `**${escaped(codeWords(finding.code))}**: ${escaped(finding.sentence)} ${escaped(finding.certainty)}${named}`
    }),
  )
  bullets(
    'Why',
    causes
      .slice(0, CAUSES_MAX)
      .map(({ rule, sentence, why }) => `${escaped(`${rule}: ${sentence}`)} ${escaped(why)}`),
  )
  bullets('Where', significantRows(concentration).slice(0, SHOWN_ROWS_MAX).map(escaped))
  bullets('How sure the audit is', doubts.map(escaped))
  bullets('Not looked at', notLookedAt.map(escaped))
  bullets('Next', steps)
  return `${out.join('\n')}\n`
}

/** `flights → enrich: 412 lost, 58 doubled` */
export function headlineOf(edge: string, standing: Standing, summary: EdgeSummary): string {
  const title = standing === 'met' ? 'nothing is wrong' : titleOf(summary.findings)
  const word = title.charAt(0).toLowerCase() + title.slice(1)
  return cut(`${edge}: ${standing === 'open' ? `not judged yet; ${word}` : word}`, 3 * COLUMNS)
}
