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
    return library.compile(library.translateRegExp(pattern))
  } catch {
    return null
  }
}
