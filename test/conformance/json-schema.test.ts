/**
 * Every given case of two registries, and every verdict against an independent validator: what is said to
 * be compatible has no counterexample, and what is not has one.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { jsonSchemaEngine } from '../../src/evolution/json-schema/engine.ts'
import { parsed } from '../evolution/json-schema/support.ts'

const FOLDER = new URL('../../../shared/conformance/jsonschema/', import.meta.url)
const INSTANCES_MAX = 600

interface Case {
  readonly id: string
  readonly before: unknown
  readonly after: unknown
  readonly compatible: boolean
}

/** Cases that are judged otherwise here, by id, with the reason. */
const DISAGREEMENTS: ReadonlyMap<string, string> = new Map()

/** Cases called compatible here for which a validator finds a counterexample, with the reason. */
const CONTRADICTED: ReadonlyMap<string, string> = new Map()

/** Cases called incompatible here for which no instance can be shown, with the reason. */
const UNSHOWN: ReadonlyMap<string, string> = new Map([
  ['apicurio/10 forward', 'the pattern that was added matches every string'],
  ['apicurio/94 forward', 'the validator does not read an empty enum'],
  ['apicurio/100 forward', 'the validator does not look at contentEncoding'],
  ['apicurio/103 forward', 'the validator does not look at contentMediaType'],
  ['apicurio/108 forward', 'the other branch accepts every value that the changed one did'],
  ['apicurio/125 forward', 'strings of any form match the pattern that was added'],
  ['apicurio/126 forward', 'strings of any form match the pattern that was added'],
])

function given<Row>(file: string): readonly Row[] {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as readonly Row[]
}

function karapace(): readonly Case[] {
  type Row = { id: string; previous: unknown; next: unknown; compatible: boolean }
  return given<Row>('karapace.json').map(({ id, previous, next, compatible }) => {
    return { id, before: previous, after: next, compatible }
  })
}

function apicurio(): readonly Case[] {
  type Row = { id: string; previous: unknown; next: unknown; backward: boolean; forward: boolean }
  return given<Row>('apicurio.json').flatMap(({ id, previous, next, backward, forward }) => [
    { id: `${id} backward`, before: previous, after: next, compatible: backward },
    { id: `${id} forward`, before: next, after: previous, compatible: forward },
  ])
}

describe('the given cases', () => {
  const sources = [
    { source: 'Karapace', cases: karapace, countMin: 200 },
    { source: 'Apicurio, both directions', cases: apicurio, countMin: 200 },
  ]

  test.each(sources)('$source: every verdict', ({ cases, countMin }) => {
    const all = cases()
    expect(all.length).toBeGreaterThan(countMin)
    const disagreeing = all.filter(({ before, after, compatible }) => {
      const differences = jsonSchemaEngine.compare(parsed(after), parsed(before), 'STRICT')
      return (differences.length === 0) !== compatible
    })
    expect(disagreeing.map(({ id }) => id)).toEqual([...DISAGREEMENTS.keys()])
  })

  test.each(sources)('$source: no verdict that a validator contradicts', ({ source, cases }) => {
    const contradicted: string[] = []
    const unshown: string[] = []
    for (const { id, before, after } of cases()) {
      const [writer, reader] = [parsed(before), parsed(after)]
      const differences = jsonSchemaEngine.compare(reader, writer, 'STRICT')
      const budget = { instancesMax: INSTANCES_MAX }
      const shown = jsonSchemaEngine.counterexample(reader, writer, differences, budget)
      if (differences.length === 0 && shown !== null) contradicted.push(id)
      if (differences.length > 0 && shown === null) unshown.push(id)
    }
    const of = (map: ReadonlyMap<string, string>) =>
      [...map.keys()].filter((id) => id.startsWith(source.toLowerCase().split(',')[0] ?? ''))
    expect(contradicted).toEqual(of(CONTRADICTED))
    expect(unshown).toEqual(of(UNSHOWN))
  })
})
