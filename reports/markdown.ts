/**
 * The report for pull requests, tickets and step summaries: verdict, promises, edges, when, incidents.
 *
 * Law: the whole stays below what such places take. What does not fit is left out, and that is said.
 */
import { formatCount, formatWindow, plural } from '../src/base/words.ts'
import type { Incident, Report } from '../src/objective/report.ts'
import type { PipelineSummary } from '../src/objective/summary.ts'
import { unborneOf } from './ci/shapes.ts'
import { titleOf } from './finding-words.ts'
import { toldCauses } from './incident-causes.ts'
import { durationWords } from './latency.ts'
import { columnsOf, cut } from './lines.ts'
import { escaped, fenced } from './markdown/escape.ts'
import { heatLine, signs } from './markdown/heat.ts'
import { DRAWN_EDGES_MAX, mermaidOf } from './markdown/mermaid.ts'
import { edgesTable, objectivesTable, versionsTable } from './markdown/tables.ts'
import { verdictMarks } from './promises.ts'
import { changeWords, driftWords, versionWords, whenWords, whereWords } from './shape-words.ts'
import { marks, severityGlyphs } from './words.ts'

/** Signs of a line, and of the name before it. */
const HEAT_COLUMNS = 60
const NAME_COLUMNS_MAX = 40
const INCIDENTS_MAX = 20
const STRIPS_MAX = 40
/** Of the whole: GitHub takes 65,536 in a comment. */
const CHARACTERS_MAX = 60_000

export function renderMarkdown(report: Report): string {
  const { verdict, standing, headline, objectives, pipelines, incidents } = report
  const known = verdict === null ? marks[standing] : verdictMarks[verdict]
  const { glyph, word } = unborneOf(report).length > 0 ? marks.breached : known
  const several = pipelines.length > 1
  const out = [`## ${glyph} ${word}: ${escaped(headline)}`, '', escaped(aboutOf(report))]
  const sections = [
    ...(objectives.length === 0
      ? []
      : [['### Objectives', '', ...objectivesTable(objectives, several)]]),
    ...pipelines.slice(0, 1).flatMap((pipeline) => pipelineSections(pipeline, report)),
    ...(incidents.length === 0
      ? []
      : [['### Incidents', '', ...incidentLines(incidents, several)]]),
    ...shapeSections(report, several),
    ...pipelines.slice(1).flatMap((pipeline) => pipelineSections(pipeline, report)),
  ]
  let room = CHARACTERS_MAX - lengthOf(out)
  let leftOut = 0
  for (const section of sections) {
    const length = lengthOf(section)
    if (length > room) leftOut++
    else {
      out.push('', ...section)
      room -= length
    }
  }
  if (leftOut > 0) {
    out.push('', `${plural(leftOut, 'section')} left out, as there is no room: see the JSON.`)
  }
  out.push('', `Made by ${escaped(`Quipu ${report.version}`)}. All times are UTC.`, '')
  return out.join('\n')
}

/** With the ends of lines, and the empty line before. */
const lengthOf = (lines: readonly string[]): number =>
  lines.reduce((sum, line) => sum + line.length + 1, 1)

/** `Messages born 2026-… – …; 240 windows judged at …; 2,156 of 2,158 hop windows seen whole.` */
function aboutOf({ pipelines, at, coverage }: Report): string {
  const edges = pipelines.flatMap((p) => p.edges)
  if (pipelines.length === 0) return 'No pipeline has been audited into this store.'
  const spans = edges.flatMap((e) => (e.span === null ? [] : [e.span]))
  const born =
    spans.length === 0
      ? 'No window yet'
      : `Messages born ${formatWindow({
          start: Math.min(...spans.map((s) => s.start)),
          end: Math.max(...spans.map((s) => s.end)),
        })}`
  const judged = plural(Math.max(0, ...edges.map((e) => e.windows.judged)), 'window')
  const seen = `${formatCount(coverage.seen)} of ${plural(coverage.cells, 'hop window')} seen whole`
  return `${born}; ${judged} judged at ${at.replace('T', ' ').replace('.000Z', 'Z')}; ${seen}.`
}

/** In numbers, over time, and drawn. */
function pipelineSections(summary: PipelineSummary, report: Report): string[][] {
  const { pipeline, owner, edges } = summary
  const owners = Object.values(owner)
  const by = owners.length === 0 ? '' : ` (owner: ${escaped(owners.join(', '))})`
  const strips = report.strips.filter((s) => s.pipeline === pipeline && s.cells.length > 0)
  const hops = report.hops.filter((hop) => hop.pipeline === pipeline)
  return [
    [`### Pipeline ${escaped(pipeline)}${by}`, '', ...edgesTable(edges)],
    ...(strips.length > 0 ? [heatLines(strips)] : []),
    ...(edges.length > 0 && edges.length <= DRAWN_EDGES_MAX
      ? [['```mermaid', ...mermaidOf(edges, hops), '```']]
      : []),
  ]
}

function heatLines(strips: Report['strips']): string[] {
  const shown = strips.slice(0, STRIPS_MAX)
  const from = Math.min(...shown.map(({ cells }) => Date.parse(cells[0]?.start ?? '')))
  const to = Math.max(...shown.map(({ cells }) => Date.parse(cells.at(-1)?.end ?? '')))
  const names = shown.map(({ edge }) => cut(fenced(edge), NAME_COLUMNS_MAX))
  const width = Math.max(...names.map(columnsOf))
  const lines = shown.map(({ cells }, i) => {
    const name = names[i] as string
    const space = ' '.repeat(width - columnsOf(name))
    return `${name}${space}  ${heatLine(cells, { from, to, columns: HEAT_COLUMNS })}`
  })
  const { met, breached, indeterminate, open, no_data } = signs
  return [
    '```text',
    ...lines,
    '',
    `${formatWindow({ start: from, end: to })}, ${durationWords((to - from) / HEAT_COLUMNS)} a sign, the worst of it`,
    `${met} met  ${breached} breached  ${indeterminate} indeterminate  ${open} open  ${no_data} no data`,
    '```',
    ...(strips.length > STRIPS_MAX
      ? [`${strips.length - STRIPS_MAX} more edges are not shown.`]
      : []),
  ]
}

function incidentLines(incidents: readonly Incident[], several: boolean): string[] {
  const sorted = [...incidents].sort(
    (a, b) =>
      Number(b.open) - Number(a.open) ||
      Number(b.standing === 'breached') - Number(a.standing === 'breached') ||
      Date.parse(b.start) - Date.parse(a.start),
  )
  const out = sorted.slice(0, INCIDENTS_MAX).flatMap((incident) => {
    const { findings, edge, pipeline, standing, start, end, open, reaches, causes } = incident
    const { glyph, word } = marks[standing]
    const span = { start: Date.parse(start), end: Date.parse(end) }
    const of = several ? ` of ${escaped(pipeline)}` : ''
    const whom = reaches.length === 0 ? '' : `; reaches ${reaches.map(escaped).join(', ')}`
    return [
      `- ${glyph} ${word}: **${titleOf(findings)}** on ${escaped(edge)}${of}, ${formatWindow(span)} (${durationWords(span.end - span.start)}, ${open ? 'still open' : 'over'})${whom}`,
      ...findings
        .slice(0, FINDINGS_MAX)
        .map((f) => `  - ${[f.sentence, f.certainty, f.next ?? ''].map(escaped).join(' ').trim()}`),
      ...toldCauses(causes).map(
        ({ sentence, why }) => `  - Why: ${[sentence, why].map(escaped).join(' ')}`,
      ),
    ]
  })
  const more = sorted.length - INCIDENTS_MAX
  return more > 0 ? [...out, '', `${formatCount(more)} more are in the JSON of the report.`] : out
}

/** Of one incident. */
const FINDINGS_MAX = 4
/** Lines of what changed between versions. */
const CHANGES_MAX = 40

/** What drifted; then which versions were seen, and what changed with each. */
function shapeSections({ drift }: Report, several: boolean): string[][] {
  const { findings, versions } = drift
  const shown = findings.slice(0, INCIDENTS_MAX)
  const of = (pipeline: string): string => (several ? `${escaped(pipeline)}: ` : '')
  const lines = shown.flatMap((finding) => {
    const { code, severity, sentence, certainty, next, pipeline } = finding
    return [
      `- ${severityGlyphs[severity]} **${driftWords(code)}**: ${of(pipeline)}${escaped(whereWords(finding))}, ${escaped(whenWords(finding))}`,
      `  - ${[sentence, certainty, next ?? ''].map(escaped).join(' ').trim()}`,
    ]
  })
  const more = findings.length - shown.length
  if (more > 0) lines.push('', `${formatCount(more)} more are in the JSON of the report.`)
  const changes = versions
    .filter((v) => v.changes.length > 0)
    .flatMap((v) => [`@@ ${versionWords(v)} of ${v.topic} @@`, ...v.changes.map(changeWords)])
    .slice(0, CHANGES_MAX)
  return [
    ...(findings.length === 0 ? [] : [['### Shape of messages', '', ...lines]]),
    ...(versions.length === 0
      ? []
      : [['### Versions of schemas', '', ...versionsTable(versions, several)]]),
    ...(changes.length === 0 ? [] : [['```diff', ...changes.map(fenced), '```']]),
  ]
}
