/** The rules for people and programs: a list, and one of them in full. */
import { visibleJson } from '../../src/base/visible.ts'
import type { DocumentedRule } from '../../src/evolution/general-rules.ts'
import { indented } from '../lines.ts'

const COLUMN_GAP = '  '

export function renderRules(rules: readonly DocumentedRule[]): string {
  const width = Math.max(...rules.map((r) => r.id.length))
  const lines = rules.map(({ id, severity, purpose }) =>
    [id.padEnd(width), severity.padEnd('warning'.length), purpose].join(COLUMN_GAP),
  )
  return `${lines.join('\n')}\n`
}

/** `quipu.schema-rules/v1`, which only grows. */
export const renderRulesJson = (rules: readonly DocumentedRule[]): string =>
  `${visibleJson(JSON.stringify({ schema: 'quipu.schema-rules/v1', rules }, null, 2))}\n`

export function renderRule(rule: DocumentedRule): string {
  const { id, format, kind, severity, registryName, purpose, fix, example } = rule
  const lines = [
    id,
    '',
    ...indented(purpose, '  '),
    '',
    `  format    ${format ?? 'all'}`,
    `  kind      ${kind}`,
    `  severity  ${severity}${kind === 'problem' ? ', always' : ', unless configured'}`,
    `  registry  ${registryName ?? 'has no name for it'}`,
    ...(example === null
      ? []
      : ['', '  before', ...textLines(example.before), '  after', ...textLines(example.after)]),
    '',
    ...indented(`fix: ${fix}`, '  '),
  ]
  return `${lines.join('\n')}\n`
}

const textLines = (text: string): string[] => text.split('\n').map((line) => `    ${line}`)
