/** What belongs together in two schemas: the rules of the Avro specification as its Java implementation reads them. */
import { simpleName } from './name.ts'
import { type AvroType, type Field, isNamed, type NamedType, type RecordType } from './type.ts'

/**
 * Namespaces are not compared, except by aliases: those name the writer's type in full. (So a type may
 * move to another namespace; the risk of it is a rule of its own.)
 */
export function namesMatch(reader: NamedType, writer: NamedType): boolean {
  return simpleName(reader.name) === simpleName(writer.name) || reader.aliases.includes(writer.name)
}

/**
 * The writer's fields that a reader's field takes its value from: one, none, or too many. A field that
 * is found twice counts twice: its own name among its aliases is more than libraries bear.
 */
export function writerFieldsOf(reader: Field, writer: RecordType): readonly Field[] {
  const found: Field[] = []
  for (const name of [reader.name, ...reader.aliases]) {
    const field = writer.fieldsByName.get(name)
    if (field !== undefined) found.push(field)
  }
  return found
}

const PROMOTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['long', ['int']],
  ['float', ['int', 'long']],
  ['double', ['int', 'long', 'float']],
  ['bytes', ['string']],
  ['string', ['bytes']],
])

/** Whether a value written as one kind is read as another. */
export function isPromoted(reader: string, writer: string): boolean {
  return PROMOTIONS.get(reader)?.includes(writer) ?? false
}

/** Law: two types share a key exactly where they are of one kind and, if they have names, match by them. */
export function keysOfReader(type: AvroType): readonly string[] {
  if (!isNamed(type)) return [type.kind]
  const aliases = type.aliases.map((alias) => `${type.kind}=${alias}`)
  return [`${type.kind}:${simpleName(type.name)}`, ...aliases]
}

export function keysOfWriter(type: AvroType): readonly string[] {
  if (!isNamed(type)) return [type.kind]
  return [`${type.kind}:${simpleName(type.name)}`, `${type.kind}=${type.name}`]
}

/** Of one kind, and of one name where they have names. */
export function isSameType(reader: AvroType, writer: AvroType): boolean {
  if (reader.kind !== writer.kind) return false
  return !isNamed(reader) || !isNamed(writer) || namesMatch(reader, writer)
}
