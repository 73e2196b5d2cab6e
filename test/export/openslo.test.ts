import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { exportOpenSlo } from '../../src/export/openslo.ts'
import { isOpenSlo } from './openslo-schema.ts'
import { ALL, NO_LOSS, promisedOf } from './promised.ts'

type Doc = ReturnType<typeof JSON.parse>

/** Every document that a test reads is valid, and named once in its kind. */
function documentsOf(text: string): Doc[] {
  const documents = parseAllDocuments(text).map((d) => d.toJS() as Doc)
  for (const document of documents)
    expect([document, isOpenSlo(document)]).toEqual([document, true])
  const names = documents.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
  expect(new Set(names).size).toBe(names.length)
  return documents
}

const exported = (...args: Parameters<typeof promisedOf>) => {
  const { text, warnings } = exportOpenSlo([promisedOf(...args)])
  return { documents: documentsOf(text), text, warnings }
}

const slosOf = (documents: readonly Doc[]): Doc[] => documents.filter((d) => d.kind === 'SLO')

it('is checked by a schema that refuses what the specification does', () => {
  const one = (kind: string): Doc =>
    exported({ objectives: [NO_LOSS] }).documents.find((d) => d.kind === kind)
  const flaws: (() => Doc)[] = [
    () => Object.assign(one('SLO'), { apiVersion: 'openslo/v2' }),
    () => ({ ...one('SLO'), metadata: { name: 'No_Loss' } }),
    () => {
      const slo = one('SLO')
      slo.spec.objectives[0].target = 1
      return slo
    },
    () => {
      const slo = one('SLO')
      slo.spec.budgetingMethod = 'Timeslices'
      return slo
    },
    () => {
      const policy = one('AlertPolicy')
      policy.spec.conditions[0].spec.condition.lookbackWindow = '90s'
      return policy
    },
  ]
  expect(isOpenSlo(one('SLO'))).toBe(true)
  for (const flaw of flaws) expect(isOpenSlo(flaw())).toBe(false)
})

it('says of a completeness what is lost on its way, and of how many', () => {
  const { documents, warnings } = exported({ objectives: [NO_LOSS] })
  expect(documents.map((d) => `${d.kind} ${d.metadata.name}`)).toEqual([
    ...['Service flights', 'SLO flights-no-loss'],
    ...['AlertPolicy flights-no-loss-page-quick', 'AlertPolicy flights-no-loss-page-slow'],
    ...['AlertPolicy flights-no-loss-ticket-quick', 'AlertPolicy flights-no-loss-ticket-slow'],
  ])
  const { spec } = slosOf(documents)[0]
  expect(spec.objectives).toEqual([{ displayName: 'flights/no-loss', target: 0.9999 }])
  expect(spec.timeWindow).toEqual([{ duration: '30d', isRolling: true }])
  const { bad, total } = spec.indicator.spec.ratioMetric
  expect(bad.metricSource.spec.query).toBe(
    '(sum(quipu_messages_lost_total{quipu_pipeline_name="flights",' +
      'quipu_edge_to=~"enriched \\\\+ dlq|enrich|flights|store"}) or vector(0))',
  )
  expect(total.metricSource.spec.query).toContain('quipu_messages_expected_total')
  expect(spec.alertPolicies).toHaveLength(4)
  const conditions = documents
    .filter((d) => d.kind === 'AlertPolicy')
    .map((d) => d.spec.conditions[0].spec)
  expect(
    conditions.map((c) => [c.severity, c.condition.threshold, c.condition.lookbackWindow]),
  ).toEqual([
    ...[
      ['page', 14.4, '1h'],
      ['page', 6, '6h'],
    ],
    ...[
      ['ticket', 3, '1d'],
      ['ticket', 1, '3d'],
    ],
  ])
  expect(warnings).toEqual([expect.stringContaining('short window of each alert is left out')])
})

it('has an SLO of the right kind for each objective that it can express, and a warning for the others', () => {
  const { documents, warnings, text } = exported({ objectives: ALL })
  const kinds = slosOf(documents).map(({ metadata, spec }) => [
    metadata.name.replace('flights-', ''),
    spec.budgetingMethod,
    Object.keys(spec.indicator.spec)[0],
  ])
  expect(kinds).toEqual([
    ['no-loss', 'Occurrences', 'ratioMetric'],
    ['once', 'Occurrences', 'ratioMetric'],
    ['unaltered', 'Occurrences', 'ratioMetric'],
    ['on-time', 'Occurrences', 'ratioMetric'],
    ['flowing', 'Timeslices', 'thresholdMetric'],
    ['enough', 'Timeslices', 'thresholdMetric'],
    ['seen', 'RatioTimeslices', 'ratioMetric'],
    ['by-window', 'Timeslices', 'ratioMetric'],
  ])
  const of = (name: string): Doc =>
    slosOf(documents).find((d) => d.metadata.name === `flights-${name}`).spec
  expect(of('flowing').objectives[0]).toMatchObject({
    op: 'lte',
    value: 300,
    timeSliceWindow: '1m',
  })
  expect(of('flowing').timeWindow[0]).toMatchObject({
    duration: '1M',
    calendar: { timeZone: 'UTC' },
  })
  expect(of('enough').objectives[0]).toMatchObject({ op: 'gte', value: 100 })
  expect(of('by-window').objectives[0]).toMatchObject({ target: 0.99, timeSliceTarget: 0.999 })
  expect(warnings).toEqual([
    expect.stringMatching(/^flights\/enough: .*`max` is left out/),
    expect.stringMatching(/^flights\/exact: .*100%/),
    expect.stringMatching(/^flights\/shape: .*shape/),
    expect.stringContaining('short window'),
  ])
  for (const warning of warnings) expect(text).toContain(`# Not expressed: ${warning}\n`)
})

it('has one SLO for each path: the worst counts', () => {
  const { documents } = exported({ objectives: [NO_LOSS], fork: true })
  expect(slosOf(documents).map((d) => d.metadata.displayName)).toEqual([
    'flights/no-loss/checkin to store',
    'flights/no-loss/checkin to copy',
  ])
  const queries = slosOf(documents).map((d) => JSON.stringify(d.spec.indicator))
  expect(queries.map((q) => q.includes('|copy'))).toEqual([false, true])
})

it('takes off what came late where that is given back', () => {
  const objectives = ['a: { indicator: completeness, target: 99%, refundLate: true }']
  const { text } = exported({ objectives })
  expect(text).toContain('quipu_messages_recovered_total')
  expect(exported({ objectives: [NO_LOSS] }).text).not.toContain('recovered')
})

it('warns where durations are not whole minutes, and where few events count', () => {
  const { warnings } = exported({
    objectives: [
      'a: { indicator: freshness, threshold: 90s, target: 99%, period: 2730s }',
      'b: { indicator: completeness, target: 99%, minEvents: 1000 }',
    ],
    window: '30s',
    fork: true,
  })
  // Each once, however many paths there are.
  expect(warnings.filter((w) => w.startsWith('flights/a: durations are whole minutes'))).toEqual([
    'flights/a: durations are whole minutes: windows are rounded up to 1m',
    'flights/a: durations are whole minutes: ticket, quick looks back over 2m',
    'flights/a: durations are whole minutes: ticket, slow looks back over 5m',
    'flights/a: durations are whole minutes: the period is rounded up to 46m',
  ])
  expect(warnings).toContain('flights/b: `minEvents` has no field; few events count like many')
})

describe('of nothing that can be expressed', () => {
  it('there is no document, and the warnings say why', () => {
    const { text, warnings } = exportOpenSlo([
      promisedOf({ objectives: ['a: { indicator: completeness, target: 100% }'] }),
    ])
    expect(text.split('\n').filter((line) => !line.startsWith('#') && line !== '')).toEqual([])
    expect(warnings).toHaveLength(1)
  })
})
