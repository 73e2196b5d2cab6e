/** The fields of a schema, for people who compare two versions of it. */
import { schemaOfAvro } from '../declared/avro.ts'
import { schemasAt } from '../declared/combined-tests.ts'
import { itemSchemas, memberSchemas } from '../declared/container-tests.ts'
import { Documents, refOf } from '../declared/documents.ts'
import { schemaIn } from '../declared/json-schema.ts'
import { SCHEMA_BYTES_MAX, SCHEMA_FIELDS_MAX } from '../declared/limits.ts'
import { typesOf } from '../declared/scalar-tests.ts'
import {
  isSchemaObject,
  keyword,
  type Schema,
  TYPE_KEYWORD,
  Unusable,
} from '../declared/schema-json.ts'
import { ENTRIES, escapedName, ITEMS } from '../field-path.ts'
import type { SchemaField } from '../registry-facts.ts'
import { PATH_CHARS_MAX } from '../shape.ts'
import type { SchemaTexts } from './known-schema.ts'

/** Schemas within each other: one that holds itself is followed so far. */
const DEPTH_MAX = 12
const TYPE_CHARS_MAX = 200

/** Outer ones first; at most `SCHEMA_FIELDS_MAX`. Of a schema that cannot be read: none. */
export async function schemaFields(texts: SchemaTexts): Promise<readonly SchemaField[]> {
  try {
    const { root, references } = await schemaOf(texts)
    return fieldsOf(root, new Documents(root, references))
  } catch {
    return []
  }
}

async function schemaOf({ schemaType, text, references }: SchemaTexts): Promise<{
  readonly root: Schema
  readonly references: ReadonlyMap<string, Schema>
}> {
  if (text.length > SCHEMA_BYTES_MAX) throw new Unusable('it is too large')
  switch (schemaType) {
    case 'AVRO':
      return { root: schemaOfAvro(text, references), references: new Map() }
    case 'JSON': {
      const others = [...references].map(([name, one]) => [name, schemaIn(one)] as const)
      return { root: schemaIn(text), references: new Map(others) }
    }
    case 'PROTOBUF': {
      const { schemaOfProtobuf } = await import('../declared/protobuf.ts')
      const root = schemaOfProtobuf({ text, imports: references }, null)
      return { root, references: new Map() }
    }
    default:
      throw new Unusable('nobody knows its type')
  }
}

interface Place {
  readonly schema: Schema
  readonly path: string
  readonly depth: number
}

function fieldsOf(root: Schema, documents: Documents): readonly SchemaField[] {
  const found = new Map<string, SchemaField>()
  const waiting: Place[] = [{ schema: root, path: '', depth: 0 }]
  // Breadth first: what is outside is what people know.
  for (let i = 0; i < waiting.length && found.size < SCHEMA_FIELDS_MAX; i++) {
    const { schema, path, depth } = waiting[i] as Place
    if (depth > DEPTH_MAX) continue
    const add = (part: string, child: Schema, required: boolean): void => {
      const below = `${path}/${part}`
      if (below.length > PATH_CHARS_MAX || found.has(below) || found.size >= SCHEMA_FIELDS_MAX)
        return
      found.set(below, { path: below, type: wordsOf(child, documents), required })
      waiting.push({ schema: child, path: below, depth: depth + 1 })
    }
    for (const part of alternatives(schema, documents)) {
      if (!isSchemaObject(part)) continue
      const { named, others, patterns } = memberSchemas(part)
      const required = keyword(part, 'required')
      const isRequired = (name: string): boolean =>
        Array.isArray(required) && required.includes(name)
      for (const [name, child] of named) add(escapedName(name), child, isRequired(name))
      for (const child of [...patterns.values(), others]) {
        if (isSchemaObject(child)) add(ENTRIES, child, false)
      }
      const { first, rest } = itemSchemas(part)
      for (const child of [...first, rest]) if (isSchemaObject(child)) add(ITEMS, child, false)
    }
  }
  return [...found.values()]
}

/** Itself, and all that may say more of the same place. */
function alternatives(schema: Schema, documents: Documents): readonly Schema[] {
  const all = new Set<Schema>([schema])
  for (const one of all) {
    if (!isSchemaObject(one)) continue
    const ref = refOf(one)
    const target = ref === null ? null : documents.find(ref, one)
    if (target !== null) all.add(target)
    for (const kind of ['allOf', 'anyOf', 'oneOf'])
      for (const part of schemasAt(one, kind)) all.add(part)
  }
  return [...all]
}

function wordsOf(schema: Schema, documents: Documents, depth = 0): string {
  if (!isSchemaObject(schema)) return schema ? 'anything' : 'nothing'
  const own = keyword(schema, TYPE_KEYWORD)
  if (typeof own === 'string') return own.slice(0, TYPE_CHARS_MAX)
  const ref = refOf(schema)
  const target = ref === null ? null : documents.find(ref, schema)
  if (depth > DEPTH_MAX) return 'anything'
  if (target !== null) return wordsOf(target, documents, depth + 1)
  const branches = [...schemasAt(schema, 'anyOf'), ...schemasAt(schema, 'oneOf')]
  if (branches.length > 0) {
    const words = branches.map((branch) => wordsOf(branch, documents, depth + 1))
    // As people say it: what it is, or nothing.
    const nulls = words.filter((one) => one === 'null')
    const others = words.filter((one) => one !== 'null')
    return [...new Set([...others, ...nulls])].join(' or ').slice(0, TYPE_CHARS_MAX)
  }
  const types = typesOf(schema)
  const list = keyword(schema, 'enum')
  const format = keyword(schema, 'format')
  const base = types.length === 0 ? 'anything' : types.join(' or ')
  if (Array.isArray(list)) return `one of ${list.length} values`
  return typeof format === 'string' ? `${base} (${format.slice(0, 40)})` : base
}
