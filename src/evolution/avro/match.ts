/** What belongs together in two schemas: the rules of the Avro specification as its Java implementation reads them. */
import { simpleName } from './name.ts'
import type { Field, NamedType, RecordType } from './type.ts'

/**
 * Namespaces are not compared, except by aliases: those name the writer's type in full. (So a type may
 * move to another namespace; the risk of it is a rule of its own.)
 */
export function namesMatch(reader: NamedType, writer: NamedType): boolean {
  return simpleName(reader.name) === simpleName(writer.name) || reader.aliases.includes(writer.name)
}

/** The writer's fields that a reader's field takes its value from: one, none, or too many. */
export function writerFieldsOf(reader: Field, writer: RecordType): readonly Field[] {
  const found = new Set<Field>()
  for (const name of [reader.name, ...reader.aliases]) {
    const field = writer.fieldsByName.get(name)
    if (field !== undefined) found.add(field)
  }
  return [...found]
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
