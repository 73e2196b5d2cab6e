/** Each sentence of drift, as people read it. */
import { describe, expect, it } from 'vitest'
import { explainDrift } from '../../src/drift/explain.ts'
import { type DriftCode, type DriftFinding, driftCodes } from '../../src/drift/finding.ts'

const start = Date.UTC(2026, 10, 23, 1, 55)

const finding = (code: DriftCode, parts: Partial<DriftFinding> = {}): DriftFinding => ({
  ...{ code, severity: driftCodes[code], pipeline: 'p', hop: 'flights', hops: ['flights'] },
  ...{ topic: 'flights', edge: null, subject: 'flights-value', schema: '', path: '' },
  ...{ since: start, until: start + 60_000, open: true, windows: 1, count: 3, of: 96 },
  ...{ oneIn: 1, producers: [], ids: [], args: {} },
  ...parts,
})

const id7 = { schema: 'id 7' }
const v3 = { schema: 'version 3 (id 7)' }
const delay = { path: '/delay' }

const rows: readonly (readonly [DriftCode, Partial<DriftFinding>, string])[] = [
  ['unregistered_schema', id7, 'Id 7 at flights is in no registry:'],
  ['unregistered_schema', { args: { schemas: 4 } }, 'Schemas at flights are in no registry:'],
  [
    'foreign_schema',
    { ...id7, args: { came: ['bags-value'] } },
    'Id 7 at flights is not registered under flights-value, but under bags-value:',
  ],
  [
    'retired_version',
    { ...v3, args: { why: 'deleted', allowed: [] } },
    'Version 3 (id 7) of flights-value, which was deleted from the registry, is still written at flights:',
  ],
  [
    'retired_version',
    { ...v3, args: { why: 'not allowed', allowed: ['4', '5'] } },
    'Version 3 (id 7) of flights-value at flights is none of the versions allowed (4, 5):',
  ],
  [
    'undecodable_value',
    { ...v3, args: { came: ['cut short'] } },
    'Values at flights cannot be read with version 3 (id 7) (cut short):',
  ],
  [
    'unframed_value',
    { args: { expected: 'confluent' } },
    'Values at flights carry no schema id, though confluent framing is promised:',
  ],
  [
    'empty_value',
    {},
    'Values at flights have no bytes, which is neither a message nor a tombstone:',
  ],
  [
    'ambiguous_framing',
    {},
    'Values at flights begin with a byte that may be a frame or data, and no framing is declared:',
  ],
  ['missing_field', delay, '`/delay` must be there and is missing at flights:'],
  [
    'missing_field',
    { ...delay, args: { renamedTo: '/late' } },
    '`/delay` must be there and is missing at flights (as often there is an undeclared `/late`):',
  ],
  [
    'type_changed',
    { ...delay, args: { expected: 'integer', came: ['string', 'boolean'] } },
    '`/delay` at flights is string, boolean instead of integer:',
  ],
  [
    'type_changed',
    { ...delay, path: '', args: { expected: 'object', came: ['array'] } },
    'The message at flights is array instead of object:',
  ],
  [
    'unseen_value',
    { ...delay, args: { expected: 'one of 3 values', values: ['"new"'] } },
    '`/delay` at flights has a value that is not declared (one of 3 values), such as "new":',
  ],
  [
    'out_of_bounds',
    { ...delay, args: { expected: 'at most 10', came: ['above'] } },
    '`/delay` at flights is not within what is declared (at most 10): above:',
  ],
  [
    'field_dropped',
    { ...delay, hop: 'enriched', edge: 'enrich → enriched', args: { from: 'enrich' } },
    '`/delay` is in messages at enrich and no longer in them at enriched, though enrich → enriched promises to keep it: at least',
  ],
  ['unknown_field', delay, '`/delay` at flights is declared nowhere:'],
  [
    'unknown_field',
    { ...delay, args: { renamedFrom: '/late' } },
    '`/delay` at flights is declared nowhere (as often there is no more `/late`):',
  ],
  [
    'old_version',
    { ...v3, args: { newer: 'version 4 (id 8)', newerSince: start - 3_600_000 } },
    'Version 3 (id 7) of flights-value is still written at flights, though version 4 (id 8) has been there since 2026-11-23 00:55:00Z:',
  ],
  [
    'writer_differs',
    { ...v3, edge: 'a → b', args: { from: 'a', before: ['version 2 (id 6)'] } },
    'Messages name version 3 (id 7) at flights and version 2 (id 6) at a, though a → b promises the value as it is:',
  ],
  [
    'null_rate',
    { ...delay, args: { before: 0.0104, after: 0.5, sigmas: 6.7 } },
    '`/delay` at flights is null in 50% instead of 1%:',
  ],
  [
    'presence_rate',
    { ...delay, args: { before: 0.9999, after: 0.0001 } },
    '`/delay` at flights is there in <0.1% instead of >99.9%:',
  ],
  [
    'cardinality',
    { ...delay, args: { before: 3, after: 12_345.6 } },
    '`/delay` at flights has about 12,346 instead of 3 different values:',
  ],
  [
    'length',
    { ...delay, args: { before: 3.14, after: 20 } },
    '`/delay` at flights has a mean length of 20 instead of 3.1:',
  ],
  [
    'new_type',
    { ...delay, args: { before: ['number'], messages: 1_204, came: ['string'] } },
    '`/delay` at flights is string, where it was number in all 1,204 messages before:',
  ],
  [
    'new_version',
    { ...v3, args: { before: 'version 2 (id 6)' } },
    'Version 3 (id 7) of flights-value is new at flights, where version 2 (id 6) was before:',
  ],
  [
    'unread',
    { ...id7, args: { came: ['unreachable', 'full'] } },
    'Messages at flights of id 7 could not be looked into (the registry does not answer; the process had no room for them):',
  ],
]

describe('explainDrift', () => {
  it.each(rows)('%s %j', (code, parts, begin) => {
    const { sentence, certainty, next } = explainDrift(finding(code, parts))
    expect(sentence).toBe(`${begin} 3 messages, 3.12% of 96 looked at, since 2026-11-23 01:55:00Z.`)
    expect(certainty).toMatch(/\.$/)
    if (code === 'new_version') expect(next).toBeNull()
    else expect(next).toMatch(/\.$/)
  })

  it('has a sentence for every code', () => {
    expect([...new Set(rows.map(([code]) => code))].sort()).toEqual(Object.keys(driftCodes).sort())
  })

  it('says of how many, one in how many, and until when', () => {
    const parts = { open: false, count: 1, of: 12_400, oneIn: 64 }
    const { sentence, certainty } = explainDrift(finding('empty_value', parts))
    expect(sentence).toContain(
      ' 1 message, 0.008% of 12,400 looked at (one in 64), from 2026-11-23 01:55:00Z until 2026-11-23 01:56:00Z.',
    )
    expect(certainty).toContain('one in 64 was looked at; what is in the others is not known')
  })

  it('names three producers, and how many others', () => {
    const producer = (service: string, count: number) => ({
      ...{ service, instance: 'abcdef0123456789abcdef0123456789', client: `${service}/1.4.2` },
      ...{ host: 'node-7', count, of: 40 },
    })
    const producers = [producer('a', 4), producer('b', 3), producer('c', 2), producer('d', 1)]
    expect(explainDrift(finding('empty_value', { producers })).sentence).toContain(
      ', written by a (abcdef01, a/1.4.2, on node-7: 4 of 40); b (abcdef01, b/1.4.2, on node-7: 3 of 40); c (abcdef01, c/1.4.2, on node-7: 2 of 40); and 1 other.',
    )
  })

  it('says how far a jump stands off', () => {
    const args = { before: 0.01, after: 0.5, sigmas: 6.7 }
    expect(explainDrift(finding('null_rate', { path: '/a', args })).certainty).toContain(
      'by 6 or more times its usual spread',
    )
  })

  it('writes out what is hidden in names from messages', () => {
    const { sentence } = explainDrift(finding('unknown_field', { path: '/a\u202eb' }))
    expect(sentence).toContain('`/a\\u{202e}b`')
  })
})
