/** Laws over schemas of any shape. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { protobufEngine } from '../../../src/evolution/protobuf/engine.ts'
import { ruleSets } from '../../../src/evolution/protobuf/rule.ts'
import { schemaOf } from './support.ts'

const types = [
  ...['int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64', 'bool', 'string', 'bytes'],
  ...['fixed32', 'fixed64', 'sfixed32', 'sfixed64', 'float', 'double', 'Color', 'M0', 'M1', 'M2'],
]

interface Field {
  readonly number: number
  readonly type: string
  readonly shape: 'single' | 'optional' | 'repeated' | 'map' | 'o' | 'p'
}

const fields: fc.Arbitrary<readonly Field[]> = fc.uniqueArray(
  fc.record({
    number: fc.integer({ min: 1, max: 12 }),
    type: fc.constantFrom(...types),
    shape: fc.constantFrom('single', 'optional', 'repeated', 'map', 'o', 'p'),
  }),
  { selector: ({ number }) => number, maxLength: 8 },
)

const schemas = fc.tuple(fields, fields, fields)

function declared({ number, type, shape }: Field): string {
  const name = `f${number} = ${number};`
  if (shape === 'map') return `map<string, ${type}> ${name}`
  return `${shape === 'repeated' || shape === 'optional' ? `${shape} ` : ''}${type} ${name}`
}

function textOf(messages: readonly (readonly Field[])[]): string {
  const bodies = messages.map((all, i) => {
    const oneofs = ['o', 'p'].map((oneof) => {
      const inside = all.filter(({ shape }) => shape === oneof)
      return inside.length === 0 ? '' : `oneof ${oneof} { ${inside.map(declared).join(' ')} }`
    })
    const rest = all.filter(({ shape }) => shape !== 'o' && shape !== 'p')
    return `message M${i} { ${rest.map(declared).join(' ')} ${oneofs.join(' ')} }`
  })
  return `${bodies.join('\n')}\nenum Color { RED = 0; BLUE = 1; }`
}

const budget = { instancesMax: 500 }

describe('laws', () => {
  test('a schema reads itself, by every set of rules, without a risk', () => {
    fc.assert(
      fc.property(schemas, (messages) => {
        const [one, other] = [schemaOf(textOf(messages)), schemaOf(textOf(messages))]
        for (const set of ruleSets) {
          const engine = protobufEngine(set)
          expect(engine.compare(one, other, 'STRICT')).toEqual([])
          expect(engine.risks(one, other)).toEqual([])
        }
        expect(protobufEngine().counterexample(one, other, [], budget)).toBeNull()
      }),
      { numRuns: 60 },
    )
  })

  test('fields that come do no harm, and those that go none in this direction', () => {
    fc.assert(
      fc.property(schemas, fields, (messages, more) => {
        const [first = [], ...rest] = messages
        const taken = new Set(first.map(({ number }) => number))
        // Into no oneof: what was set beside it would be lost.
        const free = more.filter(({ number, shape }) => !taken.has(number) && shape.length > 1)
        const before = schemaOf(textOf(messages))
        const after = schemaOf(textOf([[...first, ...free], ...rest]))
        const engine = protobufEngine()
        for (const [reader, writer] of [
          [after, before],
          [before, after],
        ] as const) {
          expect(engine.compare(reader, writer, 'STRICT')).toEqual([])
          expect(engine.counterexample(reader, writer, [], budget)).toBeNull()
        }
      }),
      { numRuns: 60 },
    )
  })

  test('what is neither refused nor a risk reads as it was written', () => {
    fc.assert(
      fc.property(schemas, schemas, (one, two) => {
        const [before, after] = [schemaOf(textOf(one)), schemaOf(textOf(two))]
        const engine = protobufEngine()
        const differences = engine.compare(after, before, 'STRICT')
        const found = engine.counterexample(after, before, differences, budget)
        const isTold = differences.length > 0 || engine.risks(before, after).length > 0
        expect(found === null || isTold).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  test('every difference names a rule, and a place in the side that has it', () => {
    fc.assert(
      fc.property(schemas, schemas, fc.constantFrom(...ruleSets), (one, two, set) => {
        const [before, after] = [schemaOf(textOf(one)), schemaOf(textOf(two))]
        const engine = protobufEngine(set)
        const ids = new Set(engine.rules.map(({ id }) => id))
        const told = [...engine.compare(after, before, 'STRICT'), ...engine.risks(before, after)]
        for (const { rule, readerPath, writerPath } of told) {
          expect(ids).toContain(rule)
          if (readerPath !== null) expect(engine.positionOf(after, readerPath)).not.toBeNull()
          if (writerPath !== null) expect(engine.positionOf(before, writerPath)).not.toBeNull()
        }
      }),
      { numRuns: 60 },
    )
  })
})
