/** Numbers: limits, multiples, whole or not. */
import type { NumberNode } from '../model.ts'
import { isMultiple } from './multiples.ts'
import type { Scope } from './scope.ts'

export function compareNumbers(scope: Scope, writer: NumberNode, reader: NumberNode): void {
  compareLimits(scope, writer, reader)
  compareMultiples(scope, writer, reader)
  const isWhole =
    writer.isInteger || (writer.multipleOf !== null && isMultiple(writer.multipleOf, 1))
  if (reader.isInteger && !isWhole) {
    scope.change('TYPE_NARROWED', '', { writer: 'number', reader: 'integer' })
  }
}

/** A limit of the reader is met if any of the writer's is as tight, inclusive or not. */
function compareLimits(scope: Scope, writer: NumberNode, reader: NumberNode): void {
  const top = highest(writer)
  const bottom = lowest(writer)
  const limits = [
    ['MAXIMUM', 'maximum', 'DECREASED', top.value <= (reader.maximum ?? Infinity)],
    ['MINIMUM', 'minimum', 'INCREASED', bottom.value >= (reader.minimum ?? -Infinity)],
    [
      'EXCLUSIVE_MAXIMUM',
      'exclusiveMaximum',
      'DECREASED',
      reader.exclusiveMaximum === null || isBelow(top, reader.exclusiveMaximum),
    ],
    [
      'EXCLUSIVE_MINIMUM',
      'exclusiveMinimum',
      'INCREASED',
      reader.exclusiveMinimum === null || isAbove(bottom, reader.exclusiveMinimum),
    ],
  ] as const
  for (const [name, keyword, tightened, isMet] of limits) {
    if (isMet) continue
    const before = writer[keyword]
    const change = `${name}_${before === null ? 'ADDED' : tightened}`
    scope.change(change, keyword, { writer: before, reader: reader[keyword] })
  }
}

interface Limit {
  readonly value: number
  /** Whether the value itself may be written. */
  readonly isIn: boolean
}

function highest({ maximum, exclusiveMaximum, isInteger }: NumberNode): Limit {
  const inclusive = maximum ?? Infinity
  const exclusive = exclusiveMaximum ?? Infinity
  if (inclusive < exclusive)
    return { value: isInteger ? Math.floor(inclusive) : inclusive, isIn: true }
  return isInteger
    ? { value: Math.ceil(exclusive) - 1, isIn: true }
    : { value: exclusive, isIn: false }
}

function lowest({ minimum, exclusiveMinimum, isInteger }: NumberNode): Limit {
  const inclusive = minimum ?? -Infinity
  const exclusive = exclusiveMinimum ?? -Infinity
  if (inclusive > exclusive)
    return { value: isInteger ? Math.ceil(inclusive) : inclusive, isIn: true }
  return isInteger
    ? { value: Math.floor(exclusive) + 1, isIn: true }
    : { value: exclusive, isIn: false }
}

function isBelow(limit: Limit, exclusive: number): boolean {
  return limit.value < exclusive || (limit.value === exclusive && !limit.isIn)
}

function isAbove(limit: Limit, exclusive: number): boolean {
  return limit.value > exclusive || (limit.value === exclusive && !limit.isIn)
}

/** Every whole number is a multiple of 1. */
function compareMultiples(scope: Scope, writer: NumberNode, reader: NumberNode): void {
  const after = reader.multipleOf
  if (after === null) return
  if (writer.isInteger && isMultiple(1, after)) return
  const before = writer.multipleOf
  if (before !== null && isMultiple(before, after)) return
  const change = before === null ? 'ADDED' : isMultiple(after, before) ? 'EXPANDED' : 'CHANGED'
  scope.change(`MULTIPLE_OF_${change}`, 'multipleOf', { writer: before, reader: after })
}
