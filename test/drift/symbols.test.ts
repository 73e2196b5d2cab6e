import { describe, expect, test } from 'vitest'
import { declaredBySchema } from '../../src/drift/declared/json-schema.ts'
import type { SymbolNode } from '../../src/drift/declared/symbol-node.ts'
import { FieldBudget } from '../../src/drift/field-budget.ts'
import { ShapeBuilder } from '../../src/drift/open-shape.ts'
import type { Value } from '../../src/drift/read/reader.ts'
import { knownSchema } from '../../src/drift/schemas/known-schema.ts'
import { FIELD_SYMBOLS_MAX, type Field } from '../../src/drift/shape.ts'
import { decodeShape } from '../../src/drift/shape-codec.ts'

const ID = '00112233445566778899aabbccddeeff'
const NAME = { claim: 'none', schema: '', type: '' } as const

function seen(nodes: readonly (SymbolNode | null)[], values: readonly Value[]): readonly Field[] {
  const shape = new ShapeBuilder({
    ...{ oneIn: 1, declared: '', fields: null, values: false, budget: new FieldBudget() },
  })
  const named = nodes.filter((node) => node !== null)
  for (const value of values) shape.value(ID, NAME, value, [], named)
  return decodeShape(shape.toBytes()).variants[0]?.fields ?? []
}

/** `/path symbol count`, and `/path +more`. */
function told(fields: readonly Field[]): readonly string[] {
  return fields.flatMap(({ path, symbols, moreSymbols }) => [
    ...symbols.map(({ symbol, count }) => `${path} ${symbol} ${count}`),
    ...(moreSymbols > 0 ? [`${path} +${moreSymbols}`] : []),
  ])
}

const json = (schema: object): SymbolNode | null =>
  declaredBySchema({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema }, [])
    .symbols

const known = async (schemaType: string, text: string): Promise<SymbolNode | null> =>
  (await knownSchema({ schemaType, text, references: new Map() })).symbols('0')

describe('values that a schema names', () => {
  test('are told of each field, and no others', () => {
    const node = json({ properties: { state: { enum: ['late', 'early', 3, null] } } })
    const values = ['late', 'early', 'late', 'secret', 3, null].map((state) => ({ state }))
    expect(told(seen([node], values))).toEqual(['/state early 1', '/state late 2'])
  })

  test('are none where no schema names any', () => {
    expect(json({ properties: { state: { type: 'string' }, n: { enum: [1, 2] } } })).toBeNull()
  })

  test('are found through references, alternatives, lists, maps, and schemas that hold themselves', () => {
    const node = json({
      $ref: '#/$defs/leg',
      $defs: {
        state: { anyOf: [{ const: 'a' }, { enum: ['b'] }] },
        leg: {
          properties: {
            state: { $ref: '#/$defs/state' },
            next: { $ref: '#/$defs/leg' },
            stops: { items: { $ref: '#/$defs/state' } },
          },
          patternProperties: { '^x-': { $ref: '#/$defs/state' } },
        },
      },
    })
    const leg = { state: 'a', stops: ['b', 'b', 'a', 'c'], next: { state: 'b', next: {} } }
    expect(told(seen([node], [leg, { ...leg, tags: new Map([['x-1', 'a']]) }]))).toEqual([
      '/state a 2',
      '/next/state b 2',
      '/stops/* a 2',
      '/stops/* b 4',
    ])
    expect(told(seen([node], [new Map([['x-1', 'a']])]))).toEqual(['/{} a 1'])
  })

  test('are those of the schema that wrote a message and of the promised one', () => {
    const nodes = ['a', 'b'].map((name) => json({ properties: { state: { const: name } } }))
    const values = ['a', 'b', 'c'].map((state) => ({ state }))
    expect(told(seen(nodes, values))).toEqual(['/state a 1', '/state b 1'])
  })

  test('are read from the schemas of a registry', async () => {
    const type = { type: 'enum', name: 'State', symbols: ['LATE', 'EARLY'] }
    const fields = [{ name: 'state', type: ['null', type] }]
    const avro = JSON.stringify({ type: 'record', name: 'Flight', fields })
    const proto = 'syntax = "proto3"; enum S { LATE = 0; EARLY = 1; } message F { S state = 1; }'
    const schema = JSON.stringify({ properties: { state: { enum: ['LATE'] } } })
    const values = ['LATE', null, 'OTHER', 7].map((state) => ({ state }))
    for (const [kind, text] of Object.entries({ AVRO: avro, PROTOBUF: proto, JSON: schema })) {
      expect(told(seen([await known(kind, text)], values)), kind).toEqual(['/state LATE 1'])
    }
  })

  test('are kept up to a limit, the first by code unit, whatever comes first', () => {
    const names = Array.from({ length: 50 }, (_, i) => `s${10 + i}`)
    const node = json({ properties: { state: { enum: names } } })
    const values = [...names].reverse().map((state) => ({ state }))
    for (const order of [values, [...values].reverse()]) {
      const fields = seen([node], [...order, ...order])
      expect(told(fields)).toEqual([
        ...names.slice(0, FIELD_SYMBOLS_MAX).map((name) => `/state ${name} 2`),
        `/state +${2 * (50 - FIELD_SYMBOLS_MAX)}`,
      ])
    }
  })

  test('are counted, and not kept, where they are long or cannot be written', () => {
    const long = 'x'.repeat(65)
    const node = json({ properties: { state: { enum: [long, '\ud800', 'y', '__proto__'] } } })
    const values = [long, '\ud800', 'y', '__proto__'].map((state) => ({ state }))
    expect(told(seen([node], values))).toEqual(['/state __proto__ 1', '/state y 1', '/state +2'])
  })
})
