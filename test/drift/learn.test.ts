import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { declaredBySchema, schemaIn } from '../../src/drift/declared/json-schema.ts'
import { shareAtLeast } from '../../src/drift/learn/confidence.ts'
import { doubtText } from '../../src/drift/learn/doubts.ts'
import { CERTAIN_MIN, type JsonSchema } from '../../src/drift/learn/draft.ts'
import { formatOf } from '../../src/drift/learn/formats.ts'
import { Learner } from '../../src/drift/learn/learn.ts'
import type { Value } from '../../src/drift/read/reader.ts'

interface Learned {
  readonly schema: JsonSchema
  readonly doubts: readonly string[]
}

function learned(messages: readonly Value[], { values = false, bounds = false } = {}): Learned {
  const learner = new Learner({ values })
  for (const message of messages) learner.add(message)
  const { schema, doubts } = learner.draft({ title: 'test', seen: {} }, { bounds })
  return { schema, doubts: doubts.map(doubtText) }
}

function validator(schema: JsonSchema): (value: unknown) => boolean {
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  return ajv.compile(schema) as (value: unknown) => boolean
}

const repeat = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i))

/** What the draft says of a field, by the names that lead there. */
function at(schema: JsonSchema, ...names: readonly string[]): JsonSchema {
  return names.reduce((inner, name) => {
    const within = name === '*' ? inner.items : (inner.properties as JsonSchema)?.[name]
    return within as JsonSchema
  }, schema)
}

describe('types', () => {
  const messages = repeat(CERTAIN_MIN, (i) => ({
    id: i,
    share: i / 4,
    name: `n${i}`,
    flag: i % 2 === 0,
    maybe: i % 10 === 0 ? null : 'x',
    never: null,
    any: i % 2 === 0 ? 1 : 'one',
    at: { lat: 1.5 },
    list: [{ code: 'A' }, { code: 'B' }],
  }))
  const { schema, doubts } = learned(messages)

  test('are those that came', () => {
    const typeOf = (...names: string[]): unknown => at(schema, ...names).type
    expect(schema.type).toBe('object')
    expect(typeOf('id')).toBe('integer')
    expect(typeOf('share')).toBe('number')
    expect(typeOf('name')).toBe('string')
    expect(typeOf('flag')).toBe('boolean')
    expect(typeOf('maybe')).toEqual(['string', 'null'])
    expect(typeOf('any')).toEqual(['string', 'number'])
    expect(typeOf('at', 'lat')).toBe('number')
    expect(typeOf('list', '*', 'code')).toBe('string')
  })

  test('are open where nothing but null came, and said to be doubtful where they differ', () => {
    expect(at(schema, 'never')).not.toHaveProperty('type')
    expect(doubts).toEqual([
      '/never: was null 50 times and nothing else; its type is open',
      '/any: of several types: string, number',
    ])
  })

  test('of which few came may be null and have a fraction', () => {
    const few = learned(repeat(CERTAIN_MIN - 1, () => ({ n: 1 })))
    expect(at(few.schema, 'n').type).toEqual(['number', 'null'])
    expect(few.doubts).toContain('/n: seen 49 times only; it may be null')
  })
})

describe('required', () => {
  test('is what stood in all of enough messages, with how sure that is', () => {
    const messages = repeat(1_000, (i) => (i === 7 ? { a: 1 } : { a: 1, b: 1 }))
    const { schema } = learned(messages)
    expect(schema.required).toEqual(['a'])
    // The rule of three: 1 − 3/1000.
    expect(at(schema, 'a')['x-quipu']).toEqual({
      messages: 1_000,
      present: 1_000,
      confidence: 0.997,
    })
    expect(at(schema, 'b')['x-quipu']).toEqual({
      messages: 1_000,
      present: 999,
      confidence: 0.9955,
    })
  })

  test('is nothing that rests on too few, and that is said', () => {
    const below = learned(repeat(CERTAIN_MIN - 1, () => ({ a: 1 })))
    expect(below.schema).not.toHaveProperty('required')
    expect(below.doubts).toContain(
      '/a: not required; it stood in all of 49 messages, which is too few to say',
    )
    expect(learned(repeat(CERTAIN_MIN, () => ({ a: 1 }))).schema.required).toEqual(['a'])
  })

  test('is not what came late', () => {
    const late = [{ a: 1 }, ...repeat(500, () => ({ a: 1, b: 1 }))]
    expect(learned(late).schema.required).toEqual(['a'])
  })

  test('of objects in lists is what all of them have; many in one message count as one', () => {
    const list = repeat(100, (i) => (i === 3 ? { code: 'A' } : { code: 'A', at: 1 }))
    const one = learned([{ list }])
    expect(at(one.schema, 'list', '*')).not.toHaveProperty('required')
    const many = at(learned(repeat(60, () => ({ list }))).schema, 'list', '*')
    expect(many.required).toEqual(['code'])
    expect(at(many, 'at')['x-quipu']).toMatchObject({
      messages: 60,
      objects: 6_000,
      present: 5_940,
    })
  })
})

describe('formats', () => {
  test.each([
    ['2026-11-23T01:00:00Z', 'date-time'],
    ['2026-11-23T01:00:00.123+01:00', 'date-time'],
    ['2026-02-30T01:00:00Z', null],
    ['2026-11-23T24:00:00Z', null],
    ['2026-11-23 01:00:00', null],
    ['2024-02-29', 'date'],
    ['2023-02-29', null],
    ['018bcfe5-6800-7000-8000-000000000000', 'uuid'],
    ['018bcfe568007000800000000000', null],
    ['10.0.0.255', 'ipv4'],
    ['10.0.0.256', null],
    ['a.b+c@example.com', 'email'],
    ['a@b', null],
    ['https://example.com/a?b=%20#c', 'uri'],
    ['mailto:a@example.com', null],
    ['https://example.com/%zz', null],
    ['', null],
    [`https://example.com/${'a'.repeat(300)}`, null],
  ])('of %j is %s', (text, format) => {
    expect(formatOf(text)).toBe(format)
    if (format !== null) expect(validator({ type: 'string', format })(text)).toBe(true)
  })

  test('are those of all texts, of enough of them', () => {
    const day = (i: number): { on: string } => ({ on: `2026-11-${10 + (i % 20)}` })
    expect(at(learned(repeat(20, day)).schema, 'on').format).toBe('date')
    expect(at(learned(repeat(19, day)).schema, 'on')).not.toHaveProperty('format')
    const { schema, doubts } = learned([...repeat(99, day), { on: 'soon' }])
    expect(at(schema, 'on')).not.toHaveProperty('format')
    expect(doubts).toEqual(['/on: 99 of 100 texts are date; the others are not'])
  })
})

describe('what is only shown where it is asked for', () => {
  const messages = repeat(200, (i) => ({
    code: ['A', 'B', 'secret'][i % 3] as string,
    n: i,
    list: [i, i],
  }))

  test('are values: as enumerations', () => {
    expect(JSON.stringify(learned(messages).schema)).not.toContain('secret')
    const { schema } = learned(messages, { values: true })
    expect(at(schema, 'code').enum).toEqual(['A', 'B', 'secret'])
  })

  test('are no enumeration where one came seldom, or there are many', () => {
    const rare = [...messages, { code: 'C', n: 1, list: [] }]
    expect(at(learned(rare, { values: true }).schema, 'code')).not.toHaveProperty('enum')
    const many = repeat(1_000, (i) => ({ code: `c${i % 17}` }))
    expect(at(learned(many, { values: true }).schema, 'code')).not.toHaveProperty('enum')
  })

  test('are ranges', () => {
    expect(at(learned(messages).schema, 'n')).not.toHaveProperty('minimum')
    const { schema } = learned(messages, { bounds: true })
    expect(at(schema, 'n')).toMatchObject({ minimum: 0, maximum: 199 })
    expect(at(schema, 'code')).toMatchObject({ minLength: 1, maxLength: 6 })
    expect(at(schema, 'list')).toMatchObject({ minItems: 2, maxItems: 2 })
  })
})

describe('maps', () => {
  test('are objects of many names, each of them seldom', () => {
    const messages = repeat(300, (i) => ({ seats: { [`S${i % 40}`]: i, [`S${(i + 1) % 40}`]: 1 } }))
    const { schema } = learned(messages)
    expect(at(schema, 'seats')).not.toHaveProperty('properties')
    expect(at(schema, 'seats').additionalProperties).toEqual({ type: 'integer' })
  })

  test('put together what is known of their entries', () => {
    const messages = repeat(300, (i) => ({ seats: { [`S${i % 40}`]: { row: i } } }))
    const entry = at(learned(messages).schema, 'seats').additionalProperties as JsonSchema
    // Of how many messages is not known any more: each name was counted for itself.
    expect(at(entry, 'row')['x-quipu']).toMatchObject({ messages: 8, objects: 300, present: 300 })
    expect(entry).not.toHaveProperty('required')
  })

  test('are objects of more names than are told apart, in one message or in many', () => {
    const huge = Object.fromEntries(repeat(201, (i) => [`k${i}`, { v: i }]))
    for (const messages of [[huge], repeat(300, (i) => ({ always: 1, [`k${i}`]: 1 }))]) {
      const { schema } = learned(messages as Value[])
      expect(schema).not.toHaveProperty('properties')
      expect(schema.additionalProperties).toBeDefined()
    }
  })

  test('are not records whose fields differ in type, or stand often', () => {
    const types: Value[] = [1, 'a', true]
    const differing = repeat(300, (i) => ({ at: { [`f${i % 30}`]: types[i % 3] as Value } }))
    expect(at(learned(differing).schema, 'at')).toHaveProperty('properties')
    const usual = repeat(300, () => Object.fromEntries(repeat(30, (i) => [`f${i}`, i])))
    expect(learned(usual).schema).toHaveProperty('properties')
  })
})

describe('hostile messages', () => {
  test('name what is no prototype', () => {
    const { schema } = learned(repeat(60, () => JSON.parse('{"__proto__": {"x": 1}}') as Value))
    expect(JSON.parse(JSON.stringify(schema)).required).toEqual(['__proto__'])
    expect(Object.hasOwn(schema.properties as object, '__proto__')).toBe(true)
  })

  test('cost bounded room, and what was not looked at is said', () => {
    const wide = (depth: number, prefix: string): Value =>
      depth === 0
        ? 1
        : Object.fromEntries(repeat(20, (i) => [`${prefix}${i}`, wide(depth - 1, prefix)]))
    const { schema, doubts } = learned([wide(3, 'a'), wide(3, 'b')])
    expect(JSON.stringify(schema).match(/"x-quipu"/g)?.length).toBeLessThanOrEqual(5_001)
    expect(doubts.some((doubt) => doubt.endsWith('some were not looked at'))).toBe(true)
  })
})

describe('confidence', () => {
  test.each([
    [0, 0, 0],
    [0, 100, 0],
    [100, 100, 0.9704],
    [3_000, 3_000, 0.999],
    [50, 100, 0.4188],
  ])('of %d of %d is at least %d', (present, of, share) => {
    expect(shareAtLeast(present, of)).toBe(share)
  })
})

/** How messages of one kind are made: by numbers from 0 to 1, so that there are ever new ones. */
type Maker = (random: () => number) => Value

const pick =
  <T extends Value>(...values: readonly T[]): Maker =>
  (random) =>
    values[Math.floor(random() * values.length)] as T

const scalarMaker: fc.Arbitrary<Maker> = fc.constantFrom<Maker>(
  (random) => Math.floor(random() * 1e6),
  (random) => random() * 100,
  (random) => random() < 0.5,
  (random) => `text ${random()}`,
  (random) => new Date(1.7e12 + Math.floor(random() * 1e9)).toISOString(),
  (random) => `user${Math.floor(random() * 1e6)}@example.com`,
  pick('ABQ', 'SEA', 'JFK'),
  pick<Value>(1, 'one'),
)
const { maker } = fc.letrec<{ maker: Maker; record: Maker }>((tie) => ({
  maker: fc.oneof(
    { maxDepth: 2 },
    scalarMaker,
    tie('record'),
    tie('maker').map(
      (item): Maker =>
        (random) =>
          repeat(Math.floor(random() * 4), () => item(random)),
    ),
    scalarMaker.map(
      (entry): Maker =>
        (random) =>
          Object.fromEntries(repeat(3, () => [`key ${Math.floor(random() * 500)}`, entry(random)])),
    ),
  ),
  record: fc
    .dictionary(
      fc.constantFrom('a', 'b', 'c', 'd/e', '~', '__proto__'),
      fc.record({
        make: tie('maker'),
        present: fc.constantFrom(1, 1, 0.7, 0.1),
        null: fc.constantFrom(0, 0, 0.2),
      }),
    )
    .map(
      (fields): Maker =>
        (random) => {
          const present = Object.entries(fields).filter(([, field]) => random() < field.present)
          return Object.fromEntries(
            present.map(([name, field]) => [
              name,
              random() < field.null ? null : field.make(random),
            ]),
          )
        },
    ),
}))

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

describe('a draft', () => {
  const options = fc.record({ values: fc.boolean(), bounds: fc.boolean() })

  test('accepts every message that it was learned from, by ajv and by our own check', () => {
    fc.assert(
      fc.property(
        maker,
        fc.nat(),
        fc.integer({ min: 1, max: 300 }),
        options,
        (make, seed, n, o) => {
          const random = randomOf(seed)
          const messages = repeat(n, () => JSON.parse(JSON.stringify(make(random))) as Value)
          const { schema } = learned(messages, o)
          const isValid = validator(schema)
          const { check } = declaredBySchema(schemaIn(JSON.stringify(schema)), [''])
          for (const message of messages) {
            expect(isValid(message)).toBe(true)
            expect(check(message)).toEqual([])
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('accepts nearly all others of the same kind', () => {
    const [messages, others] = [1_000, 300]
    let refused = 0
    let seen = 0
    fc.assert(
      fc.property(maker, fc.nat(), (make, seed) => {
        const random = randomOf(seed)
        const { schema } = learned(
          repeat(messages, () => make(random)),
          { values: true },
        )
        const isValid = validator(schema)
        for (let i = 0; i < others; i++) if (!isValid(make(random))) refused++
        seen += others
      }),
      { numRuns: 40, seed: 1 },
    )
    expect(refused / seen).toBeLessThan(0.005)
  })
})
