import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import { runFlights } from '../support/flights/run.ts'
import { untilJudged, verdictsIn } from '../support/judged.ts'
import { createTopic, groupName, kafkaClient, sharedBrokers, topicName } from '../support/kafka.ts'
import { quipu, startAuditor } from '../support/quipu.ts'

/** The gate takes 250,000; `QUIPU_FLIGHTS=3000000 npm test -- --integration` takes all. */
const COUNT = Number(process.env.QUIPU_FLIGHTS ?? 250_000)
const WINDOW_MS = 5_000
const LATENESS_MS = 10_000

const folder = mkdtempSync(join(tmpdir(), 'quipu-flights-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('250,000 flights through five hops on a real broker', () => {
  it('names exactly what the handlers dropped and doubled, where a count audit sees nothing', {
    timeout: 600_000 + COUNT / 2,
  }, async () => {
    const topics = {
      flights: await createTopic({ prefix: 'flights', partitions: 6 }),
      enriched: await createTopic({ prefix: 'flights.enriched', partitions: 6 }),
    }
    const groups = { enrich: groupName('enrich'), warehouse: groupName('warehouse') }
    const auditTopic = topicName('quipu.tallies')
    const store = join(folder, 'quipu.db')
    const file = join(folder, 'quipu.yaml')
    writeFileSync(file, yaml({ topics, groups, auditTopic }))

    const auditor = await startAuditor(['--config', file, '--store', store])
    const truth = await runFlights({
      kafka: kafkaClient(),
      topics,
      groups,
      count: COUNT,
      seed: 7,
      faults: { dropped: 40, doubled: 40, delayed: 25, unwritten: 10 },
      audit: {
        windowMs: WINDOW_MS,
        latenessMs: LATENESS_MS,
        flushMs: 2_000,
        audit: { topic: auditTopic },
      },
      warehouse: join(folder, 'warehouse.db'),
    })
    // As many are doubled as dropped: each of five edges expects them all.
    await untilJudged(store, 5 * COUNT)
    auditor.child.kill('SIGTERM')
    expect(await auditor.ended, auditor.stderr()).toBe(143)

    // Not one message too few or too many where it passed on: counts see nothing.
    const { counts } = truth
    console.log('count audit of the same run:', counts)
    expect(counts.passedOn).toBe(counts.handled)

    const verdicts = await verdictsIn(store)
    const ids = (edge: string, ...codes: string[]): string[] =>
      verdicts
        .filter((v) => v.edge === edge)
        .flatMap((v) => v.findings.filter((f) => codes.includes(f.code)))
        .flatMap((f) => f.ids.map((i) => i.copyOf ?? i.id))
        .sort()
    expect(ids('enrich → enriched', 'lost')).toEqual(truth.dropped)
    expect(ids('enrich → enriched', 'duplicated', 'extra')).toEqual(truth.doubled)
    expect(ids('warehouse → store', 'lost')).toEqual(truth.unwritten)
    const total = sumOf(verdicts)
    expect(total).toMatchObject({
      lost: 50,
      duplicated: 40,
      extra: 0,
      unexpected: 0,
      in_flight: 0,
      undetermined: 0,
    })
    const elsewhere = verdicts.filter(
      (v) => !['enrich → enriched', 'warehouse → store'].includes(v.edge),
    )
    expect(elsewhere.filter((v) => v.verdict !== 'met').map(brief)).toEqual([])

    // The command line says the same.
    const losses = await quipu(['losses', '--store', store, '--json'])
    for (const id of truth.dropped) expect(losses.stdout.replaceAll('-', '')).toContain(id)
    const check = await quipu(['check', '--store', store])
    expect(check.code, check.stderr).toBe(1)
    const report = await quipu(['report', '--store', store])
    expect(report.code, report.stderr).toBe(0)
    console.log(report.stdout)
  })
})

const brief = (v: EdgeVerdict): unknown => [
  new Date(v.window.start).toISOString(),
  v.edge,
  v.verdict,
  v.findings.map((f) => [f.code, f.count, f.args]),
  [...v.from, ...v.to].map((h) => [h.hop, h.count, h.passage, h.why]),
]

function sumOf(verdicts: readonly EdgeVerdict[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const { counts } of verdicts)
    for (const [name, n] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + n
  return sum
}

function yaml(names: {
  readonly topics: { readonly flights: string; readonly enriched: string }
  readonly groups: { readonly enrich: string; readonly warehouse: string }
  readonly auditTopic: string
}): string {
  const { topics, groups, auditTopic } = names
  return `version: 1
window: ${WINDOW_MS}ms
lateness: ${LATENESS_MS}ms
kafka: { brokers: ["${sharedBrokers().join('", "')}"], audit: { topic: ${auditTopic} } }
pipelines:
  flights:
    owner: { team: network-ops, contact: "#flights" }
    hops:
      checkin: { producer: ${topics.flights}, service: checkin }
      flights: { topic: ${topics.flights} }
      enrich: { consumer: ${topics.flights}, group: ${groups.enrich} }
      enriched: { topic: ${topics.enriched} }
      warehouse: { consumer: ${topics.enriched}, group: ${groups.warehouse} }
      store: { sink: warehouse }
    edges:
      - { from: checkin, to: flights }
      - { from: flights, to: enrich }
      - { from: enrich, to: enriched }
      - { from: enriched, to: warehouse }
      - { from: warehouse, to: store }
`
}
