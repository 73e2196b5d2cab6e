/** What a shape leaves open is no proof that a field is gone: messages are looked at as agents do. */
import { describe, expect, it } from 'vitest'
import type { DeclaredFields } from '../../../src/drift/declared/declared.ts'
import { FieldBudget } from '../../../src/drift/field-budget.ts'
import { ShapeBuilder } from '../../../src/drift/open-shape.ts'
import type { Value } from '../../../src/drift/read/reader.ts'
import type { Variant } from '../../../src/drift/shape.ts'
import { decodeShape } from '../../../src/drift/shape-codec.ts'
import { at, brief, findingsOf, hop, inputOf } from './build.ts'

const COUNT = 10
const idOf = (i: number): string => i.toString(16).padStart(32, '0')
const scalar: DeclaredFields = { fields: null }
const record = (fields: Record<string, DeclaredFields>): DeclaredFields => ({
  fields: new Map(Object.entries(fields)),
})

/** Ten messages with that value, as an agent looks at them. */
function looked(
  value: Value,
  fields: DeclaredFields = null,
  budget = new FieldBudget(),
): Variant[] {
  const shape = new ShapeBuilder({ oneIn: 1, declared: '', fields, values: false, budget })
  const found = budget.isFull ? [{ kind: 'missing_field', path: '/x' } as const] : []
  for (let i = 0; i < COUNT; i++)
    shape.value(
      idOf(i),
      { claim: 'none', schema: '', type: '' },
      value,
      found.map((one) => ({ ...one, expected: '', came: '' })),
    )
  return [...decodeShape(shape.toBytes()).variants]
}

function dropped(path: string, from: readonly Variant[], to: readonly Variant[]): string[] {
  const shapes = [at('in', 0, from), at('out', 0, to)]
  const edge = { edge: 'in → out', from: ['in'], to: ['out'], preserves: false, keep: [path] }
  return findingsOf(inputOf([hop('in'), hop('out')], shapes, { edges: [edge] }))
    .filter(({ code }) => code === 'field_dropped')
    .map(brief)
}

describe('a field that is kept is not called dropped', () => {
  const small = looked({ origin: 'HEL', n: 1 })

  it('where so many names were added that the record was taken for a map', () => {
    const names = Array.from({ length: 60 }, (_, i) => [`added${i}`, i])
    const large = Object.fromEntries([['origin', 'HEL'], ...names])
    expect(dropped('/origin', small, looked(large))).toEqual([])
    expect(dropped('/origin', small, looked({ n: 1 }))).toHaveLength(1)
  })

  it('where nobody declared what is around it', () => {
    const flight = { flight: { origin: 'HEL' } }
    const open = looked(flight, record({ n: scalar }))
    expect(dropped('/flight/origin', looked(flight), open)).toEqual([])
    expect(dropped('/flight/origin', looked(flight), looked({ flight: { n: 1 } }))).toHaveLength(1)
  })

  it('where what is around it was to have no parts, or no items', () => {
    const [flight, stops] = [{ flight: { origin: 'HEL' } }, { stops: [{ code: 'HEL' }] }]
    const odd = looked(flight, record({ flight: scalar }))
    expect(dropped('/flight/origin', looked(flight), odd)).toEqual([])
    const itemless = looked(stops, record({ stops: record({ code: scalar }) }))
    expect(dropped('/stops/*/code', looked(stops), itemless)).toEqual([])
    expect(dropped('/stops/*/code', looked(stops), looked({ stops: [{ n: 1 }] }))).toHaveLength(1)
  })

  it('where what stands at it is the entry of a map', () => {
    const tags = { tags: { origin: 'HEL' } }
    const map = looked(tags, record({ tags: { fields: null, entries: scalar } }))
    expect(dropped('/tags/origin', looked(tags), map)).toEqual([])
  })

  it('where there was no room for the fields of messages that are odd', () => {
    const full = new FieldBudget(0)
    expect(dropped('/origin', small, looked({ origin: 'HEL' }, null, full))).toEqual([])
  })

  it('among messages of more schemas than are told apart', () => {
    const shape = new ShapeBuilder({
      ...{ oneIn: 1, declared: '', fields: null, values: false, budget: new FieldBudget() },
    })
    for (let i = 0; i < 20; i++)
      shape.odd(idOf(i), { claim: 'confluent', schema: String(100 + i), type: '' }, [])
    const many = looked({ origin: 'HEL' }).concat(
      decodeShape(shape.toBytes()).variants.filter(({ claim }) => claim === 'others'),
    )
    expect(many.at(-1)?.claim).toBe('others')
    const before = looked({ origin: 'HEL' }).map((one) => ({ ...one, count: 14 }))
    const held = before.map((one) => ({
      ...one,
      fields: one.fields.map((field) => ({ ...field, present: 14 })),
    }))
    expect(dropped('/origin', held, many)).toEqual([])
  })
})
