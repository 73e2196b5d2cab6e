/** A check of schemas for programs: `quipu.schema-check/v1`, which only grows. */
import { visibleJson } from '../../src/base/visible.ts'
import { SCHEMA_CHECK } from '../../src/evolution/baseline.ts'
import { type SchemaCheckReport, schemaCheckCode } from '../../src/evolution/report.ts'
import { summaryOf } from './summary.ts'

export function renderJson(report: SchemaCheckReport): string {
  const { version, against, failOn, subjects, findings, skipped } = report
  const open = findings.filter((f) => f.standing === 'open')
  const of = (severity: string): number => open.filter((f) => f.severity === severity).length
  const sum = (key: 'versions' | 'comparisons'): number => subjects.reduce((n, s) => n + s[key], 0)
  const data = {
    schema: SCHEMA_CHECK,
    version,
    exitCode: schemaCheckCode(report),
    summary: summaryOf(report),
    against,
    failOn,
    counts: {
      subjects: subjects.length,
      compared: subjects.filter((s) => s.comparisons > 0).length,
      versions: sum('versions'),
      comparisons: sum('comparisons'),
      error: of('error'),
      warning: of('warning'),
      info: of('info'),
      known: findings.filter((f) => f.standing === 'known').length,
      suppressed: findings.filter((f) => f.standing === 'suppressed').length,
    },
    subjects,
    findings,
    skipped,
  }
  return `${visibleJson(JSON.stringify(data, null, 2))}\n`
}
