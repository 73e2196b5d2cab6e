/**
 * Messages to try a reader with: one field set at a time, with values at the edges of its type, and the
 * fields together that now exclude each other. Keys are the names that the library goes by.
 */
import type { Type } from 'protobufjs'
import { NODES_MAX } from './limits.ts'
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
  const filler = new Filler(schema)
  const base = filler.base(message, 0)?.instance
  if (base === undefined) return
  yield base
  const names = namesOf(schema, message)
  for (const numbers of together) {
    const instance = { ...base }
    for (const field of message.fields) {
      const [value] = numbers.includes(field.number) ? filler.values(field, 0) : []
      const name = names.get(field.number)
      if (value !== undefined && name !== undefined) instance[name] = value
    }
    yield instance
  }
  for (const field of message.fields) {
    const name = names.get(field.number)
    if (name === undefined) continue
    for (const value of filler.values(field, 0)) yield { ...base, [name]: value }
  }
}

interface Base {
  readonly instance: Instance
  /** Messages in it, itself too. */
  readonly nodes: number
}

class Filler {
  readonly #schema: ProtobufSchema
  /** By message and depth: each is made once, however often it is needed. */
  readonly #bases = new Map<string, Base | null>()

  constructor(schema: ProtobufSchema) {
    this.#schema = schema
  }

  /** Only what must be there; null: it needs itself, or far too many others. */
  base(message: ProtoMessage, depth: number): Base | null {
    const key = `${depth} ${message.fullName}`
    const known = this.#bases.get(key)
    if (known !== undefined) return known
    const base = this.#make(message, depth)
    this.#bases.set(key, base)
    return base
  }

  #make(message: ProtoMessage, depth: number): Base | null {
    const required = message.fields.filter(({ cardinality }) => cardinality === 'required')
    const instance: Instance = {}
    let nodes = 1
    if (required.length === 0) return { instance, nodes }
    const names = namesOf(this.#schema, message)
    for (const field of required) {
      const [value] = this.values(field, depth)
      if (value === undefined) return null
      nodes += this.#nodesOf(field, depth)
      if (nodes > NODES_MAX) return null
      instance[names.get(field.number) as string] = value
    }
    return { instance, nodes }
  }

  #nodesOf({ typeName }: ProtoField, depth: number): number {
    const message = this.#schema.messages.get(typeName ?? '')
    return message === undefined ? 0 : (this.base(message, depth + 1)?.nodes ?? 0)
  }

  values(field: ProtoField, depth: number): readonly unknown[] {
    if (field.cardinality === 'map') {
      const [key, value] = this.#schema.messages.get(field.typeName as string)?.fields ?? []
      if (key === undefined || value === undefined) return []
      return this.#single(value, depth).map((item) => ({ [keyOf(key)]: item }))
    }
    const values = this.#single(field, depth)
    if (field.cardinality !== 'repeated') return values
    // Two, so that keeping the last only is seen.
    return values.length === 0 ? [] : [[values[0], values.at(-1)], ...values.map((item) => [item])]
  }

  #single(field: ProtoField, depth: number): readonly unknown[] {
    if (field.typeName === null) return ofScalar[field.kind] ?? []
    if (field.kind === 'enum') {
      const values = this.#schema.enums.get(field.typeName)?.values ?? []
      return [...new Set(values.map(({ number }) => number))].slice(-VALUES_MAX)
    }
    const message = this.#schema.messages.get(field.typeName)
    if (message === undefined) return [{}]
    if (depth >= DEPTH_MAX) return []
    const base = this.base(message, depth + 1)
    return base === null ? [] : [base.instance]
  }
}

function keyOf({ kind }: ProtoField): string {
  return kind === 'string' ? 'k' : kind === 'bool' ? 'true' : '1'
}

/** Field names of the library, by number. */
export function namesOf({ root }: ProtobufSchema, { fullName }: ProtoMessage): Map<number, string> {
  const names = new Map<number, string>()
  for (const field of (root.lookupType(`.${fullName}`) as Type).fieldsArray)
    names.set(field.id, field.name)
  return names
}
