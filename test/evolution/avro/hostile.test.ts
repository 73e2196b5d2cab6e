/** Schemas of somebody who means harm: an answer each time, by a limit that is counted. */
import { describe, expect, test } from 'vitest'
import { avroEngine } from '../../../src/evolution/avro/engine.ts'
import { compared, parsed, problemsOf, record } from './support.ts'

const codesOf = (text: string): readonly string[] => {
  const result = avroEngine.parse({ name: 'a', text })
  return result.ok ? [] : result.problems.map((problem) => problem.code)
}

describe('texts', () => {
  test('nested beyond the limit, and right at it', () => {
    const nested = (depth: number): string =>
      `${'{"type":"array","items":'.repeat(depth)}"int"${'}'.repeat(depth)}`
    expect(codesOf(nested(500))).toEqual([])
    expect(codesOf(nested(501))).toEqual(['too_deep'])
    expect(codesOf(nested(10_000))).toEqual(['too_deep'])
    expect(codesOf('['.repeat(1_000_000))).toEqual(['too_deep'])
  })

  test('brackets in strings and comments do not nest', () => {
    expect(codesOf(`{"type":"int","doc":"${'['.repeat(501)}"}`)).toEqual([])
    expect(codesOf(`// ${'['.repeat(501)}\n"int"`)).toEqual([])
  })

  test('too long, alone or with what it refers to', () => {
    expect(codesOf(`"${'x'.repeat(10_000_000)}"`)).toEqual(['too_large'])
    const references = new Map([['B', ' '.repeat(8_000_000)]])
    const result = avroEngine.parse({ name: 'a', text: '"int"', references })
    expect(result.ok ? [] : result.problems.map((p) => p.code)).toEqual(['too_large'])
  })

  test('too many types', () => {
    const branches = Array.from({ length: 50_001 }, () => ({ type: 'int', logicalType: 'date' }))
    expect(codesOf(JSON.stringify(branches))).toEqual(['too_large'])
  })

  test('no more problems than anybody reads', () => {
    const branches = Array.from({ length: 10_000 }, (_, i) => `Missing${i}`)
    expect(problemsOf(branches)).toHaveLength(100)
  })

  test('a chain of a thousand references', () => {
    const of = (count: number): Record<string, unknown> =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [
          `R${i}`,
          record(`R${i}`, [{ name: 'n', type: `R${i + 1}` }]),
        ]),
      )
    expect(problemsOf('R0', of(1_000)).map((p) => p.source)).toEqual(['R999'])
    expect(problemsOf('R0', of(1_001)).map((p) => p.code)).toEqual(['too_large'])
  })
})

/** Records of which each holds the next one: as deep as a text is long. */
function chain(count: number, end: string): object {
  const links = Array.from({ length: count }, (_, i) =>
    record(`C${i}`, [{ name: 'next', type: i === count - 1 ? end : `C${i + 1}` }]),
  )
  return record(
    'Top',
    links.map((type, i) => ({ name: `f${i}`, type })),
  )
}

/** Each record holds the next one twice: 2^count ways to the end. */
function doubling(count: number, end: string): object {
  const links = Array.from({ length: count }, (_, i) =>
    record(
      `D${i}`,
      ['a', 'b'].map((name) => ({ name, type: i === count - 1 ? end : `D${i + 1}` })),
    ),
  )
  return record(
    'Top',
    links.map((type, i) => ({ name: `f${i}`, type })),
  )
}

/** Records of which each holds a union of all of them: pairs grow with the third power. */
function tangle(count: number, end: string): object[] {
  const names = Array.from({ length: count }, (_, i) => `T${i}`)
  return names.map((name) =>
    record(name, [
      { name: 'any', type: ['null', ...names] },
      { name: 'end', type: end },
    ]),
  )
}

describe('graphs', () => {
  test('a chain of 10,000 types: told once, with a path that stays bounded', () => {
    const [first, ...more] = compared(chain(10_000, 'int'), chain(10_000, 'string'))
    expect(more).toEqual([])
    expect(first?.split('/').length).toBeLessThan(410)
  })

  test('a value 10,000 types deep is not looked for', () => {
    const [reader, writer] = [parsed(chain(10_000, 'int')), parsed(chain(10_000, 'string'))]
    const differences = avroEngine.compare(reader, writer, 'STRICT')
    const budget = { instancesMax: 10 }
    expect(avroEngine.counterexample(reader, writer, differences, budget)).toBeNull()
  })

  test('a value with 2^60 parts is not built', () => {
    const [reader, writer] = [parsed(doubling(60, 'int')), parsed(doubling(60, 'string'))]
    const differences = avroEngine.compare(reader, writer, 'STRICT')
    // The two fields of the last one.
    expect(differences).toHaveLength(2)
    expect(avroEngine.counterexample(reader, writer, differences, { instancesMax: 10 })).toBeNull()
    expect(avroEngine.risks(reader, writer)).toEqual([])
  })

  test('a union of many events is compared name by name', () => {
    const events = (type: string): object[] =>
      Array.from({ length: 1_000 }, (_, i) => record(`E${i}`, [{ name: 'f', type }]))
    expect(compared(events('long'), events('int'))).toEqual([])
  })

  test('beyond the steps nothing is proven, and that is said', () => {
    expect(compared(tangle(60, 'int'), tangle(60, 'int'))).toEqual([])
    expect(compared(tangle(510, 'int'), tangle(510, 'int'))).toEqual(['AVRO_TOO_COMPLEX '])
  })

  test('no more differences than anybody mends', () => {
    const fields = Array.from({ length: 2_000 }, (_, i) => ({ name: `f${i}`, type: 'int' }))
    expect(compared(record('R', fields), record('R', []))).toHaveLength(1_000)
  })

  test('a default of unions in unions is looked at once per type', () => {
    const either = ['null', 'A', 'B']
    const types = ['A', 'B'].map((name) =>
      record(name, [
        { name: 'in', type: either },
        { name: 'x', type: 'string' },
      ]),
    )
    let value: unknown = null
    for (let i = 0; i < 200; i++) value = { in: value, x: 0 }
    const schema = record('R', [{ name: 'f', type: ['null', ...types], default: value }])
    const risks = avroEngine.risks(parsed(schema), parsed(schema))
    expect(risks.map((risk) => risk.rule)).toEqual(['AVRO_DEFAULT_INVALID'])
    expect(risks[0]?.message.length).toBeLessThan(200)
  })
})
