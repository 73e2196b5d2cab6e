/**
 * A data contract (Open Data Contract Standard 3) as a JSON Schema: the schema object of one topic.
 *
 * What a contract leaves to the platform accuses nobody: dates and times may be text or numbers, and a
 * rule of quality that lets some rows differ is no rule for one message. A property that is not required
 * may be missing or null.
 */

import { SCHEMA_DEPTH_MAX } from './limits.ts'
import {
  isSchemaObject,
  keyword,
  type Schema,
  type SchemaObject,
  TYPE_KEYWORD,
  Unusable,
} from './schema-json.ts'

/** Whether a document is one, of whatever version. */
export function isContract(document: unknown): document is SchemaObject {
  return isSchemaObject(document) && keyword(document, 'kind') === 'DataContract'
}

/** @param name or physical name of the schema object; null: the first one @throws Unusable */
export function schemaOfContract(contract: SchemaObject, name: string | null): Schema {
  const version = keyword(contract, 'apiVersion')
  if (typeof version !== 'string' || !/^v?3\./.test(version)) {
    throw new Unusable('it is a contract of a version other than 3')
  }
  const objects = listAt(contract, 'schema')
  const called = (one: SchemaObject): boolean =>
    keyword(one, 'name') === name || keyword(one, 'physicalName') === name
  const object = name === null ? objects[0] : objects.find(called)
  if (object === undefined) {
    throw new Unusable(
      name === null ? 'it has no schema' : `it has no schema named ${name.slice(0, 100)}`,
    )
  }
  return recordOf(object, 0)
}

function recordOf(object: SchemaObject, depth: number): SchemaObject {
  if (depth > SCHEMA_DEPTH_MAX) throw new Unusable('its properties are nested too deep')
  const list = listAt(object, 'properties')
  if (list.length === 0) return { type: 'object' }
  const properties: Record<string, Schema> = Object.create(null)
  const required: string[] = []
  for (const property of list) {
    const name = nameOf(property)
    properties[name] = propertyOf(property, depth + 1)
    if (keyword(property, 'required') === true) required.push(name)
  }
  return { type: 'object', properties, required, [TYPE_KEYWORD]: 'object' }
}

/** On the wire it has its physical name, if it has one. */
function nameOf(property: SchemaObject): string {
  const physical = keyword(property, 'physicalName')
  const name = typeof physical === 'string' ? physical : keyword(property, 'name')
  if (typeof name !== 'string' || name === '') throw new Unusable('a property has no name')
  return name
}

const moments: readonly string[] = ['string', 'integer', 'number']
const types: Readonly<Record<string, readonly string[]>> = {
  string: ['string'],
  date: moments,
  timestamp: moments,
  time: moments,
  number: ['number'],
  integer: ['integer'],
  object: ['object'],
  array: ['array'],
  boolean: ['boolean'],
}

/** Options that mean what the keyword of the same name means. */
const options: Readonly<Record<string, readonly string[]>> = {
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  array: ['minItems', 'maxItems', 'uniqueItems'],
  object: ['minProperties', 'maxProperties', 'required'],
}

function propertyOf(property: SchemaObject, depth: number): Schema {
  const logical = keyword(property, 'logicalType')
  const type = typeof logical === 'string' && Object.hasOwn(types, logical) ? logical : null
  const says: Record<string, unknown> = {}
  if (type === 'object') Object.assign(says, recordOf(property, depth))
  if (type === 'array') {
    const items = keyword(property, 'items')
    if (isSchemaObject(items)) says.items = propertyOf(items, depth + 1)
  }
  if (type !== null) says.type = types[type]
  const given = keyword(property, 'logicalTypeOptions')
  if (type !== null && isSchemaObject(given)) {
    for (const name of options[type] ?? []) {
      const value = keyword(given, name)
      if (value !== undefined) says[name] = value
    }
  }
  const valid = validValuesOf(property)
  if (valid !== null) says.enum = valid
  says[TYPE_KEYWORD] = type ?? 'any type'
  if (keyword(property, 'required') === true) return says
  return { anyOf: [{ type: 'null', [TYPE_KEYWORD]: 'null' }, says] }
}

/** Null: any may come. */
function validValuesOf(property: SchemaObject): readonly unknown[] | null {
  for (const rule of listAt(property, 'quality')) {
    const name = keyword(rule, 'metric') ?? keyword(rule, 'rule')
    if (!['invalidValues', 'validValues', 'invalidCount'].includes(String(name))) continue
    const bounds = Object.keys(rule).filter(
      (key) => key.startsWith('mustBe') || key.startsWith('mustNot'),
    )
    const isStrict = bounds.length === 0 || (bounds.length === 1 && rule.mustBe === 0)
    const given = keyword(rule, 'arguments')
    const values = keyword(isSchemaObject(given) ? given : rule, 'validValues')
    if (isStrict && Array.isArray(values) && values.length > 0) return values
  }
  return null
}

function listAt(object: SchemaObject, name: string): readonly SchemaObject[] {
  const list = keyword(object, name)
  if (list === undefined || list === null) return []
  if (Array.isArray(list) && list.every(isSchemaObject)) return list
  throw new Unusable(`\`${name}\` is no list of objects`)
}
