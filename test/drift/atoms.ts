/** Shapes of one message each, as fast-check draws them: whatever is summed is made of these. */
import fc from 'fast-check'
import { compareFields } from '../../src/drift/field-path.ts'
import {
  type Field,
  type JsonType,
  type Oddity,
  oddities,
  type Shape,
  type Variant,
} from '../../src/drift/shape.ts'

const id: fc.Arbitrary<string> = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('hex'))

const text = fc.string({ maxLength: 5, unit: 'grapheme' })

const oddity = (ids: readonly string[]): fc.Arbitrary<Oddity> =>
  fc.record({
    kind: fc.constantFrom(...oddities),
    path: fc.nat({ max: 60 }).map((n) => `/p${n}`),
    expected: text,
    came: text,
    count: fc.constant(1),
    ids: fc.constant(ids),
    values: fc.oneof(
      fc.constant([]),
      text.map((value) => [value]),
    ),
  })

/** Whole numbers, so that sums are exact in any order. */
const spread = fc.integer({ min: -1_000, max: 1_000 }).map((n) => ({
  count: 1,
  min: n,
  max: n,
  sum: n,
  squares: n * n,
}))

const root = (id: string): Field => ({
  ...part('', true, 'object', id),
  objects: 1,
})

function part(path: string, declared: boolean, type: JsonType, id: string): Field {
  return {
    path,
    declared,
    of: 1,
    present: 1,
    nulls: type === 'null' ? 1 : 0,
    objects: type === 'object' ? 1 : 0,
    lists: type === 'array' ? 1 : 0,
    types: { [type]: 1 },
    length: null,
    number: null,
    distinct: [],
    symbols: [],
    moreSymbols: 0,
    ids: [id],
  }
}

const leaf = (id: string): fc.Arbitrary<Field> =>
  fc
    .record({
      name: fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 400 })),
      isDeclared: fc.boolean(),
      isDeep: fc.boolean(),
      type: fc.constantFrom<JsonType>('null', 'integer', 'string'),
      spread: fc.option(spread),
      distinct: fc.uniqueArray(fc.nat({ max: 2 ** 32 - 1 }), { maxLength: 3 }),
      // Which of three neighbours came: so few that one message keeps the limit of a variant.
      symbols: fc.nat({ max: 7 }),
      fromSymbol: fc.nat({ max: 45 }),
      moreSymbols: fc.nat({ max: 2 }),
    })
    .map(
      ({ name, isDeclared, isDeep, type, spread, distinct, symbols, fromSymbol, moreSymbols }) => ({
        ...part(`${isDeep ? '/deep' : ''}/${isDeclared ? 'd' : 'u'}${name}`, isDeclared, type, id),
        number: type === 'integer' ? spread : null,
        length: type === 'string' ? spread : null,
        distinct: distinct.sort((a, b) => a - b),
        symbols: [0, 1, 2]
          .filter((i) => ((symbols >> i) & 1) === 1)
          .map((i) => ({ symbol: `s${10 + fromSymbol + i}`, count: 1 })),
        moreSymbols,
      }),
    )

const fieldsOf = (id: string): fc.Arbitrary<readonly Field[]> =>
  fc
    .uniqueArray(leaf(id), { selector: ({ path }) => path, maxLength: 60, size: 'max' })
    .map((leaves) => [root(id), part('/deep', true, 'object', id), ...leaves].sort(compareFields))

const variant: fc.Arbitrary<Variant> = id.chain((id) =>
  fc
    .record({
      claim: fc.constantFrom<Variant['claim']>('none', 'confluent', 'unframed'),
      schema: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 60 })).map(String),
      type: fc.constantFrom('', '0'),
      count: fc.constant(1),
      fate: fc.constantFrom('valid', 'invalid', 'pending', 'full'),
      oddities: fc.array(oddity([id]), { maxLength: 1 }),
      fields: fieldsOf(id),
      ids: fc.constant([id]),
      moreOddities: fc.constant(0),
      moreFields: fc.nat({ max: 3 }),
    })
    .map(({ fate, ...rest }) => ({
      ...rest,
      invalid: fate === 'invalid' ? 1 : 0,
      unread: fate === 'pending' || fate === 'full' ? { [fate]: 1 } : {},
    })),
)

export const atom: fc.Arbitrary<Shape> = fc.oneof(
  { weight: 9, arbitrary: variant.map((one) => shapeOf([one], 0)) },
  { weight: 1, arbitrary: fc.constant(shapeOf([], 1)) },
)

function shapeOf(variants: readonly Variant[], tombstones: number): Shape {
  return { oneIn: 64, declared: '00112233aabbccdd', looked: variants.length, tombstones, variants }
}
