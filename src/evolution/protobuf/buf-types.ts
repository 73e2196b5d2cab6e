/** buf's rules of messages and enums: what goes, what stays reserved, and what JSON is promised. */
import type { Check, Was } from './buf-change.ts'
import type { ProtoEnum, ProtoField, ProtoMessage, ProtoValue } from './model.ts'
import { isReserved, missingOf, rangeText } from './ranges.ts'

/** Whether a deletion is allowed by what is reserved now. */
type Excuse = (field: { name: string; number: number }, now: ProtoMessage | ProtoEnum) => boolean

const never: Excuse = () => false
const byNumber: Excuse = ({ number }, now) => isReserved(number, now.reservedRanges)
const byName: Excuse = ({ name }, now) => now.reservedNames.includes(name)

function fieldDeletion(isExcused: Excuse, without: string): Check {
  return ({ messages, tell }) => {
    for (const [before, after] of messages) {
      const numbers = new Set(after.fields.map(({ number }) => number))
      for (const field of before.fields) {
        if (numbers.has(field.number) || isExcused(field, after)) continue
        const args = { field: field.name, number: field.number }
        const said = `\`${field.name}\` = ${field.number} was deleted${without}`
        tell({ reader: after.fullName, writer: field.fullName }, args, said)
      }
    }
  }
}

export const fieldNoDelete: Check = fieldDeletion(never, '')
export const fieldNumberReserved: Check = fieldDeletion(byNumber, ' without reserving its number')
export const fieldNameReserved: Check = fieldDeletion(byName, ' without reserving its name')

function numbersOf({ values }: ProtoEnum): Map<number, ProtoValue[]> {
  const numbers = new Map<number, ProtoValue[]>()
  for (const value of values) {
    const same = numbers.get(value.number)
    if (same === undefined) numbers.set(value.number, [value])
    else same.push(value)
  }
  return numbers
}

/** Of one number told once; excused only if all of its names are. */
function valueDeletion(isExcused: Excuse, without: string): Check {
  return ({ enums, tell }) => {
    for (const [before, after] of enums) {
      const now = numbersOf(after)
      for (const [number, values] of numbersOf(before)) {
        if (now.has(number) || values.every((value) => isExcused(value, after))) continue
        const names = values.map(({ name }) => name)
        const sides = { reader: after.fullName, writer: `${before.fullName}.${names[0]}` }
        const said = `\`${names.join('`, `')}\` = ${number} was deleted${without}`
        tell(sides, { values: names, number }, said)
      }
    }
  }
}

export const valueNoDelete: Check = valueDeletion(never, '')
export const valueNumberReserved: Check = valueDeletion(byNumber, ' without reserving its number')
export const valueNameReserved: Check = valueDeletion(byName, ' without reserving its name')

/** A number may gain names, and may lose none. Told for every name it has now. */
export const valueSameName: Check = ({ enums, tell }) => {
  for (const [before, after] of enums) {
    const now = numbersOf(after)
    for (const [number, values] of numbersOf(before)) {
      const names = now.get(number)?.map(({ name }) => name)
      const old = values.map(({ name }) => name)
      if (names === undefined || old.every((name) => names.includes(name))) continue
      for (const name of names) {
        const sides = {
          reader: `${after.fullName}.${name}`,
          writer: `${before.fullName}.${old[0]}`,
        }
        const said = `number ${number} was \`${old.join('`, `')}\` and is \`${names.join('`, `')}\``
        tell(sides, { number, before: old, after: names }, said)
      }
    }
  }
}

export const enumSameType: Check = ({ enums, tell }) => {
  for (const [before, after] of enums) {
    if (before.isClosed === after.isClosed) continue
    const [was, is] = [before, after].map(({ isClosed }) => (isClosed ? 'closed' : 'open'))
    const args = { before: was ?? '', after: is ?? '' }
    tell(sidesOf([before, after]), args, `the enum was ${was} and is ${is}`)
  }
}

function sidesOf([before, after]: Was<{ readonly fullName: string }>): {
  reader: string
  writer: string
} {
  return { reader: after.fullName, writer: before.fullName }
}

type Reserving = ProtoEnum | ProtoMessage

function reservedKept(pairs: readonly Was<Reserving>[], tell: Parameters<Check>[0]['tell']): void {
  for (const [before, after] of pairs) {
    for (const range of before.reservedRanges) {
      const lost = missingOf(range, after.reservedRanges).map(rangeText)
      if (lost.length === 0) continue
      const said = `${lost.join(', ')} was reserved, and is not`
      tell(sidesOf([before, after]), { reserved: rangeText(range), lost }, said)
    }
    for (const name of new Set(before.reservedNames)) {
      if (after.reservedNames.includes(name)) continue
      tell(sidesOf([before, after]), { name }, `\`${name}\` was reserved, and is not`)
    }
  }
}

export const reservedEnumKept: Check = ({ enums, tell }) => reservedKept(enums, tell)
export const reservedMessageKept: Check = ({ messages, tell }) => reservedKept(messages, tell)

export const extensionRangesKept: Check = ({ messages, tell }) => {
  for (const [before, after] of messages)
    for (const range of before.extensionRanges) {
      const lost = missingOf(range, after.extensionRanges).map(rangeText)
      if (lost.length === 0) continue
      const said = `${lost.join(', ')} was open to extensions, and is not`
      tell(sidesOf([before, after]), { range: rangeText(range), lost }, said)
    }
}

function jsonFormatKept(
  pairs: readonly Was<Reserving>[],
  tell: Parameters<Check>[0]['tell'],
): void {
  for (const [before, after] of pairs) {
    if (before.jsonFormat !== 'ALLOW' || after.jsonFormat === 'ALLOW') continue
    const args = { before: before.jsonFormat, after: after.jsonFormat }
    tell(sidesOf([before, after]), args, `JSON was promised, and is ${after.jsonFormat} now`)
  }
}

export const enumJsonFormat: Check = ({ enums, tell }) => jsonFormatKept(enums, tell)
export const messageJsonFormat: Check = ({ messages, tell }) => jsonFormatKept(messages, tell)

export const sameRequired: Check = ({ messages, tell }) => {
  const isRequired = ({ label }: ProtoField) => label === 'required'
  for (const [before, after] of messages) {
    const was = before.fields.filter(isRequired)
    const is = after.fields.filter(isRequired)
    for (const field of was) {
      if (is.some(({ number }) => number === field.number)) continue
      const args = { field: field.name, number: field.number }
      const said = `\`${field.name}\` = ${field.number} is not required any more`
      tell({ reader: after.fullName, writer: field.fullName }, args, said)
    }
    for (const field of is) {
      if (was.some(({ number }) => number === field.number)) continue
      const args = { field: field.name, number: field.number }
      const said = `\`${field.name}\` = ${field.number} is required now`
      tell({ reader: field.fullName, writer: before.fullName }, args, said)
    }
  }
}

export const oneofNoDelete: Check = ({ messages, tell }) => {
  for (const [before, after] of messages)
    for (const oneof of before.oneofs) {
      if (after.oneofs.includes(oneof)) continue
      const sides = { reader: after.fullName, writer: `${before.fullName}.${oneof}` }
      tell(sides, { oneof }, `oneof \`${oneof}\` was deleted`)
    }
}

export const accessorKept: Check = ({ messages, tell }) => {
  for (const [before, after] of messages) {
    if (before.isWithoutAccessor || !after.isWithoutAccessor) continue
    tell(sidesOf([before, after]), {}, '`no_standard_descriptor_accessor` was set')
  }
}
