/** What somebody answers for: what an entry hides, until when, and when it is told that it hides nothing. */
import { describe, expect, it } from 'vitest'
import { type Suppression, suppress } from '../../src/evolution/suppress.ts'
import { finding, subject } from './found.ts'

const entry = (parts: Partial<Suppression> = {}): Suppression => ({
  ...{ rule: 'AVRO_TYPE_MISMATCH', subject: null, path: null, reason: 'nobody reads it' },
  ...{ until: '2026-12-31', place: { source: 'quipu.yaml', line: 9, column: 7 } },
  ...parts,
})

const TODAY = '2026-11-23'
const options = { today: TODAY, subjects: [subject('orders-value')], isPartial: false }
const rulesAndStandings = (...args: Parameters<typeof suppress>): string[] =>
  suppress(...args).map((f) => `${f.rule} ${f.standing}`)

const HIDDEN = ['AVRO_TYPE_MISMATCH suppressed']
/** The finding stands, and the entry is of no use. */
const OPEN = ['AVRO_TYPE_MISMATCH open', 'SCHEMA_SUPPRESSION_STALE open']

describe('which findings an entry hides', () => {
  it.each<[string, Partial<Suppression>, string[]]>([
    ['of its rule', {}, HIDDEN],
    ['not of another rule', { rule: 'AVRO_NAME_MISMATCH' }, OPEN],
    ['of its subject', { subject: 'orders-value' }, HIDDEN],
    ['of subjects by pattern', { subject: 'orders-*' }, HIDDEN],
    ['not of another subject', { subject: 'orders' }, OPEN],
    ['at its path', { path: '/fields/0/type' }, HIDDEN],
    // `*` does not go beyond a slash, `**` does.
    ['at paths by pattern', { path: '/fields/*/type' }, HIDDEN],
    ['not deeper than the pattern', { path: '/fields/*' }, OPEN],
    ['however deep', { path: '/fields/**' }, HIDDEN],
    ['not at another path', { path: '/fields/1/type' }, OPEN],
  ])('%s', (_, parts, expected) => {
    expect(rulesAndStandings([finding()], [entry(parts)], options)).toEqual(expected)
  })

  it('with its reason and its day', () => {
    const [hidden] = suppress([finding()], [entry()], options)
    expect(hidden?.suppression).toEqual({ reason: 'nobody reads it', until: '2026-12-31' })
  })

  it('never a schema that could not be read', () => {
    const problem = finding({ kind: 'problem', rule: 'SCHEMA_UNPARSABLE' })
    const [kept] = suppress([problem], [entry({ rule: 'SCHEMA_UNPARSABLE' })], options)
    expect(kept).toEqual(problem)
  })
})

describe('how long it holds', () => {
  it.each<[string, string, string[]]>([
    // The last day is one on which it holds.
    ['on its last day', TODAY, HIDDEN],
    [
      'not on the day after',
      '2026-11-22',
      ['AVRO_TYPE_MISMATCH open', 'SCHEMA_SUPPRESSION_EXPIRED open'],
    ],
  ])('%s', (_, until, expected) => {
    expect(rulesAndStandings([finding()], [entry({ until })], options)).toEqual(expected)
  })

  it('an expired one is told as that, not as stale', () => {
    const found = suppress([], [entry({ until: '2026-11-22' })], options)
    expect(found.map((f) => [f.rule, f.severity, f.place?.line])).toEqual([
      ['SCHEMA_SUPPRESSION_EXPIRED', 'warning', 9],
    ])
  })
})

describe('when it is told that an entry hides nothing', () => {
  const unread = [subject('orders-value', { status: 'unknown' })]
  it.each<[string, Partial<Suppression>, Partial<typeof options>, boolean]>([
    ['where all subjects were judged', {}, {}, true],
    ['not where a subject that it means could not be read', {}, { subjects: unread }, false],
    ['where another could not', { subject: 'b' }, { subjects: unread }, true],
    ['not where others were not asked for', {}, { isPartial: true }, false],
    ['where the one it names was', { subject: 'orders-value' }, { isPartial: true }, true],
    ['not by a pattern, which may mean others', { subject: 'o*' }, { isPartial: true }, false],
    ['not where the one it names was not', { subject: 'b' }, { isPartial: true }, false],
  ])('%s', (_, parts, more, isTold) => {
    const found = suppress([], [entry(parts)], { ...options, ...more })
    expect(found.map((f) => f.rule)).toEqual(isTold ? ['SCHEMA_SUPPRESSION_STALE'] : [])
  })

  it('two entries that hide the same are both of use', () => {
    const found = suppress([finding()], [entry(), entry({ subject: 'orders-value' })], options)
    expect(found).toHaveLength(1)
  })
})
