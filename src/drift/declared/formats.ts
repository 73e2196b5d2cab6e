/**
 * Formats of strings. Each takes time in the length of the text; a format that is not listed accuses
 * nobody, and so does a text that is longer than any of its kind.
 */
const TEXT_CHARS_MAX = 5_000

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Null: nobody knows this format. */
export function formatTest(format: string): ((text: string) => boolean) | null {
  const test = tests.get(format)
  return test === undefined ? null : (text) => text.length > TEXT_CHARS_MAX || test(text)
}

function isDate(text: string): boolean {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (parts === null) return false
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number]
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day >= 1 && day <= (month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0))
}

function isTime(text: string, isZoneNeeded: boolean): boolean {
  const parts = /^(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(z|[+-]\d{2}(?::?\d{2})?)?$/i.exec(text)
  if (parts === null || (isZoneNeeded && parts[4] === undefined)) return false
  const [hour, minute, second] = parts.slice(1, 4).map(Number) as [number, number, number]
  // A leap second stands at the end of a day of some zone: any minute's end is taken.
  return hour <= 23 && minute <= 59 && second <= 60
}

function isDateTime(text: string): boolean {
  return isDate(text.slice(0, 10)) && /^[t ]$/i.test(text[10] ?? '') && isTime(text.slice(11), true)
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
  ['time', (text: string) => isTime(text, true)],
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
