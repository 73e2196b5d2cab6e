/** Findings for a terminal: one a line, where editors and people look for them. */
import { visible } from '../../base/visible.ts'
import { plural } from '../../base/words.ts'
import { countOf, type LintReport } from './report.ts'

export function renderText(report: LintReport): string {
  const file = visible(report.file)
  const lines = report.findings.map(
    ({ line, column, severity, rule, message }) =>
      `${file}:${line}:${column} ${severity} ${rule} ${visible(message)}`,
  )
  return `${[...lines, ...(lines.length > 0 ? [''] : []), sumOf(report, file)].join('\n')}\n`
}

/** The last line: what came of it. */
function sumOf(report: LintReport, file: string): string {
  const { findings, config } = report
  if (findings.length > 0) {
    const counts = (['error', 'warning', 'note'] as const)
      .map((severity) => [countOf(report, severity), severity] as const)
      .filter(([n]) => n > 0)
      .map(([n, severity]) => plural(n, severity))
    const unasked = config === null ? '; what depends on them was not checked' : ''
    return `${counts.join(', ')}${unasked}`
  }
  const pipelines = config?.pipelines ?? []
  const sum = (of: readonly (readonly unknown[])[]): number => of.flat().length
  const edges = plural(sum(pipelines.map((p) => p.edges)), 'edge')
  const objectives = plural(sum((config?.promises ?? []).map((p) => p.objectives)), 'objective')
  return `All good! ${file}: ${plural(pipelines.length, 'pipeline')}, ${edges}, ${objectives}.`
}
