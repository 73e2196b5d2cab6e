/** The renderers by name; each is loaded when it is wanted. */
import type { DocumentedRule } from '../../evolution/general-rules.ts'
import type { SchemaCheckReport } from '../../evolution/report.ts'
import type { SchemaFormatName } from './formats.ts'

export async function rendered(
  format: SchemaFormatName,
  report: SchemaCheckReport,
  rules: readonly DocumentedRule[],
): Promise<string> {
  switch (format) {
    case 'text':
      return (await import('../../../reports/evolution/text.ts')).renderText(report)
    case 'json':
      return (await import('../../../reports/evolution/json.ts')).renderJson(report)
    case 'junit':
      return (await import('../../../reports/evolution/junit.ts')).renderJUnit(report)
    case 'sarif':
      return (await import('../../../reports/evolution/sarif.ts')).renderSarif(report, rules)
    case 'github':
      return (await import('../../../reports/evolution/github.ts')).renderGithub(report)
    case 'gitlab':
      return (await import('../../../reports/evolution/gitlab.ts')).renderGitlab(report)
    case 'markdown':
      return (await import('../../../reports/evolution/markdown.ts')).renderMarkdown(report)
  }
}
