/** What Karapace refuses: much as the registry it stands in for, and a field whose number changes. */
import type { Difference } from '../engine.ts'
import type { ProtobufSchema, ProtoField, ProtoMessage } from './model.ts'
import { joined, mainsOf, Pairs } from './pairs.ts'
import { Report, type Sides, tooComplex } from './report.ts'
import { entryOf, scalarKindOf, typeText } from './wire.ts'

export function compareKarapace(
  reader: ProtobufSchema,
  writer: ProtobufSchema,
): readonly Difference[] {
  return new Comparison(reader, writer).run()
}

class Comparison {
  readonly #reader: ProtobufSchema
  readonly #writer: ProtobufSchema
  readonly #report = new Report()
  readonly #pairs = new Pairs()

  constructor(reader: ProtobufSchema, writer: ProtobufSchema) {
    this.#reader = reader
    this.#writer = writer
  }

  run(): readonly Difference[] {
    const of = (schema: ProtobufSchema) => mainsOf(schema).flatMap(({ messages }) => messages)
    const enums = mainsOf(this.#reader).flatMap((file) => file.enums)
    this.#messages(of(this.#reader), of(this.#writer), new Set(enums.map(({ name }) => name)))
    this.#pairs.drain((to, from) => this.#message(to, from))
    if (this.#pairs.isCut) tooComplex(this.#report)
    return this.#report.differences
  }

  /** @param enums names that are taken by enums now: no removal to Karapace */
  #messages(
    readers: readonly ProtoMessage[],
    writers: readonly ProtoMessage[],
    enums: ReadonlySet<string>,
  ): void {
    const own = (messages: readonly ProtoMessage[]) => messages.filter((m) => !m.isMapEntry)
    for (const [from, to] of joined(own(writers), own(readers), ({ name }) => name)) {
      if (from === null) continue
      if (to !== null) this.#pairs.add(to, from)
      else if (!enums.has(from.name)) {
        const sides = { reader: null, writer: from.fullName }
        const said = `message \`${from.localName}\` is not there any more`
        this.#report.add('PROTO_KARAPACE_MESSAGE_DROP', sides, { message: from.localName }, said)
      }
    }
  }

  #message(reader: ProtoMessage, writer: ProtoMessage): void {
    const numbersInOneofs = new Set(inOneofs(reader).map(({ number }) => number))
    for (const oneof of reader.oneofs) this.#moved(oneof, reader, writer)
    const after = outside(reader)
    const before = outside(writer).filter(({ number }) => !numbersInOneofs.has(number))
    const namesAfter = new Map(after.map((field) => [field.name, field]))
    const byNumber = ({ number }: ProtoField) => number
    for (const [from, to] of joined(before, after, byNumber)) {
      if (from === null) continue
      const namesake = namesAfter.get(from.name)
      if (namesake !== undefined && namesake.number !== from.number)
        this.#renumbered(namesake, from)
      if (to !== null) this.#field(to, from)
    }
    for (const oneof of writer.oneofs.filter((name) => reader.oneofs.includes(name))) {
      const of = (message: ProtoMessage) => message.fields.filter((field) => field.oneof === oneof)
      for (const [from, to] of joined(of(writer), of(reader), byNumber)) {
        if (from !== null && to !== null) this.#field(to, from)
        else if (from !== null) {
          const sides = { reader: `${reader.fullName}.${oneof}`, writer: from.fullName }
          const args = { field: from.name, number: from.number, oneof }
          const said = `\`${from.name}\` = ${from.number} went out of oneof \`${oneof}\``
          this.#report.add('PROTO_KARAPACE_ONE_OF_FIELD_DROP', sides, args, said)
        }
      }
    }
    const enums = new Set(reader.enums.map(({ name }) => name))
    this.#messages(reader.messages, writer.messages, enums)
  }

  #moved(oneof: string, reader: ProtoMessage, writer: ProtoMessage): void {
    const free = new Set(outside(writer).map(({ number }) => number))
    const moved = reader.fields.filter((field) => field.oneof === oneof && free.has(field.number))
    if (moved.length < 2) return
    const sides = { reader: `${reader.fullName}.${oneof}`, writer: writer.fullName }
    const names = moved.map(({ name }) => name)
    const said = `\`${names.join('`, `')}\` could be set together, and are in oneof \`${oneof}\` now`
    const rule = 'PROTO_KARAPACE_FEW_FIELDS_CONVERTED_TO_ONE_OF'
    this.#report.add(rule, sides, { oneof, fields: names }, said)
  }

  #renumbered(reader: ProtoField, writer: ProtoField): void {
    const sides = { reader: reader.fullName, writer: writer.fullName }
    const args = { field: reader.name, before: writer.number, after: reader.number }
    const said = `\`${reader.name}\` was number ${writer.number} and is ${reader.number}`
    this.#report.add('PROTO_KARAPACE_FIELD_TAG_ALTER', sides, args, said)
  }

  #field(reader: ProtoField, writer: ProtoField): void {
    const sides = { reader: reader.fullName, writer: writer.fullName }
    const [to, from] = [entryOf(reader, this.#reader), entryOf(writer, this.#writer)]
    if (to === null || from === null) {
      const isLabelled = reader.label !== writer.label
      this.#types(reader, writer, sides, isLabelled, to !== null || from !== null)
      return
    }
    for (const i of [0, 1])
      this.#types(to.fields[i] as ProtoField, from.fields[i] as ProtoField, sides, false, false)
  }

  #types(
    reader: ProtoField,
    writer: ProtoField,
    sides: Sides,
    isLabelled: boolean,
    isOneMap: boolean,
  ): void {
    const [to, from] = [scalarKindOf(reader.kind), scalarKindOf(writer.kind)]
    const args = {
      number: reader.number,
      before: typeText(writer, this.#writer),
      after: typeText(reader, this.#reader),
    }
    const said = `the type was \`${args.before}\` and is \`${args.after}\``
    if (isOneMap || (to === null) !== (from === null))
      this.#report.add('PROTO_KARAPACE_FIELD_KIND_ALTER', sides, args, said)
    else if (to !== null) {
      if (isLabelled && from !== 'string') {
        const labels = { before: writer.label ?? 'none', after: reader.label ?? 'none' }
        const told = `the label was ${labels.before} and is ${labels.after}`
        const labelArgs = { number: reader.number, ...labels }
        this.#report.add('PROTO_KARAPACE_FIELD_LABEL_ALTER', sides, labelArgs, told)
      }
      if (to !== from) this.#report.add('PROTO_KARAPACE_FIELD_KIND_ALTER', sides, args, said)
    } else this.#named(reader, writer, sides, args, said)
  }

  /** Another name is no incompatibility to Karapace; another definition of the same name is. */
  #named(
    reader: ProtoField,
    writer: ProtoField,
    sides: Sides,
    args: Difference['args'],
    said: string,
  ): void {
    const to = this.#reader.messages.get(reader.typeName as string)
    const from = this.#writer.messages.get(writer.typeName as string)
    if (to === undefined || from === undefined) {
      if (reader.typeName !== writer.typeName)
        this.#report.add('PROTO_KARAPACE_FIELD_TYPE_ALTER', sides, args, said)
    } else if (to.localName === from.localName) this.#pairs.add(to, from)
  }
}

function outside({ fields }: ProtoMessage): readonly ProtoField[] {
  return fields.filter(({ oneof }) => oneof === null)
}

function inOneofs({ fields }: ProtoMessage): readonly ProtoField[] {
  return fields.filter(({ oneof }) => oneof !== null)
}
