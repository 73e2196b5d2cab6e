/** Rule 22: a type that a field never had, where nobody promised any. */
import { describe, expect, it } from 'vitest'
import type { DriftFinding } from '../../../src/drift/finding.ts'
import type { HopShape } from '../../../src/drift/judge.ts'
import type { Variant } from '../../../src/drift/shape.ts'
import {
  at,
  type Flat,
  field,
  findingsOf,
  hop,
  inputOf,
  line,
  MINUTE,
  odd,
  profile,
  START,
  variant,
} from './build.ts'

/** In each window. */
const LOOKED = 20

const numbers = (record: Flat = { a: 1 }): Variant => profile(Array(LOOKED).fill(record))
const texts = (n = 1, a: Flat['a'] = 'x'): Variant =>
  profile(Array.from({ length: LOOKED }, (_, i) => ({ a: i < n ? a : 1 })))

const minutes = (variants: readonly Variant[], by: string | null = null, name = 't'): HopShape[] =>
  variants.map((one, minute) => at(name, minute, [one], by))

const times = (n: number, one: Variant): Variant[] => Array(n).fill(one)
const found = (shapes: readonly HopShape[]): readonly DriftFinding[] =>
  findingsOf(inputOf([hop('t')], shapes))

const each = (
  variants: readonly Variant[],
  change: (one: Variant, minute: number) => Partial<Variant>,
): Variant[] => variants.map((one, minute) => ({ ...one, ...change(one, minute) }))

const undeclared = ({ fields }: Variant): Partial<Variant> => ({
  fields: fields.map((one) => (one.path === '/a' ? { ...one, declared: false } : one)),
})

describe('a type that a field never had', () => {
  it('is told once, since its first window, with what was before', () => {
    const [one, ...more] = found(minutes([...times(10, numbers()), texts(3), texts(0), texts(2)]))
    expect(more).toEqual([])
    expect(one).toMatchObject({
      ...{ code: 'new_type', severity: 'warning', hop: 't', path: '/a' },
      ...{ since: START + 10 * MINUTE, windows: 2, count: 5, of: 3 * LOOKED, open: true },
      args: { before: ['number'], messages: 200, came: ['string'] },
    })
  })

  it.each<[string, readonly Variant[], readonly string[]]>([
    ['a truth value', [texts(1, true)], ['boolean']],
    ['two types: two findings', [texts(1, true), texts(2, 'x')], ['boolean', 'string']],
    ['null: no type', [texts(5, null)], []],
    ['a fraction: a number is a number', [texts(5, 1.5)], []],
    ['the type that was', [texts(0)], []],
    ['a field that was not there', [numbers({ a: 1, b: 'x' })], []],
  ])('%s', (_, after, types) => {
    const findings = found(minutes([...times(10, numbers()), ...after]))
    expect(findings.map(({ code, args }) => [code, args.came])).toEqual(
      types.map((type) => ['new_type', [type]]),
    )
  })

  it('needs 200 messages that had the field, in 10 windows', () => {
    const toldAfter = (before: readonly Variant[]): number =>
      found(minutes([...before, texts()])).length
    expect(toldAfter(times(10, numbers()))).toBe(1)
    expect(toldAfter([...times(9, numbers()), profile(Array(LOOKED - 1).fill({ a: 1 }))])).toBe(0)
    expect(toldAfter(times(9, profile(Array(100).fill({ a: 1 }))))).toBe(0)
    // Two instances in nine windows.
    const both = ['a', 'b'].flatMap((by) => minutes(times(9, numbers()), by))
    expect(found([...both, ...minutes([...times(9, numbers()), texts()], 'c')])).toEqual([])
    // Nulls say nothing of a type.
    expect(toldAfter(times(20, texts(12, null)))).toBe(0)
    expect(toldAfter(times(25, texts(12, null)))).toBe(1)
  })

  it('is what is usual after a day', () => {
    const day = 1_440
    const [one, ...more] = found(minutes([...times(20, numbers()), ...times(day + 60, texts())]))
    expect(more).toEqual([])
    expect(one).toMatchObject({ windows: day, open: false })
  })

  it('explains what else it does to the field', () => {
    const wild = (minute: number): Variant =>
      profile(Array.from({ length: 200 }, (_, i) => ({ a: `${minute} ${i}` })))
    const shapes = minutes([
      ...times(30, profile(Array(200).fill({ a: 1 }))),
      ...Array.from({ length: 10 }, (_, minute) => wild(minute)),
    ])
    expect(found(shapes).map(({ code }) => code)).toEqual(['new_type'])
  })
})

describe('it accuses nobody', () => {
  const before = times(10, numbers())

  it('where producers always differed', () => {
    const mixed = [...minutes(times(20, numbers()), 'a'), ...minutes(times(20, texts(20)), 'b')]
    expect(found(mixed)).toEqual([])
  })

  it('where another hop of the topic had the type before', () => {
    const hops = line()
    const made = minutes([...before, texts(4)], 'a', 'checkin')
    const first = [at('flights', 0, [texts(1)])]
    expect(findingsOf(inputOf(hops, [...made, ...first]))).toEqual([])
    expect(findingsOf(inputOf(hops, made))).toHaveLength(1)
  })

  it.each<[string, readonly Variant[], Partial<HopShape['shape']>]>([
    ['as many of them looked at', before, { oneIn: 64 }],
    ['the same promised', each(before, undeclared), { declared: 'ab'.repeat(8) }],
    ['the same schema named', each(before, (one) => ({ ...undeclared(one), schema: '7' })), {}],
  ])('where there were not %s', (_, history, parts) => {
    const last = { ...texts(4), ...undeclared(texts(4)) }
    const shapes = minutes([...history, last]).map((one, minute) =>
      minute < 10 ? { ...one, shape: { ...one.shape, ...parts } } : one,
    )
    expect(found(shapes).filter(({ code }) => code === 'new_type')).toEqual([])
  })

  it('where it may have been among fields that were left out', () => {
    const told = (left: number): number => {
      const hidden = (one: Variant, minute: number): Partial<Variant> =>
        minute === 20 - left ? { fields: one.fields.slice(0, 1), moreFields: 20 } : {}
      return found(minutes([...each(times(20, numbers()), hidden), texts()])).length
    }
    expect(told(10)).toBe(0)
    expect(told(11)).toBe(1)
  })

  it('where a type is promised, and another rule speaks', () => {
    const held = (variants: readonly Variant[], declared: string): HopShape[] =>
      minutes(variants).map((one) => ({ ...one, shape: { ...one.shape, declared } }))
    const declared = 'ab'.repeat(8)
    expect(found(held([...before, texts()], declared))).toEqual([])
    expect(found(held([...before, texts()], ''))).toHaveLength(1)
    const changed = odd('type_changed', '/a', { count: 4, came: 'string' })
    const wrong = { ...texts(4), oddities: [changed] }
    expect(found(held([...before, wrong], declared)).map(({ code }) => code)).toEqual([
      'type_changed',
    ])
  })

  it('but it does at a field that nobody declared', () => {
    const shapes = minutes(each([...before, texts(4)], undeclared)).map((one) => ({
      ...one,
      shape: { ...one.shape, declared: 'ab'.repeat(8) },
    }))
    expect(found(shapes).map(({ code, count }) => [code, count])).toEqual([
      ['unknown_field', 11 * LOOKED],
      ['new_type', 4],
    ])
  })
})

describe('who and which', () => {
  const ids = (n: number): string => n.toString(16).padStart(32, '0')

  it('names the instances that write it, and their messages', () => {
    const hops = [hop('made', { role: 'producer', topic: 't' })]
    const usual = minutes(times(11, numbers()), 'a', 'made')
    const wrong = profile([{ a: 'x' }, { a: 'y' }], [ids(2), ids(1)])
    const [one, ...more] = findingsOf(inputOf(hops, [...usual, at('made', 10, [wrong], 'b')]))
    expect(more).toEqual([])
    expect(one?.producers).toMatchObject([{ service: 'b', count: 2, of: 2 }])
    expect(one?.ids).toEqual([ids(1), ids(2)])
  })

  it('names no message that may have another type', () => {
    const mixed = profile([{ a: 'x' }, { a: 1 }], [ids(1), ids(2)])
    expect(found(minutes([...times(10, numbers()), mixed]))[0]?.ids).toEqual([])
  })

  it('counts messages of a list at least', () => {
    const list = (types: Variant['fields'][number]['types']): Variant =>
      variant({
        count: LOOKED,
        fields: [
          field('', { of: LOOKED, present: LOOKED, objects: LOOKED, types: { object: LOOKED } }),
          field('/l', { of: LOOKED, present: LOOKED, lists: LOOKED, types: { array: LOOKED } }),
          field('/l/*', { of: LOOKED, present: LOOKED, types }),
        ],
      })
    // 15 numbers are in 15 messages at most: the other 5 have texts alone.
    const after = list({ integer: 15, string: 60 })
    const [one] = found(minutes([...times(10, list({ integer: 90 })), after]))
    expect(one).toMatchObject({ path: '/l/*', count: 5, args: { least: true } })
  })
})
