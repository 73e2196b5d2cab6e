/**
 * Every metric of the auditor, once: OpenTelemetry instruments, the text that is scraped, exported rules
 * and docs/telemetry.md take names, units and attributes from here. Pure.
 *
 * Names follow OpenTelemetry; in Prometheus dots become underscores, and a unit or `_total` is added as its
 * own receiver of OTLP adds them, so that scraped and pushed names agree.
 *
 * Attributes take few values: those that the pipeline file declares, and lists of this program. None
 * ever holds an id, an offset, a key or a time.
 */

/** What a series is about: with these attributes. */
export const subjects = {
  pipeline: ['quipu.pipeline.name'],
  edge: ['quipu.pipeline.name', 'quipu.edge.from', 'quipu.edge.to'],
  hop: ['quipu.pipeline.name', 'quipu.hop.name'],
  topic: ['quipu.pipeline.name', 'messaging.destination.name'],
  objective: ['quipu.pipeline.name', 'quipu.objective.id'],
  service: ['quipu.service.name'],
} as const
export type Subject = keyof typeof subjects

/** `quipu.messages.…`: under the same names in `Counts`, and in the totals of the store. */
export const messageCounts = [
  'expected',
  'delivered',
  'lost',
  'duplicated',
  'altered',
  'recovered',
  'filtered',
  'dead_lettered',
  'unexpected',
] as const
export type MessageCount = (typeof messageCounts)[number]

export interface MetricSpec {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  /** UCUM; in braces: what is counted. `1`: a share, or a ratio. */
  readonly unit: string
  readonly of: Subject
  /** Beside those of the subject; empty: none. */
  readonly by: string
  /** `scrape`: not pushed; `push`: not scraped; docs/decisions/0014 says why. */
  readonly only: 'scrape' | 'push' | null
  readonly description: string
}

const spec = (
  kind: MetricSpec['kind'],
  unit: string,
  of: Subject,
  description: string,
  by = '',
  only: MetricSpec['only'] = null,
): MetricSpec => ({ kind, unit, of, by, only, description })

export const metricNames = [
  'quipu.messages.expected',
  'quipu.messages.delivered',
  'quipu.messages.lost',
  'quipu.messages.duplicated',
  'quipu.messages.altered',
  'quipu.messages.recovered',
  'quipu.messages.filtered',
  'quipu.messages.dead_lettered',
  'quipu.messages.unexpected',
  'quipu.messages.within',
  'quipu.messages.late',
  'quipu.message.missing',
  'quipu.edge.latency',
  'quipu.edge.freshness',
  'quipu.schema.drifts',
  'quipu.schema.invalid',
  'quipu.objective.compliance',
  'quipu.objective.target',
  'quipu.objective.budget.remaining',
  'quipu.objective.burn_rate',
  'quipu.objective.status',
  'quipu.window.closed',
  'quipu.audit.coverage',
  'quipu.reconciler.lag',
  'quipu.agent.heartbeat.age',
  'quipu.agent.records',
  'quipu.agent.dropped',
  'quipu.sketch.decode.failures',
  'quipu.clock.skew',
] as const
export type MetricName = (typeof metricNames)[number]

const messages = (description: string): MetricSpec =>
  spec('counter', '{message}', 'edge', description)

export const catalogue: Readonly<Record<MetricName, MetricSpec>> = {
  'quipu.messages.expected': messages('Messages that were to reach the end of the edge.'),
  'quipu.messages.delivered': messages('Messages that reached it, unaltered as far as is known.'),
  'quipu.messages.lost': messages('Messages that had not reached it at their deadline. Final.'),
  'quipu.messages.duplicated': messages('Deliveries beyond the first.'),
  'quipu.messages.altered': messages('Messages that reached it with another content.'),
  'quipu.messages.recovered': messages('Messages that were counted as lost and came after all.'),
  'quipu.messages.filtered': messages('Messages dropped as declared.'),
  'quipu.messages.dead_lettered': messages('Messages put aside as declared.'),
  'quipu.messages.unexpected': messages('Messages that nobody is known to have sent.'),
  'quipu.messages.within': spec(
    'counter',
    '{message}',
    'edge',
    'Messages that took at most quipu.latency.le seconds; the buckets of quipu.edge.latency.',
    'quipu.latency.kind, quipu.latency.le',
    'push',
  ),
  'quipu.messages.late': spec(
    'counter',
    '{message}',
    'edge',
    'Messages that came, and took longer than the threshold of a timeliness objective.',
    'quipu.latency.kind, quipu.latency.threshold',
  ),
  'quipu.message.missing': spec(
    'gauge',
    '{message}',
    'edge',
    'Messages under way whose deadline has not passed.',
  ),
  'quipu.edge.latency': spec(
    'histogram',
    's',
    'edge',
    'How long messages took: from the hop before (edge), since birth (full).',
    'quipu.latency.kind',
    'scrape',
  ),
  'quipu.edge.freshness': spec(
    'gauge',
    's',
    'edge',
    'The newest message at the end of the edge was born at least so long ago.',
  ),
  'quipu.schema.drifts': spec(
    'counter',
    '{drift}',
    'topic',
    'Ways in which messages began to differ from their schema, or from what they were.',
    'quipu.drift.code',
  ),
  'quipu.schema.invalid': spec(
    'counter',
    '{message}',
    'topic',
    'Messages that break their schema; of samples scaled.',
  ),
  'quipu.objective.compliance': spec(
    'gauge',
    '1',
    'objective',
    'Share of good events in its period, with what is unknown taken as bad (least) and as good (most).',
    'quipu.bound',
  ),
  'quipu.objective.target': spec('gauge', '1', 'objective', 'Share that is promised.'),
  'quipu.objective.budget.remaining': spec(
    'gauge',
    '1',
    'objective',
    'Share of the error budget that is left; below 0: overspent.',
    'quipu.bound',
  ),
  'quipu.objective.burn_rate': spec(
    'gauge',
    '1',
    'objective',
    'How fast the budget burns over the last closed windows; at 1 it lasts the period.',
    'quipu.burn.window',
  ),
  'quipu.objective.status': spec(
    'gauge',
    '1',
    'objective',
    '1 for the verdict of the objective, 0 for the others.',
    'quipu.objective.status',
  ),
  'quipu.window.closed': spec(
    'counter',
    '{window}',
    'edge',
    'Windows settled, by the evidence they were settled with; none: not enough for a verdict.',
    'quipu.evidence',
  ),
  'quipu.audit.coverage': spec(
    'gauge',
    '1',
    'edge',
    'Of the hops and windows settled in the last hour, the share that was seen whole.',
  ),
  'quipu.reconciler.lag': spec(
    'gauge',
    's',
    'pipeline',
    'Since the end of the newest window that is settled.',
  ),
  'quipu.agent.heartbeat.age': spec(
    'gauge',
    's',
    'hop',
    'Since anything was heard of the agents of the hop that said no goodbye: of the newest.',
  ),
  'quipu.agent.records': spec(
    'counter',
    '{record}',
    'hop',
    'Records that agents have counted and told of; of samples scaled.',
  ),
  'quipu.agent.dropped': spec(
    'counter',
    '{message}',
    'hop',
    'Messages whose evidence was given up.',
  ),
  'quipu.sketch.decode.failures': spec(
    'counter',
    '{failure}',
    'edge',
    'Windows in which more differed than can be named.',
  ),
  'quipu.clock.skew': spec(
    'gauge',
    's',
    'service',
    'The clock of the service is ahead by at least so much, proven; of its worst instance.',
  ),
}

/** As Prometheus knows it; of a histogram the name before `_bucket`. */
export function prometheusName(name: MetricName): string {
  const { kind, unit } = catalogue[name]
  const suffix = unit === 's' ? '_seconds' : unit === '1' && kind === 'gauge' ? '_ratio' : ''
  return name.replaceAll('.', '_') + suffix + (kind === 'counter' ? '_total' : '')
}

export const prometheusLabel = (attribute: string): string => attribute.replaceAll('.', '_')

/** All that a series of it has, in order. */
export function attributesOf(name: MetricName): readonly string[] {
  const { of, by } = catalogue[name]
  return [...subjects[of], ...(by === '' ? [] : by.split(', '))]
}
