/** A JSON Schema as it was parsed, and the complaint about one that cannot be used. */

export type Schema = boolean | SchemaObject
export interface SchemaObject {
  readonly [keyword: string]: unknown
}

/**
 * What a type is called in its own language, for people: Avro and Protobuf are held against messages as
 * JSON Schemas, which do not know all of their types.
 */
export const TYPE_KEYWORD = 'x-quipu-type'
/** True: a value that is none of `enum` is unseen, of whatever type it is. */
export const OPEN_ENUM_KEYWORD = 'x-quipu-open-enum'

/** The message says what is wrong, and where; whoever knows the file adds it. */
export class Unusable extends Error {}

export function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'boolean' || isSchemaObject(value)
}

export function keyword(schema: SchemaObject, name: string): unknown {
  return Object.hasOwn(schema, name) ? schema[name] : undefined
}

/** Keywords whose value holds schemas by names that are no keywords. */
const maps = [
  'properties',
  'patternProperties',
  'definitions',
  '$defs',
  'dependentSchemas',
  'dependencies',
]
/** Keywords whose value is a schema, or a list of them. */
const nested = [
  'additionalItems',
  'additionalProperties',
  'allOf',
  'anyOf',
  'contains',
  'else',
  'if',
  'items',
  'not',
  'oneOf',
  'prefixItems',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
]

/** Those that known keywords hold: what others hold may be anything. */
export function schemasWithin(schema: SchemaObject): readonly Schema[] {
  const values: unknown[] = []
  for (const name of maps) {
    const map = keyword(schema, name)
    if (isSchemaObject(map)) values.push(...Object.values(map))
  }
  for (const name of nested) {
    const value = keyword(schema, name)
    if (Array.isArray(value)) values.push(...value)
    else values.push(value)
  }
  return values.filter(isSchema)
}
