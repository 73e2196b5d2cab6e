/**
 * The parts of a record as digests, to tell whether two records hold the same: 32 bits each, so that they
 * differ is certain, and that they are the same is so but for one accident in 2^32.
 */
import { digestOf, isTraceHeader } from '../message/digest.ts'
import type { LogRecord } from './log.ts'
import type { TraceContent } from './trace.ts'

/** Headers that are compared; those beyond are told as one part. */
const HEADERS_MAX = 50

/** By part: `key`, `value`, `header NAME`. */
export type RecordParts = ReadonlyMap<string, number>

export function partsOf(record: Pick<LogRecord, 'key' | 'value' | 'headers'>): RecordParts {
  const none = { value: false, key: false, headers: [] }
  const names = Object.keys(record.headers)
    .filter((name) => !isTraceHeader(name))
    .sort()
  const parts = new Map([
    ['key', digestOf(record, { ...none, key: true })],
    ['value', digestOf(record, { ...none, value: true })],
  ])
  for (const name of names.slice(0, HEADERS_MAX))
    parts.set(`header ${name}`, digestOf(record, { ...none, headers: [name] }))
  const rest = names.slice(HEADERS_MAX)
  if (rest.length > 0) parts.set('more headers', digestOf(record, { ...none, headers: rest }))
  return parts
}

/** A header that only one of them has differs. */
export function compareParts(
  before: RecordParts,
  here: RecordParts,
  comparedWith: string,
): TraceContent {
  const [same, differs]: [string[], string[]] = [[], []]
  for (const part of new Set([...before.keys(), ...here.keys()]))
    (before.get(part) === here.get(part) ? same : differs).push(part)
  return { comparedWith, same, differs }
}
