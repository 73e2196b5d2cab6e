/** Every given case, by the rules of its source: the verdict, and of buf every finding. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { protobufEngine } from '../../src/evolution/protobuf/engine.ts'
import type { RuleSet } from '../../src/evolution/protobuf/rule.ts'
import { filesOf, schemaOf } from '../evolution/protobuf/support.ts'

const FOLDER = new URL('../../../shared/conformance/protobuf/', import.meta.url)

interface Verdict {
  readonly id: string
  readonly previous: string
  readonly next: string
  readonly compatible: boolean
  readonly buf: Readonly<Record<string, readonly string[]>> | { readonly error: string }
}

interface Judged {
  readonly annotations: readonly { readonly type: string; readonly path?: string }[]
}

interface Trees {
  readonly name: string
  readonly previous: Readonly<Record<string, string>>
  readonly current: Readonly<Record<string, string>>
  readonly wire: Judged
  readonly wireJson: Judged
}

/** Cases that are judged otherwise here, by id, with the reason. */
const DISAGREEMENTS: ReadonlyMap<string, string> = new Map()

const categories: readonly (readonly [string, RuleSet])[] = [
  ['WIRE', 'buf-wire'],
  ['WIRE_JSON', 'buf-wire-json'],
  ['FILE', 'buf-file'],
]

const given = <Case>(file: string): readonly Case[] =>
  JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as readonly Case[]

const onlyProto = (files: Readonly<Record<string, string>>) =>
  filesOf(Object.fromEntries(Object.entries(files).filter(([path]) => path.endsWith('.proto'))))

const bufName = (rule: string) => rule.replace(/^PROTO_BUF_/, '')

describe('the given cases', () => {
  test('Karapace and Apicurio: the verdict of each', () => {
    const cases = given<Verdict>('karapace-apicurio.json')
    expect(cases.length).toBeGreaterThan(50)
    const disagreements = cases.flatMap(({ id, previous, next, compatible }) => {
      const set = id.startsWith('karapace') ? 'karapace' : 'apicurio'
      const found = protobufEngine(set).compare(schemaOf(next), schemaOf(previous), 'STRICT')
      const isSame = (found.length === 0) === compatible
      return isSame || DISAGREEMENTS.has(id) ? [] : [{ id, found }]
    })
    expect(disagreements).toEqual([])
  })

  test('Karapace and Apicurio: the rules of buf that they break', () => {
    const disagreements = given<Verdict>('karapace-apicurio.json').flatMap((one) => {
      const { id, buf } = one
      if ('error' in buf) return []
      return categories.flatMap(([category, set]) => {
        const engine = protobufEngine(set)
        const found = engine.compare(schemaOf(one.next), schemaOf(one.previous), 'STRICT')
        const ours = [...new Set(found.map(({ rule }) => bufName(rule)))].sort()
        const isSame = JSON.stringify(ours) === JSON.stringify(buf[category])
        return isSame || DISAGREEMENTS.has(id)
          ? []
          : [{ id, category, ours, theirs: buf[category] }]
      })
    })
    expect(disagreements).toEqual([])
  })

  test('buf: every finding, as often as it is found, in its file', () => {
    const cases = given<Trees>('buf-breaking.json')
    expect(cases.length).toBeGreaterThan(50)
    let findings = 0
    const disagreements = cases.flatMap(({ name, previous, current, wire, wireJson }) => {
      const [before, after] = [onlyProto(previous), onlyProto(current)]
      return (
        [
          ['buf-wire', wire],
          ['buf-wire-json', wireJson],
        ] as const
      ).flatMap(([set, { annotations }]) => {
        const engine = protobufEngine(set)
        const ours = engine.compare(after, before, 'STRICT').map(({ rule, readerPath }) => {
          const place = readerPath === null ? null : engine.positionOf(after, readerPath)
          return `${bufName(rule)} ${place?.source}`
        })
        const theirs = annotations.map(({ type, path }) => `${type} ${path}`)
        findings += theirs.length
        const isSame = JSON.stringify(ours.sort()) === JSON.stringify(theirs.sort())
        return isSame || DISAGREEMENTS.has(name) ? [] : [{ name, set, ours, theirs }]
      })
    })
    expect(disagreements).toEqual([])
    expect(findings).toBeGreaterThan(1_000)
  })

  test('what the registry lets pass reads as it was written, but where a risk is told', () => {
    const engine = protobufEngine()
    const pairs = [
      ...given<Verdict>('karapace-apicurio.json').map(
        ({ id, previous, next }) => [id, schemaOf(previous), schemaOf(next)] as const,
      ),
      ...given<Trees>('buf-breaking.json').map(
        ({ name, previous, current }) => [name, onlyProto(previous), onlyProto(current)] as const,
      ),
    ]
    const lost = pairs.flatMap(([id, before, after]) => {
      if (engine.compare(after, before, 'STRICT').length > 0) return []
      const found = engine.counterexample(after, before, [], { instancesMax: 5_000 })
      if (found === null) return []
      return [[id, engine.risks(before, after).map(({ rule }) => rule)]]
    })
    // Of a list a single string keeps the last item: the registry looks at numbers only.
    expect(lost).toEqual([['apicurio/14', ['PROTO_FIELD_CARDINALITY_CHANGED']]])
  })
})
