/**
 * The words of a .proto text with their offsets. protobufjs's own tokenizer knows lines only, and people
 * are to be shown a column. Linear; a text that is no .proto gives odd words, never an error.
 */
import type { Position } from '../engine.ts'

export interface Token {
  readonly text: string
  /** Offsets in the text: first character, and behind the last. */
  readonly from: number
  readonly to: number
}

const SPACE = /\s+/y
const LINE_COMMENT = /\/\/[^\n]*/y
const WORD = /[A-Za-z_.0-9][\w.]*/y

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const from = at
    at = behind(text, at)
    if (at < 0) break
    // Space and comments end where nothing was taken.
    if (isSkipped(text, from)) continue
    tokens.push({ text: text.slice(from, at), from, to: at })
  }
  return tokens
}

function isSkipped(text: string, at: number): boolean {
  const next = text[at + 1]
  return /\s/.test(text[at] as string) || (text[at] === '/' && (next === '/' || next === '*'))
}

function behind(text: string, at: number): number {
  const first = text[at] as string
  if (first === '"' || first === "'") return behindString(text, at, first)
  if (first === '/' && text[at + 1] === '*') {
    const end = text.indexOf('*/', at + 2)
    return end < 0 ? text.length : end + 2
  }
  for (const pattern of [SPACE, LINE_COMMENT, WORD]) {
    pattern.lastIndex = at
    if (pattern.test(text)) return pattern.lastIndex
  }
  return at + 1
}

/** A string ends at its quote, or at the line's end where it has none. */
function behindString(text: string, at: number, quote: string): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === quote) return i + 1
    else if (text[i] === '\n') return i
  }
  return text.length
}

/** Offsets of the first character of every line. */
export function lineStartsOf(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

export function positionAt(lineStarts: readonly number[], offset: number): Position {
  let low = 0
  let high = lineStarts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((lineStarts[middle] as number) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (lineStarts[low] as number) + 1 }
}
