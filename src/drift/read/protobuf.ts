/**
 * The encoding of Protocol Buffers to a value, by a message of a .proto text.
 *
 * What is not on the wire is left out, be it required or not: a field of proto3 that has its default is
 * not there, and that is all that can be said of it. Fields that nobody declared, or that come with a wire
 * type that is not theirs, stand as `#17`, null, in the message that held them.
 */
import protobuf, { type Field, type Type } from 'protobufjs'
import { type Budget, bounded, undecodable } from './bounded.ts'
import { ProtobufCursor, WIRE } from './protobuf-cursor.ts'
import { type ProtobufTexts, protobufMessage } from './protobuf-schema.ts'
import type { Reader, Value } from './reader.ts'
import { textOf } from './text.ts'

/**
 * @param message full name, name within the package, or indexes such as `1/0`; null: the first one
 * @throws QuipuError of FORMAT: a schema that cannot be used, or that has no such message
 */
export function protobufReader(texts: ProtobufTexts, message: string | null): Reader {
  const messages = new Messages()
  const layout = messages.of(protobufMessage(texts, message))
  return {
    read: (payload) =>
      bounded(payload, (bytes, budget) => {
        budget.node()
        const record: Record<string, Value> = Object.create(null)
        new Decoder(new ProtobufCursor(bytes), budget).message(layout, record, null)
        return record
      }),
  }
}

type Scalar = (cursor: ProtobufCursor) => Value

interface Layout {
  readonly fields: ReadonlyMap<number, Slot>
}

/** A field of a message, ready to be read. */
interface Slot {
  readonly name: string
  readonly wire: number
  readonly isList: boolean
  /** May also come many in one. */
  readonly isPackable: boolean
  /** Null: it holds messages. */
  readonly scalar: Scalar | null
  readonly layout: (() => Layout) | null
  /** Null: it is no map. */
  readonly entry: Entry | null
  /** Of the fields of one only the last counts; null: it is of none, or alone in it. */
  readonly oneof: string | null
}

interface Entry {
  readonly key: Slot
  readonly value: Slot
  readonly keyDefault: string
  /** Null: of a message, an empty one. */
  readonly valueDefault: Value
}

class Messages {
  readonly #layouts = new Map<Type, Layout>()

  of(type: Type): Layout {
    const known = this.#layouts.get(type)
    if (known !== undefined) return known
    const fields = new Map(type.fieldsArray.map((field) => [field.id, this.#slot(field)] as const))
    const layout = { fields }
    this.#layouts.set(type, layout)
    return layout
  }

  #slot(field: Field): Slot {
    const slot = this.#part(field.name, field.type, field)
    const { partOf } = field
    return {
      ...slot,
      entry: field.map ? this.#entry(field) : null,
      wire: field.map ? WIRE.bytes : slot.wire,
      isList: field.repeated,
      isPackable: field.repeated && slot.scalar !== null && slot.wire !== WIRE.bytes,
      oneof: partOf !== null && partOf.fieldsArray.length > 1 ? partOf.name : null,
    }
  }

  #entry(field: Field): Entry {
    const { keyType } = field as { readonly keyType?: string }
    const key = this.#part('key', keyType ?? 'string', null)
    const value = this.#part('value', field.type, field)
    const zero = new ProtobufCursor(Buffer.alloc(8))
    const byDefault = ({ scalar }: Slot): Value => (scalar === null ? null : scalar(zero))
    return {
      ...{ key, value },
      keyDefault: String(byDefault(key)),
      valueDefault: field.resolvedType instanceof protobuf.Enum ? firstOf(field) : byDefault(value),
    }
  }

  /** One value, as it would be encoded by itself. */
  #part(name: string, type: string, field: Field | null): Slot {
    const plain = { name, isList: false, isPackable: false, entry: null, oneof: null }
    const resolved = field?.resolvedType ?? null
    if (resolved instanceof protobuf.Type) {
      const wire = field?.delimited === true && !field.map ? WIRE.group : WIRE.bytes
      return { ...plain, wire, scalar: null, layout: () => this.of(resolved) }
    }
    const { wire, read } =
      resolved === null ? scalarOf(type, isStrict(field)) : enumOf(resolved.valuesById)
    return { ...plain, wire, scalar: read, layout: null }
  }
}

function firstOf({ resolvedType }: Field): Value {
  const values = resolvedType instanceof protobuf.Enum ? resolvedType.values : {}
  return Object.keys(values)[0] ?? 0
}

/** Of proto2, text that is no UTF-8 is common, and no reader refuses it. */
function isStrict(field: Field | null): boolean {
  const features = (field as { readonly _features?: Readonly<Record<string, string>> } | null)
    ?._features
  return features?.utf8_validation !== 'NONE'
}

interface ScalarType {
  readonly wire: number
  readonly read: Scalar
}

function enumOf(names: Readonly<Record<number, string>>): ScalarType {
  const read = (cursor: ProtobufCursor): Value => {
    const number = cursor.int32()
    return Object.hasOwn(names, number) ? (names[number] as string) : number
  }
  return { wire: WIRE.varint, read }
}

const scalars: ReadonlyMap<string, ScalarType> = new Map<string, ScalarType>([
  ['int32', { wire: WIRE.varint, read: (cursor) => cursor.int32() }],
  ['uint32', { wire: WIRE.varint, read: (cursor) => cursor.uint32() }],
  ['sint32', { wire: WIRE.varint, read: (cursor) => cursor.sint32() }],
  ['int64', { wire: WIRE.varint, read: (cursor) => cursor.int64() }],
  ['uint64', { wire: WIRE.varint, read: (cursor) => cursor.uint64() }],
  ['sint64', { wire: WIRE.varint, read: (cursor) => cursor.sint64() }],
  ['bool', { wire: WIRE.varint, read: (cursor) => cursor.bool() }],
  ['fixed32', { wire: WIRE.fixed32, read: (cursor) => cursor.fixed32() }],
  ['sfixed32', { wire: WIRE.fixed32, read: (cursor) => cursor.sfixed32() }],
  ['float', { wire: WIRE.fixed32, read: (cursor) => cursor.float() }],
  ['fixed64', { wire: WIRE.fixed64, read: (cursor) => cursor.fixed64() }],
  ['sfixed64', { wire: WIRE.fixed64, read: (cursor) => cursor.sfixed64() }],
  ['double', { wire: WIRE.fixed64, read: (cursor) => cursor.double() }],
  ['bytes', { wire: WIRE.bytes, read: (cursor) => new Uint8Array(cursor.bytes()) }],
])
const strictText: ScalarType = { wire: WIRE.bytes, read: (cursor) => textOf(cursor.bytes()) }
const anyText: ScalarType = { wire: WIRE.bytes, read: (cursor) => cursor.bytes().toString('utf8') }

function scalarOf(type: string, isStrictText: boolean): ScalarType {
  return scalars.get(type) ?? (isStrictText ? strictText : anyText)
}

class Decoder {
  readonly #cursor: ProtobufCursor
  readonly #budget: Budget
  /** Which field of each oneof a message holds. */
  readonly #held = new Map<object, Map<string, string>>()

  constructor(cursor: ProtobufCursor, budget: Budget) {
    this.#cursor = cursor
    this.#budget = budget
  }

  /** @param group number of the group that it is; null: it ends where its bytes do */
  message({ fields }: Layout, record: Record<string, Value>, group: number | null): void {
    this.#budget.enter()
    for (;;) {
      if (this.#cursor.isAtEnd) {
        if (group !== null) undecodable('cut short')
        break
      }
      const { number, wire } = this.#cursor.tag()
      if (wire === WIRE.groupEnd) {
        if (number !== group) undecodable('the end of another group')
        break
      }
      const slot = fields.get(number)
      if (slot === undefined || !this.#take(slot, record, number, wire)) {
        this.#budget.node()
        this.#cursor.skip(number, wire)
        record[`#${number}`] = null
      }
    }
    this.#budget.leave()
  }

  /** @returns false: it comes in a way that the field cannot have */
  #take(slot: Slot, record: Record<string, Value>, number: number, wire: number): boolean {
    const isPacked = slot.isPackable && wire === WIRE.bytes
    if (wire !== slot.wire && !isPacked) return false
    const { name } = slot
    if (slot.oneof !== null) this.#hold(record, slot.oneof, name)
    if (slot.entry !== null) this.#mapEntry(slot.entry, this.#mapOf(record, name))
    else if (isPacked) {
      const list = this.#listOf(record, name)
      this.#cursor.within(() => {
        while (!this.#cursor.isAtEnd) list.push(this.#one(slot, number, undefined))
      })
    } else if (slot.isList) {
      this.#listOf(record, name).push(this.#one(slot, number, undefined))
    } else record[name] = this.#one(slot, number, record[name])
    return true
  }

  #hold(record: Record<string, Value>, oneof: string, name: string): void {
    const held = this.#held.get(record) ?? new Map<string, string>()
    this.#held.set(record, held)
    const before = held.get(oneof)
    if (before !== undefined && before !== name) delete record[before]
    held.set(oneof, name)
  }

  /** @param before a message that came twice is one, merged */
  #one({ scalar, layout, wire }: Slot, number: number, before: Value | undefined): Value {
    this.#budget.node()
    if (scalar !== null) return scalar(this.#cursor)
    const into = (before ?? Object.create(null)) as Record<string, Value>
    const message = (layout as () => Layout)()
    if (wire === WIRE.group) this.message(message, into, number)
    else this.#cursor.within(() => this.message(message, into, null))
    return into
  }

  #mapEntry({ key, value, keyDefault, valueDefault }: Entry, map: Map<string, Value>): void {
    let name = keyDefault
    let held: Value | undefined
    this.#cursor.within(() => {
      while (!this.#cursor.isAtEnd) {
        const { number, wire } = this.#cursor.tag()
        if (number === 1 && wire === key.wire) name = String(this.#one(key, number, undefined))
        else if (number === 2 && wire === value.wire) held = this.#one(value, number, held)
        else {
          if (wire === WIRE.groupEnd) undecodable('the end of another group')
          this.#cursor.skip(number, wire)
        }
      }
    })
    map.set(name, held ?? (value.layout === null ? valueDefault : Object.create(null)))
  }

  #listOf(record: Record<string, Value>, name: string): Value[] {
    const known = record[name] as Value[] | undefined
    if (known !== undefined) return known
    this.#budget.node()
    const list: Value[] = []
    record[name] = list
    return list
  }

  #mapOf(record: Record<string, Value>, name: string): Map<string, Value> {
    const known = record[name] as Map<string, Value> | undefined
    if (known !== undefined) return known
    this.#budget.node()
    const map = new Map<string, Value>()
    record[name] = map
    return map
  }
}
