/** Text → JSON, or what is wrong with it. Bounded before anything recursive sees it. */
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser'
import type { Position, SchemaProblem } from '../engine.ts'
import type { Json } from './json.ts'
import { DEPTH_MAX, TEXT_BYTES_MAX } from './limits.ts'

export type ReadText =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly problem: SchemaProblem }

export function readText(text: string, source: string): ReadText {
  // A character of JavaScript has one byte or more in UTF-8.
  if (text.length > TEXT_BYTES_MAX || Buffer.byteLength(text) > TEXT_BYTES_MAX) {
    const message = `The schema is larger than ${TEXT_BYTES_MAX} bytes.`
    return { ok: false, problem: { code: 'too_large', message, source, position: null } }
  }
  const deepAt = offsetOfDepth(text, DEPTH_MAX)
  if (deepAt !== null) {
    const message = `The schema is nested deeper than ${DEPTH_MAX} levels.`
    const position = positionAt(text, deepAt)
    return { ok: false, problem: { code: 'too_deep', message, source, position } }
  }
  try {
    return { ok: true, value: JSON.parse(text) as Json }
  } catch {
    return { ok: false, problem: unparsable(text, source) }
  }
}

/** Where nesting first passes a depth, reading no more than brackets and strings. */
function offsetOfDepth(text: string, depthMax: number): number | null {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === 0x22) {
      for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) {
        if (text.charCodeAt(i) === 0x5c) i++
      }
    } else if (char === 0x7b || char === 0x5b) {
      if (++depth > depthMax) return i
    } else if (char === 0x7d || char === 0x5d) depth--
  }
  return null
}

/** The engine's own message differs between versions of Node; this one says where as well. */
function unparsable(text: string, source: string): SchemaProblem {
  const errors: ParseError[] = []
  parse(text, errors, { disallowComments: true, allowTrailingComma: false })
  const first = errors[0]
  const what = first === undefined ? 'no JSON' : printParseErrorCode(first.error)
  const position = first === undefined ? null : positionAt(text, first.offset)
  return { code: 'unparsable', message: `The text is no JSON: ${what}.`, source, position }
}

export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  let line = 1
  for (let i = before.indexOf('\n'); i !== -1; i = before.indexOf('\n', i + 1)) line++
  return { line, column: offset - lineStart + 1 }
}
