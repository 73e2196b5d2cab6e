/** One rule of this engine: what is known of it everywhere, and how a finding of it reads. */
import type { Rule } from '../engine.ts'

export interface JsonRule extends Rule {
  /** Accepted under LENIENT. */
  readonly isLenient: boolean
  /** `{name}` stands for an argument of the difference. */
  readonly sentence: string
}

/** What one rule is written with. */
export interface RuleText {
  readonly purpose: string
  readonly sentence: string
  readonly fix: string
  /** Of the example: a schema, or its JSON. */
  readonly before: object | boolean | string
  readonly after: object | boolean | string
  /** The registry has no name for it: it does not look. */
  readonly isOurs?: boolean
  readonly isLenient?: boolean
}

export function incompatible(name: string, text: RuleText): JsonRule {
  const registryName = text.isOurs ? null : name
  return { ...ruleOf(name, text), kind: 'incompatible', registryName, severity: 'error' }
}

export function risk(name: string, text: RuleText): JsonRule {
  return { ...ruleOf(name, text), kind: 'risk', registryName: null, severity: 'warning' }
}

function ruleOf(
  name: string,
  { purpose, sentence, fix, before, after, isLenient = false }: RuleText,
): Omit<JsonRule, 'kind' | 'registryName' | 'severity'> {
  const example = { before: textOf(before), after: textOf(after) }
  return { id: `JSON_${name}`, format: 'json-schema', purpose, sentence, fix, example, isLenient }
}

function textOf(schema: object | boolean | string): string {
  return typeof schema === 'string' ? schema : JSON.stringify(schema)
}
