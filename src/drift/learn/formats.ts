/**
 * Formats that strings may have, told narrowly: what is taken for one here passes every validator, and
 * what is one in an unusual way is taken for plain text. At most one fits.
 */
import { formatTest } from '../declared/formats.ts'

/** Longer texts have none of these formats. */
const TEXT_CHARS_MAX = 254

export type LearnedFormat = 'date-time' | 'date' | 'uuid' | 'ipv4' | 'email' | 'uri'

const PATTERNS: ReadonlyMap<LearnedFormat, RegExp> = new Map([
  [
    'date-time',
    /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/,
  ],
  ['date', /^\d{4}-\d{2}-\d{2}$/],
  ['uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i],
  ['ipv4', /^(\d{1,3}\.){3}\d{1,3}$/],
  [
    'email',
    /^[a-z0-9_%+-]+(\.[a-z0-9_%+-]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$/i,
  ],
  [
    'uri',
    /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+(:\d{1,5})?(\/([\w.~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*)?(#[\w.~/=-]*)?$/i,
  ],
])

/** Null: none of them. */
export function formatOf(text: string): LearnedFormat | null {
  if (text.length > TEXT_CHARS_MAX) return null
  for (const [format, pattern] of PATTERNS) {
    if (pattern.test(text)) return formatTest(format)?.(text) === true ? format : null
  }
  return null
}
