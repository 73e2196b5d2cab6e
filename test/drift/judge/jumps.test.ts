/** Rules 18–21: what jumped, and what only varies. */
import { describe, expect, it } from 'vitest'
import type { DriftFinding } from '../../../src/drift/finding.ts'
import type { HopShape } from '../../../src/drift/judge.ts'
import type { Variant } from '../../../src/drift/shape.ts'
import { unitOf } from '../alarms/random.ts'
import {
  at,
  type Flat,
  field,
  findingsOf,
  hop,
  inputOf,
  MINUTE,
  odd,
  profile,
  START,
  variant,
} from './build.ts'

/** Messages looked at in each window: one group. */
const LOOKED = 200

type Make = (unit: () => number, i: number) => Flat

/** @param minutes one make for each minute */
function windows(minutes: readonly Make[], by: string | null = null, name = 't'): HopShape[] {
  return minutes.map((make, minute) => at(name, minute, [some(make, minute)], by))
}

function some(make: Make, minute: number): Variant {
  const unit = unitOf(minute + 1)
  return profile(Array.from({ length: LOOKED }, (_, i) => make(unit, i)))
}

const times = (n: number, make: Make): Make[] => Array.from({ length: n }, () => make)
const found = (shapes: readonly HopShape[], since = 0): readonly DriftFinding[] =>
  findingsOf(inputOf([hop('t')], shapes, { since }))

const usual: Make = (unit) => ({
  a: unit() < 0.01 ? null : Math.floor(10 * unit()),
  b: 'x'.repeat(5 + Math.floor(5 * unit())),
})
const nulls: Make = (unit, i) => ({ ...usual(unit, i), a: unit() < 0.5 ? null : 1 })

describe('what jumps', () => {
  it('is silent of what does not change', () => {
    expect(found(windows(times(100, usual)))).toEqual([])
  })

  it.each<[string, Make, DriftFinding['code'], string]>([
    ['more nulls', nulls, 'null_rate', '/a'],
    // They are shorter as well: one fault.
    ['texts that are all empty', (unit, i) => ({ ...usual(unit, i), b: '' }), 'cardinality', '/b'],
    ['a field that is gone', (unit, i) => ({ b: usual(unit, i).b }), 'presence_rate', '/a'],
    ['a field that is new', (unit, i) => ({ ...usual(unit, i), c: true }), 'presence_rate', '/c'],
    [
      'as many texts, of the same length, of many more values',
      (unit, i) => ({
        ...usual(unit, i),
        b: `${100_000 + Math.floor(unit() * 9e5)}${'x'.repeat(2)}`,
      }),
      'cardinality',
      '/b',
    ],
    [
      'longer texts',
      (unit, i) => ({ ...usual(unit, i), b: 'x'.repeat(15 + (i % 5)) }),
      'length',
      '/b',
    ],
  ])('tells %s, once', (_, make, code, path) => {
    const findings = found(windows([...times(30, usual), ...times(5, make)]))
    expect(findings.map((one) => [one.code, one.path])).toEqual([[code, path]])
    expect(findings[0]).toMatchObject({ since: START + 30 * MINUTE, windows: 5, open: true })
  })

  it('says what was and what is', () => {
    const [one] = found(windows([...times(30, usual), ...times(4, nulls)]))
    expect(one?.args.before).toBeLessThan(0.03)
    expect(one?.args.after).toBeCloseTo(0.5, 1)
    expect(one?.of).toBe(4 * LOOKED)
    expect(one?.count).toBeCloseTo(2 * LOOKED, -2)
  })

  it('hints at a field that got another name', () => {
    const renamed: Make = (unit, i) => ({ b: usual(unit, i).b, c: 1 })
    const [gone, came] = found(windows([...times(30, usual), ...times(4, renamed)]))
    expect(gone).toMatchObject({ path: '/a', args: { renamedTo: '/c' } })
    expect(came).toMatchObject({ path: '/c', args: { renamedFrom: '/a' } })
  })

  it('needs 20 groups before, and three in a row', () => {
    expect(found(windows([...times(19, usual), ...times(5, nulls)]))).toEqual([])
    expect(found(windows([...times(20, usual), ...times(2, nulls)]))).toEqual([])
    expect(found(windows([...times(20, usual), ...times(3, nulls)]))).toHaveLength(1)
  })

  it('puts windows together until there are enough messages', () => {
    const thin = (make: Make) => (minute: number) =>
      at('t', minute, [
        profile(Array.from({ length: 20 }, (_, i) => make(unitOf(minute * 31 + i), i))),
      ])
    const shapes = (make: Make, n: number, from: number) =>
      Array.from({ length: n }, (_, i) => thin(make)(from + i))
    // 20 groups are 200 windows, three groups are 30.
    const before = shapes(usual, 200, 0)
    expect(found([...before, ...shapes(nulls, 29, 200)])).toEqual([])
    expect(found([...before, ...shapes(nulls, 30, 200)])).toHaveLength(1)
  })

  it('ends when it comes back', () => {
    const [one, ...more] = found(
      windows([...times(30, usual), ...times(6, nulls), ...times(5, usual)]),
    )
    expect(more).toEqual([])
    expect(one).toMatchObject({ open: false, windows: 6, until: START + 36 * MINUTE })
  })

  it('is told again of another jump after it came back', () => {
    const held =
      (part: number): Make =>
      (unit) =>
        unit() < part ? { a: 1 } : {}
    const [up, half, down] = [held(0.95), held(0.5), held(0.05)]
    const minutes = [...times(30, half), ...times(5, up), ...times(5, half), ...times(5, down)]
    expect(found(windows(minutes))).toMatchObject([{ path: '/a', windows: 10 }])
  })

  it('is what is usual after a day', () => {
    const day = 1_440
    const shapes = windows([...times(30, usual), ...times(day + 60, nulls)])
    const [one, ...more] = found(shapes)
    expect(more).toEqual([])
    expect(one).toMatchObject({ open: false, windows: day, until: START + (30 + day) * MINUTE })
    // Later reports no longer tell it.
    expect(found(shapes, START + (31 + day) * MINUTE)).toEqual([])
  })

  it('is silent of small differences, though chance cannot make them', () => {
    const large = (share: (i: number) => boolean) => (minute: number) =>
      at('t', minute, [
        profile(Array.from({ length: 2_000 }, (_, i) => ({ a: share(i) ? null : 1 }))),
      ])
    const both = (before: (i: number) => boolean, after: (i: number) => boolean): HopShape[] =>
      Array.from({ length: 30 }, (_, t) => large(t < 25 ? before : after)(t))
    const share = (part: number) => (i: number) => i % 100 < part
    // 1% to 5%: less than five points. 50% to 65%: not twice the odds.
    expect(found(both(share(1), share(5)))).toEqual([])
    expect(found(both(share(50), share(65)))).toEqual([])
    // Just so far.
    expect(found(both(share(1), share(7)))).toHaveLength(1)
    expect(found(both(share(50), share(68)))).toHaveLength(1)
  })

  it('knows fields whose shares vary by more than chance', () => {
    // Every fourth window is half nulls: one more of them is no news.
    const wild = (n: number): Make[] => Array.from({ length: n }, (_, t) => (t % 4 ? usual : nulls))
    expect(found(windows([...wild(80), ...times(4, nulls)]))).toEqual([])
  })
})

describe('what else explains a change', () => {
  it('another schema does: the comparison begins anew', () => {
    const framed = (id: string, shapes: HopShape[]): HopShape[] =>
      shapes.map((one) => ({
        ...one,
        shape: {
          ...one.shape,
          variants: one.shape.variants.map((v) => ({ ...v, claim: 'confluent', schema: id })),
        },
      }))
    const all = windows([...times(30, usual), ...times(30, nulls)])
    const shapes = [...framed('7', all.slice(0, 30)), ...framed('8', all.slice(30))]
    expect(found(shapes).map(({ code }) => code)).toEqual(['new_version'])
  })

  it('a kind of fault that was not there before does', () => {
    const bare = variant({ claim: 'empty', count: 1 })
    const shapes = windows([...times(30, usual), ...times(10, nulls)]).map((one, minute) =>
      minute < 30 ? one : at('t', minute, [...one.shape.variants, bare]),
    )
    expect(found(shapes).map(({ code }) => code)).toEqual(['empty_value'])
  })

  it('an exact rule does, of its field and what is within it', () => {
    const missing = odd('missing_field', '/a', { count: LOOKED })
    const gone: Make = (unit, i) => ({ b: usual(unit, i).b })
    const shapes = windows([...times(30, usual), ...times(10, gone)]).map((one, minute) =>
      minute < 30
        ? one
        : at(
            't',
            minute,
            one.shape.variants.map((v) => ({ ...v, oddities: [missing] })),
          ),
    )
    expect(found(shapes).map(({ code }) => code)).toEqual(['missing_field'])
  })

  it('a list of fields without room does', () => {
    const full = (make: Make, minute: number): HopShape => {
      const { fields, ...rest } = some(make, minute)
      const own = minute < 30 ? fields : fields.filter(({ path }) => path !== '/a')
      return at('t', minute, [{ ...rest, fields: own, moreFields: minute < 30 ? 0 : 200 }])
    }
    expect(found(Array.from({ length: 40 }, (_, minute) => full(usual, minute)))).toEqual([])
  })

  it('windows of another length do', () => {
    const shapes = windows([...times(30, usual), ...times(10, nulls)]).map((one, minute) =>
      minute < 30 ? one : { ...one, spanMs: 2 * MINUTE, window: START + 2 * minute * MINUTE },
    )
    expect(found(shapes)).toEqual([])
  })
})

describe('who it is', () => {
  it('is told of the instances that have jumped', () => {
    const hops = [hop('made', { role: 'producer', topic: 't' })]
    const a = windows(times(40, usual), 'a', 'made')
    const b = windows([...times(30, usual), ...times(10, nulls)], 'b', 'made')
    const [one, ...more] = findingsOf(inputOf(hops, [...a, ...b]))
    expect(more).toEqual([])
    expect(one?.code).toBe('null_rate')
    expect(one?.producers).toMatchObject([{ service: 'b', of: 10 * LOOKED }])
    expect(one?.of).toBe(20 * LOOKED)
  })

  it('names messages that lack the field, and only those that surely do', () => {
    const ids = (n: number): string => n.toString(16).padStart(32, '0')
    const make = (minute: number): HopShape => {
      const gone = minute >= 30
      const one = field('/a', {
        ...{ of: LOOKED, present: gone ? 3 : LOOKED, ids: gone ? [2, 5, 9].map(ids) : [] },
      })
      const root = field('', { of: LOOKED, present: LOOKED, objects: LOOKED })
      return at('t', minute, [
        variant({ count: LOOKED, ids: [1, 2, 12].map(ids), fields: [root, one] }),
      ])
    }
    // 2 holds it; 12 is beyond the three that are kept, so nobody knows.
    expect(found(Array.from({ length: 34 }, (_, t) => make(t)))[0]?.ids).toEqual([ids(1)])
  })
})
