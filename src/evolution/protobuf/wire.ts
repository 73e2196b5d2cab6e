/** Which types a reader takes for each other on the wire; each registry draws the lines elsewhere. */
import type { Kind, ProtobufSchema, ProtoField, ProtoMessage } from './model.ts'

/** The registry's groups: an enum is a number, bytes are a string. */
const scalarKinds: Readonly<Record<string, string>> = {
  ...{ int32: 'varint', int64: 'varint', uint32: 'varint', uint64: 'varint' },
  ...{ bool: 'varint', enum: 'varint', sint32: 'zigzag', sint64: 'zigzag' },
  ...{ string: 'string', bytes: 'string', fixed32: 'fixed32', sfixed32: 'fixed32' },
  ...{ fixed64: 'fixed64', sfixed64: 'fixed64', float: 'float', double: 'double' },
}

/** Null: a message or group. */
export function scalarKindOf(kind: Kind): string | null {
  return scalarKinds[kind] ?? null
}

/** buf's groups: an enum is no number, and bytes are no string (a string is bytes). */
const wireGroups: Readonly<Record<Kind, string>> = {
  ...{ int32: 'varint', int64: 'varint', uint32: 'varint', uint64: 'varint', bool: 'varint' },
  ...{ sint32: 'zigzag', sint64: 'zigzag', string: 'string', bytes: 'bytes' },
  ...{ fixed32: 'fixed32', sfixed32: 'fixed32', fixed64: 'fixed64', sfixed64: 'fixed64' },
  ...{ float: 'float', double: 'double', enum: 'enum', message: 'message', group: 'group' },
}

/** Beside the wire also the same in JSON, where 64 bits are a string and a bool is `true`. */
const wireJsonGroups: Readonly<Record<Kind, string>> = {
  ...wireGroups,
  ...{ int32: 'int32', uint32: 'int32', int64: 'int64', uint64: 'int64', bool: 'bool' },
  ...{ sint32: 'sint32', sint64: 'sint64' },
}

export function isSameOnWire(before: Kind, after: Kind): boolean {
  if (before === 'string' && after === 'bytes') return true
  return wireGroups[before] === wireGroups[after]
}

export function isSameOnWireAndInJson(before: Kind, after: Kind): boolean {
  return wireJsonGroups[before] === wireJsonGroups[after]
}

/** For people: `map<string, int32>`, `orders.v1.Order`, `int32`. */
export function typeText(field: ProtoField, { messages }: ProtobufSchema): string {
  const entry = field.typeName === null ? undefined : messages.get(field.typeName)
  if (field.cardinality !== 'map' || entry === undefined) return field.typeName ?? field.kind
  const [key, value] = entry.fields
  return `map<${key?.kind}, ${value?.typeName ?? value?.kind}>`
}

/** Key and value of a map; null: it is none. */
export function entryOf(field: ProtoField, { messages }: ProtobufSchema): ProtoMessage | null {
  if (field.cardinality !== 'map' || field.typeName === null) return null
  return messages.get(field.typeName) ?? null
}
