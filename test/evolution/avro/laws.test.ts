/** What holds of every schema, whatever it is. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { avroEngine } from '../../../src/evolution/avro/engine.ts'
import { plainKinds } from '../../../src/evolution/avro/type.ts'
import { checkEvolution } from '../../../src/evolution/check.ts'
import { parsed } from './support.ts'

const BUDGET = { instancesMax: 20 }

interface Shape {
  readonly kind: string
  readonly parts: readonly Shape[]
}

const plain = fc.constantFrom(...plainKinds).map((kind): Shape => ({ kind, parts: [] }))
const shapes = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    plain,
    fc.record({
      kind: fc.constantFrom('record', 'union', 'array', 'map', 'enum', 'fixed', 'again'),
      parts: fc.array(tie('shape'), { minLength: 1, maxLength: 3 }),
    }),
  ),
})).shape

/** A shape as a schema that is right: names are given in order, unions hold each kind once. */
function schemaOf(root: Shape): unknown {
  let count = 0
  const records: string[] = []
  const build = ({ kind, parts }: Shape, isInUnion: boolean): unknown => {
    const [first] = parts
    const name = `N${count++}`
    switch (kind) {
      case 'record': {
        records.push(name)
        const fields = parts.map((part, i) => ({ name: `f${i}`, type: build(part, false) }))
        return { type: 'record', name, fields }
      }
      case 'union': {
        if (isInUnion) return 'null'
        const seen = new Set<string>()
        const branches = parts.filter(
          (p) => p.kind !== 'again' && !seen.has(p.kind) && seen.add(p.kind),
        )
        return branches
          .map((branch) => build(branch, true))
          .filter((b, i, all) => all.indexOf(b) === i)
      }
      case 'array':
        return { type: 'array', items: first === undefined ? 'int' : build(first, false) }
      case 'map':
        return { type: 'map', values: first === undefined ? 'int' : build(first, false) }
      case 'enum':
        return { type: 'enum', name, symbols: parts.map((_, i) => `S${i}`) }
      case 'fixed':
        return { type: 'fixed', name, size: parts.length }
      case 'again':
        return ['null', ...records.slice(0, 1)]
      default:
        return kind
    }
  }
  return build(root, false)
}

const schemas = shapes.map(schemaOf)

test('a schema reads itself, without a risk, and no value says otherwise', () => {
  fc.assert(
    fc.property(schemas, (json) => {
      const [a, b] = [parsed(json), parsed(json)]
      expect(avroEngine.compare(a, b, 'STRICT')).toEqual([])
      expect(avroEngine.risks(a, b)).toEqual([])
      expect(avroEngine.counterexample(a, b, [], BUDGET)).toBeNull()
    }),
  )
})

test('a schema reads itself with a field more that has a default, and with a field less', () => {
  fc.assert(
    fc.property(schemas, (json) => {
      const field = { name: 'f', type: json }
      const less = parsed({ type: 'record', name: 'Top', fields: [field] })
      const extra = { name: 'more', type: ['null', 'string'], default: null }
      const more = parsed({ type: 'record', name: 'Top', fields: [extra, field] })
      expect(avroEngine.compare(more, less, 'STRICT')).toEqual([])
      expect(avroEngine.compare(less, more, 'STRICT')).toEqual([])
      expect(avroEngine.counterexample(more, less, [], BUDGET)).toBeNull()
      expect(avroEngine.counterexample(less, more, [], BUDGET)).toBeNull()
    }),
  )
})

test('a union of a schema and another branch reads it', () => {
  fc.assert(
    fc.property(schemas, (json) => {
      fc.pre(!Array.isArray(json) && json !== 'null')
      const [union, alone] = [parsed([json, 'null']), parsed(json)]
      expect(avroEngine.compare(union, alone, 'STRICT')).toEqual([])
      expect(avroEngine.compare(alone, union, 'STRICT')).not.toEqual([])
    }),
  )
})

test('of any two, no value contradicts a verdict; every difference has places in both', () => {
  let compatible = 0
  fc.assert(
    fc.property(schemas, schemas, (one, other) => {
      const [reader, writer] = [parsed(one), parsed(other)]
      const differences = avroEngine.compare(reader, writer, 'STRICT')
      if (differences.length === 0) {
        compatible++
        expect(avroEngine.counterexample(reader, writer, [], BUDGET)).toBeNull()
      }
      for (const { readerPath, writerPath } of differences) {
        expect(avroEngine.fragmentOf(reader, readerPath as string)).not.toBeNull()
        expect(avroEngine.fragmentOf(writer, writerPath as string)).not.toBeNull()
      }
    }),
    { numRuns: 300, seed: 1 },
  )
  // Otherwise the law above says nothing.
  expect(compatible).toBeGreaterThan(10)
})

test('a check lists both directions, the same each time', () => {
  fc.assert(
    fc.property(schemas, schemas, (one, other) => {
      const check = (): unknown =>
        checkEvolution(avroEngine, {
          ...{ mode: 'FULL', policy: 'STRICT', budget: { instancesMax: 5 } },
          previous: [{ name: 'v1', text: JSON.stringify(one) }],
          next: { name: 'v2', text: JSON.stringify(other) },
        })
      expect(check()).toEqual(check())
    }),
    { numRuns: 30 },
  )
})

test('no text throws', () => {
  const words = fc.constantFrom(
    '"type"',
    '"record"',
    '"name"',
    '"fields"',
    '[',
    ']',
    '{',
    '}',
    ':',
    ',',
    '"int"',
    '"A"',
    '1',
    'null',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.array(words).map((w) => w.join('')),
      ),
      (text) => {
        const result = avroEngine.parse({ name: 'a', text })
        if (!result.ok) expect(result.problems.length).toBeGreaterThan(0)
      },
    ),
  )
})
