import { expect, it } from 'vitest'
import { formatFor, metricsText } from '../../src/telemetry/open-metrics.ts'
import type { Snapshot } from '../../src/telemetry/snapshot.ts'

const EDGE = {
  'quipu.pipeline.name': 'fl"i\\ghts',
  'quipu.edge.from': 'a\u202eb',
  'quipu.edge.to': 'c + d',
}
const SNAPSHOT: Snapshot = {
  at: 1_000,
  samples: [
    {
      metric: 'quipu.messages.lost',
      attributes: EDGE,
      value: 3,
      exemplar: { traceId: 'f'.repeat(32), messageId: 'e'.repeat(36), at: 1_795_395_660_500 },
    },
    {
      metric: 'quipu.objective.target',
      attributes: { 'quipu.pipeline.name': 'p', 'quipu.objective.id': 'o' },
      value: 0.999,
    },
  ],
  latencies: [
    {
      attributes: { ...EDGE, 'quipu.latency.kind': 'full' },
      buckets: [
        { leMs: 5, count: 1 },
        { leMs: 60_000, count: 2 },
      ],
      count: 4,
      sumMs: 90_500,
    },
  ],
}

const LABELS =
  'quipu_pipeline_name="fl\\"i\\\\ghts",quipu_edge_from="a\\\\u{202e}b",quipu_edge_to="c + d"'
const EXEMPLAR = `trace_id="${'f'.repeat(32)}",message_id="${'e'.repeat(36)}"`

it('writes OpenMetrics with units, exemplars and an end', () => {
  expect(metricsText(SNAPSHOT, 'openmetrics')).toBe(
    `# HELP quipu_messages_lost Messages that had not reached it at their deadline. Final.
# TYPE quipu_messages_lost counter
quipu_messages_lost_total{${LABELS}} 3 # {${EXEMPLAR}} 1 1795395660.5
# HELP quipu_edge_latency_seconds How long messages took: from the hop before (edge), since birth (full).
# TYPE quipu_edge_latency_seconds histogram
# UNIT quipu_edge_latency_seconds seconds
quipu_edge_latency_seconds_bucket{${LABELS},quipu_latency_kind="full",le="0.005"} 1
quipu_edge_latency_seconds_bucket{${LABELS},quipu_latency_kind="full",le="60.0"} 2
quipu_edge_latency_seconds_bucket{${LABELS},quipu_latency_kind="full",le="+Inf"} 4
quipu_edge_latency_seconds_sum{${LABELS},quipu_latency_kind="full"} 90.5
quipu_edge_latency_seconds_count{${LABELS},quipu_latency_kind="full"} 4
# HELP quipu_objective_target_ratio Share that is promised.
# TYPE quipu_objective_target_ratio gauge
# UNIT quipu_objective_target_ratio ratio
quipu_objective_target_ratio{quipu_pipeline_name="p",quipu_objective_id="o"} 0.999
# EOF
`,
  )
  // As the specification counts them: of names and values together at most 128.
  expect(EXEMPLAR.replace(/[=",]/g, '').length).toBeLessThanOrEqual(128)
})

it('writes the same series without them for those who ask for nothing newer', () => {
  const series = (text: string): string[] =>
    text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const older = metricsText(SNAPSHOT, 'prometheus')
  expect(series(older)).toEqual(
    series(metricsText(SNAPSHOT, 'openmetrics')).map((line) => line.split(' # ')[0]),
  )
  expect(older).toContain('# TYPE quipu_messages_lost_total counter\n')
  expect(older).not.toMatch(/# (UNIT|EOF)/)
})

it.each([
  ['', 'prometheus'],
  ['*/*', 'prometheus'],
  ['text/html', 'prometheus'],
  ['application/openmetrics-text', 'openmetrics'],
  ['application/openmetrics-text;version=1.0.0;q=0.4,text/plain;q=0.5', 'prometheus'],
  ['application/openmetrics-text;q=0', 'prometheus'],
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  ],
])('answers `Accept: %s` in %s', (accept, format) => {
  expect(formatFor(accept)).toBe(format)
})
