/** The rules as people and programs ask for them. */
import { QuipuError } from '../../base/errors.ts'
import { suggestion } from '../../base/nearest.ts'
import { visible } from '../../base/visible.ts'
import { documentedRules, loadEngines } from '../../evolution/engines.ts'
import type { DocumentedRule } from '../../evolution/general-rules.ts'
import { out } from '../io.ts'

export async function listRules(format: 'text' | 'json'): Promise<void> {
  const { renderRules, renderRulesJson } = await import('../../../reports/evolution/rules.ts')
  const rules = documentedRules(await loadEngines())
  out(format === 'json' ? renderRulesJson(rules) : renderRules(rules))
}

/** @throws QuipuError CONFIG: there is no such rule */
export async function explainRule(id: string): Promise<void> {
  const { renderRule } = await import('../../../reports/evolution/rules.ts')
  const rules = documentedRules(await loadEngines())
  const wanted = id.toUpperCase().replaceAll('-', '_')
  const rule = rules.find((r) => r.id === wanted) ?? namedByRegistry(rules, wanted)
  if (rule === undefined) {
    const near = suggestion(
      wanted,
      rules.map((r) => r.id),
    )
    throw new QuipuError('CONFIG', `there is no rule ${visible(id)}${near}`, {
      hint: 'List them: quipu schema rules',
    })
  }
  out(renderRule(rule))
}

/** By the name that a registry printed, where it is that of one rule. */
function namedByRegistry(
  rules: readonly DocumentedRule[],
  name: string,
): DocumentedRule | undefined {
  const named = rules.filter((r) => r.registryName === name)
  return named.length === 1 ? named[0] : undefined
}
