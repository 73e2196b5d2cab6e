import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { exportPrometheusRules } from '../../src/export/prometheus-rules.ts'
import { ALL, NO_LOSS, promisedOf, SHAPE } from './promised.ts'

interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

interface Group {
  readonly name: string
  readonly rules: readonly Rule[]
}

function exported(...args: Parameters<typeof promisedOf>) {
  const { text, warnings } = exportPrometheusRules([promisedOf(...args)])
  const { groups } = parse(text) as { readonly groups: readonly Group[] }
  const rules = (name: string): readonly Rule[] =>
    groups.find((g) => g.name === `quipu/flights/${name}`)?.rules ?? []
  return { groups, rules, text, warnings }
}

const alertsOf = (rules: readonly Rule[]): string[] =>
  rules.flatMap(({ alert, labels }) =>
    alert === undefined
      ? []
      : [[alert, labels.severity, labels.quipu_burn_speed].filter(Boolean).join(' ')],
  )

it('records each window once, and alerts in pairs of them', () => {
  const rules = exported({ objectives: [NO_LOSS] }).rules('no-loss')
  const records = rules.flatMap(
    (r) => r.record?.replace('quipu:objective_burn_rate:ratio_', '') ?? [],
  )
  expect(records).toEqual(['rate5m', 'rate30m', 'rate1h', 'rate2h', 'rate6h', 'rate1d', 'rate3d'])
  expect(alertsOf(rules)).toEqual([
    ...['QuipuErrorBudgetBurn page quick', 'QuipuErrorBudgetBurn page slow'],
    ...['QuipuErrorBudgetBurn ticket quick', 'QuipuErrorBudgetBurn ticket slow'],
    'QuipuObjectiveUnknown ticket',
  ])
})

it('scales windows to the period, not below two of the auditor', () => {
  const week = NO_LOSS.replace('30d', '7d')
  const records = (window: string): string[] =>
    exported({ objectives: [week], window })
      .rules('no-loss')
      .flatMap((r) => r.record?.split(':ratio_rate')[1] ?? [])
  expect(records('30s')).toEqual(['1m10s', '7m', '14m', '28m', '1h24m', '5h36m', '16h48m'])
  expect(records('1m')[0]).toBe('2m')
})

it('takes the burn rates of the auditor for validity, where somebody looks into messages', () => {
  const { rules, warnings } = exported({ objectives: [SHAPE], schema: 'observe' })
  expect(warnings).toEqual([])
  const records = rules('shape').filter((r) => r.record !== undefined)
  expect(records.length).toBeGreaterThan(0)
  for (const { expr } of records) expect(expr).toMatch(/^max\(quipu_objective_burn_rate_ratio\{/)
})

it('has something for each kind of objective, and a warning for what it cannot say', () => {
  const { groups, rules, warnings, text } = exported({ objectives: ALL })
  expect(groups.map((g) => g.name.replace('quipu/flights/', ''))).toEqual(
    ALL.map((line) => line.split(':')[0]).filter((id) => id !== 'shape'),
  )
  const metrics = (name: string): string[] => [
    ...new Set(
      rules(name).flatMap((r) => (r.record ? (r.expr.match(/quipu_\w+(?=\{)/g) ?? []) : [])),
    ),
  ]
  const sent = ['expected', 'filtered', 'dead_lettered'].map((c) => `quipu_messages_${c}_total`)
  const own = ['quipu_objective_burn_rate_ratio']
  expect(metrics('no-loss').sort()).toEqual(['quipu_messages_lost_total', ...sent].sort())
  expect(metrics('once')).toContain('quipu_messages_duplicated_total')
  expect(metrics('unaltered').sort()).toEqual([
    ...['quipu_messages_altered_total', 'quipu_messages_delivered_total'],
  ])
  expect(metrics('on-time')).toContain('quipu_edge_latency_seconds_bucket')
  for (const name of ['flowing', 'enough', 'seen', 'by-window']) expect(metrics(name)).toEqual(own)
  expect(metrics('exact')).toEqual([])
  expect(alertsOf(rules('exact'))).toEqual([
    ...['QuipuObjectiveBreached page', 'QuipuObjectiveUnknown ticket'],
  ])
  expect(warnings).toEqual([
    expect.stringMatching(/^flights\/flowing: .*calendar/),
    'flights/shape: no topic on its way declares a schema; left out',
  ])
  for (const warning of warnings) expect(text).toContain(`# Not expressed: ${warning}\n`)
})

it('calls the windows of the auditor what the file calls them, whatever the period', () => {
  const rules = exported({ objectives: ALL }).rules('flowing')
  expect(rules.flatMap((r) => /quipu_burn_window="(\w+)"/.exec(r.expr)?.[1] ?? [])).toEqual([
    ...['2h', '6h', '1d', '3d'],
  ])
})

it('names owner and runbook, and leaves no template of somebody else', () => {
  const described = NO_LOSS.replace(' }', ', description: "{{ $value }} of {{{ x }}}" }')
  const [alert] = exported({ objectives: [described] })
    .rules('no-loss')
    .filter((r) => r.alert !== undefined)
  expect(alert?.labels).toMatchObject({ team: 'network-ops', quipu_pipeline_name: 'flights' })
  expect(alert?.annotations).toMatchObject({
    contact: '#flights',
    runbook_url: 'https://wiki.example/flights',
    description:
      'Of the messages of 30 days at least 99.99% arrive. ' +
      '{{"{{"}} $value }} of {{"{{"}}{ x }}}',
  })
})

describe('several paths', () => {
  it('are recorded each, with its name', () => {
    const rules = exported({ objectives: [NO_LOSS], fork: true }).rules('no-loss')
    const paths = rules
      .filter((r) => r.record?.endsWith('rate5m'))
      .map((r) => [r.labels.quipu_objective_path, r.expr.includes('"copy"')])
    expect(paths).toEqual([
      ['checkin to store', false],
      ['checkin to copy', true],
    ])
  })
})
