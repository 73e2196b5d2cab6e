/** What reads and is likely not meant, from the old schema to the new one. */
import type { Difference } from '../engine.ts'
import type { ProtobufSchema, ProtoField, ProtoMessage } from './model.ts'
import { enumPairs, messagePairs } from './pairs.ts'
import { isReserved } from './ranges.ts'
import { Report } from './report.ts'
import { enumRisks } from './risks-enums.ts'
import { scalarKindOf, typeText } from './wire.ts'

/** @param told what the rules have said already: a risk of the same field's type says no more */
export function risksOf(
  before: ProtobufSchema,
  after: ProtobufSchema,
  told: readonly Difference[],
): readonly Difference[] {
  const report = new Report()
  const refused = new Set(told.map(({ readerPath, writerPath }) => `${readerPath} ${writerPath}`))
  for (const [to, from] of messagePairs(after, before)) {
    removals(report, from, to)
    reuse(report, from, to)
    const known = new Map(to.fields.map((field) => [field.number, field]))
    for (const field of from.fields) {
      const other = known.get(field.number)
      if (other === undefined || from.isMapEntry !== to.isMapEntry) continue
      names(report, field, other)
      if (refused.has(`${other.fullName} ${field.fullName}`)) continue
      types(report, field, other, before, after)
      if (!from.isMapEntry) shape(report, field, other)
    }
  }
  for (const [to, from] of enumPairs(after, before)) enumRisks(report, from, to)
  return report.differences
}

function removals(report: Report, from: ProtoMessage, to: ProtoMessage): void {
  const numbers = new Set(to.fields.map(({ number }) => number))
  const names = new Map(to.fields.map((field) => [field.name, field]))
  for (const field of from.fields) {
    if (numbers.has(field.number)) continue
    const namesake = names.get(field.name)
    if (namesake !== undefined) {
      const sides = { reader: namesake.fullName, writer: field.fullName }
      const args = { field: field.name, before: field.number, after: namesake.number }
      const said = `\`${field.name}\` was number ${field.number} and is ${namesake.number}`
      report.add('PROTO_FIELD_NUMBER_CHANGED', sides, args, said)
      continue
    }
    const isNumber = isReserved(field.number, to.reservedRanges)
    const isName = to.reservedNames.includes(field.name)
    if (isNumber && isName) continue
    const free = [isNumber ? [] : ['number'], isName ? [] : ['name']].flat()
    const sides = { reader: to.fullName, writer: field.fullName }
    const args = { field: field.name, number: field.number, free }
    const said = `\`${field.name}\` = ${field.number} went, and its ${free.join(' and ')} can be taken again`
    report.add('PROTO_FIELD_REMOVED_UNRESERVED', sides, args, said)
  }
}

function reuse(report: Report, from: ProtoMessage, to: ProtoMessage): void {
  for (const field of to.fields) {
    const isNumber = isReserved(field.number, from.reservedRanges)
    if (!isNumber && !from.reservedNames.includes(field.name)) continue
    const sides = { reader: field.fullName, writer: from.fullName }
    const args = { field: field.name, number: field.number }
    const said = `\`${field.name}\` = ${field.number} takes a ${isNumber ? 'number' : 'name'} that was reserved`
    report.add('PROTO_FIELD_NUMBER_REUSED', sides, args, said)
  }
}

/** Another name is the same field in other words; with another type it is another field. */
function names(report: Report, from: ProtoField, to: ProtoField): void {
  const sides = { reader: to.fullName, writer: from.fullName }
  const isOther = from.kind !== to.kind || (from.typeName === null) !== (to.typeName === null)
  if (from.name !== to.name && isOther) {
    const args = { number: to.number, before: from.name, after: to.name }
    const said = `number ${to.number} was \`${from.name}\` and is \`${to.name}\`, of another type`
    report.add('PROTO_FIELD_NUMBER_REUSED', sides, args, said)
  } else if (from.jsonName !== to.jsonName) {
    const args = { number: to.number, before: from.jsonName, after: to.jsonName }
    const said = `the name in JSON was \`${from.jsonName}\` and is \`${to.jsonName}\``
    report.add('PROTO_FIELD_JSON_RENAMED', sides, args, said)
  }
}

/** Numbers that a type can hold; an enum is told apart. */
const bounds: Readonly<Record<string, readonly [bigint, bigint]>> = {
  bool: [0n, 1n],
  ...{ int32: [-(2n ** 31n), 2n ** 31n - 1n], sint32: [-(2n ** 31n), 2n ** 31n - 1n] },
  ...{ int64: [-(2n ** 63n), 2n ** 63n - 1n], sint64: [-(2n ** 63n), 2n ** 63n - 1n] },
  ...{ uint32: [0n, 2n ** 32n - 1n], uint64: [0n, 2n ** 64n - 1n] },
  ...{ fixed32: [0n, 2n ** 32n - 1n], fixed64: [0n, 2n ** 64n - 1n] },
  ...{ sfixed32: [-(2n ** 31n), 2n ** 31n - 1n], sfixed64: [-(2n ** 63n), 2n ** 63n - 1n] },
  enum: [-(2n ** 31n), 2n ** 31n - 1n],
}

function types(
  report: Report,
  from: ProtoField,
  to: ProtoField,
  before: ProtobufSchema,
  after: ProtobufSchema,
): void {
  const kind = scalarKindOf(from.kind)
  if (kind === null || kind !== scalarKindOf(to.kind)) return
  const sides = { reader: to.fullName, writer: from.fullName }
  const args = { before: typeText(from, before), after: typeText(to, after) }
  const said = `the type was \`${args.before}\` and is \`${args.after}\``
  const [was, is] = [bounds[from.kind], bounds[to.kind]]
  if (from.kind === 'enum' || to.kind === 'enum') {
    const short = (field: ProtoField) => field.typeName?.split('.').at(-1)
    if (from.kind !== to.kind || short(from) !== short(to))
      report.add('PROTO_FIELD_ENUM_CHANGED', sides, args, said)
  } else if (was !== undefined && is !== undefined && (was[0] < is[0] || was[1] > is[1])) {
    report.add('PROTO_FIELD_NUMBER_NARROWED', sides, args, said)
  } else if (from.kind === 'bytes' && to.kind === 'string')
    report.add('PROTO_FIELD_BYTES_TO_STRING', sides, args, said)
}

function shape(report: Report, from: ProtoField, to: ProtoField): void {
  const sides = { reader: to.fullName, writer: from.fullName }
  const [was, is] = [from.cardinality, to.cardinality]
  const args = { before: was, after: is }
  if (was !== is) {
    const isMany = (c: string) => c === 'repeated' || c === 'map'
    if (isMany(was) || isMany(is))
      report.add(
        'PROTO_FIELD_CARDINALITY_CHANGED',
        sides,
        args,
        `the field was ${was} and is ${is}`,
      )
    else if (was === 'required' || is === 'required')
      report.add('PROTO_FIELD_REQUIRED_CHANGED', sides, args, `the field was ${was} and is ${is}`)
    else if (from.oneof === null && to.oneof === null)
      report.add(
        'PROTO_FIELD_PRESENCE_CHANGED',
        sides,
        args,
        `the presence was ${was} and is ${is}`,
      )
  }
  if (from.oneof !== to.oneof) {
    const oneofs = { before: from.oneof, after: to.oneof }
    const text = (oneof: string | null) => (oneof === null ? 'in none' : `in \`${oneof}\``)
    const said = `the field was ${text(from.oneof)} and is ${text(to.oneof)}`
    report.add('PROTO_FIELD_ONEOF_CHANGED', sides, oneofs, said)
  }
  if (from.defaultValue !== to.defaultValue && from.kind === to.kind) {
    const values = { before: from.defaultValue, after: to.defaultValue }
    const said = `the default was \`${from.defaultValue ?? 'none'}\` and is \`${to.defaultValue ?? 'none'}\``
    report.add('PROTO_FIELD_DEFAULT_CHANGED', sides, values, said)
  }
}
