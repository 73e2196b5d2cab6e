/**
 * The change that buf's rules look at: what of the previous files has a namesake in the current ones.
 * Messages, enums and services are paired by full name whatever file they are in, fields by number,
 * extensions by what they extend and their number.
 */
import type {
  ProtobufSchema,
  ProtoEnum,
  ProtoField,
  ProtoFile,
  ProtoMessage,
  ProtoMethod,
  ProtoService,
} from './model.ts'
import { type FilePair, filePairs, mainsOf } from './pairs.ts'
import { Report, type Sides } from './report.ts'

/** Previous and current. */
export type Was<Item> = readonly [before: Item, after: Item]

export interface Change {
  readonly before: ProtobufSchema
  readonly after: ProtobufSchema
  readonly files: readonly Was<ProtoFile>[]
  readonly messages: readonly Was<ProtoMessage>[]
  readonly enums: readonly Was<ProtoEnum>[]
  readonly services: readonly Was<ProtoService>[]
  readonly methods: readonly Was<ProtoMethod>[]
  readonly fields: readonly FieldChange[]
  /** Tells a difference of the rule at work. */
  readonly tell: (
    sides: Sides,
    args: Readonly<Record<string, string | number | boolean | null | readonly string[]>>,
    message: string,
  ) => void
}

export interface FieldChange {
  readonly before: ProtoField
  readonly after: ProtoField
  readonly isMapEntry: boolean
}

export type Check = (change: Change) => void

/** @param checks by the name of the rule, asked in this order */
export function tellChanges(
  after: ProtobufSchema,
  before: ProtobufSchema,
  checks: readonly (readonly [rule: string, check: Check])[],
): Report {
  const report = new Report()
  const parts = partsOf(after, before)
  for (const [rule, check] of checks)
    check({ ...parts, tell: (sides, args, message) => report.add(rule, sides, args, message) })
  return report
}

function partsOf(after: ProtobufSchema, before: ProtobufSchema): Omit<Change, 'tell'> {
  const files = filePairs(after, before).map(
    ({ reader, writer }: FilePair) => [writer, reader] as const,
  )
  const owned = (schema: ProtobufSchema) => new Set(mainsOf(schema).map(({ path }) => path))
  const [beforePaths, afterPaths] = [owned(before), owned(after)]
  const paired = <Item extends { readonly file: string; readonly fullName: string }>(
    befores: Iterable<Item>,
    afters: Iterable<Item>,
  ): Was<Item>[] => {
    const known = new Map<string, Item>()
    for (const item of afters) if (afterPaths.has(item.file)) known.set(item.fullName, item)
    const pairs: Was<Item>[] = []
    for (const item of befores) {
      const other = known.get(item.fullName)
      if (other !== undefined && beforePaths.has(item.file)) pairs.push([item, other])
    }
    return pairs
  }
  const servicesOf = (schema: ProtobufSchema) => mainsOf(schema).flatMap((f) => f.services)
  const messages = paired(before.messages.values(), after.messages.values())
  const enums = paired(before.enums.values(), after.enums.values())
  const services = paired(servicesOf(before), servicesOf(after))
  const methods = services.flatMap(([from, to]) => {
    const known = new Map(to.methods.map((method) => [method.name, method]))
    return from.methods.flatMap((method): Was<ProtoMethod>[] => {
      const other = known.get(method.name)
      return other === undefined ? [] : [[method, other]]
    })
  })
  const fields = [...messages.flatMap(fieldsOf), ...extensionsOf(after, before)]
  return { before, after, files, messages, enums, services, methods, fields }
}

function fieldsOf([before, after]: Was<ProtoMessage>): FieldChange[] {
  const known = new Map(after.fields.map((field) => [field.number, field]))
  const isMapEntry = before.isMapEntry && after.isMapEntry
  return before.fields.flatMap((field) => {
    const other = known.get(field.number)
    return other === undefined ? [] : [{ before: field, after: other, isMapEntry }]
  })
}

function extensionsOf(after: ProtobufSchema, before: ProtobufSchema): FieldChange[] {
  const of = (schema: ProtobufSchema): Map<string, ProtoField> => {
    const paths = new Set(mainsOf(schema).map(({ path }) => path))
    const all = [
      ...mainsOf(schema).flatMap((file) => file.extensions),
      ...[...schema.messages.values()]
        .filter((m) => paths.has(m.file))
        .flatMap((m) => m.extensions),
    ]
    return new Map(all.map((field) => [`${field.extendee} ${field.number}`, field]))
  }
  const known = of(after)
  return [...of(before)].flatMap(([key, field]) => {
    const other = known.get(key)
    return other === undefined ? [] : [{ before: field, after: other, isMapEntry: false }]
  })
}
