/** The shape of messages for a terminal: what drifted and what to do, then the versions of each topic. */
import type pc from 'picocolors'
import { formatCount, formatPercent, formatWindow, plural } from '../src/base/words.ts'
import type { Severity } from '../src/finding/finding.ts'
import type { ShapeFinding, Shapes, ShapeVersion } from '../src/objective/report.ts'
import { glyphed, indented } from './lines.ts'
import { changeWords, usersWords, versionWords, whenWords } from './shape-words.ts'
import { severityGlyphs } from './words.ts'

type Colors = ReturnType<typeof pc.createColors>

const FINDINGS_MAX = 50
/** Of one topic, the newest ones; and changes of one version. */
const VERSIONS_MAX = 10
const CHANGES_MAX = 10

/** Of one pipeline; texts are safe to show. @param idsMax ids shown per finding */
export function shapeLines(
  { findings, versions }: Shapes,
  paint: Colors,
  idsMax: number,
): string[] {
  if (findings.length === 0 && versions.length === 0) return []
  const out = ['', paint.bold('Shape')]
  for (const finding of findings.slice(0, FINDINGS_MAX)) {
    out.push(...findingLines(finding, paint, idsMax))
  }
  const left = findings.length - FINDINGS_MAX
  if (left > 0) out.push(`  … and ${plural(left, 'more finding')}: quipu report --json`)
  const topics = [...new Set(versions.map(({ topic }) => topic))]
  for (const topic of topics) {
    out.push(
      ...topicLines(
        topic,
        versions.filter((v) => v.topic === topic),
        paint,
      ),
    )
  }
  return out
}

function findingLines(finding: ShapeFinding, paint: Colors, idsMax: number): string[] {
  const { severity, sentence, certainty, next, ids } = finding
  const out = glyphed(
    severityGlyphs[severity],
    `${sentence} ${certainty}`,
    toneOf(severity, paint),
    '  ',
  )
  out.push(...indented(whenWords(finding), '    ').map((line) => paint.dim(line)))
  for (const id of ids.slice(0, idsMax)) out.push(`    ${id}`)
  if (next !== null) out.push(...indented(`→ ${next}`, '    '))
  return out
}

function topicLines(topic: string, versions: readonly ShapeVersion[], paint: Colors): string[] {
  const shown = versions.slice(-VERSIONS_MAX)
  const left = versions.length - shown.length
  const out = indented(`Versions of ${topic}, each with its share while it was seen`, '  ')
  if (left > 0) out.push(paint.dim(`    … ${plural(left, 'older one')}: quipu report --json`))
  const widest = Math.max(...shown.map((v) => versionWords(v).length))
  for (const version of shown) {
    const { firstSeen, lastSeen, count, of, changes } = version
    const share = of === 0 ? '–' : formatPercent(Math.min(count, of), of)
    const span = formatWindow({ start: Date.parse(firstSeen), end: Date.parse(lastSeen) })
    const text = [`${versionWords(version).padEnd(widest)}  ${share.padStart(7)}`, span]
    const users = usersWords(version)
    out.push(...indented([...text, ...(users === '' ? [] : [users])].join('  '), '    '))
    for (const change of changes.slice(0, CHANGES_MAX))
      out.push(...indented(changeWords(change), '      ').map((line) => paint.dim(line)))
    const more = changes.length - CHANGES_MAX
    if (more > 0) out.push(paint.dim(`      … and ${formatCount(more)} more`))
  }
  return out
}

function toneOf(severity: Severity, paint: Colors): (text: string) => string {
  if (severity === 'error') return paint.red
  return severity === 'warning' ? paint.yellow : paint.dim
}
