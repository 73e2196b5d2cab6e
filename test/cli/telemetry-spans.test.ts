/** What was judged, as spans that a real SDK pushes: without Kafka, with a store in memory. */
import { expect, it, onTestFinished, vi } from 'vitest'
import { Telemetry } from '../../src/cli/telemetry.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { FLIGHTS, finding, idOf, NOW, once, START, verdict } from '../reports/build.ts'
import { enrich, frameOf, mishapOf } from '../store/frames.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'

const EDGE = 'enrich → enriched + dlq'
const traceOf = (n: number): string => n.toString(16).padStart(32, '4')
const spanOf = (n: number): string => n.toString(16).padStart(16, 'b')

it('tells what was judged together as one span an edge, linked to where its lost messages went wrong', async () => {
  const receiver = await startOtlpReceiver()
  onTestFinished(() => receiver.close())
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', `${receiver.url}/v1/traces`)
  const store = await openSqliteStore(':memory:')
  onTestFinished(() => store.close())
  // Of 300 lost ones 290 were seen to go wrong, two in each span; of 10 nobody saw it.
  const lost = Array.from({ length: 300 }, (_, n) => idOf(n, 1))
  const placeOf = (n: number): number => Math.floor(n / 2)
  const mishaps = lost.slice(0, 290).map((id, n) =>
    mishapOf(enrich, {
      ...{ at: START + 60_000 + n, id, kind: 'handler_threw' },
      ...{ traceId: traceOf(placeOf(n)), spanId: spanOf(placeOf(n)) },
    }),
  )
  const other = { at: START + 60_000, kind: 'handler_threw', traceId: traceOf(999) } as const
  const strangers = [
    mishapOf(enrich, { ...other, id: idOf(5, 3), spanId: spanOf(999) }),
    mishapOf(enrich, { ...other, id: lost[295] as string }),
  ]
  await store.fold([frameOf(0, { mishaps: [...mishaps.slice(0, 75), ...strangers] })], {}, NOW)
  await store.fold([frameOf(1, { mishaps: mishaps.slice(75) })], {}, NOW)

  const told: string[] = []
  const telemetry = await Telemetry.open({
    ...{ store, path: '', pipelines: [FLIGHTS], promises: [], listen: null, clock: () => NOW },
    ...{ env: process.env, talk: () => {}, onTrouble: (text) => void told.push(text) },
    assess: async () => ({ objectives: [], sums: [], tookMs: 0 }),
  })
  if (telemetry === null) throw new Error('nobody asked')
  const bad = verdict(EDGE, {
    ...{ w: 1, verdict: 'breached', evidence: 'estimated' },
    counts: { expected: 400, delivered: 100, lost: 300 },
    findings: [finding('lost', { w: 1, ids: lost.map(once) }), finding('duplicated', { w: 1 })],
  })
  const open = verdict(EDGE, { w: 3, state: 'open', counts: { expected: 9, in_flight: 9 } })
  telemetry.judged([verdict(EDGE), bad, verdict('enriched → store'), open])
  telemetry.judged([open])
  telemetry.judged([verdict('enriched → store', { w: 1, verdict: 'indeterminate' })])
  await telemetry.close()

  expect(told).toEqual([])
  expect([...receiver.paths]).toEqual(['/v1/traces'])
  expect(receiver.resource()['service.name']).toBe('quipu-auditor')
  const spans = receiver.spans()
  expect(spans.map((s) => [s.name, s.kind, s.parent, s.start, s.end])).toEqual(
    Array(3).fill(['reconcile', 1, '', NOW, NOW]),
  )
  const [first, second, third] = spans
  expect(first?.attributes).toEqual({
    ...{ 'quipu.pipeline.name': 'flights', 'quipu.edge.from': 'enrich' },
    ...{ 'quipu.edge.to': 'enriched + dlq', 'quipu.windows': '2', 'quipu.evidence': 'estimated' },
    'quipu.window.start': new Date(START).toISOString(),
    'quipu.window.end': new Date(START + 120_000).toISOString(),
    ...{ 'quipu.messages.expected': '800', 'quipu.messages.delivered': '500' },
    ...{ 'quipu.messages.lost': '300', 'quipu.messages.duplicated': '0' },
    ...{ 'quipu.messages.altered': '0', 'quipu.messages.recovered': '0' },
    ...{ 'quipu.messages.filtered': '0', 'quipu.messages.dead_lettered': '0' },
    'quipu.messages.unexpected': '0',
  })
  expect(first?.links).toEqual(Array.from({ length: 128 }, (_, n) => `${traceOf(n)}/${spanOf(n)}`))
  expect([second?.attributes['quipu.edge.to'], second?.links]).toEqual(['store', []])
  expect(third?.attributes['quipu.evidence']).toBe('none')
})
