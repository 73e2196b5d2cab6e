/** What holds for any schema: it reads itself; wider reads narrower; no verdict that an instance disproves. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonSchemaEngine } from '../../../src/evolution/json-schema/engine.ts'
import { parsed } from './support.ts'

const $schema = fc.constantFrom(
  'http://json-schema.org/draft-04/schema#',
  'http://json-schema.org/draft-07/schema#',
  'https://json-schema.org/draft/2019-09/schema',
  'https://json-schema.org/draft/2020-12/schema',
)
const name = fc.constantFrom('a', 'b', 'c')
const small = fc.nat(4)
const option = { freq: 2, nil: undefined }

const { schema } = fc.letrec<{ schema: object; leaf: object; object: object; array: object }>(
  (tie) => ({
    leaf: fc.oneof(
      fc.record({ type: fc.constantFrom('boolean', 'null', 'integer', 'string') }),
      fc.record({
        type: fc.constant('number'),
        minimum: fc.option(small, option),
        maximum: fc.option(small, option),
        multipleOf: fc.option(fc.constantFrom(1, 2, 0.5), option),
      }),
      fc.record({
        type: fc.constant('string'),
        minLength: fc.option(small, option),
        maxLength: fc.option(small, option),
        pattern: fc.option(fc.constantFrom('^a', 'b$'), option),
      }),
      fc.record({ enum: fc.uniqueArray(fc.constantFrom(1, 'a', null, true), { minLength: 1 }) }),
      fc.constant({}),
    ),
    object: fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(name, tie('schema'), { maxKeys: 2 }),
      additionalProperties: fc.oneof(fc.boolean(), tie('leaf')),
      minProperties: fc.option(small, option),
    }),
    array: fc.record({
      type: fc.constant('array'),
      items: fc.option(tie('schema'), option),
      maxItems: fc.option(small, option),
      uniqueItems: fc.boolean(),
    }),
    schema: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      tie('leaf'),
      tie('object'),
      tie('array'),
      fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ oneOf: fc.array(tie('leaf'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ allOf: fc.array(tie('leaf'), { minLength: 1, maxLength: 2 }) }),
      fc.record({ not: tie('leaf') }),
    ),
  }),
)

function compare(before: object, after: object) {
  return jsonSchemaEngine.compare(parsed(after), parsed(before), 'STRICT')
}

test('a schema reads itself, under either policy, and there is no risk in it', () => {
  fc.assert(
    fc.property($schema, schema, (draft, of) => {
      const one = parsed({ $schema: draft, ...of })
      const other = parsed({ $schema: draft, ...of })
      expect(jsonSchemaEngine.compare(one, other, 'STRICT')).toEqual([])
      expect(jsonSchemaEngine.compare(one, other, 'LENIENT')).toEqual([])
      expect(jsonSchemaEngine.risks(one, other)).toEqual([])
    }),
  )
})

test('anything is read by a schema that says nothing, and nothing is written by false', () => {
  fc.assert(
    fc.property(schema, (of) => {
      expect(compare(of, {})).toEqual([])
      const never = { properties: { x: false } }
      expect(compare(never, { properties: { x: of } })).toEqual([])
    }),
  )
})

test('what the rules allow keeps a schema compatible: a branch, an optional property, no limit', () => {
  fc.assert(
    fc.property(schema, fc.array(schema, { maxLength: 3 }), (of, more) => {
      expect(compare({ anyOf: [of] }, { anyOf: [of, ...more] })).toEqual([])
      const closed = { type: 'object', properties: { a: of }, additionalProperties: false }
      const wider = { ...closed, properties: { a: of, z: more[0] ?? {} } }
      expect(compare(closed, wider)).toEqual([])
      const unlimited = { ...of, type: 'string', maxLength: undefined }
      expect(compare({ ...unlimited, maxLength: 3 }, unlimited)).toEqual([])
    }),
  )
})

test('what is called compatible has no counterexample', () => {
  // Overlapping branches of oneOf are the exception that is known: a value that fits two fits none.
  const isExact = (of: object) => !JSON.stringify(of).includes('oneOf')
  const exact = schema.filter(isExact)
  const next = fc.record({ before: exact, change: exact, keep: fc.boolean() })
  fc.assert(
    fc.property(next, ({ before, change, keep }) => {
      // Half of the pairs are related, or hardly any would be compatible.
      const after = keep ? { anyOf: [change, before] } : change
      const [writer, reader] = [parsed(before), parsed(after)]
      const differences = jsonSchemaEngine.compare(reader, writer, 'STRICT')
      const budget = { instancesMax: 50 }
      const shown = jsonSchemaEngine.counterexample(reader, writer, differences, budget)
      if (differences.length === 0) expect(shown).toBeNull()
    }),
  )
})

test('LENIENT finds nothing that STRICT does not', () => {
  fc.assert(
    fc.property(schema, schema, (before, after) => {
      const [writer, reader] = [parsed(before), parsed(after)]
      const strict = jsonSchemaEngine.compare(reader, writer, 'STRICT')
      const lenient = jsonSchemaEngine.compare(reader, writer, 'LENIENT')
      if (strict.length === 0) expect(lenient).toEqual([])
    }),
  )
})

test('the order of keys changes nothing but the order of findings', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).reverse()
    return Object.fromEntries(entries.map(([key, one]) => [key, reversed(one)]))
  }
  const rules = (before: object, after: object) => compare(before, after).map(({ rule }) => rule)
  fc.assert(
    fc.property(schema, schema, (before, after) => {
      const turned = rules(reversed(before) as object, reversed(after) as object)
      expect(turned.toSorted()).toEqual(rules(before, after).toSorted())
    }),
  )
})
