/** The audit path may lose, double, delay and reorder frames: coverage is lost, never the truth. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Collector } from '../../src/collect/collector.ts'
import { Judge } from '../../src/collect/judge.ts'
import type { LogPolls } from '../../src/collect/log-watch.ts'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import { Agent } from '../../src/hop/agent.ts'
import { decodeFrame, encodeFrame } from '../../src/hop/frame-codec.ts'
import type { HopRef } from '../../src/hop/hop.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { MemoryTransport } from '../../src/transport/memory.ts'
import { DEADLINE, EDGES, HOPS, hex, id, PIPELINE, W, WINDOW_MS } from '../reconcile/build.ts'
import { expectSums } from '../reconcile/expect.ts'
import { type Fate, LossySender } from '../support/lossy.ts'

/** The first half of the messages is of the first window, the rest of the second. */
const MESSAGES = 20
const MESSAGES_PER_WINDOW = MESSAGES / 2
const LATE = DEADLINE + WINDOW_MS
const STEPS = 4

const edges = [
  EDGES.produce,
  EDGES.consume,
  { ...EDGES.transform, name: 'enrich → enriched', to: EDGES.transform.to.slice(0, 1), filter: [] },
]
const pipeline = { ...PIPELINE, edges }

/** How often each message goes over each edge: 0 is a loss, 2 a copy. */
type Flaws = readonly (readonly number[])[]
const NO_FLAWS: Flaws = edges.map(() => [])

const births = (n: number): number =>
  Math.floor(n / MESSAGES_PER_WINDOW) * WINDOW_MS + (n % MESSAGES_PER_WINDOW)
const idOf = (n: number) => id(births(n))
const hexOf = (n: number): string => hex(births(n))

const over = (flaws: Flaws, edge: number, sent: readonly number[]): number[] =>
  sent.flatMap((n) => Array<number>(flaws[edge]?.[n] ?? 1).fill(n))

/** What passed each hop, in its order. */
function logsOf(flaws: Flaws) {
  const sent = Array.from({ length: MESSAGES }, (_, n) => n)
  const flights = over(flaws, 0, sent)
  const handled = over(flaws, 1, flights)
  return [sent, flights, handled, over(flaws, 2, handled)] as const
}

/** Ids, each with how often. */
interface Truth {
  readonly lost: ReadonlyMap<string, number>
  readonly copied: ReadonlyMap<string, number>
}

/** By what went in and what came out, counted one by one. */
function truthOf(flaws: Flaws, edge: number, window: number): Truth {
  const logs = logsOf(flaws)
  const times = (log: readonly number[], n: number): number => log.filter((m) => m === n).length
  const differ = (sign: number): Map<string, number> => {
    const found = new Map<string, number>()
    for (let n = 0; n < MESSAGES; n++) {
      const more = sign * (times(logs[edge + 1] ?? [], n) - times(logs[edge] ?? [], n))
      const start = W + Math.floor(births(n) / WINDOW_MS) * WINDOW_MS
      if (start === window && more > 0) found.set(hexOf(n), more)
    }
    return found
  }
  return { lost: differ(-1), copied: differ(1) }
}

/** The agents of the pipeline see it in `STEPS` flushes, and then have time to seal. */
async function run(flaws: Flaws, sender: LossySender): Promise<void> {
  const [sent, flights, , enriched] = logsOf(flaws)
  let now = W
  const agentOf = (service: string, seed: number): Agent =>
    new Agent({
      service,
      sender,
      windowMs: WINDOW_MS,
      flushMs: 5_000,
      timer: false,
      clock: () => now,
      random: (size) => new Uint8Array(size).fill(seed),
    })
  const [checkin, topics, enrich] = [
    agentOf('checkin', 1),
    agentOf('auditor', 2),
    agentOf('enrich', 3),
  ] as const
  checkin.sealBy(HOPS.checkin, () => ({ sealedUntil: now, open: [] }))
  enrich.sealBy(HOPS.enricher, () => ({ sealedUntil: now, open: [] }))
  const slice = (log: readonly number[], step: number): readonly [number, number] => [
    Math.floor((log.length * step) / STEPS),
    Math.floor((log.length * (step + 1)) / STEPS),
  ]
  const read = (hop: HopRef, log: readonly number[], step: number): void => {
    const [from, to] = slice(log, step)
    const recorder = topics.recorder(hop, 'passed')
    for (let i = from; i < to; i++) recorder.add(idOf(log[i] as number), 0, i)
    topics.cover(hop, 0, from, to)
  }
  for (let step = 0; step < STEPS; step++) {
    now = W + (step + 1) * 30_000
    const [first, end] = slice(sent, step)
    for (const n of sent.slice(first, end))
      checkin.recorder(HOPS.checkin, 'passed').add(idOf(n), -1, -1)
    read(HOPS.flights, flights, step)
    read(HOPS.enriched, enriched, step)
    // A copy is handled at the offset of the message; what is passed over is covered.
    const [from, to] = slice(flights, step)
    for (let i = from; i < to; i++) {
      const n = flights[i] as number
      const origin = { topic: 'flights', group: 'enrich' }
      for (let times = flaws[1]?.[n] ?? 1; times > 0; times--) {
        enrich.recorder(HOPS.enrich, 'passed').add(idOf(n), 0, i)
        enrich.recorder(HOPS.enricher, 'passed', { origin }).add(idOf(n), -1, -1)
      }
    }
    enrich.cover(HOPS.enrich, 0, from, to)
    for (const agent of [checkin, topics, enrich]) await agent.flush()
  }
  now = LATE
  for (const agent of [checkin, topics, enrich]) await agent.flush()
}

interface Path {
  readonly fates?: readonly Fate[]
  readonly batch?: number
  readonly tamper?: (bytes: Uint8Array, copy: number) => Uint8Array
}

/** Every verdict that was said on the way, by step; the last step is what is said in the end. */
async function verdictsOf(flaws: Flaws, { fates = [], batch = 100, tamper }: Path = {}) {
  const transport = new MemoryTransport()
  const sender = new LossySender(transport.sender())
  const store = await openSqliteStore(':memory:')
  const collector = new Collector({ reader: transport.reader(), store, clock: () => LATE })
  const [, flights, , enriched] = logsOf(flaws)
  const pollLogEnds: LogPolls['pollLogEnds'] = async (hop) =>
    new Map([[0, (hop.topic === 'flights' ? flights : enriched).length]])
  const judge = new Judge({ store, pipelines: [pipeline], pollLogEnds })
  await collector.open()
  await run(flaws, sender)
  const steps: (readonly EdgeVerdict[])[] = []
  const between = async (): Promise<void> => {
    const { windows } = await collector.catchUp()
    await judge.turn(LATE, windows)
    steps.push(await store.verdicts())
  }
  await sender.letThrough(fates, batch, between, tamper)
  await store.close()
  return steps
}

const idsOf = (verdict: EdgeVerdict, codes: readonly string[]): string[] =>
  verdict.findings.filter((f) => codes.includes(f.code)).flatMap((f) => f.ids.map((i) => i.id))

const sum = (times: ReadonlyMap<string, number>): number =>
  [...times.values()].reduce((a, b) => a + b, 0)

/** The law for one verdict: nobody is accused who is innocent, nothing acquitted that is not well. */
function expectHonest(flaws: Flaws, verdict: EdgeVerdict): void {
  const edge = edges.findIndex((e) => e.name === verdict.edge)
  const { lost, copied } = truthOf(flaws, edge, verdict.window.start)
  expectSums(verdict)
  expect([...lost.keys()]).toEqual(expect.arrayContaining(idsOf(verdict, ['lost'])))
  expect([...copied.keys()]).toEqual(
    expect.arrayContaining(idsOf(verdict, ['duplicated', 'extra', 'unexpected'])),
  )
  const { duplicated, extra, unexpected } = verdict.counts
  expect(verdict.counts.lost).toBeLessThanOrEqual(sum(lost))
  expect(duplicated + extra + unexpected).toBeLessThanOrEqual(sum(copied))
  const well = lost.size + copied.size === 0
  if (verdict.verdict === 'breached') expect(well).toBe(false)
  if (verdict.verdict === 'met') expect(well).toBe(true)
}

/** What is said in the end, without how often it was revised on the way. */
const said = (verdicts: readonly EdgeVerdict[] = []) =>
  verdicts.map(({ edge, window, verdict, counts, findings, from, to }) => ({
    edge,
    window,
    verdict,
    counts: { ...counts, recovered: 0 },
    findings: findings.filter((f) => f.code !== 'recovered'),
    from,
    to,
  }))

const brief = (verdicts: readonly EdgeVerdict[] = []): string[] =>
  verdicts.map((v) => `${v.edge} ${v.window.start - W} ${v.verdict}`)

const passes = fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, fc.constantFrom(0, 2))
const anyFlaws: fc.Arbitrary<Flaws> = fc.tuple(
  ...edges.map(() => fc.array(passes, { minLength: MESSAGES, maxLength: MESSAGES })),
)
const FRAMES = 3 * (STEPS + 1)
const anyFates = (copiesMin: number): fc.Arbitrary<Fate[]> =>
  fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: copiesMin, maxLength: 3 }), {
    minLength: FRAMES,
    maxLength: FRAMES,
  })
const anyBatch = fc.integer({ min: 1, max: 8 })

describe('without the wrapper', () => {
  it('all is met in a pipeline that is well', async () => {
    const last = (await verdictsOf(NO_FLAWS)).at(-1) ?? []
    expect(last.map((v) => v.verdict)).toEqual(Array(2 * edges.length).fill('met'))
  })

  it('a loss on each edge is named, and nothing else', async () => {
    const flaws = edges.map((_, e) => Array.from({ length: MESSAGES }, (_, n) => (n === e ? 0 : 1)))
    const last = (await verdictsOf(flaws)).at(-1) ?? []
    expect(last.flatMap((v) => idsOf(v, ['lost'])).sort()).toEqual([0, 1, 2].map(hexOf))
  })
})

describe('a lossy audit path', () => {
  it('that doubles, delays and reorders changes nothing of what is said in the end', async () => {
    await fc.assert(
      fc.asyncProperty(anyFlaws, anyFates(1), anyBatch, async (flaws, fates, batch) => {
        const steps = await verdictsOf(flaws, { fates, batch })
        for (const verdict of steps.flat()) expectHonest(flaws, verdict)
        expect(said(steps.at(-1))).toEqual(said((await verdictsOf(flaws)).at(-1)))
      }),
      { numRuns: 60 },
    )
  })

  it('that keeps the last frames of a topic and its group back accuses nobody of what comes late', async () => {
    const flawed = (some: Record<number, number>): number[] =>
      Array.from({ length: MESSAGES }, (_, n) => some[n] ?? 1)
    const flaws = [flawed({ 5: 0, 8: 0 }), flawed({ 13: 0 }), flawed({ 17: 2 })]
    // Both ends of an edge lack the same part: that they agree on the rest proves nothing of it.
    const place: Readonly<Record<number, number>> = { 6: 5, 9: 1, 10: 1, 11: 1 }
    const fates = Array.from({ length: FRAMES }, (_, frame) => [place[frame] ?? 0])
    for (const verdict of (await verdictsOf(flaws, { fates, batch: 1 })).flat())
      expectHonest(flaws, verdict)
  })

  it('that also drops leaves the verdict as it is, or undetermined', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(anyFlaws, anyFates(0), anyBatch, async (flaws, fates, batch) => {
        const steps = await verdictsOf(flaws, { fates, batch })
        for (const verdict of steps.flat()) expectHonest(flaws, verdict)
        const whole = brief((await verdictsOf(flaws)).at(-1))
        for (const { verdict } of steps.at(-1) ?? []) seen.add(verdict)
        for (const verdict of steps.at(-1) ?? [])
          if (verdict.verdict === 'met' || verdict.verdict === 'breached')
            expect(whole).toContain(brief([verdict])[0])
      }),
      { numRuns: 60 },
    )
    // It is no law that nothing is ever said.
    expect([...seen]).toEqual(expect.arrayContaining(['breached', 'indeterminate']))
  })
})

describe('the instrument', () => {
  it('catches a store that takes a repeated frame twice', async () => {
    // The same frame under another name is new to the store, as every copy would be to such a one.
    const tamper = (bytes: Uint8Array, copy: number): Uint8Array =>
      copy === 0 ? bytes : encodeFrame({ ...decodeFrame(bytes), instance: 'ee'.repeat(16) })
    const fates = Array.from({ length: FRAMES }, (_, i) => (i === 1 ? [0, 0] : [0]))
    const steps = await verdictsOf(NO_FLAWS, { fates, tamper })
    expect(steps.at(-1)?.map((v) => v.verdict)).toContain('breached')
    expect(() => {
      for (const v of steps.flat()) expectHonest(NO_FLAWS, v)
    }).toThrow()
  })

  it('catches coverage that is claimed for a frame that was dropped', async () => {
    let frame = 0
    const tamper = (bytes: Uint8Array): Uint8Array =>
      frame++ === 1 ? encodeFrame({ ...decodeFrame(bytes), deltas: [] }) : bytes
    const steps = await verdictsOf(NO_FLAWS, { tamper })
    expect(steps.at(-1)?.flatMap((v) => idsOf(v, ['lost']))).not.toEqual([])
    expect(() => {
      for (const v of steps.flat()) expectHonest(NO_FLAWS, v)
    }).toThrow()
  })
})
