import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareFields } from '../../src/drift/field-path.ts'
import {
  COUNT_MAX,
  compareOddities,
  compareVariants,
  emptyShape,
  mergeShapes,
} from '../../src/drift/merge.ts'
import {
  FIELDS_MAX,
  type Field,
  ODDITIES_MAX,
  type Oddity,
  SHAPE_IDS_MAX,
  type Shape,
  VARIANTS_MAX,
  type Variant,
} from '../../src/drift/shape.ts'
import { atom } from './atoms.ts'

const empty = emptyShape(64, '00112233aabbccdd')
const sumOf = (shapes: readonly Shape[]): Shape => shapes.reduce(mergeShapes, empty)
const few = fc.array(atom, { maxLength: 12 }).map(sumOf)
/** Enough of them to fill every list. */
const many = fc.array(atom, { minLength: 60, maxLength: 90, size: 'max' })

describe('sums of shapes', () => {
  test('are the same in either order', () => {
    fc.assert(
      fc.property(few, few, (a, b) => {
        expect(mergeShapes(a, b)).toEqual(mergeShapes(b, a))
      }),
      { numRuns: 50 },
    )
  })

  test('are the same however they are put together, where lists are full too', () => {
    fc.assert(
      fc.property(many, fc.infiniteStream(fc.nat()), (atoms, choices) => {
        const parts = [...atoms]
        while (parts.length > 1) {
          const [a] = parts.splice(choices.next().value % parts.length, 1)
          const at = choices.next().value % parts.length
          parts[at] = mergeShapes(parts[at] as Shape, a as Shape)
        }
        expect(parts[0]).toEqual(sumOf(atoms))
      }),
      { numRuns: 8 },
    )
  })

  test('are not changed by what is empty', () => {
    fc.assert(
      fc.property(few, (a) => {
        expect(mergeShapes(a, empty)).toEqual(a)
        expect(mergeShapes(empty, a)).toEqual(a)
      }),
      { numRuns: 50 },
    )
  })

  test('are of like shapes only', () => {
    expect(() => mergeShapes(empty, emptyShape(1, empty.declared))).toThrow('only like shapes')
    expect(() => mergeShapes(empty, emptyShape(64, ''))).toThrow('only like shapes')
  })

  test('keep the first of each list, counted exactly, and count the rest', () => {
    const isFull = { variants: false, fields: false }
    fc.assert(
      fc.property(many, (atoms) => {
        const sum = sumOf(atoms)
        const whole = atoms.flatMap((a) => a.variants)
        const names = distinct(whole, compareVariants).sort(compareVariants)
        const others = names.slice(VARIANTS_MAX)
        if (others.length > 0) isFull.variants = true
        expect(sum.variants.map(nameOf)).toEqual([
          ...names.slice(0, VARIANTS_MAX).map(nameOf),
          ...(others.length > 0 ? ['others//'] : []),
        ])
        for (const variant of sum.variants) {
          const own = whole.filter((v) =>
            variant.claim === 'others'
              ? others.some((other) => compareVariants(other, v) === 0)
              : compareVariants(variant, v) === 0,
          )
          expectExact(variant, own)
          if (variant.moreFields > 3 * own.length) isFull.fields = true
        }
        expect(sum.looked).toBe(whole.length)
        expect(sum.tombstones).toBe(atoms.length - whole.length)
      }),
      { numRuns: 10 },
    )
    expect(isFull).toEqual({ variants: true, fields: true })
  })

  test('keep the first oddities, counted exactly, and count the rest', () => {
    const oddity = (n: number): Oddity => ({
      kind: 'type_changed',
      path: `/${String(n).padStart(2, '0')}`,
      expected: 'integer',
      came: n % 2 === 0 ? 'string' : '',
      count: 2,
      ids: [],
      values: [],
    })
    const with_ = (from: number, to: number): Shape => ({
      ...empty,
      looked: 100,
      variants: [
        {
          ...variant,
          count: 100,
          oddities: Array.from({ length: to - from }, (_, i) => oddity(from + i)),
        },
      ],
    })
    const sum = mergeShapes(with_(10, 42), with_(0, 30)).variants[0] as Variant
    expect(sum.oddities.map(({ path, count }) => `${path} ${count}`)).toEqual(
      Array.from({ length: ODDITIES_MAX }, (_, i) => {
        const { path } = oddity(i)
        return `${path} ${i >= 10 && i < 30 ? 4 : 2}`
      }),
    )
    expect(sum.moreOddities).toBe(2 * (42 - ODDITIES_MAX))
  })

  test('say of what differs within one oddity the lesser text, and nothing only where none did', () => {
    const told = (expected: string, came: string): Shape => ({
      ...empty,
      variants: [
        {
          ...variant,
          oddities: [
            { kind: 'undecodable', path: '', expected, came, count: 1, ids: [], values: [] },
          ],
        },
      ],
    })
    const sum = [told('', 'cut short'), told('a', ''), told('b', '3 bytes left over')].reduce(
      mergeShapes,
    )
    expect(sum.variants[0]?.oddities[0]).toMatchObject({
      expected: 'a',
      came: '3 bytes left over',
      count: 3,
    })
  })

  test('count as possible places of a field those of parts that lack it', () => {
    const object = (present: number): Field => ({
      ...field,
      present,
      objects: present,
      of: present,
    })
    const a = { ...variant, fields: [object(100)] }
    const b = { ...variant, fields: [object(50), { ...field, path: '/x', of: 50, present: 1 }] }
    const sum = mergeShapes({ ...empty, variants: [a] }, { ...empty, variants: [b] })
    expect(sum.variants[0]?.fields[1]).toMatchObject({ path: '/x', of: 150, present: 1 })
  })

  test('stop at a limit, below what can be written', () => {
    const huge = { ...empty, tombstones: COUNT_MAX }
    expect(mergeShapes(huge, huge).tombstones).toBe(COUNT_MAX)
  })
})

const field: Field = {
  path: '',
  declared: true,
  of: 1,
  present: 1,
  nulls: 0,
  objects: 0,
  lists: 0,
  types: {},
  length: null,
  number: null,
  distinct: [],
  symbols: [],
  moreSymbols: 0,
  ids: [],
}

const variant: Variant = {
  claim: 'none',
  schema: '',
  type: '',
  count: 1,
  invalid: 0,
  unread: {},
  ids: [],
  oddities: [],
  moreOddities: 0,
  fields: [],
  moreFields: 0,
}

const nameOf = ({ claim, schema, type }: Variant): string => `${claim}/${schema}/${type}`

function distinct<T>(items: readonly T[], compare: (a: T, b: T) => number): T[] {
  const sorted = [...items].sort(compare)
  return sorted.filter((item, i) => i === 0 || compare(sorted[i - 1] as T, item) !== 0)
}

/** Counted anew from single messages, in the plainest way. */
function expectExact(sum: Variant, own: readonly Variant[]): void {
  const total = (count: (v: Variant) => number): number => own.reduce((n, v) => n + count(v), 0)
  expect(sum.count).toBe(total((v) => v.count))
  expect(sum.invalid).toBe(total((v) => v.invalid))
  expect(sum.unread.full ?? 0).toBe(total((v) => v.unread.full ?? 0))
  expect(sum.ids).toEqual(lowest(own.flatMap((v) => v.ids)))

  const fields = own.flatMap((v) => v.fields)
  const first = distinct(fields, compareFields).slice(0, FIELDS_MAX)
  expect(sum.fields.map(({ path }) => path)).toEqual(first.map(({ path }) => path))
  for (const kept of sum.fields) {
    const same = fields.filter((f) => compareFields(f, kept) === 0)
    expect(kept.present).toBe(same.length)
    expect(kept.ids).toEqual(lowest(same.flatMap((f) => f.ids)))
    expect(kept.nulls).toBe(same.filter((f) => f.nulls === 1).length)
    const numbers = same.flatMap((f) => f.number ?? [])
    expect(kept.number?.sum ?? 0).toBe(numbers.reduce((n, s) => n + s.sum, 0))
    expect(kept.number?.min).toBe(
      numbers.length > 0 ? Math.min(...numbers.map((s) => s.min)) : undefined,
    )
    expect(kept.of).toBe(own.length)
  }
  const kept = sum.fields.reduce((n, f) => n + f.present, 0)
  expect(sum.moreFields).toBe(total((v) => v.moreFields) + fields.length - kept)

  const oddities = own.flatMap((v) => v.oddities)
  expect(sum.oddities.map(({ kind, path }) => `${kind}${path}`)).toEqual(
    distinct(oddities, compareOddities).map(({ kind, path }) => `${kind}${path}`),
  )
}

const lowest = (ids: readonly string[]): readonly string[] =>
  [...new Set(ids)].sort().slice(0, SHAPE_IDS_MAX)
