/** Risks of one enum and its namesake. */
import type { ProtoEnum } from './model.ts'
import { isReserved } from './ranges.ts'
import type { Report } from './report.ts'

export function enumRisks(report: Report, from: ProtoEnum, to: ProtoEnum): void {
  const sides = { reader: to.fullName, writer: from.fullName }
  if (from.isClosed !== to.isClosed) {
    const text = (isClosed: boolean) => (isClosed ? 'closed' : 'open')
    const args = { before: text(from.isClosed), after: text(to.isClosed) }
    const said = `the enum was ${args.before} and is ${args.after}`
    report.add('PROTO_ENUM_OPENNESS_CHANGED', sides, args, said)
  }
  const nothing = nothingOf(from)
  const now = namesOf(to)
  for (const [number, names] of namesOf(from)) {
    const kept = now.get(number)
    const paths = { reader: to.fullName, writer: `${from.fullName}.${names[0]}` }
    const list = names.join('`, `')
    if (kept === undefined) {
      removed(report, paths, to, names, number)
      continue
    }
    if (names.every((name) => kept.includes(name))) continue
    const renamed = { ...paths, reader: `${to.fullName}.${kept[0]}` }
    const said = `number ${number} was \`${list}\` and is \`${kept.join('`, `')}\``
    const rule = number === nothing ? 'PROTO_ENUM_ZERO_CHANGED' : 'PROTO_ENUM_VALUE_RENAMED'
    report.add(rule, renamed, { number, before: names, after: kept }, said)
  }
  moved(report, from, to)
  for (const { name, number } of to.values) {
    const isNumber = isReserved(number, from.reservedRanges)
    if (!isNumber && !from.reservedNames.includes(name)) continue
    const said = `\`${name}\` = ${number} takes a ${isNumber ? 'number' : 'name'} that was reserved`
    const paths = { reader: `${to.fullName}.${name}`, writer: from.fullName }
    report.add('PROTO_ENUM_VALUE_REUSED', paths, { value: name, number }, said)
  }
}

/** What a reader sees where nothing was written. */
function nothingOf({ values }: ProtoEnum): number {
  return values[0]?.number ?? 0
}

function namesOf({ values }: ProtoEnum): Map<number, string[]> {
  const names = new Map<number, string[]>()
  for (const { name, number } of values) names.set(number, [...(names.get(number) ?? []), name])
  return names
}

/** Another first value is another default; where its number is as before, only the name differs. */
function moved(report: Report, from: ProtoEnum, to: ProtoEnum): void {
  const [before, after] = [from.values[0], to.values[0]]
  if (before === undefined || after === undefined || before.number === after.number) return
  const sides = {
    reader: `${to.fullName}.${after.name}`,
    writer: `${from.fullName}.${before.name}`,
  }
  const said = `nothing set was \`${before.name}\` = ${before.number} and is \`${after.name}\` = ${after.number}`
  const args = { before: before.name, after: after.name }
  report.add('PROTO_ENUM_ZERO_CHANGED', sides, args, said)
}

function removed(
  report: Report,
  sides: { readonly reader: string; readonly writer: string },
  to: ProtoEnum,
  names: readonly string[],
  number: number,
): void {
  const isNumber = isReserved(number, to.reservedRanges)
  const isName = names.every((name) => to.reservedNames.includes(name))
  if (isNumber && isName) return
  const free = [isNumber ? [] : ['number'], isName ? [] : ['name']].flat()
  const said = `\`${names.join('`, `')}\` = ${number} went, and its ${free.join(' and ')} can be taken again`
  report.add('PROTO_ENUM_VALUE_REMOVED_UNRESERVED', sides, { values: names, number, free }, said)
}
