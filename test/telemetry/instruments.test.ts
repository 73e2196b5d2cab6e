import { metrics } from '@opentelemetry/sdk-node'
import { expect, it } from 'vitest'
import { catalogue, metricNames, prometheusName } from '../../src/telemetry/catalogue.ts'
import { registerInstruments } from '../../src/telemetry/instruments.ts'
import { metricsText } from '../../src/telemetry/open-metrics.ts'
import type { Snapshot } from '../../src/telemetry/snapshot.ts'
import { taken } from './taken.ts'

const readerOf = (): metrics.MetricReader =>
  new (class extends metrics.MetricReader {
    protected override async onShutdown(): Promise<void> {}
    protected override async onForceFlush(): Promise<void> {}
  })()

/** What a reader of OpenTelemetry's own SDK collects. */
async function collected(read: () => Snapshot | null): Promise<readonly metrics.MetricData[]> {
  const reader = readerOf()
  const provider = new metrics.MeterProvider({ readers: [reader] })
  let reads = 0
  const end = registerInstruments(provider.getMeter('test'), () => {
    reads++
    return read()
  })
  const { resourceMetrics, errors } = await reader.collect()
  expect(errors).toEqual([])
  end()
  const asked = reads
  await reader.collect()
  expect(reads).toBe(asked)
  await provider.shutdown()
  return resourceMetrics.scopeMetrics.flatMap((s) => s.metrics)
}

it('observes what the text says: the same names, values and attributes', async () => {
  const snapshot = await taken()
  const data = await collected(() => snapshot)
  const text = metricsText(snapshot, 'prometheus')
  const pushed = new Map<string, number>()
  for (const { descriptor, dataPoints } of data) {
    const name = metricNames.find((known) => known === descriptor.name)
    if (name === undefined) throw new Error(`${descriptor.name} is not in the catalogue`)
    expect(descriptor.unit).toBe(catalogue[name].unit)
    if (catalogue[name].only !== null) continue
    for (const { attributes, value } of dataPoints) {
      const labels = Object.entries(attributes).map(
        ([key, label]) => `${key.replaceAll('.', '_')}="${label}"`,
      )
      pushed.set(`${prometheusName(name)}{${labels.join(',')}}`, value as number)
    }
  }
  const scraped = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [, series = '', value = ''] = /^([^#].*\}) (\S+)$/.exec(line) ?? []
    if (series !== '' && !series.startsWith('quipu_edge_latency_'))
      scraped.set(series, Number(value))
  }
  expect(scraped.size).toBeGreaterThan(40)
  expect(pushed).toEqual(scraped)
})

it('pushes the buckets of the histogram as a counter, for there is no observable histogram', async () => {
  const latencies = [
    {
      attributes: { 'quipu.edge.to': 'x', 'quipu.latency.kind': 'full' },
      ...{ buckets: [{ leMs: 5, count: 1 }], count: 4, sumMs: 90 },
    },
  ]
  const data = await collected(() => ({ at: 0, samples: [], latencies }))
  expect(data.map((d) => d.descriptor.name)).toEqual(['quipu.messages.within'])
  expect(data[0]?.dataPoints.map((p) => [p.attributes['quipu.latency.le'], p.value])).toEqual([
    ['0.005', 1],
    ['+Inf', 4],
  ])
})

it('observes nothing before there is a snapshot', async () => {
  expect(await collected(() => null)).toEqual([])
})

it('says of a gauge that is gone that it is no number, and not what it was', async () => {
  const reader = readerOf()
  const provider = new metrics.MeterProvider({ readers: [reader] })
  const full = await taken()
  let snapshot = full
  registerInstruments(provider.getMeter('test'), () => snapshot)
  const coverage = async (): Promise<readonly unknown[]> => {
    const { resourceMetrics } = await reader.collect()
    return resourceMetrics.scopeMetrics
      .flatMap((s) => s.metrics)
      .filter((m) => m.descriptor.name === 'quipu.audit.coverage')
      .flatMap((m) => m.dataPoints.map((p) => p.value))
  }
  expect(new Set(await coverage())).toEqual(new Set([1]))
  snapshot = { ...full, samples: full.samples.filter((s) => s.metric !== 'quipu.audit.coverage') }
  for (let i = 0; i < 2; i++) expect(new Set(await coverage())).toEqual(new Set([Number.NaN]))
  snapshot = full
  expect(new Set(await coverage())).toEqual(new Set([1]))
  await provider.shutdown()
})
