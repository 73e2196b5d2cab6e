import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import {
  AUDIT_COVERAGE,
  BURN_RATE,
  counterName,
  FRESHNESS,
  LATENCY,
  STATUS,
} from '../../src/export/metrics.ts'
import { catalogue, metricNames, prometheusName, subjects } from '../../src/telemetry/catalogue.ts'

it('has names as OpenTelemetry wants them: no unit, no `_total`, none the namespace of another', () => {
  for (const name of metricNames) {
    expect(name).toMatch(/^quipu(\.[a-z]+(_[a-z]+)*)+$/)
    expect(name).not.toMatch(/total|seconds|ratio/)
    for (const other of metricNames) expect(other.startsWith(`${name}.`)).toBe(false)
  }
})

it.each([
  ['quipu.messages.dead_lettered', 'quipu_messages_dead_lettered_total'],
  ['quipu.message.missing', 'quipu_message_missing'],
  ['quipu.edge.latency', 'quipu_edge_latency_seconds'],
  ['quipu.objective.burn_rate', 'quipu_objective_burn_rate_ratio'],
  ['quipu.window.closed', 'quipu_window_closed_total'],
] as const)('calls %s %s in Prometheus', (name, prometheus) => {
  expect(prometheusName(name)).toBe(prometheus)
})

it('gives exported rules their names', () => {
  expect([counterName('lost'), LATENCY, FRESHNESS, AUDIT_COVERAGE, BURN_RATE, STATUS]).toEqual([
    'quipu_messages_lost_total',
    'quipu_edge_latency_seconds',
    'quipu_edge_freshness_seconds',
    'quipu_audit_coverage_ratio',
    'quipu_objective_burn_rate_ratio',
    'quipu_objective_status_ratio',
  ])
})

it('is what docs/telemetry.md says, to the last word', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'telemetry.md'), 'utf8')
  const [, ...tables] = page.slice(page.indexOf('## The catalogue')).split('| --- |\n')
  const rowsOf = (table = ''): string[] => table.split('\n\n')[0]?.trimEnd().split('\n') ?? []
  const code = (names: readonly string[]): string => names.map((n) => `\`${n}\``).join(', ')
  expect(rowsOf(tables[0])).toEqual(
    Object.entries(subjects).map(([subject, names]) => `| ${subject} | ${code(names)} |`),
  )
  expect(rowsOf(tables[1])).toEqual(
    metricNames.map((name) => {
      const { kind, only, unit, of, by, description } = catalogue[name]
      const kinds = kind + (only === null ? '' : `, ${only} only`)
      const more = by === '' ? '' : code(by.split(', '))
      return `| \`${name}\` | ${kinds} | ${unit} | ${of} | ${more} | ${description} |`
    }),
  )
})
