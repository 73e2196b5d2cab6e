/**
 * Walks over Avro bytes without building anything, so that a decoder can be let loose on bytes of
 * unknown origin: avsc believes an array that claims 2^50 items, and reads on past the end as zeros.
 *
 * Law: bytes that pass hold exactly one value of the schema, to the last byte; every length and count
 * in them is covered by bytes that are there; every number fits a JavaScript number.
 */

/** The part of Avro that our schemas use; named types are written out where first used. */
export type AvroSchema =
  | AvroPrimitive
  | { readonly type: 'record'; readonly name: string; readonly fields: readonly AvroField[] }
  | { readonly type: 'enum'; readonly name: string; readonly symbols: readonly string[] }
  | { readonly type: 'fixed'; readonly name: string; readonly size: number }
  | { readonly type: 'array'; readonly items: AvroSchema }
  | readonly AvroSchema[]
  | string

type AvroPrimitive = 'null' | 'boolean' | 'int' | 'long' | 'double' | 'bytes' | 'string'

export interface AvroField {
  readonly name: string
  readonly doc?: string
  readonly type: AvroSchema
  /** For readers of what was written without it: bytes always have it. */
  readonly default?: unknown
}

/** Throws a RangeError that says where and why bytes are not a value of the schema. */
export type AvroChecker = (bytes: Uint8Array, from: number) => void

export function avroChecker(schema: AvroSchema): AvroChecker {
  const skip = compile(schema, new Map())
  return (bytes, from) => {
    const cursor = new Cursor(bytes, from)
    skip(cursor)
    if (cursor.left > 0) throw new RangeError(`${cursor.left} bytes too many`)
  }
}

type Skip = (cursor: Cursor) => void

class Cursor {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  fail(what: string): never {
    throw new RangeError(`${what} at byte ${this.#at}`)
  }

  skip(count: number): void {
    if (count < 0 || count > this.left) this.fail(`cut short, or a length of ${count}`)
    this.#at += count
  }

  byte(): number {
    if (this.left < 1) this.fail('cut short')
    return this.#bytes[this.#at++] as number
  }

  /** Zigzag varint; within ±(2^53 − 1), hence at most 8 bytes. */
  long(): number {
    let value = 0
    let factor = 1
    for (let i = 0; i < 8; i++) {
      const byte = this.byte()
      value += (byte & 127) * factor
      if (byte < 128) {
        if (value / 2 > Number.MAX_SAFE_INTEGER) break
        // Beyond 2^53 the sign, the last bit, is lost; only the size is: no length is that large.
        if (value > Number.MAX_SAFE_INTEGER) return value / 2
        return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      }
      factor *= 128
    }
    return this.fail('a number that is too large')
  }
}

function compile(schema: AvroSchema, named: Map<string, Skip>): Skip {
  if (typeof schema === 'string') return primitive(schema, named)
  if (Array.isArray(schema)) {
    const branches = (schema as readonly AvroSchema[]).map((branch) => compile(branch, named))
    return (cursor) => {
      const branch = branches[cursor.long()] ?? cursor.fail('an unknown union branch')
      branch(cursor)
    }
  }
  return complex(schema as Exclude<AvroSchema, string | readonly AvroSchema[]>, named)
}

function complex(
  schema: Exclude<AvroSchema, string | readonly AvroSchema[]>,
  named: Map<string, Skip>,
): Skip {
  switch (schema.type) {
    case 'record': {
      const fields = schema.fields.map((field) => compile(field.type, named))
      return remember(schema.name, named, (cursor) => {
        for (const field of fields) field(cursor)
      })
    }
    case 'enum': {
      const { length } = schema.symbols
      return remember(schema.name, named, (cursor) => {
        const index = cursor.long()
        if (index < 0 || index >= length) cursor.fail('an unknown symbol')
      })
    }
    case 'fixed':
      return remember(schema.name, named, (cursor) => cursor.skip(schema.size))
    case 'array': {
      const item = compile(schema.items, named)
      return (cursor) => {
        for (let count = cursor.long(); count !== 0; count = cursor.long()) {
          if (count < 0) {
            count = -count
            if (cursor.long() < 0) cursor.fail('a negative block size')
          }
          // Every item takes a byte at least.
          if (count > cursor.left) cursor.fail(`cut short, or an array of ${count}`)
          for (; count > 0; count--) item(cursor)
        }
      }
    }
  }
}

function remember(name: string, named: Map<string, Skip>, skip: Skip): Skip {
  named.set(name, skip)
  return skip
}

function primitive(name: string, named: ReadonlyMap<string, Skip>): Skip {
  switch (name) {
    case 'null':
      return () => {}
    case 'boolean':
      return (cursor) => {
        if (cursor.byte() > 1) cursor.fail('a boolean that is neither 0 nor 1')
      }
    case 'int':
    case 'long':
      return (cursor) => {
        cursor.long()
      }
    case 'double':
      return (cursor) => cursor.skip(8)
    case 'bytes':
    case 'string':
      return (cursor) => cursor.skip(cursor.long())
    default: {
      const skip = named.get(name)
      if (skip === undefined) throw new TypeError(`Avro type ${name} is not known here`)
      return skip
    }
  }
}
