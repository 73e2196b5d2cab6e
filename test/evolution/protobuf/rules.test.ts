/** Rules as records: each has an id of its own, and an example that breaks it. */
import { describe, expect, test } from 'vitest'
import { protobufEngine } from '../../../src/evolution/protobuf/engine.ts'
import type { RuleSet } from '../../../src/evolution/protobuf/rule.ts'
import { apicurioRules } from '../../../src/evolution/protobuf/rules-apicurio.ts'
import { bufRules } from '../../../src/evolution/protobuf/rules-buf.ts'
import { confluentRules } from '../../../src/evolution/protobuf/rules-confluent.ts'
import { karapaceRules } from '../../../src/evolution/protobuf/rules-karapace.ts'
import { riskRules } from '../../../src/evolution/protobuf/rules-risks.ts'
import { samePair } from './support.ts'

/** Types that the examples of services take and give. */
const complete = (text: string) =>
  /\brpc\b/.test(text) ? `${text} message A {} message B {}` : text

/** Their examples are no pair of texts: a file cannot go where there is only one; what is too complex is not short. */
const needsFiles = new Set(['PROTO_BUF_FILE_NO_DELETE', 'PROTO_TOO_COMPLEX'])

const all = [...confluentRules, ...karapaceRules, ...apicurioRules, ...bufRules]
const rules = all.filter(({ id }) => !needsFiles.has(id))

describe('rules of a set', () => {
  for (const { id, sets, example } of rules)
    test(`${id}: its example breaks it, and its old half does not`, () => {
      const [before, after] = samePair(complete(example.before), complete(example.after))
      for (const set of sets) {
        const engine = protobufEngine(set as RuleSet)
        const broken = engine.compare(after, before, 'STRICT').map(({ rule }) => rule)
        expect(broken).toContain(id)
        expect(engine.compare(before, before, 'STRICT')).toEqual([])
      }
    })
})

describe('rules of risks', () => {
  for (const { id, example } of riskRules)
    test(`${id}: its example is one, and nothing else`, () => {
      const [before, after] = samePair(example.before, example.after)
      const engine = protobufEngine()
      expect(engine.risks(before, after).map(({ rule }) => rule)).toEqual([id])
      expect(engine.risks(before, before)).toEqual([])
    })
})

test('ids are unique, start with the format, and every rule says what it checks and what to do', () => {
  const all = protobufEngine().rules
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  for (const { id, purpose, fix } of all) {
    expect(id).toMatch(/^PROTO_[A-Z0-9_]+$/)
    expect(purpose).toMatch(/^Checks that .+\.$/)
    expect(fix).toMatch(/^[A-Z].+\.$/)
  }
})
