/** What a schema says of a value by itself: its type, what it may be, and the bounds of scalars. */

import type { Value } from '../read/reader.ts'
import { canonicalText } from './equal.ts'
import { formatTest } from './formats.ts'
import { matcherOf } from './pattern.ts'
import type { Test } from './run.ts'
import { keyword, OPEN_ENUM_KEYWORD, type SchemaObject, Unusable } from './schema-json.ts'
import { jsonTypeOf } from './site.ts'

const types: ReadonlySet<unknown> = new Set([
  'null',
  'boolean',
  'integer',
  'number',
  'string',
  'array',
  'object',
])

/** Empty: of any type. @throws Unusable */
export function typesOf(schema: SchemaObject): readonly string[] {
  const type = keyword(schema, 'type')
  if (type === undefined) return []
  const list: readonly unknown[] = Array.isArray(type) ? type : [type]
  if (list.length === 0 || !list.every((one) => types.has(one))) {
    throw new Unusable('`type` is none of JSON')
  }
  return list as readonly string[]
}

/** Null: of any. A value of another type is held against nothing else that the schema says. */
export function typeTest(schema: SchemaObject): ((value: Value) => string | null) | null {
  const list = typesOf(schema)
  if (list.length === 0) return null
  const allowed = new Set(list)
  if (allowed.has('number')) allowed.add('integer')
  const expected = list.join(' or ')
  return (value) => (allowed.has(jsonTypeOf(value)) ? null : expected)
}

export function enumTest(schema: SchemaObject): Test | null {
  const constant = keyword(schema, 'const') as Value | undefined
  const list = keyword(schema, 'enum') ?? (constant === undefined ? undefined : [constant])
  if (list === undefined) return null
  if (!Array.isArray(list)) throw new Unusable('`enum` is no list')
  const named: readonly Value[] = constant === undefined ? list : [constant]
  const listed = new Set((list as readonly Value[]).map(canonicalText))
  // Both hold: a constant that the list does not have leaves no value at all.
  const texts = new Set(named.map(canonicalText).filter((text) => listed.has(text)))
  const known = new Set(named.map(looseTypeOf))
  const isOpen = keyword(schema, OPEN_ENUM_KEYWORD) === true
  const expected =
    texts.size === 1 ? 'the one value that is declared' : `one of ${texts.size} values`
  return (value, at, run) => {
    const text = canonicalText(value)
    run.spend(text.length / 8)
    if (texts.has(text)) return
    if (isOpen || known.has(looseTypeOf(value))) run.fail('unseen_value', at, expected, value)
    else run.fail('type_changed', at, [...known].join(' or '), value)
  }
}

/** Whole numbers and others are of one type here: none of them was declared either way. */
function looseTypeOf(value: Value): string {
  const type = jsonTypeOf(value)
  return type === 'integer' ? 'number' : type
}

/** @throws Unusable */
export function scalarTests(schema: SchemaObject): Test[] {
  return [...numberTests(schema), ...stringTests(schema)]
}

function numberTests(schema: SchemaObject): Test[] {
  const tests: Test[] = []
  const add = (words: string, isWithin: (value: number | bigint) => boolean): void => {
    tests.push((value, at, run) => {
      if (typeof value !== 'number' && typeof value !== 'bigint') return
      if (!isWithin(value)) run.fail('out_of_bounds', at, words, value)
    })
  }
  const least = numberOf(schema, 'minimum')
  const most = numberOf(schema, 'maximum')
  // In draft 4 they say how the others are meant.
  const isOpenBelow = keyword(schema, 'exclusiveMinimum') === true
  const isOpenAbove = keyword(schema, 'exclusiveMaximum') === true
  const above = isOpenBelow ? least : numberOf(schema, 'exclusiveMinimum')
  const under = isOpenAbove ? most : numberOf(schema, 'exclusiveMaximum')
  if (least !== null && !isOpenBelow) add(`at least ${least}`, (value) => value >= least)
  if (most !== null && !isOpenAbove) add(`at most ${most}`, (value) => value <= most)
  if (above !== null) add(`more than ${above}`, (value) => value > above)
  if (under !== null) add(`less than ${under}`, (value) => value < under)
  const step = numberOf(schema, 'multipleOf')
  if (step !== null && step > 0) {
    add(`a multiple of ${step}`, (value) => isMultiple(Number(value), step))
  }
  return tests
}

/** As decimals: 0.3 is a multiple of 0.1, though its quotient is none of whole numbers. */
function isMultiple(value: number, step: number): boolean {
  const quotient = value / step
  // Beyond what numbers hold: nobody knows.
  if (!Number.isFinite(quotient)) return true
  const error = Math.abs(quotient - Math.round(quotient))
  return error <= Math.max(1, Math.abs(quotient)) * Number.EPSILON * 4
}

function stringTests(schema: SchemaObject): Test[] {
  const tests: Test[] = []
  const least = countOf(schema, 'minLength')
  const most = countOf(schema, 'maxLength')
  if (least !== null || most !== null) {
    tests.push((value, at, run) => {
      if (typeof value !== 'string' && !(value instanceof Uint8Array)) return
      run.spend(value.length / 32)
      if (least !== null && !hasAtLeast(value, least)) {
        run.fail('out_of_bounds', at, `a length of at least ${least}`, value)
      } else if (most !== null && hasAtLeast(value, most + 1)) {
        run.fail('out_of_bounds', at, `a length of at most ${most}`, value)
      }
    })
  }
  const pattern = textOf(schema, 'pattern')
  if (pattern !== null) {
    const matches = matcherOf(pattern)
    tests.push((value, at, run) => {
      if (typeof value !== 'string') return
      run.spend(value.length / 2)
      const isMatch = matches(value)
      if (isMatch === null) run.unsure()
      else if (!isMatch) run.fail('out_of_bounds', at, `the pattern ${pattern}`, value)
    })
  }
  const format = textOf(schema, 'format')
  if (format !== null) {
    const test = formatTest(format)
    tests.push((value, at, run) => {
      if (typeof value !== 'string') return
      run.spend(value.length / 32)
      // Formats are read widely: that a text is of one is never sure, only that it is not.
      if (test === null || test(value)) run.unsure()
      else run.fail('out_of_bounds', at, `the format ${format}`, value)
    })
  }
  return tests
}

/** In characters as people count them, which are never more than the units of a string. */
function hasAtLeast(value: string | Uint8Array, count: number): boolean {
  if (value.length < count) return false
  if (typeof value !== 'string' || value.length >= 2 * count) return true
  let characters = 0
  for (const _ of value) if (++characters >= count) return true
  return count === 0
}

/** @throws Unusable */
function numberOf(schema: SchemaObject, name: string): number | null {
  const value = keyword(schema, name)
  if (value === undefined || typeof value === 'boolean') return null
  if (typeof value !== 'number') throw new Unusable(`\`${name}\` is no number`)
  return value
}

/** @throws Unusable */
export function countOf(schema: SchemaObject, name: string): number | null {
  const value = keyword(schema, name)
  if (value === undefined) return null
  if (typeof value !== 'number' || value < 0) throw new Unusable(`\`${name}\` is no count`)
  return value
}

function textOf(schema: SchemaObject, name: string): string | null {
  const value = keyword(schema, name)
  if (value === undefined) return null
  if (typeof value !== 'string') throw new Unusable(`\`${name}\` is no text`)
  return value
}
