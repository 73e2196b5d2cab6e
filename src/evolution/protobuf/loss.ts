/** What of a message that was written a reader does not see, or sees as something else. */
import { namesOf } from './instance.ts'
import type { ProtobufSchema, ProtoField, ProtoMessage } from './model.ts'

/** A decoded message as the library gives it; 64 bits are text. */
export type Plain = { readonly [name: string]: unknown }

export interface Schemas {
  readonly reader: ProtobufSchema
  readonly writer: ProtobufSchema
}

/** @returns one sentence; null: all that both declare came back */
export function lossOf(
  schemas: Schemas,
  [to, read]: readonly [ProtoMessage, Plain],
  [from, written]: readonly [ProtoMessage, Plain],
): string | null {
  const readNames = namesOf(schemas.reader, to)
  const writtenNames = namesOf(schemas.writer, from)
  const known = new Map(to.fields.map((field) => [field.number, field]))
  for (const field of from.fields) {
    const value = written[writtenNames.get(field.number) ?? '']
    if (value === undefined) continue
    const other = known.get(field.number)
    if (other === undefined) {
      if (field.oneof === null || !to.oneofs.includes(field.oneof)) continue
      const set = to.fields.some((f) => f.oneof === field.oneof && has(read, readNames, f))
      if (!set) return `nothing of oneof ${field.oneof} is set, though ${field.name} was written`
      continue
    }
    const seen = read[readNames.get(other.number) ?? '']
    const loss = valueLoss(schemas, [other, seen], [field, value])
    if (loss !== null) return `${field.name}: ${loss}`
  }
  return null
}

function has(read: Plain, names: ReadonlyMap<number, string>, { number }: ProtoField): boolean {
  return read[names.get(number) ?? ''] !== undefined
}

function valueLoss(
  schemas: Schemas,
  [to, seen]: readonly [ProtoField, unknown],
  [from, written]: readonly [ProtoField, unknown],
): string | null {
  if (from.cardinality === 'map') return mapLoss(schemas, [to, seen], [from, written])
  const before = from.cardinality === 'repeated' ? (written as unknown[]) : [written]
  const after =
    seen === undefined ? [] : to.cardinality === 'repeated' ? (seen as unknown[]) : [seen]
  if (before.length !== after.length) {
    // Zero is what a reader sees where nothing is.
    if (after.length === 0 && before.every(isZero)) return null
    return after.length === 0
      ? `${text(written)} was written, and nothing is read`
      : `${before.length} were written, and ${after.length} are read`
  }
  for (const [i, item] of before.entries()) {
    const loss = itemLoss(schemas, [to, after[i]], [from, item])
    if (loss !== null) return loss
  }
  return null
}

function mapLoss(
  schemas: Schemas,
  [to, seen]: readonly [ProtoField, unknown],
  [from, written]: readonly [ProtoField, unknown],
): string | null {
  const [entryTo, entryFrom] = [
    schemas.reader.messages.get(to.typeName ?? ''),
    schemas.writer.messages.get(from.typeName ?? ''),
  ]
  const [valueTo, valueFrom] = [entryTo?.fields[1], entryFrom?.fields[1]]
  if (to.cardinality !== 'map' || valueTo === undefined || valueFrom === undefined)
    return `a map was written, and ${seen === undefined ? 'nothing' : 'no map'} is read`
  for (const [key, value] of Object.entries(written as Plain)) {
    const found = (seen as Plain | undefined)?.[key]
    if (found === undefined) return `key ${text(key)} was written, and is not read`
    const loss = itemLoss(schemas, [valueTo, found], [valueFrom, value])
    if (loss !== null) return `key ${text(key)}: ${loss}`
  }
  return null
}

function itemLoss(
  schemas: Schemas,
  [to, seen]: readonly [ProtoField, unknown],
  [from, written]: readonly [ProtoField, unknown],
): string | null {
  const messageTo = schemas.reader.messages.get(to.typeName ?? '')
  const messageFrom = schemas.writer.messages.get(from.typeName ?? '')
  if (messageTo !== undefined && messageFrom !== undefined)
    return lossOf(schemas, [messageTo, seen as Plain], [messageFrom, written as Plain])
  // Of the library's own files: both sides have the same.
  if (typeof written === 'object' && !(written instanceof Uint8Array)) return null
  return same(written, seen) ? null : `${text(written)} was written, and ${text(seen)} is read`
}

function same(written: unknown, seen: unknown): boolean {
  return comparable(written) === comparable(seen)
}

/** Text and its bytes are the same, and so are true and 1, 5 and the text of it that 64 bits are. */
function comparable(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('latin1')
  return String(value)
}

function isZero(value: unknown): boolean {
  if (value instanceof Uint8Array) return value.length === 0
  return value === 0 || value === '' || value === '0' || value === false
}

function text(value: unknown): string {
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`
  return JSON.stringify(value) ?? 'nothing'
}
