/** Rules as documentation: what they promise is what the engine does. */
import { expect, test } from 'vitest'
import { avroEngine } from '../../../src/evolution/avro/engine.ts'
import { parsedText } from './support.ts'

/** Its example would be larger than a page. */
const WITHOUT_EXAMPLE: ReadonlySet<string> = new Set(['AVRO_TOO_COMPLEX'])

test('ids are told apart, and say the format', () => {
  const ids = avroEngine.rules.map((rule) => rule.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter((id) => !/^AVRO_[A-Z_]+$/.test(id))).toEqual([])
})

test('what the registry has a name for is named after it', () => {
  const named = avroEngine.rules.filter((rule) => rule.registryName !== null)
  expect(named.map((rule) => rule.id)).toEqual(named.map((rule) => `AVRO_${rule.registryName}`))
  expect(named).toHaveLength(6)
})

test.each(avroEngine.rules.filter((rule) => !WITHOUT_EXAMPLE.has(rule.id)))(
  'the example of $id shows it, and nothing worse',
  ({ id, kind, example }) => {
    const before = parsedText({ name: 'before', text: example.before })
    const after = parsedText({ name: 'after', text: example.after })
    const differences = avroEngine.compare(after, before, 'STRICT')
    const risks = avroEngine.risks(before, after)
    expect(differences.map((d) => d.rule)).toEqual(kind === 'incompatible' ? [id] : [])
    if (kind === 'risk') expect(risks.map((d) => d.rule)).toEqual([id])
  },
)

test('a schema against itself is no risk', () => {
  for (const { id, example } of avroEngine.rules) {
    if (WITHOUT_EXAMPLE.has(id)) continue
    const same = parsedText({ name: 'same', text: example.before })
    expect(avroEngine.risks(same, same), id).toEqual([])
  }
})
