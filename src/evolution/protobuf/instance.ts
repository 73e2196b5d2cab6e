/**
 * Messages to try a reader with: one field set at a time, with values at the edges of its type, and the
 * fields together that now exclude each other. Keys are the names that the library goes by.
 */
import type { Type } from 'protobufjs'
import type { ProtobufSchema, ProtoField, ProtoMessage } from './model.ts'

export type Instance = { [name: string]: unknown }

/** Messages within messages that are filled; deeper ones stay empty. */
const DEPTH_MAX = 4

/** Values of an enum that are tried. */
const VALUES_MAX = 8

const ofScalar: Readonly<Record<string, readonly unknown[]>> = {
  double: [0.1],
  float: [1.5],
  int32: [1, 2_147_483_647, -1],
  int64: ['1', '9223372036854775807', '-1'],
  uint32: [1, 4_294_967_295],
  uint64: ['1', '18446744073709551615'],
  sint32: [1, -2_147_483_648],
  sint64: ['1', '-9223372036854775808'],
  fixed32: [1, 4_294_967_295],
  fixed64: ['1', '18446744073709551615'],
  sfixed32: [1, -2_147_483_648],
  sfixed64: ['1', '-9223372036854775808'],
  bool: [true],
  string: ['a'],
  // No UTF-8.
  bytes: [Uint8Array.of(0xff)],
}

/** @param together numbers that are set in one instance */
export function* instancesOf(
  schema: ProtobufSchema,
  message: ProtoMessage,
  together: readonly (readonly number[])[],
): Generator<Instance> {
  const base = baseOf(schema, message, 0)
  if (base === null) return
  yield base
  const names = namesOf(schema, message)
  for (const numbers of together) {
    const instance = { ...base }
    for (const field of message.fields) {
      const [value] = numbers.includes(field.number) ? valuesOf(schema, field, 0) : []
      const name = names.get(field.number)
      if (value !== undefined && name !== undefined) instance[name] = value
    }
    yield instance
  }
  for (const field of message.fields) {
    const name = names.get(field.number)
    if (name === undefined) continue
    for (const value of valuesOf(schema, field, 0)) yield { ...base, [name]: value }
  }
}

/** Only what must be there; null: it needs itself. */
function baseOf(schema: ProtobufSchema, message: ProtoMessage, depth: number): Instance | null {
  const names = namesOf(schema, message)
  const base: Instance = {}
  for (const field of message.fields) {
    if (field.cardinality !== 'required') continue
    const [value] = valuesOf(schema, field, depth)
    if (value === undefined) return null
    base[names.get(field.number) as string] = value
  }
  return base
}

export function namesOf({ root }: ProtobufSchema, { fullName }: ProtoMessage): Map<number, string> {
  const names = new Map<number, string>()
  for (const field of (root.lookupType(`.${fullName}`) as Type).fieldsArray)
    names.set(field.id, field.name)
  return names
}

function valuesOf(schema: ProtobufSchema, field: ProtoField, depth: number): readonly unknown[] {
  if (field.cardinality === 'map') {
    const [key, value] = schema.messages.get(field.typeName as string)?.fields ?? []
    if (key === undefined || value === undefined) return []
    return singleOf(schema, value, depth).map((item) => ({ [keyOf(key)]: item }))
  }
  const values = singleOf(schema, field, depth)
  if (field.cardinality !== 'repeated') return values
  // Two, so that keeping the last only is seen.
  return values.length === 0 ? [] : [[values[0], values.at(-1)], ...values.map((item) => [item])]
}

function keyOf({ kind }: ProtoField): string {
  return kind === 'string' ? 'k' : kind === 'bool' ? 'true' : '1'
}

function singleOf(schema: ProtobufSchema, field: ProtoField, depth: number): readonly unknown[] {
  if (field.typeName === null) return ofScalar[field.kind] ?? []
  if (field.kind === 'enum') {
    const values = schema.enums.get(field.typeName)?.values ?? []
    return [...new Set(values.map(({ number }) => number))].slice(-VALUES_MAX)
  }
  const message = schema.messages.get(field.typeName)
  if (message === undefined) return [{}]
  if (depth >= DEPTH_MAX) return []
  const base = baseOf(schema, message, depth + 1)
  return base === null ? [] : [base]
}
