/** Schemas of tests are values; what cannot be read fails the test. */

import type { SchemaProblem } from '../../../src/evolution/engine.ts'
import { jsonSchemaEngine } from '../../../src/evolution/json-schema/engine.ts'
import type { JsonSchema } from '../../../src/evolution/json-schema/model.ts'

export const MODERN = 'https://json-schema.org/draft/2020-12/schema'
export const DRAFT_4 = 'http://json-schema.org/draft-04/schema#'

export function parsedText(text: string, references?: ReadonlyMap<string, string>): JsonSchema {
  const result = jsonSchemaEngine.parse({ name: 'a.json', text, ...(references && { references }) })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.schema
}

export function parsed(schema: unknown, references?: ReadonlyMap<string, string>): JsonSchema {
  return parsedText(JSON.stringify(schema), references)
}

export function problemsOf(
  schema: unknown,
  references?: ReadonlyMap<string, string>,
): readonly SchemaProblem[] {
  const text = typeof schema === 'string' ? schema : JSON.stringify(schema)
  const result = jsonSchemaEngine.parse({ name: 'a.json', text, ...(references && { references }) })
  return result.ok ? [] : result.problems
}

/** Rules without `JSON_`, with the path as the registry writes it. */
export function found(
  before: unknown,
  after: unknown,
  policy: 'STRICT' | 'LENIENT' = 'STRICT',
): readonly string[] {
  return jsonSchemaEngine
    .compare(parsed(after), parsed(before), policy)
    .map(({ rule, args }) => `${rule.replace('JSON_', '')} ${args.registryPath}`)
}
