/** Every given case of the reference implementation, with every incompatibility and its place. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { avroEngine } from '../../src/evolution/avro/engine.ts'
import { checkEvolution } from '../../src/evolution/check.ts'
import type { Mode } from '../../src/evolution/modes.ts'
import { parsed } from '../evolution/avro/support.ts'

const FOLDER = new URL('../../../shared/conformance/avro/', import.meta.url)

interface Pair {
  readonly id: string
  readonly reader: unknown
  readonly writer: unknown
  readonly compatible: boolean
  readonly incompatibilities?: readonly { readonly type: string; readonly location: string }[]
}

interface Modes {
  readonly id: string
  readonly mode: Mode
  readonly previous: readonly unknown[]
  readonly next: unknown
  readonly compatible: boolean
}

/** Cases that are judged otherwise here, by id, with the reason. */
const DISAGREEMENTS: ReadonlyMap<string, string> = new Map()

const given = <Case>(file: string): readonly Case[] =>
  JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as readonly Case[]

const registryNames = new Map(avroEngine.rules.map((rule) => [rule.id, rule.registryName]))

describe('the given cases', () => {
  test('readers and writers: verdict, and each incompatibility at its place', () => {
    const cases = given<Pair>('reader-writer.json')
    expect(cases.length).toBeGreaterThan(100)
    const disagreements = cases.flatMap(({ id, reader, writer, incompatibilities = [] }) => {
      const differences = avroEngine.compare(parsed(reader), parsed(writer), 'STRICT')
      const ours = differences.map((d) => `${registryNames.get(d.rule)} ${d.args.registryPath}`)
      const theirs = incompatibilities.map(({ type, location }) => `${type} ${location}`)
      const isSame = JSON.stringify(ours) === JSON.stringify(theirs)
      return isSame || DISAGREEMENTS.has(id) ? [] : [{ id, ours, theirs }]
    })
    expect(disagreements).toEqual([])
  })

  test('modes: verdict over several versions', () => {
    const cases = given<Modes>('modes.json')
    expect(cases.length).toBeGreaterThan(100)
    const disagreements = cases.flatMap(({ id, mode, previous, next, compatible }) => {
      const result = checkEvolution(avroEngine, {
        ...{ mode, policy: 'STRICT', budget: { instancesMax: 0 } },
        previous: previous.map((text, i) => ({ name: `v${i + 1}`, text: JSON.stringify(text) })),
        next: { name: 'next', text: JSON.stringify(next) },
      })
      const isSame = result.compatible === compatible
      return isSame || DISAGREEMENTS.has(id) ? [] : [{ id, ours: result.findings }]
    })
    expect(disagreements).toEqual([])
  })

  test('a value for every incompatible pair, and none for a compatible one', () => {
    const budget = { instancesMax: 200 }
    const disagreements = given<Pair>('reader-writer.json').flatMap((one) => {
      const [reader, writer] = [parsed(one.reader), parsed(one.writer)]
      const differences = avroEngine.compare(reader, writer, 'STRICT')
      const found = avroEngine.counterexample(reader, writer, differences, budget)
      const isSame = (found === null) === one.compatible
      return isSame || NO_VALUE.has(one.id) ? [] : [{ id: one.id, found }]
    })
    expect(disagreements).toEqual([])
  })
})

/** Cases where the search and the verdict differ, by id, with the reason. */
const NO_VALUE: ReadonlyMap<string, string> = new Map([
  ['avro-139', 'a list that never ends: its writer cannot write anything at all'],
])
