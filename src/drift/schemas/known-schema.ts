/** A schema that a registry gave, ready to read and check what was written with it. */

import { schemaOfAvro } from '../declared/avro.ts'
import type { Declared } from '../declared/declared.ts'
import { declaredBySchema, schemaIn, symbolsOf } from '../declared/json-schema.ts'
import { SCHEMA_BYTES_MAX } from '../declared/limits.ts'
import { Unusable } from '../declared/schema-json.ts'
import type { SymbolNode } from '../declared/symbol-node.ts'
import { avroReader } from '../read/avro.ts'
import { jsonReader } from '../read/json.ts'
import type { Reader } from '../read/reader.ts'
import type { Format } from '../shape.ts'

/** As a registry has it, with all that it refers to, by the names it uses. */
export interface SchemaTexts {
  readonly schemaType: string
  readonly text: string
  readonly references: ReadonlyMap<string, string>
}

export interface KnownSchema {
  readonly format: Format
  /** @param type Protobuf: the message's indexes; null: the schema has no such message */
  reader(type: string): Reader | null
  /** Texts that it names in enums; null: none. @param type as of `reader` */
  symbols(type: string): SymbolNode | null
  /** What a value that was read must be beside; null: all that its reader reads is right. */
  readonly promise: Declared | null
}

/** Readers of one Protobuf schema that are kept: as many messages as most of them have. */
const READERS_MAX = 64

/** @throws Unusable, QuipuError, RangeError: a schema that cannot be used */
export async function knownSchema({
  schemaType,
  text,
  references,
}: SchemaTexts): Promise<KnownSchema> {
  const size = [text, ...references.values()].reduce((sum, { length }) => sum + length, 0)
  if (size > SCHEMA_BYTES_MAX) throw new Unusable('it is too large')
  switch (schemaType) {
    case 'AVRO': {
      const reader = avroReader(text, references)
      const symbols = symbolsOf(() => schemaOfAvro(text, references))
      return { format: 'avro', reader: () => reader, symbols: () => symbols, promise: null }
    }
    case 'JSON': {
      const reader = jsonReader()
      const others = new Map([...references].map(([name, one]) => [name, schemaIn(one)]))
      const promise = declaredBySchema(schemaIn(text), [text], others)
      return { format: 'json', reader: () => reader, symbols: () => promise.symbols, promise }
    }
    case 'PROTOBUF': {
      // Loaded when the first one is met: this runs inside of somebody's process.
      const { protobufReader } = await import('../read/protobuf.ts')
      const texts = { text, imports: references }
      const make = (type: string): Reader | null => {
        try {
          return protobufReader(texts, type)
        } catch {
          return null
        }
      }
      const first = protobufReader(texts, null)
      const readers = new Map<string, Reader>([['0', first]])
      const reader = (type: string): Reader | null => {
        const known = readers.get(type)
        if (known !== undefined) return known
        const made = make(type)
        if (made !== null && readers.size < READERS_MAX) readers.set(type, made)
        return made
      }
      const { schemaOfProtobuf } = await import('../declared/protobuf.ts')
      const named = new Map<string, SymbolNode | null>()
      const symbols = (type: string): SymbolNode | null => {
        // Of a message that is not kept nothing is told: it would be asked for with each one.
        if (!readers.has(type === '' ? '0' : type)) return null
        const known = named.get(type)
        if (known !== undefined) return known
        const made = symbolsOf(() => schemaOfProtobuf(texts, type === '' ? null : type))
        named.set(type, made)
        return made
      }
      return { format: 'protobuf', reader, symbols, promise: null }
    }
    default:
      throw new Unusable(`nobody knows schemas of the type ${schemaType.slice(0, 40)}`)
  }
}
