/**
 * One frame of `quipu top`. Pure: the same state, size and colour give the same lines.
 *
 * Laws: no line is wider than asked for (10 columns at least), and there are no more of them than asked for;
 * what is left out is counted. What nobody judged is called neither met nor 100%.
 */
import pc from 'picocolors'
import { visible } from '../src/base/visible.ts'
import { formatCount, formatInstant, plural } from '../src/base/words.ts'
import { roughly } from '../src/objective/sentence.ts'
import type { Standing } from '../src/objective/standing.ts'
import { columnsOf, cut } from './lines.ts'
import type { SilentAgents, TopEdge, TopFinding, TopPipeline, TopState } from './top-state.ts'
import { nameColumns, tableHead, tableRow, toneOf } from './top-table.ts'
import { marks, severityGlyphs } from './words.ts'

export interface Frame {
  /** Columns of the terminal. */
  readonly width: number
  /** Lines of it; `Infinity`: as many as there are. */
  readonly height: number
  readonly color: boolean
  /** The last line, such as which keys do what; left out: none. */
  readonly foot?: string
}

type Paint = ReturnType<typeof pc.createColors>

/** ms: an auditor that said nothing new for so long is no longer at work. */
const STALE_MS = 60_000
const DAY_MS = 86_400_000
/** Lines of what is the matter with agents and groups, and the least that are kept for findings. */
const NOTES_MAX = 5
const FINDING_LINES_MIN = 4

export function renderTop(state: TopState, frame: Frame): string[] {
  const { width, height, color, foot } = frame
  const paint = pc.createColors(color)
  const head = [titleOf(state, width, paint), timesOf(state, width, paint)]
  const notes = limited(notesOf(state, width, paint), NOTES_MAX, width)
  const feet = foot === undefined ? [] : [paint.dim(cut(foot, width))]
  const room = height - head.length - notes.length - feet.length
  const findings = findingLines(state, width, paint)
  const kept = Math.min(findings.length, FINDING_LINES_MIN)
  const table = tableLines(state.pipelines, Math.max(1, room - kept), width, paint)
  const list = limited(findings, Math.max(0, room - table.length), width)
  const lines = [...head, ...notes, ...table, ...list].slice(0, height - feet.length)
  if (height === Number.POSITIVE_INFINITY) return [...lines, ...feet]
  // The last line of the terminal.
  const empty = Array<string>(Math.max(0, height - lines.length - feet.length)).fill('')
  return [...lines, ...empty, ...feet]
}

function titleOf({ pipelines, at }: TopState, width: number, paint: Paint): string {
  const time = formatInstant(at - (at % 1_000))
  const edges = pipelines.reduce((n, p) => n + p.edges.length, 0)
  const what = `quipu top: ${plural(pipelines.length, 'pipeline')}, ${plural(edges, 'edge')}`
  const gap = width - what.length - time.length
  return gap < 1 ? paint.bold(cut(what, width)) : `${paint.bold(what)}${' '.repeat(gap)}${time}`
}

function timesOf({ at, since, seenUntil }: TopState, width: number, paint: Paint): string {
  const born = `born in the last ${roughly(at - since)}`
  if (seenUntil === null) {
    return paint.yellow(cut(`! ${born}; no auditor has said how far it has judged`, width))
  }
  const ago = Math.max(0, at - seenUntil)
  const judged = `judged up to ${formatInstant(seenUntil - (seenUntil % 1_000))}`
  if (ago <= STALE_MS) return paint.dim(cut(`${born}; ${judged}`, width))
  const stale = `! ${judged}, ${roughly(ago)} ago: does \`quipu audit\` run?`
  return paint.yellow(cut(stale, width))
}

function notesOf({ silent, agents, losing }: TopState, width: number, paint: Paint): string[] {
  const groups = losing.map(({ group, topic, lossInMs }) => {
    const [is, when] = lossInMs === 0 ? ['is at', ''] : ['reaches', ` in ${roughly(lossInMs)}`]
    return `! group ${visible(group)} ${is} the start of ${visible(topic)}${when}, and loses what it has not read`
  })
  const none = agents === 0 ? ['! no agent has reported in this time'] : []
  return [...groups, ...silent.map(silentWords), ...none].map((text) =>
    paint.yellow(cut(text, width)),
  )
}

function silentWords({ service, silent, instances, since }: SilentAgents): string {
  const of =
    instances === silent
      ? plural(silent, 'agent')
      : `${formatCount(silent)} of ${plural(instances, 'agent')}`
  return `! ${of} of ${visible(service)} silent since ${formatInstant(since - (since % 1_000))}`
}

function tableLines(
  pipelines: readonly TopPipeline[],
  room: number,
  width: number,
  paint: Paint,
): string[] {
  if (pipelines.length === 0)
    return [
      '',
      cut('No pipeline has been audited into this store. Start with `quipu audit`.', width),
    ]
  const columns = nameColumns(
    pipelines.flatMap((p) => p.edges),
    width,
  )
  const whole = pipelines.flatMap((p) => [
    '',
    pipelineHead(p, width, paint),
    ...p.edges.map((edge) => tableRow(edge, columns, width, paint)),
  ])
  whole[0] = tableHead(columns, width, paint)
  if (whole.length <= room) return whole
  // Not all fit: then those that somebody has to look at, whatever pipeline they are of.
  const all = pipelines.flatMap((p) => p.edges.map((edge) => ({ pipeline: p.pipeline, edge })))
  const worst = [...all].sort((a, b) => rankOf(a.edge) - rankOf(b.edge))
  const shown = worst.slice(0, Math.max(0, room - 2))
  const rows = shown.map(({ pipeline, edge }) => {
    const name = pipelines.length > 1 ? `${pipeline}: ${edge.edge}` : edge.edge
    return tableRow({ ...edge, edge: name }, columns, width, paint)
  })
  return [
    tableHead(columns, width, paint),
    ...rows,
    paint.dim(cut(restWords(worst.slice(shown.length).map(({ edge }) => edge)), width)),
  ]
}

/** `… and 12 more edges: 10 met, 2 open` */
function restWords(edges: readonly TopEdge[]): string {
  const counts = order
    .map((standing) => [standing, edges.filter((e) => e.standing === standing).length] as const)
    .filter(([, count]) => count > 0)
    .map(([standing, count]) => `${formatCount(count)} ${marks[standing].word}`)
  return `… and ${plural(edges.length, 'more edge')}: ${counts.join(', ')}`
}

const order: readonly Standing[] = ['breached', 'indeterminate', 'no_data', 'open', 'met']
const rankOf = ({ standing }: TopEdge): number => order.indexOf(standing)

function pipelineHead({ pipeline, standing }: TopPipeline, width: number, paint: Paint): string {
  const { glyph, word } = marks[standing]
  const name = cut(visible(pipeline), Math.max(2, width - word.length - 4))
  const plain = `${name}: ${glyph} ${word}`
  if (columnsOf(plain) > width) return cut(plain, width)
  return `${paint.bold(name)}: ${toneOf(standing, paint)(`${glyph} ${word}`)}`
}

function findingLines(
  { findings, findingCount, pipelines, at }: TopState,
  width: number,
  paint: Paint,
): string[] {
  if (findings.length === 0) return []
  const isOne = pipelines.length === 1
  const head = paint.dim(cut(`newest findings (${formatCount(findingCount)})`, width))
  return ['', head, ...findings.map((one) => findingLine(one, { isOne, at }, width, paint))]
}

function findingLine(
  finding: TopFinding,
  { isOne, at }: { readonly isOne: boolean; readonly at: number },
  width: number,
  paint: Paint,
): string {
  const { pipeline, edge, severity, window, windows, sentence } = finding
  const glyph = severityGlyphs[severity]
  const where = isOne ? edge : `${pipeline}: ${edge}`
  const many = windows === 1 ? '' : ` (${formatCount(windows)} windows)`
  // The day only where it may be another one.
  const isToday = at - window.start < DAY_MS
  const time = formatInstant(window.start).slice(isToday ? 11 : 0)
  const text = visible(`${time} ${where}${many}: ${sentence}`)
  const tone = severity === 'error' ? paint.red : paint.yellow
  return `${tone(glyph)} ${cut(text, Math.max(1, width - 2))}`
}

/** The first ones; the last line says how many are left out. */
function limited(lines: readonly string[], max: number, width: number): string[] {
  if (lines.length <= max) return [...lines]
  if (max <= 0) return []
  const left = lines.length - max + 1
  return [...lines.slice(0, max - 1), cut(`… and ${formatCount(left)} more`, width)]
}
