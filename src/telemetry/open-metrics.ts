/**
 * A snapshot as text: OpenMetrics 1.0, or Prometheus' own older format for those who do not ask for it.
 * Exemplars are in OpenMetrics alone. Pure.
 */
import { visible } from '../base/visible.ts'
import {
  attributesOf,
  catalogue,
  type MetricName,
  metricNames,
  prometheusLabel,
  prometheusName,
} from './catalogue.ts'
import type { Attributes, Exemplar, LatencySample, Sample, Snapshot } from './snapshot.ts'

export const formats = ['openmetrics', 'prometheus'] as const
export type Format = (typeof formats)[number]

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
}

/** What the `Accept` header asks for; the older one where it does not say. */
export function formatFor(accept: string): Format {
  let [best, quality]: [Format, number] = ['prometheus', 0]
  for (const part of accept.split(',')) {
    const [type = '', ...params] = part.split(';').map((text) => text.trim().toLowerCase())
    const q = Number(params.find((p) => p.startsWith('q='))?.slice(2) ?? 1)
    const format = FORMAT_OF.get(type)
    if (format === undefined || !(q > quality)) continue
    best = format
    quality = q
  }
  return best
}

const FORMAT_OF: ReadonlyMap<string, Format> = new Map([
  ['application/openmetrics-text', 'openmetrics'],
  ['text/plain', 'prometheus'],
])

export function metricsText({ samples, latencies }: Snapshot, format: Format): string {
  const byMetric = new Map<MetricName, Sample[]>()
  for (const sample of samples) {
    const own = byMetric.get(sample.metric)
    if (own === undefined) byMetric.set(sample.metric, [sample])
    else own.push(sample)
  }
  let text = ''
  for (const name of metricNames) {
    const { kind, only } = catalogue[name]
    if (only === 'push') continue
    const lines =
      kind === 'histogram'
        ? latencies.flatMap((latency) => bucketLines(name, latency))
        : (byMetric.get(name) ?? []).map((sample) => lineOf(sample, format))
    if (lines.length > 0) text += `${headOf(name, format)}${lines.join('\n')}\n`
  }
  return format === 'openmetrics' ? `${text}# EOF\n` : text
}

/** In OpenMetrics the family of a counter is named without `_total`. */
function headOf(name: MetricName, format: Format): string {
  const { kind, unit, description } = catalogue[name]
  const full = prometheusName(name)
  const family = format === 'openmetrics' ? full.replace(/_total$/, '') : full
  const word = unit === 's' ? 'seconds' : full.endsWith('_ratio') ? 'ratio' : ''
  return (
    `# HELP ${family} ${description}\n# TYPE ${family} ${kind}\n` +
    (format === 'openmetrics' && word !== '' ? `# UNIT ${family} ${word}\n` : '')
  )
}

function lineOf({ metric, attributes, value, exemplar }: Sample, format: Format): string {
  const line = `${prometheusName(metric)}${labels(metric, attributes)} ${value}`
  return exemplar === undefined || format !== 'openmetrics' ? line : line + exemplarOf(exemplar)
}

/** 83 characters of labels at most; 128 are allowed. */
function exemplarOf({ traceId, messageId, at }: Exemplar): string {
  const trace = traceId === '' ? '' : `trace_id="${traceId}",`
  return ` # {${trace}message_id="${messageId}"} 1 ${at / 1_000}`
}

function bucketLines(name: MetricName, latency: LatencySample): string[] {
  const { attributes, buckets, count, sumMs } = latency
  const full = prometheusName(name)
  const own = labels(name, attributes)
  const bucket = (le: string, n: number): string =>
    `${full}_bucket${own.slice(0, -1)},le="${le}"} ${n}`
  return [
    ...buckets.map(({ leMs, count: n }) => bucket(secondsText(leMs), n)),
    bucket('+Inf', count),
    `${full}_sum${own} ${sumMs / 1_000}`,
    `${full}_count${own} ${count}`,
  ]
}

/** Whole numbers with `.0`, as OpenMetrics writes bounds. */
export function secondsText(ms: number): string {
  const seconds = ms / 1_000
  return Number.isInteger(seconds) ? `${seconds}.0` : String(seconds)
}

/** In the order of the catalogue. Names come from files and from the wire: nothing in them is hidden. */
function labels(metric: MetricName, attributes: Attributes): string {
  const list = attributesOf(metric).map(
    (name) => `${prometheusLabel(name)}="${escaped(visible(attributes[name] ?? ''))}"`,
  )
  return `{${list.join(',')}}`
}

const escaped = (text: string): string =>
  text.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`))
