/**
 * Patterns of schemas that nobody vouches for, run by an engine whose time grows with the length of the
 * text and no faster. What it does not know (looking ahead, referring back) is not known here either.
 */
import { RE2JS } from 're2js'

const PATTERN_LENGTH_MAX = 1_000
const SUBJECT_LENGTH_MAX = 5_000
/** Patterns that are kept compiled; then all are forgotten. */
const COMPILED_MAX = 1_000

const compiled = new Map<string, RE2JS | null>()

/** Anywhere in the text. null: the engine does not know such a pattern, or it is too long. */
export function matches(pattern: string, subject: string): boolean | null {
  if (pattern.length > PATTERN_LENGTH_MAX || subject.length > SUBJECT_LENGTH_MAX) return null
  const expression = expressionOf(pattern)
  return expression === null ? null : expression.matcher(subject).find()
}

/** It looks for nothing, anywhere in the text: every text holds that. */
export function matchesAny(pattern: string): boolean {
  return !/[\\^$]|\(\?/.test(pattern) && matches(pattern, '') === true
}

function expressionOf(pattern: string): RE2JS | null {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  if (compiled.size >= COMPILED_MAX) compiled.clear()
  const expression = compile(pattern)
  compiled.set(pattern, expression)
  return expression
}

function compile(pattern: string): RE2JS | null {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern))
  } catch {
    return null
  }
}
