/** Text → JSON, or what is wrong with it. Bounded before anything recursive sees it. */
import { type ParseError, parseTree, printParseErrorCode, stripComments } from 'jsonc-parser'
import type { SchemaProblem } from '../engine.ts'
import { DEPTH_MAX } from './limits.ts'
import { type AvroText, positionAt } from './site.ts'

export type ReadText =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: SchemaProblem }

/** Comments are allowed, as the Java implementation allows them. */
export function readText({ name, text }: AvroText): ReadText {
  const problem = (code: string, message: string, offset: number | null): ReadText => {
    const position = offset === null ? null : positionAt(text, offset)
    return { ok: false, problem: { code, message, source: name, position } }
  }
  const deepAt = offsetOfDepth(text)
  if (deepAt !== null) {
    return problem('too_deep', `The schema is nested deeper than ${DEPTH_MAX} levels.`, deepAt)
  }
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    // Comments perhaps: read again below.
  }
  try {
    return { ok: true, value: JSON.parse(stripComments(text, ' ')) }
  } catch {
    const errors: ParseError[] = []
    parseTree(text, errors)
    const first = errors[0]
    // The library's name of an error differs from Node's, which has no place and changes with it.
    const what = first === undefined ? 'no JSON' : printParseErrorCode(first.error)
    return problem('unparsable', `The text is no JSON: ${what}.`, first?.offset ?? null)
  }
}

/** Where nesting first passes the limit; strings and comments do not nest. */
function offsetOfDepth(text: string): number | null {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '"') i = endOfString(text, i)
    else if (char === '/') i = endOfComment(text, i)
    else if (char === '{' || char === '[') {
      if (++depth > DEPTH_MAX) return i
    } else if (char === '}' || char === ']') depth--
  }
  return null
}

function endOfString(text: string, from: number): number {
  let i = from + 1
  // A line break ends what was never closed, for the JSON reader too.
  for (; i < text.length && text[i] !== '"' && text[i] !== '\n'; i++) if (text[i] === '\\') i++
  return i
}

function endOfComment(text: string, from: number): number {
  const next = text[from + 1]
  if (next !== '/' && next !== '*') return from
  const end = next === '/' ? text.indexOf('\n', from) : text.indexOf('*/', from + 2)
  return end === -1 ? text.length : next === '/' ? end : end + 1
}
