/** What a JSON Schema promises. */
import type { Value } from '../read/reader.ts'
import { ODDITIES_MAX } from '../shape.ts'
import { compile } from './compile.ts'
import type { Declared, DeclaredFields, Found } from './declared.ts'
import { Documents } from './documents.ts'
import { declaredFields } from './fields.ts'
import { fingerprintOf } from './fingerprint.ts'
import { type Failure, foundOf, Run } from './run.ts'
import { isSchema, type Schema, Unusable } from './schema-json.ts'
import type { SymbolNode } from './symbol-node.ts'
import { symbolsIn } from './symbols.ts'

/**
 * @param parts all that it is made of
 * @param references by the names by which schemas refer to them
 * @throws Unusable
 */
export function declaredBySchema(
  schema: Schema,
  parts: readonly (string | null)[],
  references: ReadonlyMap<string, Schema> = new Map(),
): Declared {
  const documents = new Documents(schema, references)
  const test = compile(schema, documents)
  const fields: DeclaredFields = declaredFields(schema, documents)
  return {
    fingerprint: fingerprintOf(parts),
    fields,
    symbols: symbolsIn(schema, documents),
    check(value: Value) {
      const run = new Run()
      const found = distinct(run.check(test, value, { path: '', node: fields }))
      return run.isSpent && found.length === 0 ? null : found
    },
  }
}

/** The texts that a schema names in enums; null: none, or it cannot be told. */
export function symbolsOf(make: () => Schema): SymbolNode | null {
  try {
    const schema = make()
    return symbolsIn(schema, new Documents(schema, new Map()))
  } catch {
    return null
  }
}

/** @throws Unusable */
export function schemaIn(text: string): Schema {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Unusable('it is no JSON')
  }
  if (isSchema(value)) return value
  throw new Unusable('it is no JSON Schema')
}

/** The first of each kind and path. */
function distinct(failures: readonly Failure[]): readonly Found[] {
  // Most messages.
  if (failures.length === 0) return []
  const distinct = new Map<string, Found>()
  for (const failure of failures) {
    const found = foundOf(failure)
    if (found === null) continue
    const key = `${found.kind} ${found.path}`
    if (!distinct.has(key)) distinct.set(key, found)
    if (distinct.size === ODDITIES_MAX) break
  }
  return [...distinct.values()]
}
