/** The last line: what was compared, and what came of it. Where nothing was, it says so. */
import { visible } from '../../src/base/visible.ts'
import { plural } from '../../src/base/words.ts'
import {
  hasCompared,
  type ReportedFinding,
  type SchemaCheckReport,
  type SubjectReport,
  schemaCheckCode,
  severities,
} from '../../src/evolution/report.ts'

export function summaryOf(report: SchemaCheckReport): string {
  const { subjects, findings } = report
  const tail = asidesOf(report)
  const said = [comparedWords(subjects), ...tail].join('; ')
  const code = schemaCheckCode(report)
  if (code === 0) {
    if (hasCompared(subjects)) return `ok: ${said}`
    return ['ok: nothing to compare with', ...tail].join('; ')
  }
  const counts = countWords(findings.filter((f) => f.standing === 'open' && f.kind !== 'problem'))
  if (code === 1) {
    const broken = new Set(findings.filter((f) => f.standing === 'open').map((f) => f.subject))
    broken.delete(null)
    const where = broken.size === 0 ? '' : ` in ${plural(broken.size, 'subject')}`
    return `${counts}${where}; compared: ${said}`
  }
  const unread = subjects.filter((s) => s.status === 'unknown')
  if (unread.length > 0) {
    return `could not check ${unread.length} of ${plural(subjects.length, 'subject')}; compared: ${said}`
  }
  return [`nothing was compared: ${emptyWords(report)}`, ...tail].join('; ')
}

/** Why there is nothing to say; null: there is. */
export function emptyReason(report: SchemaCheckReport): string | null {
  const isEmpty =
    schemaCheckCode(report) === 3 && !report.findings.some((f) => f.kind === 'problem')
  return isEmpty ? `nothing was compared: ${emptyWords(report)}` : null
}

function emptyWords({ subjects, against }: SchemaCheckReport): string {
  if (subjects.length === 0) return `no schema was found, here or in ${visible(against.join(', '))}`
  return subjects.every((s) => s.status === 'not_compared')
    ? `the mode of ${plural(subjects.length, 'subject')} is NONE`
    : `${plural(subjects.length, 'subject')}, none with two versions to compare`
}

/** `12 subjects, 31 versions, BACKWARD` */
function comparedWords(subjects: readonly SubjectReport[]): string {
  const compared = subjects.filter((s) => s.comparisons > 0)
  const versions = compared.reduce((sum, s) => sum + s.versions, 0)
  const modes = [...new Set(compared.map((s) => s.mode))].sort()
  return [plural(compared.length, 'subject'), plural(versions, 'version'), modes.join(' and ')]
    .filter((words) => words !== '')
    .join(', ')
}

function asidesOf({ subjects, findings }: SchemaCheckReport): string[] {
  const of = (status: SubjectReport['status']): number =>
    subjects.filter((s) => s.status === status).length
  const standing = (kind: ReportedFinding['standing']): number =>
    findings.filter((f) => f.standing === kind).length
  const isOk = !findings.some((f) => f.standing === 'open' && f.severity === 'error')
  const open = countWords(findings.filter((f) => f.standing === 'open'))
  return [
    ...(of('new') > 0 ? [plural(of('new'), 'new subject')] : []),
    ...(of('not_compared') > 0 ? [`${of('not_compared')} not compared (NONE)`] : []),
    ...(isOk && open !== '' ? [open] : []),
    ...(standing('known') > 0 ? [`${standing('known')} known before`] : []),
    ...(standing('suppressed') > 0 ? [`${standing('suppressed')} suppressed`] : []),
  ]
}

/** `2 errors, 1 warning`; empty: none. */
function countWords(findings: readonly ReportedFinding[]): string {
  return severities
    .map((severity) => [findings.filter((f) => f.severity === severity).length, severity] as const)
    .filter(([n]) => n > 0)
    .map(([n, severity]) => (severity === 'info' ? plural(n, 'note') : plural(n, severity)))
    .join(', ')
}
