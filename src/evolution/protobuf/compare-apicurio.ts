/**
 * What Apicurio refuses: the rules of protolock. Fields are paired by name as well as by number, and what
 * goes must be reserved by both.
 */
import type { Difference } from '../engine.ts'
import type {
  ProtobufSchema,
  ProtoEnum,
  ProtoField,
  ProtoMessage,
  ProtoMethod,
  ProtoService,
} from './model.ts'
import { mainsOf } from './pairs.ts'
import { isReserved, missingOf } from './ranges.ts'
import { Report } from './report.ts'
import { typeText } from './wire.ts'

export function compareApicurio(
  reader: ProtobufSchema,
  writer: ProtobufSchema,
): readonly Difference[] {
  const report = new Report()
  const messages = byLocalName(messagesOf(reader))
  const isProto2 = mainsOf(writer)[0]?.syntax === 'proto2'
  for (const before of messagesOf(writer)) {
    const after = messages.get(before.localName) ?? null
    removals(report, before, after)
    if (after === null) continue
    reserved(report, before, after)
    fields(report, reader, writer, before, after)
    if (isProto2) required(report, before, after)
  }
  const enums = byLocalName(enumsOf(reader))
  for (const before of enumsOf(writer)) {
    const after = enums.get(before.localName)
    if (after !== undefined) values(report, before, after)
  }
  const services = byLocalName(mainsOf(reader).flatMap((file) => file.services))
  for (const before of mainsOf(writer).flatMap((file) => file.services))
    methods(report, before, services.get(before.localName) ?? null)
  return report.differences
}

function byLocalName<Item extends { readonly localName: string }>(
  items: readonly Item[],
): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.localName, item]))
}

function messagesOf(schema: ProtobufSchema): ProtoMessage[] {
  const mains = new Set(mainsOf(schema).map(({ path }) => path))
  return [...schema.messages.values()].filter((m) => mains.has(m.file) && !m.isMapEntry)
}

function enumsOf(schema: ProtobufSchema): ProtoEnum[] {
  const mains = new Set(mainsOf(schema).map(({ path }) => path))
  return [...schema.enums.values()].filter(({ file }) => mains.has(file))
}

/** A field that goes must leave its name and its number reserved; a message cannot go with its fields. */
function removals(report: Report, before: ProtoMessage, after: ProtoMessage | null): void {
  const names = new Set(after?.fields.map(({ name }) => name))
  const numbers = new Set(after?.fields.map(({ number }) => number))
  for (const field of before.fields) {
    if (names.has(field.name)) continue
    const isNumberFree =
      !numbers.has(field.number) && !isReserved(field.number, after?.reservedRanges ?? [])
    const isNameFree = !(after?.reservedNames.includes(field.name) ?? false)
    if (!isNumberFree && !isNameFree) continue
    const sides = { reader: after?.fullName ?? null, writer: field.fullName }
    const args = { field: field.name, number: field.number }
    const said = `\`${field.name}\` = ${field.number} went without both its name and number reserved`
    report.add('PROTO_APICURIO_REMOVED_WITHOUT_RESERVE', sides, args, said)
  }
  if (after === null && before.reservedRanges.length + before.reservedNames.length > 0) {
    const sides = { reader: null, writer: before.fullName }
    const said = `what message \`${before.localName}\` reserved is not reserved any more`
    const args = { message: before.localName }
    report.add('PROTO_APICURIO_RESERVED_REMOVED', sides, args, said)
  }
}

function reserved(report: Report, before: ProtoMessage, after: ProtoMessage): void {
  const sides = { reader: after.fullName, writer: before.fullName }
  for (const field of after.fields) {
    const isName = before.reservedNames.includes(field.name)
    if (!isName && !isReserved(field.number, before.reservedRanges)) continue
    const args = { field: field.name, number: field.number }
    const said = `\`${field.name}\` = ${field.number} was reserved`
    report.add('PROTO_APICURIO_RESERVED_USED', { ...sides, reader: field.fullName }, args, said)
  }
  const lost = before.reservedNames.filter((name) => !after.reservedNames.includes(name))
  const isRangeLost = before.reservedRanges.some((range) => !isCovered(range, after))
  if (lost.length === 0 && !isRangeLost) return
  const said = `message \`${after.localName}\` reserves less than before`
  const args = { message: after.localName, names: lost }
  report.add('PROTO_APICURIO_RESERVED_REMOVED', sides, args, said)
}

function fields(
  report: Report,
  reader: ProtobufSchema,
  writer: ProtobufSchema,
  before: ProtoMessage,
  after: ProtoMessage,
): void {
  const byName = new Map(after.fields.map((field) => [field.name, field]))
  const byNumber = new Map(after.fields.map((field) => [field.number, field]))
  for (const from of before.fields) {
    const to = byName.get(from.name)
    if (to !== undefined) field(report, to, from, reader, writer)
    const name = byNumber.get(from.number)?.name ?? null
    if (name === from.name) continue
    const isGone =
      name === null &&
      (isReserved(from.number, after.reservedRanges) || after.reservedNames.includes(from.name))
    if (isGone) continue
    const sides = {
      reader: byNumber.get(from.number)?.fullName ?? after.fullName,
      writer: from.fullName,
    }
    const args = { number: from.number, before: from.name, after: name }
    const said = `number ${from.number} was \`${from.name}\` and is ${name === null ? 'nothing' : `\`${name}\``}`
    report.add('PROTO_APICURIO_NAME_CHANGED', sides, args, said)
  }
}

function field(
  report: Report,
  to: ProtoField,
  from: ProtoField,
  reader: ProtobufSchema,
  writer: ProtobufSchema,
): void {
  const sides = { reader: to.fullName, writer: from.fullName }
  if (to.number !== from.number) {
    const args = { field: to.name, before: from.number, after: to.number }
    const said = `\`${to.name}\` was number ${from.number} and is ${to.number}`
    report.add('PROTO_APICURIO_NUMBER_CHANGED', sides, args, said)
  }
  const [before, after] = [typeText(from, writer), typeText(to, reader)]
  if (before !== after) {
    const said = `the type was \`${before}\` and is \`${after}\``
    report.add('PROTO_APICURIO_TYPE_CHANGED', sides, { before, after }, said)
  }
  if (to.label !== from.label) {
    const labels = { before: from.label ?? 'none', after: to.label ?? 'none' }
    const said = `the label was ${labels.before} and is ${labels.after}`
    report.add('PROTO_APICURIO_LABEL_CHANGED', sides, labels, said)
  }
}

function required(report: Report, before: ProtoMessage, after: ProtoMessage): void {
  const names = new Set(before.fields.map(({ name }) => name))
  for (const field of after.fields) {
    if (field.label !== 'required' || names.has(field.name)) continue
    const sides = { reader: field.fullName, writer: before.fullName }
    const args = { field: field.name, number: field.number }
    const said = `\`${field.name}\` = ${field.number} is required, and was not written before`
    report.add('PROTO_APICURIO_REQUIRED_ADDED', sides, args, said)
  }
}

/** It does not read what an enum reserves: a value cannot go. */
function values(report: Report, before: ProtoEnum, after: ProtoEnum): void {
  const byName = new Map(after.values.map(({ name, number }) => [name, number]))
  const byNumber = new Map(after.values.map(({ name, number }) => [number, name]))
  for (const { name, number } of before.values) {
    const writer = `${before.fullName}.${name}`
    const moved = byName.get(name)
    if (moved !== undefined && moved !== number) {
      const sides = { reader: `${after.fullName}.${name}`, writer }
      const said = `\`${name}\` was number ${number} and is ${moved}`
      const args = { value: name, before: number, after: moved }
      report.add('PROTO_APICURIO_NUMBER_CHANGED', sides, args, said)
    }
    const now = byNumber.get(number) ?? null
    const isAlias = before.values.some((v) => v.number === number && v.name === now)
    if (now === name || isAlias) continue
    const sides = { reader: now === null ? after.fullName : `${after.fullName}.${now}`, writer }
    const said = `number ${number} was \`${name}\` and is ${now === null ? 'nothing' : `\`${now}\``}`
    report.add('PROTO_APICURIO_NAME_CHANGED', sides, { number, before: name, after: now }, said)
  }
}

function methods(report: Report, before: ProtoService, after: ProtoService | null): void {
  const byName = new Map(after?.methods.map((method) => [method.name, method]))
  for (const method of before.methods) {
    const now = byName.get(method.name)
    if (now === undefined) {
      const sides = { reader: after?.fullName ?? null, writer: method.fullName }
      const said = `method \`${method.name}\` is not there any more`
      report.add('PROTO_APICURIO_RPC_REMOVED', sides, { method: method.name }, said)
    } else if (signature(now) !== signature(method)) {
      const sides = { reader: now.fullName, writer: method.fullName }
      const args = { before: signature(method), after: signature(now) }
      const said = `the method was ${args.before} and is ${args.after}`
      report.add('PROTO_APICURIO_RPC_SIGNATURE', sides, args, said)
    }
  }
}

function signature({ input, output, isClientStreaming, isServerStreaming }: ProtoMethod): string {
  const stream = (is: boolean) => (is ? 'stream ' : '')
  return `(${stream(isClientStreaming)}${input}) returns (${stream(isServerStreaming)}${output})`
}

function isCovered(
  [from, to]: readonly [number, number],
  { reservedRanges }: ProtoMessage,
): boolean {
  return missingOf([from, to], reservedRanges).length === 0
}
