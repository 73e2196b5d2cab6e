/** All rules of this engine, each with an example that it finds. */

import type { JsonRule } from './rule.ts'
import { arrayRules } from './rules/arrays.ts'
import { limitRules } from './rules/limits.ts'
import { objectRules } from './rules/objects.ts'
import { riskRules } from './rules/risks.ts'
import { unionRules } from './rules/unions.ts'
import { valueRules } from './rules/values.ts'

export const rules: readonly JsonRule[] = [
  ...valueRules,
  ...limitRules,
  ...objectRules,
  ...arrayRules,
  ...unionRules,
  ...riskRules,
]

const byId = new Map(rules.map((rule) => [rule.id, rule]))

/** @param name without `JSON_` */
export function ruleOf(name: string): JsonRule {
  const rule = byId.get(`JSON_${name}`)
  if (rule === undefined) throw new Error(`there is no rule JSON_${name}`)
  return rule
}
