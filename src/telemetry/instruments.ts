/**
 * The metrics of the catalogue as OpenTelemetry instruments. They observe a snapshot that somebody else
 * takes: reading it costs as many steps as it has series, and asks nobody anything.
 *
 * All are observable, so that sums come from the store: a restart does not begin them anew, and what is
 * judged twice counts once. There is no observable histogram: docs/decisions/0014.
 *
 * The SDK goes on pushing the last value of a series that nobody observes any more. What is not known any
 * more is no number, so a gauge that is gone is observed as NaN, of which no alert thinks anything.
 */
import type { Meter, Observable } from '@opentelemetry/api'
import { catalogue, type MetricName, metricNames } from './catalogue.ts'
import { secondsText } from './open-metrics.ts'
import type { Attributes, Snapshot } from './snapshot.ts'

/** Gauges remembered, to tell when they are gone; the SDK itself keeps 2,000 series of a metric. */
const GAUGES_MAX = 10_000

/** @param read the newest snapshot; null: there is none yet. @returns gives the instruments up */
export function registerInstruments(meter: Meter, read: () => Snapshot | null): () => void {
  const instruments = new Map<MetricName, Observable>()
  for (const name of metricNames) {
    const { kind, unit, description, only } = catalogue[name]
    if (only === 'scrape') continue
    const options = { unit, description }
    instruments.set(
      name,
      kind === 'counter'
        ? meter.createObservableCounter(name, options)
        : meter.createObservableGauge(name, options),
    )
  }
  const all = [...instruments.values()]
  let before = new Map<string, readonly [Observable, Attributes]>()
  const observe: Parameters<Meter['addBatchObservableCallback']>[0] = (result) => {
    const snapshot = read()
    if (snapshot === null) return
    const gauges: typeof before = new Map()
    for (const { metric, attributes, value } of snapshot.samples) {
      const instrument = instruments.get(metric)
      if (instrument === undefined) continue
      result.observe(instrument, value, { ...attributes })
      if (catalogue[metric].kind === 'gauge' && gauges.size < GAUGES_MAX)
        gauges.set(JSON.stringify([metric, attributes]), [instrument, attributes])
    }
    for (const [key, [instrument, attributes]] of before)
      if (!gauges.has(key)) result.observe(instrument, Number.NaN, { ...attributes })
    before = gauges
    const within = instruments.get('quipu.messages.within')
    if (within === undefined) return
    for (const { attributes, buckets, count } of snapshot.latencies) {
      for (const { leMs, count: n } of buckets)
        result.observe(within, n, { ...attributes, 'quipu.latency.le': secondsText(leMs) })
      result.observe(within, count, { ...attributes, 'quipu.latency.le': '+Inf' })
    }
  }
  meter.addBatchObservableCallback(observe, all)
  return () => meter.removeBatchObservableCallback(observe, all)
}
