/** A check of schemas for a terminal: findings with both texts, and a last line that is always there. */
import { plural } from '../../src/base/words.ts'
import type { SchemaCheckReport, SubjectReport } from '../../src/evolution/report.ts'
import { detailsOf, placeOf } from './details.ts'
import { grouped, headline, shown, type Told } from './group.ts'
import { summaryOf } from './summary.ts'

/** More than a person reads; the JSON has them all. */
const FINDINGS_MAX = 500
const NAMES_MAX = 20

export function renderText(report: SchemaCheckReport): string {
  const told = grouped(report.findings.filter((f) => f.standing !== 'known'))
  const blocks = told.slice(0, FINDINGS_MAX).map(blockOf)
  const left = told.length - blocks.length
  const asides = [
    ...(left > 0 ? [`${plural(left, 'more finding')} not shown: see --json`] : []),
    ...newLines(report.subjects),
    ...skippedLines(report.skipped),
  ]
  return `${[...blocks.flatMap((b) => [...b, '']), ...asides, summaryOf(report)].join('\n')}\n`
}

/** As editors and people look for a place: `file:line:column severity RULE words`. */
function blockOf(told: Told): string[] {
  const { finding } = told
  const { place, placeBefore, severity, rule, standing } = finding
  const at = placeOf(place ?? placeBefore)
  const word = standing === 'suppressed' ? 'suppressed' : severity
  const head = `${at === null ? '' : `${at} `}${word} ${rule} ${headline(finding)}`
  return [head, ...detailsOf(told).map((line) => `    ${line}`)]
}

const newLines = (subjects: readonly SubjectReport[]): string[] =>
  listLine(
    'new',
    subjects.filter((s) => s.status === 'new').map((s) => s.subject),
  )

const skippedLines = (skipped: readonly string[]): string[] =>
  listLine('no schema, skipped', skipped)

function listLine(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return []
  const more = names.length - NAMES_MAX
  const listed = names.slice(0, NAMES_MAX).map(shown).join(', ')
  return [`${what}: ${listed}${more > 0 ? ` and ${more} more` : ''}`]
}
