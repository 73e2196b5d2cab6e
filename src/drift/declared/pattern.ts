/**
 * Patterns of schemas, run by an engine whose time grows with the length of the text and no faster. What
 * it does not know (looking ahead, referring back) accuses nobody. Loaded when the first one is met.
 */
import { createRequire } from 'node:module'
import type { RE2JS } from 're2js'

const PATTERN_CHARS_MAX = 1_000
const SUBJECT_CHARS_MAX = 5_000

/** Null: it is not known whether it matches. */
export type Matcher = (text: string) => boolean | null

let library: typeof RE2JS | null = null

export function matcherOf(pattern: string): Matcher {
  const expression = pattern.length > PATTERN_CHARS_MAX ? null : compiled(pattern)
  return (text) =>
    expression === null || text.length > SUBJECT_CHARS_MAX ? null : expression.test(text)
}

function compiled(pattern: string): RE2JS | null {
  library ??= (createRequire(import.meta.url)('re2js') as { RE2JS: typeof RE2JS }).RE2JS
  try {
    return library.compile(library.translateRegExp(asMeant(pattern)))
  } catch {
    return null
  }
}

/** White space and ends of lines as ECMA-262 has them: the engine knows those of ASCII. */
const SPACES = String.raw`\t-\r\x20\xA0\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}`
const NO_LINE_END = String.raw`[^\n\r\x{2028}\x{2029}]`

/** What the engine reads otherwise, in its words. @throws RangeError it has no words for it */
function asMeant(pattern: string): string {
  let isInClass = false
  return pattern.replaceAll(
    /\\u[Dd][89ABab][\dA-Fa-f]{2}\\u[Dd][C-Fc-f][\dA-Fa-f]{2}|\\.|[.[\]]/gs,
    (part) => {
      if (part === '[') isInClass = true
      else if (part === ']') isInClass = false
      else if (part === '.') return isInClass ? part : NO_LINE_END
      else if (part === '\\s') return isInClass ? SPACES : `[${SPACES}]`
      else if (part === '\\S') {
        if (isInClass) throw new RangeError('all but white space within a class')
        return `[^${SPACES}]`
      } else if (part.length > 2) return pairOf(part)
      return part
    },
  )
}

/** Two halves that are one character. */
function pairOf(escapes: string): string {
  const halves = [escapes.slice(2, 6), escapes.slice(8)].map((digits) =>
    Number.parseInt(digits, 16),
  )
  const character = String.fromCharCode(...halves)
  return `\\x{${character.codePointAt(0)?.toString(16)}}`
}
