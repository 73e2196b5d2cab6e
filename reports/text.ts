/** The report for a terminal: verdict first, then the graph, then what is wrong and how sure it is. */
import pc from 'picocolors'
import { visible } from '../src/base/visible.ts'
import { formatCount, formatInstant, formatWindow, plural } from '../src/base/words.ts'
import type { ShownId } from '../src/objective/findings.ts'
import type { Report, Shapes } from '../src/objective/report.ts'
import type {
  Assessment,
  EdgeSummary,
  FindingSummary,
  PipelineSummary,
  Standing,
} from '../src/objective/summary.ts'
import { coverageLines } from './coverage.ts'
import { graphOf } from './graph.ts'
import { latencyWords } from './latency.ts'
import { columnsOf, cut, glyphed, indented, WIDTH, wrap } from './lines.ts'
import { objectiveLines } from './objective-lines.ts'
import { sampledWords } from './sampled.ts'
import { shapeLines } from './shape-lines.ts'
import { shapeSentence } from './shape-words.ts'
import {
  besidesOf,
  marks,
  rangeWords,
  severityGlyphs,
  sharesOf,
  shortCounts,
  sumOf,
  verdictSentence,
  windowsOf,
} from './words.ts'

export interface TextOptions {
  /** ANSI colours; leave out for files and pipes. */
  readonly color?: boolean
  /** Ids shown per finding. */
  readonly ids?: number
}

type Colors = ReturnType<typeof pc.createColors>

const IDS_SHOWN = 5

/** What was promised stands under its pipeline, where it is told. */
export type TextReport = Assessment & Partial<Pick<Report, 'objectives' | 'agreements' | 'drift'>>

export function renderText(
  report: TextReport,
  { color = false, ids = IDS_SHOWN }: TextOptions = {},
): string {
  const paint = pc.createColors(color)
  // Names, reasons and services are other people's: nothing of them reaches the terminal raw.
  const shown = everyText(report, visible)
  const { pipelines, since, objectives = [], agreements = [], drift = NO_SHAPES } = shown
  const out: string[] = []
  for (const pipeline of pipelines) {
    const mark = marks[pipeline.standing].glyph
    const wrong = shapeSentence(pipeline.pipeline, shapesIn(drift, pipeline.pipeline).findings)
    const sentence = verdictSentence(pipeline, wrong !== null)
    out.push(...glyphed(mark, sentence, tint(paint, pipeline.standing), ''))
    if (wrong !== null) out.push(...glyphed(severityGlyphs.error, wrong, paint.red, ''))
  }
  if (pipelines.length === 0) {
    out.push(
      ...wrap('No pipeline has been audited into this store. Start with `quipu audit`.', WIDTH),
    )
  }
  if (since !== null) out.push(`Windows from ${formatInstant(Date.parse(since))} on.`)
  for (const pipeline of pipelines) {
    const own = (of: { readonly pipeline: string }): boolean => of.pipeline === pipeline.pipeline
    const [promised, agreed] = [objectives.filter(own), agreements.filter(own)]
    out.push('', ...pipelineLines(pipeline, objectiveLines(promised, agreed, paint), paint, ids))
    out.push(...shapeLines(shapesIn(drift, pipeline.pipeline), paint, ids))
  }
  out.push('', ...coverageLines(shown, paint))
  return `${out.join('\n')}\n`
}

const NO_SHAPES: Shapes = { findings: [], versions: [] }

const shapesIn = ({ findings, versions }: Shapes, pipeline: string): Shapes => ({
  findings: findings.filter((f) => f.pipeline === pipeline),
  versions: versions.filter((v) => v.pipeline === pipeline),
})

function pipelineLines(
  pipeline: PipelineSummary,
  promises: readonly string[],
  paint: Colors,
  ids: number,
): string[] {
  const { edges } = pipeline
  const owner = Object.values(pipeline.owner)
  const head = owner.length === 0 ? '' : `  owner: ${owner.join(', ')}`
  const out = [paint.bold(cut(`${pipeline.pipeline}${head}`, WIDTH)), '']
  const words = Math.max(...edges.map((e) => marks[e.standing].word.length), 0)
  for (const [i, line] of graphOf(edges).entries()) {
    if ('hops' in line && line.lead === '' && i > 0) out.push('')
    if ('hops' in line) {
      out.push(`  ${cut(line.lead + line.hops.join(' + '), WIDTH - 2)}`)
      continue
    }
    const { glyph, word } = marks[line.edge.standing]
    const with_ = line.besides.length === 0 ? '' : `  (with ${line.besides.join(' + ')})`
    const label = `${glyph} ${word.padEnd(words)}`
    const room = WIDTH - 2 - columnsOf(line.lead) - columnsOf(label) - 2
    const counts = cut(`${shortCounts(line.edge)}${with_}`, Math.max(20, room))
    out.push(`  ${line.lead}${tint(paint, line.edge.standing)(label)}  ${counts}`)
    for (const text of measuredOf(line.edge)) {
      const lead = `  ${line.onward}  `
      for (const part of wrap(unbroken(text), Math.max(20, WIDTH - columnsOf(lead)), '  ')) {
        out.push(lead + paint.dim(part.replace(/\u00a0/g, ' ')))
      }
    }
  }
  out.push(...promises)
  // Edges that are well and have nothing to say are in the graph already.
  for (const edge of edges) {
    const silent = edge.span === null || edge.standing === 'met'
    if (silent && edge.findings.length === 0) continue
    out.push('', ...edgeLines(edge, paint, ids))
  }
  return out
}

/** What is known of an edge beside its counts, however well it is. */
function measuredOf(edge: EdgeSummary): string[] {
  const sampled = sampledWords(edge)
  return [
    ...(sampled === null ? [] : [sampled]),
    ...(edge.latency === null ? [] : [latencyWords(edge.latency)]),
  ]
}

/** Figures with their names and units: lines break between them only. */
const unbroken = (text: string): string => text.replace(/(?<![ ,;]) (?! )/g, '\u00a0')

function edgeLines(edge: EdgeSummary, paint: Colors, ids: number): string[] {
  const { glyph, word } = marks[edge.standing]
  const gone = edge.declared ? '' : ' (no longer declared)'
  const out = glyphed(glyph, `${edge.edge}: ${word}${gone}`, tint(paint, edge.standing), '')
  const facts = [sumOf(edge)]
  const besides = besidesOf(edge)
  if (besides !== '') facts.push(`besides: ${besides}`)
  facts.push([...sharesOf(edge), windowsOf(edge)].join(' · '))
  if (edge.span !== null) facts.push(`born ${formatWindow(edge.span)}`)
  for (const fact of facts) out.push(...indented(fact, '  '))
  for (const finding of edge.findings) out.push(...findingLines(edge, finding, paint, ids))
  for (const { hop, passage, windows, why } of edge.unseen) {
    const state = { behind: 'had not passed', hole: 'has a hole', out_of_scope: 'not audited yet' }
    const reason = why.length === 0 ? '' : `: ${why.slice(0, 3).join('; ')}`
    out.push(
      ...glyphed(
        '?',
        `${hop} ${state[passage]} in ${plural(windows, 'window')}${reason}`,
        paint.yellow,
        '  ',
      ),
    )
  }
  return out
}

function findingLines(
  edge: EdgeSummary,
  finding: FindingSummary,
  paint: Colors,
  idsMax: number,
): string[] {
  const { severity, sentence, certainty, next, ids, count, windows, span, args } = finding
  const tone = severity === 'error' ? paint.red : severity === 'warning' ? paint.yellow : paint.dim
  const out = glyphed(severityGlyphs[severity], `${sentence} ${certainty}`, tone, '  ')
  const where = windows === 1 ? 'window' : `${formatCount(windows)} windows,`
  out.push(...indented(`${where} ${formatWindow(span)}`, '    ').map((line) => paint.dim(line)))
  const ranges = rangesOf(finding)
  if (ranges !== null) out.push(...indented(ranges, '    '))
  const shown = ids.slice(0, idsMax)
  for (const id of shown) out.push(`    ${idText(id)}`)
  const named = shown.reduce((sum, { times }) => sum + times, 0)
  // Of a sample the others have no names here.
  const known = typeof args.sampled === 'number' ? args.sampled : count
  if (shown.length > 0 && known > named) {
    out.push(
      ...indented(
        `… and ${formatCount(known - named)} more: quipu losses --edge '${edge.edge}' --kind ${finding.code}`,
        '    ',
      ),
    )
  }
  if (next !== null) out.push(...indented(`→ ${next}`, '    '))
  return out
}

function idText({ id, times, born, copyOf }: ShownId): string {
  const many = times === 1 ? '' : ` ×${times}`
  const copy = copyOf === undefined ? '' : `  copy of ${copyOf}`
  return `${id}${many}  ${copy === '' ? `born ${formatInstant(Date.parse(born))}` : copy.trim()}`
}

/** In words, each of those that the finding knows. */
function rangesOf({ args }: FindingSummary): string | null {
  const texts: string[] = []
  for (const arg of Object.values(args)) {
    if (!Array.isArray(arg)) continue
    for (const item of arg) if (typeof item !== 'string') texts.push(rangeWords(item))
  }
  return texts.length === 0 ? null : texts.join(', ')
}

function tint(paint: Colors, standing: Standing): (text: string) => string {
  if (standing === 'met') return paint.green
  return standing === 'breached' ? paint.red : paint.yellow
}

/** The same data with every text changed; keys stay. */
function everyText<T>(data: T, change: (text: string) => string): T {
  if (typeof data === 'string') return change(data) as T
  if (Array.isArray(data)) return data.map((item) => everyText(item, change)) as T
  if (data === null || typeof data !== 'object') return data
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, everyText(value, change)]),
  ) as T
}
