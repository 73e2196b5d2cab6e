/**
 * JSON (RFC 8259) to a value: what `JSON.parse` accepts and nothing else, but names such as `__proto__`
 * are plain data, whole numbers that a number cannot hold are bigints, and it stops at the bounds before
 * it has built what is beyond them. Of a name that comes twice the last value counts.
 */
import { type Budget, bounded, undecodable } from './bounded.ts'
import { NODES_MAX, type Reader, type Value } from './reader.ts'
import { textOf } from './text.ts'

/** Texts that are shorter cannot hold more than `NODES_MAX`: behind each value but the last stands a mark. */
const QUICK_CHARS: number = 2 * NODES_MAX
/** Digits, none of them behind a point, that may be more than a number can hold. */
const LONG_WHOLE = /(?<![.0-9])[0-9]{16}/

/** Longer ones become the nearest number: making a bigint takes more than linear time. */
const BIGINT_CHARS_MAX = 40

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const WHOLE = /^-?[0-9]+$/
/** What may yet become a number, at the end of a text. */
const NUMBER_BEGUN = /^-?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?)?)?$/

const literals: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
])

const BYTE_ORDER_MARK = '\ufeff'
const QUOTE = 0x22
const BACKSLASH = 0x5c
const BLANK = 0x20

export function jsonReader(): Reader {
  return {
    read: (payload) =>
      bounded(payload, (bytes, budget) => {
        const text = textOf(bytes)
        return quick(text, budget) ?? new Parser(text, budget).whole()
      }),
  }
}

/**
 * By the library, four times as fast. Null where it may come to something else than the parser below, which
 * then reads the text: what is no JSON, a number that it would round, more than it would make in time.
 */
function quick(text: string, budget: Budget): Value {
  if (text.length >= QUICK_CHARS || LONG_WHOLE.test(text)) return null
  try {
    return bare(JSON.parse(text), budget)
  } catch {
    return null
  }
}

/** Without prototypes. Names such as `__proto__` are members of their own already. */
function bare(value: Value, budget: Budget): Value {
  if (value === null || typeof value !== 'object') return value
  budget.enter()
  if (Array.isArray(value)) for (const item of value) bare(item, budget)
  else {
    for (const member of Object.values(value)) bare(member, budget)
    Object.setPrototypeOf(value, null)
  }
  budget.leave()
  return value
}

class Parser {
  readonly #text: string
  readonly #budget: Budget
  #at = 0

  constructor(text: string, budget: Budget) {
    this.#text = text
    this.#budget = budget
  }

  whole(): Value {
    // Writers must not add one (RFC 8259, 8.1), and consumers in Node fail on it.
    if (this.#text.startsWith(BYTE_ORDER_MARK)) undecodable('a byte order mark')
    const value = this.#value()
    this.#blanks()
    return this.#at === this.#text.length ? value : undecodable('text after the value')
  }

  #value(): Value {
    this.#budget.node()
    this.#blanks()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object()
      case '[':
        return this.#list()
      case '"':
        return this.#string()
      case undefined:
        return undecodable('cut short')
      default:
        return this.#scalar()
    }
  }

  #object(): Value {
    const object: Record<string, Value> = Object.create(null)
    this.#budget.enter()
    this.#at++
    if (!this.#takes('}')) {
      do {
        this.#blanks()
        if (this.#text[this.#at] !== '"') this.#fail()
        const name = this.#string()
        if (!this.#takes(':')) this.#fail()
        object[name] = this.#value()
      } while (this.#takes(','))
      if (!this.#takes('}')) this.#fail()
    }
    this.#budget.leave()
    return object
  }

  #list(): Value {
    const list: Value[] = []
    this.#budget.enter()
    this.#at++
    if (!this.#takes(']')) {
      do list.push(this.#value())
      while (this.#takes(','))
      if (!this.#takes(']')) this.#fail()
    }
    this.#budget.leave()
    return list
  }

  #string(): string {
    const from = this.#at
    let isPlain = true
    for (let at = from + 1; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at)
      if (code === QUOTE) {
        this.#at = at + 1
        return isPlain ? this.#text.slice(from + 1, at) : unescaped(this.#text.slice(from, at + 1))
      }
      if (code === BACKSLASH) {
        isPlain = false
        at++
      } else if (code < BLANK) undecodable('no JSON')
    }
    return undecodable('cut short')
  }

  #scalar(): Value {
    for (const [word, value] of literals) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length
        return value
      }
    }
    NUMBER.lastIndex = this.#at
    const digits = NUMBER.exec(this.#text)?.[0]
    if (digits === undefined) return this.#fail()
    this.#at += digits.length
    const number = Number(digits)
    const isExact = Number.isSafeInteger(number) || !WHOLE.test(digits)
    return isExact || digits.length > BIGINT_CHARS_MAX ? number : BigInt(digits)
  }

  #takes(mark: string): boolean {
    this.#blanks()
    if (this.#text[this.#at] !== mark) return false
    this.#at++
    return true
  }

  #blanks(): void {
    for (; ; this.#at++) {
      const char = this.#text[this.#at]
      if (char !== ' ' && char !== '\n' && char !== '\r' && char !== '\t') return
    }
  }

  /** Whether more text could have made it JSON is worth saying: it tells of a value that was cut. */
  #fail(): never {
    const rest = this.#text.slice(this.#at, this.#at + BIGINT_CHARS_MAX)
    const isCut =
      NUMBER_BEGUN.test(rest) || [...literals.keys()].some((word) => word.startsWith(rest))
    return undecodable(isCut ? 'cut short' : 'no JSON')
  }
}

/** @param literal with its quotes; escapes are for the library to judge */
function unescaped(literal: string): string {
  try {
    return JSON.parse(literal)
  } catch {
    return undecodable('no JSON')
  }
}
