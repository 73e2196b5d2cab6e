/**
 * Shapes to bytes and back: Avro, single-object encoded, schema in shape-schema.ts.
 *
 * | bytes | what                                                               |
 * | ----- | ------------------------------------------------------------------ |
 * | 2     | `C3 01`                                                            |
 * | 8     | CRC-64-AVRO of the schema in Parsing Canonical Form, little-endian |
 * | rest  | one `quipu.Shape`, to the last byte; `SHAPE_BYTES_MAX` in all      |
 *
 * Each id is written once, in a table. `looked` and `Field.of` are sums of the rest, and not written.
 *
 * Laws: equal shapes are equal bytes. Whatever the bytes, decoding ends soon, with a shape that keeps
 * every limit and order of shape.ts, or with a QuipuError.
 */
import avsc from 'avsc'
import { type AvroChecker, type AvroSchema, avroChecker } from '../base/avro-bounds.ts'
import { SINGLE_OBJECT_HEADER_BYTES, singleObjectHeader } from '../base/avro-fingerprint.ts'
import { messageOf, QuipuError } from '../base/errors.ts'
import { jsonTypes, type Shape, unreadReasons, type Variant } from './shape.ts'
import { type RawShape, type RawVariant, shapeOf } from './shape-parts.ts'
import { firstShapeSchema, shapeSchema } from './shape-schema.ts'

/** A sum of shapes that are full everywhere has 3 MiB; one window of one agent is below 128 KiB. */
export const SHAPE_BYTES_MAX: number = 4 * 2 ** 20

interface Version {
  readonly type: avsc.Type
  readonly header: Buffer
  readonly check: AvroChecker
}

const version = (schema: AvroSchema): Version => {
  const type = avsc.Type.forSchema(schema as Parameters<typeof avsc.Type.forSchema>[0])
  const header = singleObjectHeader(JSON.stringify(type.schema()))
  return { type, header, check: avroChecker(schema) }
}

const current = version(shapeSchema)
/** In stores, and from agents that are older than the auditor. */
const first = version(firstShapeSchema)
const fromFirst = current.type.createResolver(first.type)

export function encodeShape(shape: Shape): Uint8Array {
  const named = [...new Set(shape.variants.flatMap(idsOf))].sort()
  const places = new Map(named.map((id, place) => [id, place]))
  const raw: RawShape = {
    oneIn: shape.oneIn,
    declared: shape.declared,
    tombstones: shape.tombstones,
    ids: named.map((id) => Buffer.from(id, 'hex')),
    variants: shape.variants.map((variant) => rawOf(variant, places)),
  }
  try {
    return Buffer.concat([current.header, current.type.toBuffer(raw)])
  } catch (cause) {
    throw new QuipuError('FORMAT', `the shape cannot be encoded: ${messageOf(cause)}`, { cause })
  }
}

export function decodeShape(bytes: Uint8Array): Shape {
  if (bytes.length > SHAPE_BYTES_MAX) {
    return malformed(`${bytes.length} bytes, more than ${SHAPE_BYTES_MAX}`)
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const header = buffer.subarray(0, SINGLE_OBJECT_HEADER_BYTES)
  const written = [current, first].find((one) => one.header.equals(header))
  if (written === undefined) {
    return malformed('it does not begin as one, or was made by a newer version')
  }
  try {
    written.check(buffer, SINGLE_OBJECT_HEADER_BYTES)
    const resolver = written === first ? fromFirst : undefined
    const { value } = current.type.decode(buffer, SINGLE_OBJECT_HEADER_BYTES, resolver)
    return shapeOf(value as RawShape)
  } catch (cause) {
    return malformed(messageOf(cause), cause)
  }
}

function idsOf({ ids, oddities, fields }: Variant): string[] {
  return [ids, ...oddities.map((o) => o.ids), ...fields.map((f) => f.ids)].flat()
}

function rawOf(variant: Variant, places: ReadonlyMap<string, number>): RawVariant {
  const placesOf = (ids: readonly string[]): number[] => ids.map((id) => places.get(id) as number)
  return {
    ...variant,
    unread: unreadReasons
      .map((reason) => ({ reason, count: variant.unread[reason] ?? 0 }))
      .filter(isSome),
    ids: placesOf(variant.ids),
    oddities: variant.oddities.map((oddity) => ({ ...oddity, ids: placesOf(oddity.ids) })),
    fields: variant.fields.map((field) => ({
      ...field,
      types: jsonTypes.map((type) => ({ type, count: field.types[type] ?? 0 })).filter(isSome),
      distinct: bytesOf(field.distinct),
      ids: placesOf(field.ids),
    })),
  }
}

const isSome = ({ count }: { readonly count: number }): boolean => count !== 0

function bytesOf(hashes: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * hashes.length)
  for (const [i, hash] of hashes.entries()) bytes.writeUInt32BE(hash, 4 * i)
  return bytes
}

function malformed(why: string, cause?: unknown): never {
  throw new QuipuError('FORMAT', `malformed shape: ${why}`, { cause })
}
