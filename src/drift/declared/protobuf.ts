/**
 * A message of a .proto text as a JSON Schema of the values that a reader makes of it. What has its
 * default is not on the wire, so only what proto2 requires is required.
 */
import protobuf, { type Field, type Type } from 'protobufjs'
import { type ProtobufTexts, protobufMessage } from '../read/protobuf-schema.ts'
import { OPEN_ENUM_KEYWORD, type Schema, type SchemaObject, TYPE_KEYWORD } from './schema-json.ts'

const INT = 2_147_483_648
const UINT = 4_294_967_296

const small = { type: 'integer', minimum: -INT, maximum: INT - 1 }
const smallUnsigned = { type: 'integer', minimum: 0, maximum: UINT - 1 }
const large = { type: 'integer' }
const largeUnsigned = { type: 'integer', minimum: 0 }

const scalars: Readonly<Record<string, SchemaObject>> = {
  double: { type: 'number' },
  float: { type: 'number' },
  int32: small,
  sint32: small,
  sfixed32: small,
  uint32: smallUnsigned,
  fixed32: smallUnsigned,
  int64: large,
  sint64: large,
  sfixed64: large,
  uint64: largeUnsigned,
  fixed64: largeUnsigned,
  bool: { type: 'boolean' },
  string: { type: 'string' },
  bytes: { type: 'string' },
}

/** @param message see protobufMessage @throws QuipuError */
export function schemaOfProtobuf(texts: ProtobufTexts, message: string | null): Schema {
  const root = protobufMessage(texts, message)
  const $defs: Record<string, Schema> = Object.create(null)
  const waiting: Type[] = [root]
  const seen = new Set<Type>(waiting)
  const refer = (type: Type): void => {
    if (seen.has(type)) return
    seen.add(type)
    waiting.push(type)
  }
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
    $defs[type.fullName] = recordOf(type, refer)
  }
  const $schema = 'https://json-schema.org/draft/2020-12/schema'
  return { $schema, ...referring(root), $defs }
}

function recordOf(type: Type, refer: (type: Type) => void): Schema {
  const properties: Record<string, Schema> = Object.create(null)
  const required: string[] = []
  for (const field of type.fieldsArray) {
    properties[field.name] = typed(field, refer)
    if (field.required) required.push(field.name)
  }
  return { type: 'object', properties, required, [TYPE_KEYWORD]: type.name }
}

function typed(field: Field, refer: (type: Type) => void): SchemaObject {
  const one = single(field.resolve(), refer)
  if (field.map) {
    return { type: 'object', additionalProperties: one, [TYPE_KEYWORD]: 'map' }
  }
  return field.repeated ? { type: 'array', items: one, [TYPE_KEYWORD]: 'repeated' } : one
}

function single({ type, resolvedType }: Field, refer: (type: Type) => void): SchemaObject {
  if (resolvedType instanceof protobuf.Enum) {
    const words = { [OPEN_ENUM_KEYWORD]: true, [TYPE_KEYWORD]: 'enum' }
    return { enum: Object.keys(resolvedType.values), ...words }
  }
  if (resolvedType instanceof protobuf.Type) {
    refer(resolvedType)
    return referring(resolvedType)
  }
  return { ...scalars[type], [TYPE_KEYWORD]: type }
}

function referring({ fullName, name }: Type): SchemaObject {
  return { $ref: `#/$defs/${encodeURIComponent(fullName)}`, [TYPE_KEYWORD]: name }
}
