/** Findings for programs: `quipu.lint/v1`, which only grows. */
import { visibleJson } from '../../base/visible.ts'
import { countOf, type LintReport, lintCode } from './report.ts'

export function renderJson(report: LintReport): string {
  const { file, findings } = report
  const data = {
    schema: 'quipu.lint/v1',
    file,
    exitCode: lintCode(report),
    /** False: mistakes, or variables that are not set, kept the rules from being asked. */
    complete: report.config !== null,
    counts: {
      error: countOf(report, 'error'),
      warning: countOf(report, 'warning'),
      note: countOf(report, 'note'),
    },
    findings,
  }
  return `${visibleJson(JSON.stringify(data, null, 2))}\n`
}
