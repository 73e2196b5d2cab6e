import { describe, expect, it } from 'vitest'
import { explain, explainText } from '../../src/finding/explain.ts'
import { type Finding, type FindingCode, findingCodes } from '../../src/finding/finding.ts'
import { finding } from '../reports/build.ts'

const rows: readonly (readonly [FindingCode, Partial<Finding>])[] = [
  ['lost', { count: 1 }],
  ['lost', { count: 1_200, evidence: 'estimated' }],
  ['lost', { count: 3, args: { unacknowledged: 3 } }],
  ['lost', { count: 3, args: { unacknowledged: 2 } }],
  ['lost', { count: 3, evidence: 'committed' }],
  ['lost', { count: 64, evidence: 'sampled', args: { sampled: 1, oneIn: 64 } }],
  [
    'lost',
    {
      ...{ count: 640, evidence: 'sampled' },
      args: { unacknowledged: 10, sampled: 10, oneIn: 64, low: 306, high: 1_177 },
    },
  ],
  ['lost', { count: 10, args: { deletedUnread: 12 } }],
  ['altered', { count: 1 }],
  ['altered', { count: 12, evidence: 'estimated' }],
  ['unacknowledged', { count: 2, args: { settled: false } }],
  ['unacknowledged', { count: 1, args: { settled: true } }],
  ['duplicated', { count: 2 }],
  ['unexpected', { count: 2 }],
  ['extra', { count: 2 }],
  ['withdrawn_delivered', { count: 2 }],
  ['landed_though_failed', { count: 1 }],
  ['recovered', { count: 2 }],
  ['copy_removed', { count: 1 }],
  ['copy_removed', { count: 64, evidence: 'sampled', args: { sampled: 1, oneIn: 64 } }],
  ['unconfirmed', { count: 2 }],
  ['unconfirmed', { count: 2, args: { landed: true } }],
  ['unconfirmed', { count: 1, args: { unheard: true } }],
  ['undetermined', { count: 2, args: { why: ['partition 3 is not covered from 5 to 9'] } }],
  ['undetermined_extra', { count: 2 }],
  ['committed', { count: 2, evidence: 'committed', args: { of: 2 } }],
  ['committed', { count: 2, evidence: 'committed', args: { of: 5 } }],
  ['compacted', { count: 1, args: { of: 1 } }],
  ['repetition_unknown', { args: { why: ['pay (01234567) fell silent; told until noon'] } }],
  ['identity_not_carried', { count: 2, args: { of: 5 } }],
  [
    'identity_not_carried',
    { count: 128, evidence: 'sampled', args: { of: 5, sampled: 2, oneIn: 64 } },
  ],
  ['integrity_unknown', { count: 40, args: { hops: ['group enrich on flights', 'topic b'] } }],
  ['integrity_unknown', { count: 1, args: { hops: [] } }],
  ['integrity_unknown', { count: 2, args: { hops: [], untold: 2 } }],
  ['integrity_unknown', { count: 1, args: { hops: [], untold: 0, copies: 1 } }],
  ['minted_not_here', { count: 1 }],
  ['minted_not_here', { count: 3 }],
  ['undecodable', { count: 700, args: { net: -700 } }],
  [
    'undecodable',
    {
      count: 4_000,
      args: { net: 4_000, missingLow: 4_000, missingHigh: 4_600, extraLow: 0, extraHigh: 600 },
    },
  ],
  ['undecodable', { count: 5, args: { net: 5, missingLow: 5, extraLow: 0 } }],
  [
    'undecodable',
    {
      ...{ count: 320, evidence: 'sampled' },
      args: { net: 5, missingLow: 5, extraLow: 0, sampled: 5, oneIn: 64 },
    },
  ],
  ['undecodable', { count: 0, args: { net: 0 } }],
  ['params_differ', { count: 9, args: { parameters: ['seed: 1 and 2'] } }],
  ['hole', { args: { hop: 'store', end: 'to', why: ['a', 'b', 'c', 'd', 'e'] } }],
  ['hole', { args: { hop: 'enrich', end: 'from', why: [] } }],
  ['in_flight', { count: 5, args: { why: ['partition 2 at 1 of 3'] } }],
  ['unidentified', { count: 1 }],
  ['filtered_undeclared', { count: 4, args: { reasons: ['cancelled', 'test'] } }],
  ['undeclared_producer', { count: 4, args: { hop: 'service tool into flights' } }],
]

describe('explain', () => {
  it.each(rows)('%s %j', (code, parts) => {
    const { sentence, certainty, next } = explain(finding(code, parts))
    expect([sentence, certainty, next]).toMatchSnapshot()
  })

  it('has a sentence for every code', () => {
    expect(new Set(rows.map(([code]) => code))).toEqual(new Set(Object.keys(findingCodes)))
  })

  it('makes do with a finding that has no details', () => {
    for (const code of Object.keys(findingCodes) as FindingCode[]) {
      const text = explainText(finding(code, { edge: 'odd' }))
      expect(text).toMatch(/^[A-Za-z0-9].*\.$/)
      expect(text).not.toMatch(/undefined|null|NaN| \(\)/)
    }
  })
})
