/** Equality of values as JSON Schema has it: numbers by size, records whatever the order of their names. */
import type { Value } from '../read/reader.ts'
import { isRecord, memberOf, namesOf } from './site.ts'

/** Equal values have equal texts, and unequal ones unequal texts. */
export function canonicalText(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value)
  if (value === null || typeof value !== 'object') return String(value)
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('latin1'))
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText(item)).join()}]`
  if (!isRecord(value)) return ''
  const members = [...namesOf(value)]
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalText(memberOf(value, name) as Value)}`)
  return `{${members.join()}}`
}
