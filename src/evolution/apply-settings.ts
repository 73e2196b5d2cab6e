/** What a check found, as the settings of a house have it told. */
import { withBaseline } from './baseline.ts'
import type { ReportedFinding, SchemaCheck, SubjectReport } from './report.ts'
import { type LevelSetting, withLevels } from './severity.ts'
import { type Suppression, suppress } from './suppress.ts'

export interface CheckSettings {
  readonly levels: readonly LevelSetting[]
  readonly suppressions: readonly Suppression[]
  /** Fingerprints of an earlier check. */
  readonly baseline: ReadonlySet<string>
  /** UTC: `2026-11-23`. */
  readonly today: string
  /** Only some subjects were asked for. */
  readonly isPartial: boolean
}

export function applySettings(
  { subjects, findings }: SchemaCheck,
  { levels, suppressions, baseline, today, isPartial }: CheckSettings,
): SchemaCheck {
  const suppressed = suppress(findings, suppressions, { today, subjects, isPartial })
  const told = withBaseline(withLevels(suppressed, levels), baseline)
  return { subjects: subjects.map((subject) => restated(subject, told)), findings: told }
}

/** Where every rule that it broke is off, a subject is as good as compatible. */
function restated(report: SubjectReport, findings: readonly ReportedFinding[]): SubjectReport {
  if (report.status !== 'incompatible') return report
  const own = findings.filter((f) => f.subject === report.subject)
  if (own.some((f) => f.kind === 'incompatible')) return report
  return { ...report, status: own.some((f) => f.kind === 'problem') ? 'unknown' : 'compatible' }
}
