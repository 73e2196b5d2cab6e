/**
 * Formats of strings. Each takes time in the length of the text; a format that is not listed accuses
 * nobody, and so does a text that is longer than any of its kind.
 */
const TEXT_CHARS_MAX = 5_000

const DATE_CHARS = 10
const BLANK = 0x20
const PLUS = 0x2b
const DASH = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const COLON = 0x3a
const UPPER_T = 0x54
const UPPER_Z = 0x5a
const LOWER_T = 0x74
const LOWER_Z = 0x7a

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Null: nobody knows this format. */
export function formatTest(format: string): ((text: string) => boolean) | null {
  const test = tests.get(format)
  return test === undefined ? null : (text) => text.length > TEXT_CHARS_MAX || test(text)
}

function isDate(text: string): boolean {
  return text.length === DATE_CHARS && isDateBefore(text)
}

/** The first ten characters. By their codes: times are common, and each looked-into message pays. */
function isDateBefore(text: string): boolean {
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return false
  const year = digitsAt(text, 0, 4)
  const month = digitsAt(text, 5, 2)
  const day = digitsAt(text, 8, 2)
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0)
  return year >= 0 && day >= 1 && day <= days
}

/** From `at` to the end. */
function isZonedTime(text: string, at: number): boolean {
  if (text.charCodeAt(at + 2) !== COLON || text.charCodeAt(at + 5) !== COLON) return false
  const hour = digitsAt(text, at, 2)
  const minute = digitsAt(text, at + 3, 2)
  const second = digitsAt(text, at + 6, 2)
  // A leap second stands at the end of a day of some zone: any minute's end is taken.
  const isInDay = hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59
  return isInDay && second >= 0 && second <= 60 && isZone(text, fractionEnd(text, at + 8))
}

/** Where digits behind a point end; without them where they would begin. */
function fractionEnd(text: string, at: number): number {
  if (text.charCodeAt(at) !== POINT) return at
  let end = at + 1
  while (digitsAt(text, end, 1) >= 0) end++
  return end > at + 1 ? end : at
}

/** `Z`, `+01:00`, `+0100` or `+01`, to the end of the text. */
function isZone(text: string, at: number): boolean {
  const sign = text.charCodeAt(at)
  if (sign === UPPER_Z || sign === LOWER_Z) return text.length === at + 1
  if ((sign !== PLUS && sign !== DASH) || digitsAt(text, at + 1, 2) < 0) return false
  if (text.length === at + 3) return true
  const minutes = text.charCodeAt(at + 3) === COLON ? at + 4 : at + 3
  return text.length === minutes + 2 && digitsAt(text, minutes, 2) >= 0
}

function isDateTime(text: string): boolean {
  const mark = text.charCodeAt(DATE_CHARS)
  const isMark = mark === UPPER_T || mark === LOWER_T || mark === BLANK
  return isMark && isDateBefore(text) && isZonedTime(text, DATE_CHARS + 1)
}

/** The number of so many digits; −1: others stand there, or nothing. */
function digitsAt(text: string, at: number, count: number): number {
  let number = 0
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - ZERO
    if (!(digit >= 0 && digit <= 9)) return -1
    number = 10 * number + digit
  }
  return number
}

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return (
    parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && +part <= 255)
  )
}

function isIpv6(text: string): boolean {
  if (text.length > 45 || !/^[0-9a-f:.]+$/i.test(text)) return false
  const halves = text.split('::')
  if (halves.length > 2) return false
  let groups = 0
  const parts = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  for (const [i, part] of parts.entries()) {
    if (part.includes('.')) {
      if (i !== parts.length - 1 || !isIpv4(part)) return false
      groups += 2
    } else if (!/^[0-9a-f]{1,4}$/i.test(part)) return false
    else groups++
  }
  return halves.length === 2 ? groups <= 7 : groups === 8
}

function isHostname(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  return (
    name.length <= 253 &&
    name.split('.').every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(label))
  )
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  // What stands before the last `@` may be quoted, and hold nearly anything.
  return at > 0 && at < text.length - 1 && !/[\s@]/.test(text.slice(at + 1))
}

function isUri(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`]*$/i.test(text)
}

const tests: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['date', isDate],
  ['time', (text: string) => isZonedTime(text, 0)],
  ['date-time', isDateTime],
  ['email', isEmail],
  ['hostname', isHostname],
  ['ipv4', isIpv4],
  ['ipv6', isIpv6],
  ['uri', isUri],
  [
    'uuid',
    (text: string) =>
      /^(?:urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text),
  ],
  [
    'duration',
    (text: string) =>
      text.length <= 100 &&
      /^P(?=.)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)$/.test(
        text,
      ),
  ],
])
