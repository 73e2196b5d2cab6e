/** What the auditor tells other systems: a real Prometheus scrapes it, and real OTLP is pushed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, it, onTestFinished, vi } from 'vitest'
import { uuidOfHex } from '../../src/message/id.ts'
import {
  attributesOf,
  catalogue,
  metricNames,
  prometheusName,
} from '../../src/telemetry/catalogue.ts'
import { ensureAuditTopic } from '../../src/transport/kafka.ts'
import { untilJudged } from '../support/judged.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { isPrometheusMissing, startPrometheus } from '../support/prometheus.ts'
import { quipu, startAuditor } from '../support/quipu.ts'
import { auditFlags, makePlace, type Place, runService } from '../support/small-service.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-telemetry-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const TIMEOUT_MS = 240_000
/** Looks, 500 ms apart, for what must come. */
const LOOKS_MAX = 120

async function until<T>(look: () => Promise<T | null>, what: string): Promise<T> {
  for (let i = 0; i < LOOKS_MAX; i++) {
    const found = await look()
    if (found !== null) return found
    await sleep(500)
  }
  throw new Error(`expected ${what}`)
}

/** Of one scrape, the series that only grow, with their values. */
const countersOf = (text: string): Record<string, number> =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => /^quipu_\w+_(total|bucket|sum|count)\{/.test(line))
      .map((line) => {
        const [, series = '', value = ''] = /^(\S+\{.*?\}) (\S+)/.exec(line) ?? []
        return [series, Number(value)] as const
      }),
  )

async function scrape(address: string, accept = 'text/plain'): Promise<string> {
  const response = await fetch(`http://${address}/metrics`, { headers: { accept } })
  return response.status === 200 ? response.text() : ''
}

const fileOf = ({ brokers, first, second, pass, read, auditTopic }: Place): string => `version: 1
window: 1s
lateness: 3s
kafka: { brokers: ["${brokers.join('", "')}"], audit: { topic: ${auditTopic} } }
pipelines:
  shop:
    hops:
      sold: { producer: ${first}, service: shop }
      orders: { topic: ${first} }
      pay: { consumer: ${first}, group: ${pass} }
      paid: { topic: ${second} }
      ship: { consumer: ${second}, group: ${read} }
    edges:
      - { from: sold, to: orders }
      - { from: orders, to: pay }
      - { from: pay, to: paid }
      - { from: paid, to: ship }
    objectives:
      no-loss: { indicator: completeness, target: 99.9%, period: 1d }
      at-once: { indicator: timeliness, threshold: 1ms, target: 1%, period: 1d }
`

const addressIn = (talk: string): string => /http:\/\/([\d.]+:\d+)\/metrics/.exec(talk)?.[1] ?? ''

async function checkedByPromtool(text: string): Promise<readonly [code: number, said: string]> {
  const child = spawn(process.env.PROMTOOL || 'promtool', ['check', 'metrics'])
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  child.stdin.end(text)
  const [code] = await once(child, 'close')
  return [code as number, said]
}

it.skipIf(isPrometheusMissing)(
  'a real Prometheus and a receiver of OTLP are told the same, once, whatever is judged anew',
  { timeout: TIMEOUT_MS },
  async () => {
    const receiver = await startOtlpReceiver()
    onTestFinished(() => receiver.close())
    onTestFinished(() => void vi.unstubAllEnvs())
    const place = await makePlace()
    const store = join(folder, 'books.db')
    const file = join(folder, 'quipu.yaml')
    writeFileSync(file, fileOf(place))
    const args = ['--config', file, '--store', store, '--metrics', '127.0.0.1:0']
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url)
    vi.stubEnv('OTEL_METRIC_EXPORT_INTERVAL', '1000')
    vi.stubEnv('OTEL_METRIC_EXPORT_TIMEOUT', '900')
    const auditor = await startAuditor(args)
    onTestFinished(() => void auditor.child.kill('SIGKILL'))
    const address = addressIn(auditor.stderr())
    const prometheus = await startPrometheus(address)
    onTestFinished(() => prometheus.stop())
    const count = 200
    const truth = await runService(place, { count, lost: [7, 150, 151], doubled: [42] })
    await untilJudged(store, truth.expected)

    const edge = 'quipu_edge_from="pay",quipu_edge_to="paid"'
    const one = async (promql: string): Promise<number | null> => {
      const [answer] = await prometheus.query(promql)
      return answer === undefined ? null : Number(answer.value[1])
    }
    // What is scraped is that of the books: three lost of two hundred on that edge, none on others.
    await until(
      async () => ((await one(`quipu_messages_lost_total{${edge}}`)) === 3 ? 3 : null),
      'a Prometheus that knows of 3 lost messages',
    )
    await until(
      async () =>
        (await one('sum(quipu_messages_expected_total)')) === truth.expected ? true : null,
      'a Prometheus that knows of all that was expected',
    )
    expect(await one('sum(quipu_messages_lost_total)')).toBe(3)
    expect(await one(`quipu_messages_duplicated_total{${edge}}`)).toBe(1)
    expect(await one('sum(quipu_messages_altered_total)')).toBe(0)
    expect(await one('sum(quipu_message_missing)')).toBe(0)
    // Every message that reached the last group has its time since birth.
    const full = '{quipu_edge_to="ship",quipu_latency_kind="full"}'
    await until(
      async () => ((await one(`quipu_edge_latency_seconds_count${full}`)) === count - 2 ? 1 : null),
      'latencies of all messages',
    )
    expect(
      await one(`histogram_quantile(1, quipu_edge_latency_seconds_bucket${full})`),
    ).toBeGreaterThan(0)
    // Across two groups nothing is there within a millisecond; of the two copies one may have been.
    const timely = await one(`quipu_edge_latency_seconds_bucket{le="0.001",${full.slice(1)}`)
    const late = await one('sum(quipu_messages_late_total)')
    expect(timely).not.toBeNull()
    expect(late).toBe(count - 2 - (timely as number) - 1)
    expect(late).toBeGreaterThan(0)
    const slow = `quipu_messages_late_total{quipu_latency_threshold="1ms",${full.slice(1)}`
    expect(await one(slow)).toBe(late)
    const records = await prometheus.query('quipu_agent_records_total')
    expect(
      Object.fromEntries(records.map((r) => [r.metric.quipu_hop_name, Number(r.value[1])])),
    ).toEqual({ sold: 200, orders: 200, pay: 200, paid: 198, ship: 198 })
    // The exemplar is a message that was lost.
    const found = (await prometheus.get(
      `/api/v1/query_exemplars?query=${encodeURIComponent('quipu_messages_lost_total')}&start=${Date.now() / 1_000 - 600}&end=${Date.now() / 1_000 + 60}`,
    )) as { exemplars: { labels: { message_id: string } }[] }[]
    const named = found.flatMap((f) => f.exemplars.map((e) => e.labels.message_id))
    expect(named.length).toBeGreaterThan(0)
    for (const id of named) expect(truth.lost.map(uuidOfHex)).toContain(id)

    // Objectives are assessed beside the auditor: 3 of 200 lost is more than one in a thousand.
    await until(
      async () =>
        (await one('quipu_objective_status_ratio{quipu_objective_status="breached"} == 1')) === 1
          ? true
          : null,
      'a breached objective',
    )
    const bound = '{quipu_objective_id="no-loss",quipu_bound="most"}'
    expect(await one(`quipu_objective_compliance_ratio${bound}`)).toBeCloseTo(1 - 3 / count)

    expect(await checkedByPromtool(await scrape(address))).toEqual([0, ''])
    const ready = await until(async () => {
      const response = await fetch(`http://${address}/readyz`)
      return response.status === 200 ? response.text() : null
    }, 'an auditor that is ready')
    expect(ready).toBe('ready\n')

    // Pushed and scraped agree in names, kinds and values.
    const scraped = countersOf(await scrape(address))
    await until(async () => {
      const lost = receiver.metrics().get('quipu.messages.lost')?.points
      const sum = [...(lost?.values() ?? [])].reduce((a, b) => a + b, 0)
      return sum === 3 ? true : null
    }, 'a push of 3 lost messages')
    // Counts are the same in what was judged; nobody saw the lost ones go wrong, so there is no link.
    const judged = await until(async () => {
      const own = receiver.spans().filter((s) => s.attributes['quipu.edge.to'] === 'paid')
      const lost = own.reduce((n, s) => n + Number(s.attributes['quipu.messages.lost']), 0)
      return lost >= 3 ? receiver.spans() : null
    }, 'spans that tell of 3 lost messages')
    for (const { name, kind, links } of judged)
      expect([name, kind, links]).toEqual(['reconcile', 1, []])
    expect([...receiver.paths].sort()).toEqual(['/v1/metrics', '/v1/traces'])
    expect(receiver.resource()['service.name']).toBe('quipu-auditor')
    const pushed = receiver.metrics()
    for (const name of metricNames) {
      const { kind, unit, only } = catalogue[name]
      const metric = pushed.get(name)
      if (only === 'scrape') expect(metric).toBeUndefined()
      if (metric === undefined) continue
      expect([name, metric.kind, metric.unit]).toEqual([name, kind, unit])
      for (const [key] of metric.points) {
        const names = (JSON.parse(key) as [string, string][]).map(([attribute]) => attribute)
        expect(names).toEqual([...attributesOf(name)].sort())
      }
      if (kind !== 'counter' || only !== null) continue
      const own = Object.entries(scraped).filter(([s]) => s.startsWith(`${prometheusName(name)}{`))
      expect(own.length).toBe(metric.points.size)
    }
    const points = [...(pushed.get('quipu.messages.lost')?.points ?? [])]
    expect(points.filter(([key]) => key.includes('"pay"') && key.includes('"paid"'))).toEqual([
      [expect.any(String), 3],
    ])

    // Killed, and once more over the same books: no sum moves.
    const before = countersOf(await scrape(address))
    auditor.child.kill('SIGKILL')
    await auditor.ended
    const again = await startAuditor(args)
    onTestFinished(() => void again.child.kill('SIGKILL'))
    const second = addressIn(again.stderr())
    const after = await until(async () => {
      const response = await fetch(`http://${second}/readyz`)
      const text = await scrape(second)
      return response.status === 200 && text !== '' ? text : null
    }, 'the second auditor to be ready')
    expect(countersOf(after)).toEqual(before)
    again.child.kill('SIGTERM')
    expect(await again.ended, again.stderr()).toBe(143)
    expect(again.stderr()).not.toContain('OpenTelemetry')
    await expect(fetch(`http://${second}/healthz`)).rejects.toThrow()
  },
)

it('a collector that is not there costs no audit anything, and is told of, each trouble once', {
  timeout: TIMEOUT_MS,
}, async () => {
  onTestFinished(() => void vi.unstubAllEnvs())
  const place = await makePlace()
  await ensureAuditTopic({ brokers: place.brokers, topic: place.auditTopic })
  const { expected } = await runService(place, { count: 60 })
  expect(expected).toBe(240)
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:9')
  vi.stubEnv('OTEL_METRIC_EXPORT_INTERVAL', '400')
  vi.stubEnv('OTEL_METRIC_EXPORT_TIMEOUT', '300')
  const store = join(folder, 'alone.db')
  const { code, stdout, stderr } = await quipu([
    'audit',
    ...auditFlags(place),
    '--store',
    store,
    '--once',
  ])
  expect(code, stderr).toBe(0)
  expect(stdout).toMatch(/ {2}met {2}\d+ expected$/m)
  const told = stderr.split('\n').filter((line) => line.startsWith('OpenTelemetry: '))
  expect(told.length).toBeGreaterThan(0)
  expect(new Set(told).size).toBe(told.length)
})
