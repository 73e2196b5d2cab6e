/**
 * Avro's binary encoding to a value, by the schema that wrote it.
 *
 * Our own, because the library believes what bytes claim, and reads on past their end. Here the claim of
 * an array is not believed at all: each item takes from the bytes or, if it has none, from `NODES_MAX`.
 */
import { AvroCursor } from './avro-cursor.ts'
import {
  type AvroNames,
  isObject,
  parseAvro,
  placeOf,
  resolved,
  SCHEMA_DEPTH_MAX,
  unusable,
} from './avro-names.ts'
import { type Budget, bounded, undecodable } from './bounded.ts'
import type { Reader, Value } from './reader.ts'

/**
 * @param references texts of schemas that this one names types of, by whatever name
 * @throws QuipuError of FORMAT: a schema that cannot be used
 */
export function avroReader(schemaText: string, references: ReadonlyMap<string, string>): Reader {
  const { schema, names } = parseAvro(schemaText, references)
  const decode = new Compiler(names).compile(schema, '', 0)
  const read = (bytes: Buffer, budget: Budget): Value => {
    const cursor = new AvroCursor(bytes)
    const value = decode(cursor, budget)
    return cursor.left === 0 ? value : undecodable(`${cursor.left} bytes left over`)
  }
  const framed: Reader = { read: (payload) => bounded(payload, read) }
  return schema === 'bytes' || (isObject(schema) && schema.type === 'bytes')
    ? bareBytes(framed)
    : framed
}

/**
 * Serializers of Confluent write a value that is nothing but bytes as it is, without its length: both
 * ways are of this schema.
 */
function bareBytes(reader: Reader): Reader {
  return {
    read: (payload) => {
      const reading = reader.read(payload)
      return reading.kind === 'undecodable' ? { kind: 'value', value: payload } : reading
    },
  }
}

type Decode = (cursor: AvroCursor, budget: Budget) => Value

const primitives: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['null', leaf(() => null)],
  ['boolean', leaf((cursor) => cursor.boolean())],
  ['int', leaf((cursor) => cursor.int())],
  ['long', leaf((cursor) => cursor.long())],
  ['float', leaf((cursor) => cursor.float())],
  ['double', leaf((cursor) => cursor.double())],
  ['bytes', leaf((cursor) => cursor.bytes())],
  ['string', leaf((cursor) => cursor.string())],
])

function leaf(decode: (cursor: AvroCursor) => Value): Decode {
  return (cursor, budget) => {
    budget.node()
    return decode(cursor)
  }
}

class Compiler {
  readonly #names: AvroNames
  /** By full name; undefined while it is being made. */
  readonly #made = new Map<string, Decode | undefined>()

  constructor(names: AvroNames) {
    this.#names = names
  }

  compile(schema: unknown, namespace: string, depth: number): Decode {
    if (depth > SCHEMA_DEPTH_MAX) unusable(`it is deeper than ${SCHEMA_DEPTH_MAX} levels`)
    if (typeof schema === 'string') return this.#byName(schema, namespace, depth)
    if (Array.isArray(schema)) return this.#union(schema, namespace, depth)
    if (!isObject(schema)) return unusable('a type is neither a name, a list nor an object')
    const { type } = schema
    switch (type) {
      case 'record':
      case 'error':
      case 'enum':
      case 'fixed':
        return this.#named(placeOf(schema, namespace).name, depth)
      case 'array':
        return listOf(this.compile(schema.items, namespace, depth + 1))
      case 'map':
        return mapOf(this.compile(schema.values, namespace, depth + 1))
      default:
        // A primitive type in long, mostly with a logical type, which says nothing of the bytes.
        return this.compile(type, namespace, depth + 1)
    }
  }

  #byName(name: string, namespace: string, depth: number): Decode {
    const primitive = primitives.get(name)
    if (primitive !== undefined) return primitive
    const full = resolved(name, namespace, this.#names)
    return full === null ? unusable(`nothing defines ${cut(name)}`) : this.#named(full, depth)
  }

  #named(name: string, depth: number): Decode {
    const made = this.#made.get(name)
    if (made !== undefined) return made
    // Of a type that holds itself; or of one that waits to be made.
    if (this.#made.has(name)) {
      return (cursor, budget) => (this.#made.get(name) as Decode)(cursor, budget)
    }
    this.#made.set(name, undefined)
    const { schema, namespace } = this.#names.get(name) ?? unusable(`nothing defines ${cut(name)}`)
    const decode = this.#definition(schema, namespace, depth)
    this.#made.set(name, decode)
    return decode
  }

  #definition(
    schema: { readonly [key: string]: unknown },
    namespace: string,
    depth: number,
  ): Decode {
    const { type, symbols, size, fields } = schema
    if (type === 'enum') {
      if (!isTexts(symbols)) return unusable('the symbols of an enum are no list of names')
      return leaf((cursor) => symbols[cursor.int()] ?? undecodable('an unknown enum symbol'))
    }
    if (type === 'fixed') {
      if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
        return unusable('the size of a fixed type is no number')
      }
      return leaf((cursor) => cursor.fixed(size))
    }
    if (!Array.isArray(fields)) return unusable('a record has no fields')
    const made = new Map<string, Decode>()
    for (const field of fields) {
      if (!isObject(field) || typeof field.name !== 'string') {
        return unusable('a field has no name')
      }
      if (made.has(field.name)) return unusable(`two fields are named ${cut(field.name)}`)
      made.set(field.name, this.compile(field.type, namespace, depth + 1))
    }
    return recordOf([...made])
  }

  #union(branches: readonly unknown[], namespace: string, depth: number): Decode {
    const made = branches.map((branch) => this.compile(branch, namespace, depth + 1))
    return (cursor, budget) => {
      const branch = made[cursor.int()] ?? undecodable('an unknown union branch')
      return branch(cursor, budget)
    }
  }
}

function recordOf(fields: readonly (readonly [name: string, decode: Decode])[]): Decode {
  return (cursor, budget) => {
    budget.node()
    budget.enter()
    const record: Record<string, Value> = Object.create(null)
    for (const [name, decode] of fields) record[name] = decode(cursor, budget)
    budget.leave()
    return record
  }
}

function listOf(item: Decode): Decode {
  return (cursor, budget) => {
    budget.node()
    budget.enter()
    const list: Value[] = []
    for (let count = blockOf(cursor); count > 0; count = blockOf(cursor)) {
      for (; count > 0; count--) list.push(item(cursor, budget))
    }
    budget.leave()
    return list
  }
}

function mapOf(entry: Decode): Decode {
  return (cursor, budget) => {
    budget.node()
    budget.enter()
    const map = new Map<string, Value>()
    for (let count = blockOf(cursor); count > 0; count = blockOf(cursor)) {
      for (; count > 0; count--) map.set(cursor.string(), entry(cursor, budget))
    }
    budget.leave()
    return map
  }
}

/** Items of the next block; 0: there is none. A negative count is followed by the block's bytes. */
function blockOf(cursor: AvroCursor): number {
  const count = Number(cursor.long())
  if (count >= 0) return count
  if (Number(cursor.long()) < 0) undecodable('a block of less than no bytes')
  return -count
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

/** Names within schemas may be of any length. */
function cut(name: string): string {
  return name.slice(0, 100)
}
