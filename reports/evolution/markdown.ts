/**
 * A check of schemas for pull requests and step summaries: the last line first, then the findings.
 *
 * Law: the whole stays below what such places take. What does not fit is left out, and that is said.
 */
import { plural } from '../../src/base/words.ts'
import { type SchemaCheckReport, schemaCheckCode } from '../../src/evolution/report.ts'
import { escaped, fenced } from '../markdown/escape.ts'
import { detailsOf, placeOf } from './details.ts'
import { grouped, headline, type Told } from './group.ts'
import { summaryOf } from './summary.ts'

/** GitHub takes 65,536 in a comment. */
const CHARACTERS_MAX = 60_000

const GLYPHS = { 0: '✓', 1: '✗', 3: '?' } as const

export function renderMarkdown(report: SchemaCheckReport): string {
  const glyph = GLYPHS[schemaCheckCode(report)]
  const out = [
    `## ${glyph} Schemas: ${escaped(summaryOf(report))}`,
    '',
    `Held against ${escaped(report.against.join(', '))}.`,
  ]
  const end = ['', `Made by ${escaped(`Quipu ${report.version}`)}.`, '']
  let room = CHARACTERS_MAX - lengthOf([...out, ...end])
  let leftOut = 0
  for (const told of grouped(report.findings.filter((f) => f.standing !== 'known'))) {
    const section = sectionOf(told)
    const length = lengthOf(section)
    if (length > room) leftOut++
    else {
      out.push(...section)
      room -= length
    }
  }
  if (leftOut > 0) {
    out.push('', `${plural(leftOut, 'finding')} left out, as there is no room: see the JSON.`)
  }
  return [...out, ...end].join('\n')
}

const lengthOf = (lines: readonly string[]): number =>
  lines.reduce((sum, line) => sum + line.length + 1, 100)

function sectionOf(told: Told): string[] {
  const { finding } = told
  const { severity, standing, rule, place, placeBefore } = finding
  const at = placeOf(place ?? placeBefore)
  const word = standing === 'suppressed' ? 'suppressed' : severity
  return [
    '',
    `### ${word}: ${escaped(headline(finding))}`,
    '',
    `\`${fenced(rule)}\`${at === null ? '' : ` at \`${fenced(at)}\``}`,
    '',
    '```diff',
    ...detailsOf(told).map(fenced),
    '```',
  ]
}
