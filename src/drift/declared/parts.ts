/** What schemas that hold in one place say of what is within it. */
import { itemSchemas, memberSchemas } from './container-tests.ts'
import { isSchema, keyword, type Schema, type SchemaObject } from './schema-json.ts'

export interface Parts {
  /** Of a record, by name. */
  readonly named: ReadonlyMap<string, readonly Schema[]>
  /** Of names that are not listed. */
  readonly others: readonly Schema[]
  readonly items: readonly Schema[]
}

/** Schemas that allow nothing say nothing of it, unless they stand at a name. */
export function partsOf(here: readonly SchemaObject[]): Parts {
  const named = new Map<string, Schema[]>()
  const others: Schema[] = []
  const items: Schema[] = []
  for (const schema of here) {
    const members = memberSchemas(schema)
    for (const [name, one] of members.named) {
      const list = named.get(name)
      if (list === undefined) named.set(name, [one])
      else list.push(one)
    }
    others.push(...members.patterns.values())
    for (const other of [members.others, keyword(schema, 'unevaluatedProperties')]) {
      if (isSchema(other) && other !== false) others.push(other)
    }
    const { first, rest } = itemSchemas(schema)
    items.push(...first)
    if (rest !== null && rest !== false) items.push(rest)
  }
  return { named, others, items }
}
