/** All schemas that speak of one place. */
import { schemasAt } from './combined-tests.ts'
import { type Documents, refOf } from './documents.ts'
import { isSchema, isSchemaObject, keyword, type Schema, type SchemaObject } from './schema-json.ts'

/** Themselves, what they refer to, and what they are combined of; each once. */
export function together(
  schemas: readonly Schema[],
  documents: Documents,
): ReadonlySet<SchemaObject> {
  const here = new Set<SchemaObject>()
  const waiting: Schema[] = [...schemas]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (!isSchemaObject(next) || here.has(next)) continue
    here.add(next)
    const target = targetOf(next, documents)
    if (target !== null) waiting.push(target)
    if (target !== null && documents.isRefAlone) continue
    for (const kind of ['allOf', 'anyOf', 'oneOf']) waiting.push(...schemasAt(next, kind))
    for (const kind of ['then', 'else']) {
      const one = keyword(next, kind)
      if (isSchema(one)) waiting.push(one)
    }
    for (const kind of ['dependentSchemas', 'dependencies']) {
      const map = keyword(next, kind)
      if (isSchemaObject(map)) waiting.push(...Object.values(map).filter(isSchema))
    }
  }
  return here
}

/** Null: it refers to none that is known. */
export function targetOf(schema: SchemaObject, documents: Documents): Schema | null {
  const ref = refOf(schema)
  return ref === null ? null : documents.find(ref, schema)
}
