/**
 * Findings as workflow commands of GitHub Actions, which shows them beside the lines of the file.
 *
 * Of each kind ten are shown for a step, and the rest is dropped without a word: so the tenth says how
 * many more there are.
 */
import { visible } from '../../base/visible.ts'
import { commandData, commandProperty } from '../../base/workflow-command.ts'
import type { LintFinding } from '../lint.ts'
import { type LintSeverity, lintSeverities } from '../rule.ts'
import type { LintReport } from './report.ts'

const KIND_MAX = 10

const commands: Readonly<Record<LintSeverity, string>> = {
  error: 'error',
  warning: 'warning',
  note: 'notice',
}

export function renderGithub({ file, findings }: LintReport): string {
  return lintSeverities
    .flatMap((severity) => {
      const all = findings.filter((f) => f.severity === severity)
      const more = all.length - KIND_MAX
      return all
        .slice(0, KIND_MAX)
        .map((f, i) => commandOf(file, f, i === KIND_MAX - 1 && more > 0 ? more : 0))
    })
    .join('')
}

function commandOf(file: string, finding: LintFinding, more: number): string {
  const { rule, name, line, column, severity, message } = finding
  const properties = { file, line, col: column, title: `${rule} ${name}` }
  const list = Object.entries(properties)
    .map(([key, value]) => `${key}=${commandProperty(String(value))}`)
    .join(',')
  const rest = more > 0 ? `\n${more} more of severity ${severity}: see \`quipu lint\`` : ''
  return `::${commands[severity]} ${list}::${commandData(`${visible(message)}${rest}`)}\n`
}
