/** Cells of validity, versions seen, producers, and the hop that a finding is of. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HopShape, judgeDrift } from '../../../src/drift/judge.ts'
import type { Variant } from '../../../src/drift/shape.ts'
import {
  at,
  brief,
  facts,
  findingsOf,
  inputOf,
  line,
  MINUTE,
  odd,
  of,
  plan,
  promised,
  START,
  unread,
  variant,
} from './build.ts'

const hops = line(promised)
const registry = facts({ 7: 3, 8: 4 }, { schemas: { 9: { state: 'unregistered' } } })

describe('where a finding is', () => {
  const bad = [of(7, 8), of(9, 2)]
  const everywhere = [
    at('checkin', 0, [of(7, 5)], 'a'),
    at('checkin', 0, [of(7, 3), of(9, 2)], 'b'),
    at('flights', 0, bad),
    at('enrich', 0, bad),
  ]

  it('is one, of the first hop as messages travel, with its producers', () => {
    const findings = findingsOf(inputOf(hops, everywhere, { registry }))
    expect(findings.map(brief)).toEqual(['unregistered_schema checkin (id 9) 2/10'])
    expect(findings[0]?.hops).toEqual(['checkin', 'flights', 'enrich'])
    expect(findings[0]?.producers).toMatchObject([{ service: 'b', count: 2, of: 5, host: 'here' }])
  })

  it('is of the consumer where only that shows it', () => {
    const shapes = [at('checkin', 0, [of(7)], 'a'), at('flights', 0, [of(7)]), at('enrich', 0, bad)]
    const findings = findingsOf(inputOf(hops, shapes, { registry }))
    expect(findings.map(brief)).toEqual(['unregistered_schema enrich (id 9) 2/10'])
    expect(findings[0]).toMatchObject({ hops: ['enrich'], producers: [] })
  })

  it('is of the hop that shows it first, where its producer shows it later', () => {
    const shapes = [
      at('checkin', 0, [of(7)], 'a'),
      at('flights', 0, bad),
      at('checkin', 1, [of(7), of(9, 3)], 'a'),
      at('flights', 1, [of(7), of(9, 3)]),
    ]
    const findings = findingsOf(inputOf(hops, shapes, { registry }))
    expect(findings.map(brief)).toEqual(['unregistered_schema flights (id 9) 5/23'])
    expect(findings[0]).toMatchObject({ hops: ['flights', 'checkin'], since: START })
    expect(findings[0]?.producers).toMatchObject([{ service: 'a', count: 3, of: 23 }])
  })

  it('names no more schemas apart than eight', () => {
    const noise = Array.from({ length: 12 }, (_, i) => of(100 + i, i + 1))
    const schemas = Object.fromEntries(
      noise.map(({ schema }) => [schema, { state: 'unregistered' } as const]),
    )
    const findings = findingsOf(
      inputOf(hops, [at('flights', 0, noise)], { registry: { ...registry, schemas } }),
    )
    expect(findings).toHaveLength(9)
    const rest = findings.find(({ schema }) => schema === '')
    expect(rest).toMatchObject({ count: 1 + 2 + 3 + 4, args: { schemas: 4 } })
  })
})

describe('cells', () => {
  const cell = (variants: readonly Variant[], its = promised) => {
    const one = at('flights', 0, variants)
    const shapes = [{ ...one, shape: { ...one.shape, tombstones: 2 } }]
    const { cells } = judgeDrift(inputOf(line(its), shapes, { registry }))
    expect(cells).toHaveLength(1)
    const { looked, invalid, unknown, tombstones } = cells[0] ?? {}
    expect(tombstones).toBe(2)
    return { looked, invalid, unknown }
  }

  it.each([
    ['what is as promised', of(7), { looked: 10, invalid: 0, unknown: 0 }],
    ['what is wrong by itself', of(7, 10, { invalid: 4 }), { looked: 10, invalid: 4, unknown: 0 }],
    [
      'what was not looked into',
      of(7, 10, { invalid: 4, unread: unread('full', 3) }),
      { looked: 10, invalid: 4, unknown: 3 },
    ],
    [
      'what is unregistered: all of it, read or not',
      of(9, 10, { unread: unread('unreachable', 10) }),
      { looked: 10, invalid: 10, unknown: 0 },
    ],
    [
      'what nobody asked the registry about: all but what is wrong by itself',
      of(11, 10, { invalid: 4 }),
      { looked: 10, invalid: 4, unknown: 6 },
    ],
    [
      'unframed values',
      variant({ claim: 'unframed', unread: unread('no_schema', 10) }),
      { looked: 10, invalid: 10, unknown: 0 },
    ],
    [
      'a first byte that is not guessed',
      variant({ claim: 'ambiguous', unread: unread('no_schema', 10) }),
      { looked: 10, invalid: 0, unknown: 10 },
    ],
    [
      'called unregistered by an agent, registered since',
      of(7, 10, { invalid: 3, oddities: [odd('unregistered', '', { count: 3 })] }),
      { looked: 10, invalid: 0, unknown: 3 },
    ],
  ] as const)('%s', (_, one, expected) => {
    expect(cell([one])).toEqual(expected)
  })

  it('does not acquit messages of more schemas than are told apart', () => {
    const many = variant({ claim: 'others', count: 10, invalid: 3, unread: unread('pending', 2) })
    const [cell] = judgeDrift(inputOf(hops, [at('flights', 0, [many])], { registry })).cells
    expect(cell).toMatchObject({ looked: 10, invalid: 3, unknown: 7 })
    // Where no subject is promised what could be read is as good as any.
    const [free] = judgeDrift(inputOf(line(plan), [at('flights', 0, [many])], { registry })).cells
    expect(free).toMatchObject({ looked: 10, invalid: 3, unknown: 2 })
  })

  it('does not take what a registry says of a number for its word on another way of counting', () => {
    const judged = (claim: Variant['claim'], schema: string) => {
      const shapes = [at('flights', 0, [variant({ claim, schema })])]
      const { cells, findings } = judgeDrift(inputOf(hops, shapes, { registry }))
      return [cells[0]?.invalid, cells[0]?.unknown, ...findings.map(({ code }) => code)]
    }
    expect(judged('confluent', '9')).toEqual([10, 0, 'unregistered_schema'])
    expect(judged('apicurio-v3', '9')).toEqual([0, 10, 'unread'])
    expect(judged('apicurio-v3', '7')).toEqual([0, 0])
    for (const schema of ['7', '9'])
      expect(judged('apicurio-v2', schema)).toEqual([0, 10, 'unread'])
  })

  it('adds up the variants and instances of a window, and leaves out what is before `since`', () => {
    const shapes = [
      at('checkin', 0, [of(7)], 'a'),
      at('checkin', 1, [of(7), of(9, 1)], 'a'),
      at('checkin', 1, [of(7, 5)], 'b'),
    ]
    const { cells } = judgeDrift(inputOf(hops, shapes, { registry, since: START + MINUTE }))
    expect(cells).toEqual([
      {
        ...{ hop: 'checkin', window: START + MINUTE, spanMs: MINUTE, oneIn: 1 },
        ...{ looked: 16, invalid: 1, unknown: 0, tombstones: 0 },
      },
    ])
  })
})

describe('versions seen', () => {
  const fields = (type: string, extra: string) => [
    { path: '/delay', type, required: true },
    { path: `/${extra}`, type: 'string', required: false },
  ]
  const place = (version: number) => [{ subject: 'flights-value', version }]
  const known = facts(
    { 7: 3, 8: 4 },
    {
      schemas: {
        7: { state: 'registered', places: place(3), fields: fields('int', 'old') },
        8: { state: 'registered', places: place(4), fields: fields('long', 'new') },
      },
    },
  )
  const shapes = [
    at('checkin', 0, [of(7)], 'a'),
    at('checkin', 1, [of(7, 2)], 'a'),
    at('checkin', 1, [of(8, 6)], 'b'),
    at('enrich', 1, [of(7, 2), of(8, 6)]),
  ]
  const seen = (parts = {}) =>
    judgeDrift(inputOf(hops, shapes, { registry: known, ...parts })).versions

  it('are listed as first seen, with who writes and who reads them', () => {
    expect(seen()).toMatchObject([
      {
        ...{ schema: 'version 3 (id 7)', version: 3, firstSeen: START, count: 12, of: 18 },
        ...{ lastSeen: START + 2 * MINUTE, services: ['a'], groups: ['enrich'], changes: [] },
      },
      { version: 4, firstSeen: START + MINUTE, count: 6, of: 8, services: ['b'] },
    ])
  })

  it('say what changed against the one before', () => {
    expect(seen()[1]?.changes).toEqual([
      { path: '/delay', change: 'changed', before: 'int', after: 'long' },
      { path: '/new', change: 'added', before: '', after: 'string, optional' },
      { path: '/old', change: 'removed', before: 'string, optional', after: '' },
    ])
  })

  it('are those seen from `since` on', () => {
    expect(seen({ since: START + 2 * MINUTE })).toEqual([])
  })
})

describe('judgeDrift', () => {
  const variants = fc.constantFrom(
    of(7, 3),
    of(8, 2),
    of(9, 1),
    of(7, 4, { invalid: 2, oddities: [odd('type_changed', '/a', { count: 2, came: 'string' })] }),
    variant({ claim: 'unframed', count: 2 }),
    variant({ claim: 'empty', count: 1 }),
  )
  const shape = fc
    .tuple(fc.constantFrom('flights', 'enrich'), fc.nat(90), variants)
    .map(([name, minute, one]): HopShape => at(name, minute, [one]))

  it('gives the same whatever the order of shapes', () => {
    fc.assert(
      fc.property(fc.array(shape, { maxLength: 30 }), fc.gen(), (shapes, draw) => {
        const shuffled = draw(fc.shuffledSubarray, shapes, {
          minLength: shapes.length,
          maxLength: shapes.length,
        })
        const [one, other] = [shapes, shuffled].map((list) =>
          judgeDrift(inputOf(hops, list, { registry })),
        )
        expect(other).toEqual(one)
      }),
    )
  })

  it('gives the same whether variants of a window come together or apart', () => {
    const together = at('flights', 0, [of(7, 3), of(9, 1), variant({ claim: 'empty', count: 1 })])
    const apart = together.shape.variants.map((one) => at('flights', 0, [one]))
    const judged = (shapes: readonly HopShape[]) => judgeDrift(inputOf(hops, shapes, { registry }))
    expect(judged(apart)).toEqual(judged([together]))
  })

  it('accuses nobody without a flaw', () => {
    const clean = fc.tuple(
      fc.constantFrom('checkin', 'flights', 'enrich'),
      fc.nat(200),
      fc.integer({ min: 1, max: 500 }),
    )
    fc.assert(
      fc.property(fc.array(clean, { maxLength: 200 }), (list) => {
        const shapes = list.map(([name, minute, count]) => at(name, minute, [of(7, count)]))
        const { findings, cells } = judgeDrift(inputOf(hops, shapes, { registry }))
        expect(findings).toEqual([])
        expect(cells.every(({ invalid, unknown }) => invalid + unknown === 0)).toBe(true)
      }),
    )
  })

  it('knows nothing of shapes of no hop that it watches', () => {
    const shapes = [at('elsewhere', 0, [of(9)])]
    const drift = judgeDrift(inputOf(line(plan), shapes, { registry }))
    expect(drift).toEqual({ pipeline: 'p', findings: [], versions: [], cells: [] })
  })
})
