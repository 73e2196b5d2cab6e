/**
 * Workflow commands for GitHub: an annotation for each finding, beside its line. GitHub shows 10 of each
 * level of a step and drops the rest without a word, so the tenth says how many more there are.
 */
import { plural } from '../../src/base/words.ts'
import { commandData, commandProperty } from '../../src/base/workflow-command.ts'
import { type SchemaCheckReport, severities } from '../../src/evolution/report.ts'
import { detailsOf } from './details.ts'
import { grouped, headline, type Told } from './group.ts'
import { emptyReason, summaryOf } from './summary.ts'

const LEVEL_MAX = 10
const COMMANDS = { error: 'error', warning: 'warning', info: 'notice' } as const

export function renderGithub(report: SchemaCheckReport): string {
  const told = grouped(report.findings.filter((f) => f.standing === 'open'))
  const lines = severities.flatMap((severity) => {
    const all = told.filter(({ finding }) => finding.severity === severity)
    const first = all.slice(0, LEVEL_MAX)
    const more = all.length - first.length
    return first.map((one, i) => commandOf(one, i === first.length - 1 ? more : 0))
  })
  const empty = emptyReason(report)
  if (empty !== null) lines.push(`::error title=quipu schema check::${commandData(empty)}`)
  return [...lines, summaryOf(report)].map((line) => `${line}\n`).join('')
}

function commandOf(told: Told, more: number): string {
  const { finding } = told
  const { place, rule, severity } = finding
  const properties = {
    ...(place === null
      ? {}
      : {
          file: place.source,
          ...{ line: String(place.line), endLine: String(place.line), col: String(place.column) },
        }),
    title: rule,
  }
  const list = Object.entries(properties).map(([key, value]) => `${key}=${commandProperty(value)}`)
  const rest = more > 0 ? [`and ${plural(more, 'more finding')} of this level: see the text`] : []
  const text = [headline(finding), ...detailsOf(told), ...rest].join('\n')
  return `::${COMMANDS[severity]} ${list.join(',')}::${commandData(text)}`
}
