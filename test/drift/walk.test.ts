import { describe, expect, test } from 'vitest'
import type { DeclaredFields, DeclaredNode } from '../../src/drift/declared/declared.ts'
import { FieldBudget } from '../../src/drift/field-budget.ts'
import type { Value } from '../../src/drift/read/reader.ts'
import { DEPTH_MAX } from '../../src/drift/read/reader.ts'
import { FIELDS_MAX, type Field, PATH_CHARS_MAX } from '../../src/drift/shape.ts'
import { FieldTree } from '../../src/drift/walk.ts'

const idOf = (number: number): string => String(number).padStart(32, '0')

function walked(values: readonly Value[], declared: DeclaredFields = null): readonly Field[] {
  return closed(values, declared).fields
}

function closed(
  values: readonly Value[],
  declared: DeclaredFields = null,
): ReturnType<FieldTree['close']> {
  const tree = new FieldTree(declared, new FieldBudget(), null)
  for (const [i, value] of values.entries()) tree.add(value, { number: i + 1, id: idOf(i + 1) })
  return tree.close()
}

const paths = (fields: readonly Field[]): readonly string[] => fields.map(({ path }) => path)

function at(fields: readonly Field[], path: string): Field {
  const found = fields.find((field) => field.path === path)
  if (found === undefined) throw new Error(`no field ${path} among ${paths(fields).join(' ')}`)
  return found
}

const record = (
  fields: Record<string, DeclaredFields>,
  rest: Partial<DeclaredNode> = {},
): DeclaredNode => ({
  fields: new Map(Object.entries(fields)),
  ...rest,
})
const scalar: DeclaredNode = { fields: null }

describe('presence', () => {
  test('is told once for each message, types for each occurrence', () => {
    const fields = walked([
      { stops: [{ code: 'A' }, { code: null }, { code: null }] },
      { stops: [{ code: 'B' }] },
      { stops: [{}] },
      { stops: [] },
      {},
    ])
    expect(at(fields, '')).toMatchObject({ of: 5, present: 5, objects: 5 })
    expect(at(fields, '/stops')).toMatchObject({ of: 5, present: 4, lists: 4, types: { array: 4 } })
    expect(at(fields, '/stops/*')).toMatchObject({ of: 4, present: 3, types: { object: 5 } })
    expect(at(fields, '/stops/*/code')).toMatchObject({
      of: 3,
      present: 2,
      nulls: 1,
      types: { string: 2, null: 2 },
      ids: [idOf(1), idOf(2)],
    })
  })

  test('of a field that comes late counts the messages before', () => {
    const fields = walked([...Array.from({ length: 99 }, () => ({ a: 1 })), { a: 1, b: 1 }])
    expect(at(fields, '/b')).toMatchObject({ of: 100, present: 1 })
  })

  test('of one that is declared and never comes is told too', () => {
    const fields = walked([{ at: {} }, {}], record({ at: record({ lat: null }), gone: null }))
    expect(at(fields, '/gone')).toMatchObject({ of: 2, present: 0, types: {} })
    expect(at(fields, '/at/lat')).toMatchObject({ of: 1, present: 0 })
  })
})

describe('what is declared', () => {
  const declared = record({
    id: scalar,
    tags: { fields: null, entries: scalar },
    list: { fields: null, items: scalar },
  })

  test('is told from what is not; of that only the root is listed', () => {
    const fields = walked([{ id: 1, spare: { deep: { deeper: 1 } } }], declared)
    expect(fields.filter((field) => !field.declared).map(({ path }) => path)).toEqual(['/spare'])
    expect(at(fields, '/spare')).toMatchObject({ present: 1, objects: 1, types: { object: 1 } })
    expect(paths(fields)).not.toContain('/spare/deep')
  })

  test('has no parts where none are declared: that they are there is another type', () => {
    const fields = walked([{ id: { a: 1 }, tags: { x: [1] }, list: { y: 1 } }], declared)
    expect(paths(fields)).toEqual(['', '/id', '/list', '/tags', '/tags/{}'])
    expect(fields.every((field) => field.declared)).toBe(true)
  })

  test('takes other names for entries where there may be others', () => {
    const open = record({ id: null }, { entries: scalar })
    const fields = walked([{ id: 1, x: 2, y: 3 }, new Map<string, Value>([['id', 4]])], open)
    expect(paths(fields)).toEqual(['', '/id', '/{}'])
    expect(at(fields, '/{}')).toMatchObject({ present: 1, types: { integer: 2 } })
    expect(at(fields, '/id').present).toBe(2)
  })
})

describe('paths', () => {
  test('tell names from items and entries, whatever the names are', () => {
    const fields = walked([
      { '*': 1, '{}': 1, 'a/b': 1, '~': 1, '': 1, list: [1], map: new Map([['k', 1]]) },
    ])
    expect(paths(fields)).toEqual([
      ...['', '/', '/list', '/map', '/~0', '/~2', '/~3', '/a~1b'].sort(),
      '/list/*',
      '/map/{}',
    ])
  })

  test('are of prototypes only what the message says', () => {
    const value = JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}') as Value
    expect(paths(walked([value]))).toEqual(['', '/__proto__', '/constructor', '/__proto__/x'])
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  test('that cannot be written as UTF-8 are put together', () => {
    const fields = walked([{ 'a\ud800': 1, 'a\udc00': 2, 'a\ufffd': 3 }])
    expect(paths(fields)).toEqual(['', '/a\ufffd'])
    expect(at(fields, '/a\ufffd').types).toEqual({ integer: 3 })
  })

  test('that are too long are counted, not listed', () => {
    const long = 'x'.repeat(PATH_CHARS_MAX - 1)
    const { fields, more } = closed([{ [long]: { y: 1 }, [`${long}x`]: 1 }])
    expect(paths(fields)).toEqual(['', `/${long}`])
    expect(more).toBe(2)
  })
})

describe('maps', () => {
  const names = (count: number): Value =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]))

  test('are objects of very many names where nothing is declared', () => {
    expect(walked([names(50)])).toHaveLength(51)
    const fields = walked([names(51)])
    expect(paths(fields)).toEqual(['', '/{}'])
    expect(at(fields, '').length).toMatchObject({ count: 1, min: 51, max: 51 })
    expect(at(fields, '/{}')).toMatchObject({ present: 1, types: { integer: 51 } })
  })

  test('are none where names are declared', () => {
    const fields = walked([names(60)], record({ k0: scalar }))
    expect(fields.filter((field) => !field.declared)).toHaveLength(59)
  })
})

describe('values', () => {
  test('are measured by what they are', () => {
    const fields = walked([
      { text: 'abc', bytes: Uint8Array.of(1, 2), list: [1, 2, 3, 4], n: -0, flag: true },
      { text: '😀', bytes: Uint8Array.of(), list: [], n: 2.5, flag: false },
      { text: 'abc', n: 2n ** 60n },
    ])
    expect(at(fields, '/text').length).toEqual({ count: 3, min: 2, max: 3, sum: 8, squares: 22 })
    expect(at(fields, '/bytes')).toMatchObject({ types: { string: 2 }, length: { min: 0, max: 2 } })
    expect(at(fields, '/list').length).toMatchObject({ min: 0, max: 4, sum: 4 })
    expect(at(fields, '/n')).toMatchObject({
      types: { integer: 2, number: 1 },
      number: { count: 3, min: 0, max: 2 ** 60 },
      length: null,
    })
    expect(at(fields, '/flag')).toMatchObject({ number: null, length: null })
    expect(at(fields, '').length).toBeNull()
  })

  test('are told apart by their hashes, equal ones not', () => {
    const of = (...values: Value[]): number => at(walked([{ values }]), '/values/*').distinct.length
    expect(of('a', 'b', 'a', 1, '1', true, false, Uint8Array.of(1), 0, -0)).toBe(8)
    expect(of(2n ** 53n, 2n ** 53n, 2n ** 53n + 1n)).toBe(2)
    expect(of(null, null)).toBe(0)
    const many = walked([{ values: Array.from({ length: 100 }, (_, i) => i) }])
    expect(at(many, '/values/*').distinct).toHaveLength(16)
  })

  test('have hashes that are spread evenly, as an estimate of how many there are needs', () => {
    // The 16th lowest of n uniform hashes stands at 16/n of the range, give or take a quarter.
    for (const make of [(i: number) => i, (i: number) => `F${i}`, (i: number) => i / 8]) {
      const values = Array.from({ length: 10_000 }, (_, i) => make(i))
      const { distinct } = at(walked([{ values }]), '/values/*')
      const estimate = 15 / ((distinct[15] as number) / 2 ** 32)
      expect(estimate).toBeGreaterThan(4_000)
      expect(estimate).toBeLessThan(25_000)
    }
  })

  test('that are beyond all measure stay numbers', () => {
    const fields = walked([
      { x: 1e308 },
      { x: -1e308 },
      { x: Number.POSITIVE_INFINITY },
      { x: Number.NaN },
    ])
    expect(at(fields, '/x').number).toEqual({
      count: 3,
      min: -1e100,
      max: 1e100,
      sum: 1e100,
      squares: 3e200,
    })
    expect(at(fields, '/x').types).toEqual({ integer: 2, number: 2 })
  })
})

describe('room', () => {
  test('is given back', () => {
    const budget = new FieldBudget()
    const tree = new FieldTree(null, budget, null)
    tree.add({ a: { b: [1] } }, { number: 1, id: idOf(1) })
    expect(budget.open).toBe(4)
    tree.close()
    expect(budget.open).toBe(0)
  })

  test('is not taken by fields behind the last that is kept, but their occurrences are counted', () => {
    const last = { ...at(walked([{ c: 1 }]), '/c') }
    const tree = new FieldTree(null, new FieldBudget(), last)
    tree.add({ a: 1, c: 1, d: [1, { x: 1 }], b: { deep: 1 } }, { number: 1, id: idOf(1) })
    const { fields, more } = tree.close()
    expect(paths(fields)).toEqual(['', '/a', '/b', '/c'])
    // `/d`, its two items and what is in one of them, and what is in `/b`.
    expect(more).toBe(5)
  })

  test('is not taken by all that a schema declares which holds itself, at each of its places', () => {
    const fields = new Map<string, DeclaredFields>()
    const node: DeclaredNode = { fields }
    for (const name of 'abcdefgh') fields.set(name, node)
    for (let i = 0; i < 100; i++) fields.set(`field${i}`, scalar)
    let places = 0
    const nested = (depth: number): Value => {
      const names = [...'abcdefgh'].filter(() => depth > 0 && places++ < 3_000)
      return Object.fromEntries(names.map((name) => [name, nested(depth - 1)]))
    }
    const budget = new FieldBudget()
    const tree = new FieldTree(node, budget, null)
    tree.add(nested(4), { number: 1, id: idOf(1) })
    expect(budget.open).toBeLessThan(30_000)
    // Of those that are kept none is missing.
    const names = [...fields.keys()].sort()
    const within = [...'abcdefgh'].flatMap((around) => names.map((name) => `/${around}/${name}`))
    const expected = ['', ...names.map((name) => `/${name}`), ...within].slice(0, FIELDS_MAX)
    expect(paths(tree.close().fields).slice(0, FIELDS_MAX)).toEqual(expected)
  })

  test('is bounded in depth, whatever comes', () => {
    let value: Value = 1
    for (let i = 0; i < 10_000; i++) value = [value]
    expect(walked([value])).toHaveLength(DEPTH_MAX + 1)
  })

  test('is no matter of many names: they take time in proportion', () => {
    const value = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`n${i}`, i]))
    const fields = walked([value], record({ known: null }))
    expect(fields.length).toBeGreaterThan(FIELDS_MAX)
    expect(fields.filter((field) => !field.declared)).toHaveLength(20_000)
  })
})
