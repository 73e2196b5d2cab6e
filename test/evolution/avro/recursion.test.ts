/** Types that hold themselves: an end, the truth, and nothing twice. */
import { expect, test } from 'vitest'
import { compared, record } from './support.ts'

const list = (value: unknown, next: unknown = ['null', 'List']): object =>
  record('List', [
    { name: 'value', type: value },
    { name: 'next', type: next },
  ])

test('a list reads itself', () => {
  expect(compared(list('int'), list('int'))).toEqual([])
  expect(compared(list('long'), list('int'))).toEqual([])
})

test('what is wrong with its value is told once, and not of its rest', () => {
  expect(compared(list('int'), list('string'))).toEqual(['AVRO_TYPE_MISMATCH /fields/0/type'])
})

test('nor where another type lies between', () => {
  const node = (value: unknown): object =>
    record('Node', [
      { name: 'value', type: value },
      { name: 'link', type: ['null', record('Link', [{ name: 'to', type: 'Node' }])] },
    ])
  expect(compared(node('int'), node('string'))).toEqual(['AVRO_TYPE_MISMATCH /fields/0/type'])
})

test('what is wrong with the rest is told as well', () => {
  const reader = list('int', ['null', 'List'])
  const writer = list('string', ['null', 'List', 'int'])
  expect(compared(reader, writer)).toEqual([
    'AVRO_TYPE_MISMATCH /fields/0/type',
    'AVRO_MISSING_UNION_BRANCH /fields/1/type',
  ])
})

test('a verdict that rested on a pair in progress falls with it', () => {
  // Within the first branch, B fits if A does; A does not, because of its last field. The second
  // branch of the reader's union takes the value, so only the use of B afterwards shows it.
  const b = record('n.B', [{ name: 'a', type: 'n.A' }])
  const a = (last: unknown): object =>
    record('n.A', [
      { name: 'b', type: b },
      { name: 'last', type: last },
    ])
  const free = record('m.A', [])
  const reader = record('R', [
    { name: 'u', type: [a('int'), free] },
    { name: 'b', type: 'n.B' },
  ])
  const writer = record('R', [
    { name: 'u', type: a('string') },
    { name: 'b', type: 'n.B' },
  ])
  expect(compared(reader, writer)).toEqual([
    'AVRO_TYPE_MISMATCH /fields/1/type/fields/0/type/fields/1/type',
  ])
})

test('a flawed type is told at its first place only', () => {
  const twice = (symbols: readonly string[]): object =>
    record('R', [
      { name: 'a', type: { type: 'enum', name: 'E', symbols } },
      { name: 'b', type: 'E' },
    ])
  expect(compared(twice(['A']), twice(['A', 'B']))).toEqual([
    'AVRO_MISSING_ENUM_SYMBOLS /fields/0/type/symbols',
  ])
})

test('a plain type is told at every place', () => {
  const both = (type: string): object =>
    record('R', [
      { name: 'a', type },
      { name: 'b', type: ['null', type] },
      { name: 'c', type: { type: 'array', items: type } },
      { name: 'd', type },
    ])
  expect(compared(both('int'), both('string'))).toEqual([
    'AVRO_TYPE_MISMATCH /fields/0/type',
    'AVRO_MISSING_UNION_BRANCH /fields/1/type',
    'AVRO_TYPE_MISMATCH /fields/2/type/items',
    'AVRO_TYPE_MISMATCH /fields/3/type',
  ])
})

test('a branch of a type that was told elsewhere, not around it, is told', () => {
  const flawed = (value: string): object =>
    record('R', [
      { name: 'a', type: record('Line', [{ name: 'value', type: value }]) },
      { name: 'b', type: ['null', 'Line'] },
    ])
  expect(compared(flawed('int'), flawed('string'))).toEqual([
    'AVRO_TYPE_MISMATCH /fields/0/type/fields/0/type',
    'AVRO_MISSING_UNION_BRANCH /fields/1/type',
  ])
})
