/**
 * What the Confluent Schema Registry refuses. Fields are paired by number, messages by name; a field that
 * goes is fine, since a reader passes over what it does not know.
 *
 * Beyond the registry: groups are looked at (it does not read them), and messages that are imported are
 * compared wherever a field uses them.
 */
import type { Difference } from '../engine.ts'
import type { ProtobufSchema, ProtoField, ProtoMessage } from './model.ts'
import { filePairs, joined, mainsOf, Pairs } from './pairs.ts'
import { Report, type Sides, tooComplex } from './report.ts'
import { entryOf, scalarKindOf, typeText } from './wire.ts'

export function compareConfluent(
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
    for (const pair of filePairs(this.#reader, this.#writer)) {
      const { pkg } = pair.reader
      if (pkg === pair.writer.pkg) continue
      const sides = { reader: pair.reader.path, writer: pair.writer.path }
      const args = { before: pair.writer.pkg, after: pkg }
      const said = `the package was \`${pair.writer.pkg}\` and is \`${pkg}\``
      this.#report.add('PROTO_PACKAGE_CHANGED', sides, args, said)
    }
    const [readers, writers] = [mainsOf(this.#reader), mainsOf(this.#writer)]
    // Of single files messages keep their identity when the package changes.
    const isSingle = readers.length === 1 && writers.length === 1
    this.#messages(
      readers.flatMap(({ messages }) => messages),
      writers.flatMap(({ messages }) => messages),
      (message) => (isSingle ? message.name : message.fullName),
    )
    this.#pairs.drain((to, from) => this.#message(to, from))
    if (this.#pairs.isCut) tooComplex(this.#report)
    return this.#report.differences
  }

  #messages(
    readers: readonly ProtoMessage[],
    writers: readonly ProtoMessage[],
    keyOf: (message: ProtoMessage) => string,
  ): void {
    const own = (messages: readonly ProtoMessage[]) => messages.filter((m) => !m.isMapEntry)
    for (const [from, to] of joined(own(writers), own(readers), keyOf)) {
      if (from === null) continue
      if (to !== null) this.#pairs.add(to, from)
      else {
        const sides = { reader: null, writer: from.fullName }
        const args = { message: from.localName }
        const said = `message \`${from.localName}\` is not there any more`
        this.#report.add('PROTO_MESSAGE_REMOVED', sides, args, said)
      }
    }
  }

  #message(reader: ProtoMessage, writer: ProtoMessage): void {
    this.#exclusion(reader, writer)
    const gone = wholeOneofsGone(reader, writer)
    const byNumber = ({ number }: ProtoField) => number
    for (const [from, to] of joined(writer.fields, reader.fields, byNumber)) {
      if (to === null) this.#removed(from as ProtoField, reader, gone)
      else if (from === null) this.#added(to, writer)
      else this.#field(to, from)
    }
    this.#messages(reader.messages, writer.messages, ({ name }) => name)
  }

  /** Fields that could be set together, and are now in one oneof. */
  #exclusion(reader: ProtoMessage, writer: ProtoMessage): void {
    const before = new Map(writer.fields.map((field) => [field.number, field]))
    for (const oneof of reader.oneofs) {
      const known = reader.fields.filter((f) => f.oneof === oneof && before.has(f.number))
      const free = known.filter((f) => before.get(f.number)?.oneof === null)
      const groups = new Set(known.map((f) => before.get(f.number)?.oneof ?? f.number))
      if (groups.size < 2) continue
      const sides = { reader: `${reader.fullName}.${oneof}`, writer: writer.fullName }
      const args = { oneof, fields: known.map(({ name }) => name) }
      const names = known.map(({ name }) => `\`${name}\``).join(', ')
      const rule =
        free.length > 1
          ? 'PROTO_MULTIPLE_FIELDS_MOVED_TO_ONEOF'
          : 'PROTO_FIELD_MOVED_TO_EXISTING_ONEOF'
      const said = `${names} could be set together, and exclude each other in oneof \`${oneof}\``
      this.#report.add(rule, sides, args, said)
    }
  }

  #removed(field: ProtoField, reader: ProtoMessage, gone: ReadonlySet<string>): void {
    const sides = { reader: reader.fullName, writer: field.fullName }
    const args = { field: field.name, number: field.number }
    if (field.oneof !== null) {
      if (gone.has(field.oneof)) return
      const said = `\`${field.name}\` = ${field.number} went out of oneof \`${field.oneof}\`: a reader sees none set`
      this.#report.add('PROTO_ONEOF_FIELD_REMOVED', sides, { ...args, oneof: field.oneof }, said)
    } else if (field.cardinality === 'required') {
      const said = `required \`${field.name}\` = ${field.number} is not there any more`
      this.#report.add('PROTO_REQUIRED_FIELD_REMOVED', sides, args, said)
    }
  }

  #added(field: ProtoField, writer: ProtoMessage): void {
    if (field.cardinality !== 'required') return
    const sides = { reader: field.fullName, writer: writer.fullName }
    const said = `\`${field.name}\` = ${field.number} is required, and was not written before`
    const args = { field: field.name, number: field.number }
    this.#report.add('PROTO_REQUIRED_FIELD_ADDED', sides, args, said)
  }

  #field(reader: ProtoField, writer: ProtoField): void {
    const sides = { reader: reader.fullName, writer: writer.fullName }
    const [to, from] = [entryOf(reader, this.#reader), entryOf(writer, this.#writer)]
    if (to === null || from === null) {
      this.#types(reader, writer, sides, to !== null || from !== null)
      this.#labels(reader, writer, sides)
      return
    }
    for (const i of [0, 1])
      this.#types(to.fields[i] as ProtoField, from.fields[i] as ProtoField, sides, false)
  }

  #types(reader: ProtoField, writer: ProtoField, sides: Sides, isOneMap: boolean): void {
    const [to, from] = [scalarKindOf(reader.kind), scalarKindOf(writer.kind)]
    const after = typeText(reader, this.#reader)
    const before = typeText(writer, this.#writer)
    const args = { number: reader.number, before, after }
    const said = `the type was \`${before}\` and is \`${after}\``
    const isKind =
      isOneMap || (to === null) !== (from === null) || isGroup(reader) !== isGroup(writer)
    if (isKind) this.#report.add('PROTO_FIELD_KIND_CHANGED', sides, args, said)
    else if (to !== from) this.#report.add('PROTO_FIELD_SCALAR_KIND_CHANGED', sides, args, said)
    else if (to === null) this.#named(reader, writer, sides, args, said)
  }

  #named(
    reader: ProtoField,
    writer: ProtoField,
    sides: Sides,
    args: Difference['args'],
    said: string,
  ): void {
    const to = this.#reader.messages.get(reader.typeName as string)
    const from = this.#writer.messages.get(writer.typeName as string)
    const toName = to?.localName ?? reader.typeName
    const fromName = from?.localName ?? writer.typeName
    if (toName !== fromName) this.#report.add('PROTO_FIELD_NAMED_TYPE_CHANGED', sides, args, said)
    else if (to !== undefined && from !== undefined) this.#pairs.add(to, from)
  }

  /** Only where both are written: proto3 has none on a single field. */
  #labels(reader: ProtoField, writer: ProtoField, sides: Sides): void {
    const kind = scalarKindOf(reader.kind)
    if (reader.label === null || writer.label === null || reader.label === writer.label) return
    if (kind === null || kind !== scalarKindOf(writer.kind) || kind === 'string') return
    const args = { number: reader.number, before: writer.label, after: reader.label }
    const said = `the field was ${writer.label} and is ${reader.label}`
    this.#report.add('PROTO_FIELD_NUMERIC_LABEL_CHANGED', sides, args, said)
  }
}

function isGroup({ kind }: ProtoField): boolean {
  return kind === 'group'
}

/** Oneofs of which nothing is left, not even elsewhere: nobody waits for one of its fields. */
function wholeOneofsGone(reader: ProtoMessage, writer: ProtoMessage): ReadonlySet<string> {
  const numbers = new Set(reader.fields.map(({ number }) => number))
  const gone = writer.oneofs.filter(
    (oneof) =>
      !reader.oneofs.includes(oneof) &&
      !writer.fields.some((field) => field.oneof === oneof && numbers.has(field.number)),
  )
  return new Set(gone)
}
