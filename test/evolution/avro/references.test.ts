/** Names that other texts define: given by name, read when they are missing, never fetched. */
import { expect, test } from 'vitest'
import { avroEngine } from '../../../src/evolution/avro/engine.ts'
import { holding, parsed, problemsOf, record } from './support.ts'

const money = record('shop.Money', [{ name: 'amount', type: 'long' }])

test('a name is found in the text of that name', () => {
  expect(problemsOf(holding('shop.Money'), { 'shop.Money': money })).toEqual([])
})

test('a text that is not asked for is not read', () => {
  expect(problemsOf('int', { 'shop.Money': 'no such type' })).toEqual([])
})

test('a name may be in a text that is known by another one', () => {
  const both = { Other: 'int', Types: record('Types', [{ name: 'm', type: money }]) }
  expect(problemsOf(holding('shop.Money'), both)).toEqual([])
})

test('texts may refer to each other', () => {
  const a = record('A', [{ name: 'b', type: ['null', 'B'] }])
  const b = record('B', [{ name: 'a', type: ['null', 'A'] }])
  expect(problemsOf(holding('A'), { A: a, B: b })).toEqual([])
})

test('one that is missing is a problem at the place that names it', () => {
  const order = record('Order', [{ name: 'total', type: 'shop.Money' }])
  expect(problemsOf(holding('Order'), { Order: order })).toEqual([
    {
      code: 'missing_reference',
      message: 'shop.Money is not defined here, and no reference holds it.',
      source: 'Order',
      position: { line: 1, column: 66 },
    },
  ])
})

test('one that cannot be read is a problem of its own text', () => {
  const references = new Map([['Order', '{']])
  const result = avroEngine.parse({ name: 'a', text: '"Order"', references })
  expect(result.ok).toBe(false)
  const [first] = result.ok ? [] : result.problems
  expect(first).toMatchObject({ code: 'unparsable', source: 'Order' })
})

test('a name defined here and there is defined twice', () => {
  const here = record('R', [
    { name: 'a', type: money },
    { name: 'b', type: 'Other' },
  ])
  const other = record('Other', [{ name: 'm', type: money }])
  const [problem] = problemsOf(here, { Other: other })
  expect(problem).toMatchObject({ code: 'name_redefined', source: 'Other' })
})

test('what changed in a text that is referred to is a difference, with its place there', () => {
  const before = parsed(holding('shop.Money'), { 'shop.Money': money })
  const changed = record('shop.Money', [{ name: 'amount', type: 'int' }])
  const after = parsed(holding('shop.Money'), { 'shop.Money': changed })
  const [difference] = avroEngine.compare(after, before, 'STRICT')
  const path = difference?.readerPath as string
  expect(path).toBe('/fields/0/type/fields/0/type')
  expect(avroEngine.positionOf(after, path)).toMatchObject({ source: 'shop.Money', line: 1 })
  expect(avroEngine.fragmentOf(after, path)).toBe('"int"')
})
