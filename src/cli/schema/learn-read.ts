/** Bytes of messages to values: by the registry where they name a schema, else as JSON. */
import { messageIndexes } from '../../drift/framing/message-indexes.ts'
import { readFrame } from '../../drift/framing/read-frame.ts'
import { jsonReader } from '../../drift/read/json.ts'
import type { Value } from '../../drift/read/reader.ts'
import type { SchemaBook } from '../../drift/schemas/book.ts'
import type { Framing } from '../../drift/shape.ts'
import type { RawMessage } from './learn-source.ts'

export type Read =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'tombstone' }
  /** In words, without anything of the value. */
  | { readonly kind: 'unread'; readonly why: string }

const unread = (why: string): Read => ({ kind: 'unread', why })

export class MessageReader {
  readonly #framing: Framing | null
  readonly #book: SchemaBook | null
  readonly #json = jsonReader()

  /** @param framing null: nobody said; @param book null: no registry is named */
  constructor(framing: Framing | null, book: SchemaBook | null) {
    this.#framing = framing
    this.#book = book
  }

  async read({ value, headers }: RawMessage): Promise<Read> {
    if (value === null) return { kind: 'tombstone' }
    // Where a registry is named, the usual framing is its own.
    const expected = this.#framing ?? (this.#book === null ? null : 'confluent')
    const { claim, schema, payload } = readFrame(value, headers, expected)
    switch (claim) {
      case 'empty':
        return unread('empty')
      case 'ambiguous':
        return unread('binary, and nothing says how it is framed')
      case 'none':
        return this.#read(this.#json, payload)
      case 'unframed':
        return this.#framing === null
          ? this.#read(this.#json, payload)
          : unread('not framed as the file says')
      default:
        return this.#registered(claim, schema, payload)
    }
  }

  async #registered(
    claim: Parameters<SchemaBook['find']>[0],
    schema: string,
    payload: Uint8Array,
  ): Promise<Read> {
    const book = this.#book
    if (book === null) return unread('of a schema, and no registry is named')
    let lookup = book.find(claim, schema)
    while (lookup.kind === 'pending') {
      await new Promise<void>((resolve) => book.whenKnown(claim, schema, resolve))
      lookup = book.find(claim, schema)
    }
    if (lookup.kind !== 'known') return unread(WHY[lookup.kind])
    if (lookup.schema.format !== 'protobuf') {
      return this.#read(lookup.schema.reader(''), payload)
    }
    const message = messageIndexes(payload)
    return message === null
      ? unread('no message indexes')
      : this.#read(lookup.schema.reader(message.indexes), message.payload)
  }

  #read(reader: ReturnType<typeof jsonReader> | null, payload: Uint8Array): Read {
    const reading = reader?.read(payload) ?? { kind: 'undecodable', reason: 'no such message' }
    switch (reading.kind) {
      case 'value':
        return reading
      case 'too_large':
        return unread('too large')
      default:
        return unread(`not readable: ${reading.reason}`)
    }
  }
}

const WHY = {
  unregistered: 'of a schema that the registry does not have',
  unreachable: 'of a schema, and the registry does not answer',
  bad_schema: 'of a schema that cannot be used',
  full: 'of one schema too many',
} as const
