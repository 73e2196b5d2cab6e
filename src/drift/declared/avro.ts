/**
 * An Avro schema as a JSON Schema of the values that a reader makes of it. What a consumer may do without
 * is not required: fields with a default, and those that may come by another name.
 */
import { type AvroNames, isObject, parseAvro, placeOf, resolved } from '../read/avro-names.ts'
import { type Schema, type SchemaObject, TYPE_KEYWORD, Unusable } from './schema-json.ts'

const INT = 2_147_483_648

const primitives: ReadonlyMap<unknown, SchemaObject> = new Map<unknown, SchemaObject>([
  ['null', { type: 'null' }],
  ['boolean', { type: 'boolean' }],
  ['int', { type: 'integer', minimum: -INT, maximum: INT - 1 }],
  ['long', { type: 'integer' }],
  ['float', { type: 'number' }],
  ['double', { type: 'number' }],
  ['bytes', { type: 'string' }],
  ['string', { type: 'string' }],
])

const DAY_MS = 86_400_000

/** What a logical type says of its values beside the type; others say how they are meant. */
const logicals: ReadonlyMap<unknown, SchemaObject> = new Map<unknown, SchemaObject>([
  ['uuid', { format: 'uuid' }],
  ['time-millis', { minimum: 0, maximum: DAY_MS - 1 }],
  ['time-micros', { minimum: 0, maximum: DAY_MS * 1_000 - 1 }],
])

/** @throws Unusable, QuipuError */
export function schemaOfAvro(text: string, references: ReadonlyMap<string, string>): Schema {
  const { schema, names } = parseAvro(text, references)
  const $defs: Record<string, Schema> = Object.create(null)
  for (const [name, { schema: definition, namespace }] of names) {
    $defs[name] = named(definition, namespace, names)
  }
  const $schema = 'https://json-schema.org/draft/2020-12/schema'
  return { $schema, ...typed(schema, '', names), $defs }
}

function typed(type: unknown, namespace: string, names: AvroNames): SchemaObject {
  if (typeof type === 'string') {
    const primitive = primitives.get(type)
    return primitive === undefined
      ? referring(type, namespace, names)
      : { ...primitive, [TYPE_KEYWORD]: type }
  }
  if (Array.isArray(type)) {
    // What is neither has no branch of its own to be told from.
    return { anyOf: type.map((branch) => typed(branch, namespace, names)) }
  }
  if (!isObject(type)) throw new Unusable('a type is neither a name, a list nor an object')
  switch (type.type) {
    case 'record':
    case 'error':
    case 'enum':
    case 'fixed':
      return referring(placeOf(type, namespace).name, '', names)
    case 'array':
      return { type: 'array', items: typed(type.items, namespace, names), [TYPE_KEYWORD]: 'array' }
    case 'map': {
      const additionalProperties = typed(type.values, namespace, names)
      return { type: 'object', additionalProperties, [TYPE_KEYWORD]: 'map' }
    }
    default:
      return logical(typed(type.type, namespace, names), type)
  }
}

function logical(schema: SchemaObject, { logicalType }: SchemaObject): SchemaObject {
  if (typeof logicalType !== 'string') return schema
  const name = schema[TYPE_KEYWORD] ?? 'type'
  const words = `${name} (${logicalType.slice(0, 40)})`
  const isText = schema.type === 'string'
  const says = logicals.get(logicalType)
  const fits = says !== undefined && isText === (says.format !== undefined) && name !== 'bytes'
  return { ...schema, ...(fits ? says : {}), [TYPE_KEYWORD]: words }
}

function referring(name: string, namespace: string, names: AvroNames): SchemaObject {
  const full = resolved(name, namespace, names)
  if (full === null) throw new Unusable(`nothing defines ${name.slice(0, 100)}`)
  return { $ref: `#/$defs/${encodeURIComponent(full)}`, [TYPE_KEYWORD]: full }
}

function named(definition: SchemaObject, namespace: string, names: AvroNames): Schema {
  const { type, symbols, size, fields } = definition
  if (type === 'enum' && Array.isArray(symbols)) {
    return { type: 'string', enum: symbols, [TYPE_KEYWORD]: 'enum' }
  }
  if (type === 'fixed' && typeof size === 'number') {
    const words = `fixed of ${size} bytes`
    const fixed = { type: 'string', minLength: size, maxLength: size, [TYPE_KEYWORD]: words }
    return logical(fixed, definition)
  }
  if (!Array.isArray(fields)) throw new Unusable('a named type is incomplete')
  const properties: Record<string, Schema> = Object.create(null)
  const required: string[] = []
  for (const field of fields) {
    if (!isObject(field) || typeof field.name !== 'string') {
      throw new Unusable('a field has no name')
    }
    const { name, aliases = [] } = field
    properties[name] = typed(field.type, namespace, names)
    const others = Array.isArray(aliases) ? aliases.filter((one) => typeof one === 'string') : []
    for (const alias of others) properties[alias] ??= true
    if (!Object.hasOwn(field, 'default') && others.length === 0) required.push(name)
  }
  return { type: 'object', properties, required, [TYPE_KEYWORD]: 'record' }
}
