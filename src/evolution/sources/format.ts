/**
 * Which format a file has: by its extension, and a `.json` by what only one of the formats says.
 * What both might say is JSON Schema; what neither does is no schema.
 */
import type { SchemaFormat } from '../engine.ts'
import { isArray, isObject, type Json, readJson } from './json.ts'

/** Null: it is no schema. */
export function formatOf(path: string, text: string): SchemaFormat | null {
  const lower = path.toLowerCase()
  if (lower.endsWith('.proto')) return 'protobuf'
  if (lower.endsWith('.avsc') || lower.endsWith('.avro.json')) return 'avro'
  if (lower.endsWith('.schema.json')) return 'json-schema'
  if (!lower.endsWith('.json')) return null
  const json = readJson(text)
  if (json === undefined) return null
  return isAvro(json) ? 'avro' : isJsonSchema(json) ? 'json-schema' : null
}

/** Names of types that JSON Schema has not. */
const avroOnly: ReadonlySet<string> = new Set(
  'record error enum fixed map bytes int long float double'.split(' '),
)

function isAvro(json: Json): boolean {
  if (typeof json === 'string') return avroOnly.has(json) || json === 'string'
  // A union at the top; other lists are data.
  if (isArray(json)) return json.length > 0 && json.every(isBranch) && json.some(isAvroOnly)
  return isAvroOnly(json)
}

/** A name may stand for a type; anything else must be one. */
function isBranch(json: Json): boolean {
  return typeof json === 'string' || isAvroOnly(json)
}

function isAvroOnly(json: Json): boolean {
  if (typeof json === 'string') return avroOnly.has(json)
  if (!isObject(json) || json.$schema !== undefined) return false
  const { type } = json
  if (type === 'record' || type === 'error') return isArray(json.fields)
  if (type === 'enum') return isArray(json.symbols)
  if (type === 'fixed') return typeof json.size === 'number'
  if (type === 'map') return json.values !== undefined
  if (type === 'array') return typeof json.items === 'string' || isUnionOfItems(json.items)
  return typeof type === 'string' && avroOnly.has(type)
}

/** `items` of a JSON Schema may be a list of schemas, but not of names. */
function isUnionOfItems(items: Json | undefined): boolean {
  if (isArray(items)) return items.some((item) => typeof item === 'string')
  return isObject(items) && avroOnly.has(String(items.type))
}

const jsonTypes = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'])

/** A keyword counts only where its value is of the kind that a schema has there. */
function isJsonSchema(json: Json): boolean {
  if (!isObject(json)) return false
  if (typeof json.$schema === 'string') return /json-schema\.org|\/schema#?$/.test(json.$schema)
  const { type } = json
  if (typeof type === 'string' && jsonTypes.has(type)) return true
  if (isArray(type) && type.length > 0) return type.every((t) => jsonTypes.has(String(t)))
  if (typeof json.$ref === 'string') return true
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const list = json[keyword]
    if (isArray(list) && list.length > 0 && list.every((one) => isObject(one))) return true
  }
  return ['$defs', 'definitions', 'properties'].some((keyword) => {
    const map = json[keyword]
    return isObject(map) && Object.values(map).every((one) => isObject(one))
  })
}
