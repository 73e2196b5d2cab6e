/** Agents → transport → collector → store → judge, with frames that come late, twice, out of order. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Collector } from '../../src/collect/collector.ts'
import type { ReadPlaces } from '../../src/collect/cut-offs.ts'
import { Judge, type JudgeOptions } from '../../src/collect/judge.ts'
import { type KeptLogs, keptLogsIn, type LogPolls, LogWatch } from '../../src/collect/log-watch.ts'
import type { PlacesNow } from '../../src/collect/places-now.ts'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import { Agent } from '../../src/hop/agent.ts'
import { type HopRef, hopKey } from '../../src/hop/hop.ts'
import { hexOfWords, type IdWords, wordsOfParts } from '../../src/message/id.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { MemoryTransport } from '../../src/transport/memory.ts'
import { DEADLINE, EDGES, HOPS, PIPELINE, W, WINDOW_MS } from '../reconcile/build.ts'
import { expectSums } from '../reconcile/expect.ts'

const pipeline = { ...PIPELINE, edges: [EDGES.produce, EDGES.consume] }
const FLUSH_MS = 5_000

const idAt = (birth: number): IdWords =>
  wordsOfParts({ birth, version: 7, tag: 0xabcdef1234, sequence: birth % 1e6, ordinal: 0 })

/** An agent whose frames are kept, to be delivered as a test likes. */
class Recorded {
  readonly frames: Uint8Array[] = []
  readonly agent: Agent
  #now: number
  #sealedUntil: number

  constructor(service: string, seed: number, now = W) {
    this.#now = now
    this.#sealedUntil = now
    this.agent = new Agent({
      service,
      sender: {
        send: async (_, bytes) => void this.frames.push(bytes.slice()),
        close: async () => {},
      },
      windowMs: WINDOW_MS,
      flushMs: FLUSH_MS,
      timer: false,
      clock: () => this.#now,
      random: (size) => new Uint8Array(size).fill(seed),
    })
  }

  produces(hop: HopRef): this {
    this.agent.sealBy(hop, () => ({ sealedUntil: this.#sealedUntil, open: [] }))
    return this
  }

  see(hop: HopRef, births: readonly number[], firstOffset: number): this {
    const recorder = this.agent.recorder(hop, 'passed')
    births.forEach((birth, i) => {
      recorder.add(idAt(birth), 0, firstOffset + i)
    })
    if (hop.role !== 'producer') this.agent.cover(hop, 0, firstOffset, firstOffset + births.length)
    return this
  }

  async flush(at: number): Promise<this> {
    this.#now = at
    this.#sealedUntil = at
    await this.agent.flush()
    return this
  }
}

const births = (window: number, from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => window + from + i)

/** Two windows of ten messages each; the group skips the last one of the first window. */
async function scenario(): Promise<Uint8Array[][]> {
  const next = W + WINDOW_MS
  const producer = new Recorded('checkin', 1).produces(HOPS.checkin)
  const topic = new Recorded('auditor', 2)
  const group = new Recorded('enrich', 3)
  await producer.see(HOPS.checkin, births(W, 0, 5), 0).flush(W + 10_000)
  await producer.see(HOPS.checkin, births(W, 5, 10), 5).flush(W + 20_000)
  await producer.see(HOPS.checkin, births(next, 0, 10), 10).flush(next + 30_000)
  await producer.flush(next + WINDOW_MS)
  await topic.see(HOPS.flights, births(W, 0, 7), 0).flush(W + 15_000)
  await topic.see(HOPS.flights, births(W, 7, 10), 7).flush(W + 25_000)
  await topic.see(HOPS.flights, births(next, 0, 10), 10).flush(next + 35_000)
  await group.see(HOPS.enrich, births(W, 0, 9), 0).flush(W + 30_000)
  group.agent.cover(HOPS.enrich, 0, 9, 10)
  await group.see(HOPS.enrich, births(next, 0, 10), 10).flush(next + 40_000)
  for (const each of [producer, topic, group]) await each.flush(next + WINDOW_MS + 120_000)
  return [producer.frames, topic.frames, group.frames]
}

interface Audit {
  readonly store: Store
  /** Delivers frames, then judges. */
  step(now: number, frames?: readonly Uint8Array[]): Promise<readonly EdgeVerdict[]>
}

type PollLogEnds = NonNullable<LogPolls['pollLogEnds']>
const polled: PollLogEnds = async () => new Map([[0, 20]])

async function audit(
  pollLogEnds: PollLogEnds = polled,
  edges = pipeline.edges,
  polls: LogPolls & Pick<JudgeOptions, 'readPlaces'> = {},
): Promise<Audit> {
  const transport = new MemoryTransport()
  const sender = transport.sender()
  const store = await openSqliteStore(':memory:')
  let clock = W
  const collector = new Collector({ reader: transport.reader(), store, clock: () => clock })
  const judge = new Judge({ ...polls, store, pipelines: [{ ...pipeline, edges }], pollLogEnds })
  await collector.open()
  return {
    store,
    step: async (now, frames = []) => {
      clock = now
      for (const bytes of frames) await sender.send('', bytes)
      const { windows } = await collector.catchUp()
      const changed = await judge.turn(now, windows)
      changed.forEach(expectSums)
      return changed
    },
  }
}

/** What is said in the end, without how often it was revised on the way. */
async function said(store: Store): Promise<unknown[]> {
  return (await store.verdicts()).map(({ edge, window, verdict, counts, findings, from, to }) => ({
    edge,
    window,
    verdict,
    counts: { ...counts, recovered: 0 },
    findings: findings.filter((f) => f.code !== 'recovered'),
    from,
    to,
  }))
}

const LATE = DEADLINE + WINDOW_MS

async function inOrder(): Promise<unknown[]> {
  const { store, step } = await audit()
  await step(LATE, (await scenario()).flat())
  const verdicts = await said(store)
  await store.close()
  return verdicts
}

describe('frames in order', () => {
  it('name what the group skipped, and nothing else', async () => {
    const { store, step } = await audit()
    await step(LATE, (await scenario()).flat())
    const verdicts = await store.verdicts()
    expect(verdicts.map((v) => [v.edge, v.window.start - W, v.verdict])).toEqual([
      ['checkin → flights', 0, 'met'],
      ['flights → enrich', 0, 'breached'],
      ['checkin → flights', WINDOW_MS, 'met'],
      ['flights → enrich', WINDOW_MS, 'met'],
    ])
    const lost = verdicts.flatMap((v) => v.findings).filter((f) => f.code === 'lost')
    expect(lost.flatMap((f) => f.ids)).toEqual([{ id: hexOfWords(idAt(W + 9)), times: 1 }])
  })
})

describe('law 4: the same is said in the end', () => {
  it('in whatever order and however often frames come, judged at every step', async () => {
    const frames = (await scenario()).flat()
    const expected = await inOrder()
    const orders = fc.shuffledSubarray(
      [...frames.keys(), ...frames.keys()].map((i, place) => [i, place] as const),
      { minLength: frames.length, maxLength: 2 * frames.length },
    )
    await fc.assert(
      fc.asyncProperty(orders, fc.integer({ min: 1, max: 5 }), async (order, batch) => {
        const { store, step } = await audit()
        // What the shuffle left out comes last.
        const rest = [...frames.keys()].filter((i) => !order.some(([j]) => i === j))
        const all = [...order.map(([i]) => i), ...rest].map((i) => frames[i] as Uint8Array)
        for (let i = 0; i < all.length; i += batch) await step(LATE, all.slice(i, i + batch))
        expect(await said(store)).toEqual(expected)
        await store.close()
      }),
      { numRuns: 40 },
    )
  })

  it('whatever the store once refuses: all is judged, and what is saved is told', async () => {
    const [producer = [], topic = [], group = []] = await scenario()
    const expected = await inOrder()
    const parts = [[...producer, ...topic], group]
    let isRefused = true
    for (let at = 1; isRefused; at++) {
      const whole = await openSqliteStore(':memory:')
      let calls = 0
      // Only the judge is refused, and tries again as the auditor does: told of no window twice.
      const store = new Proxy(whole, {
        get: (of, name) => {
          const own: unknown = Reflect.get(of, name)
          if (typeof own !== 'function') return own
          return (...args: readonly unknown[]): unknown => {
            if (++calls === at) return Promise.reject(new Error('busy'))
            return own.apply(of, args)
          }
        },
      })
      const transport = new MemoryTransport()
      const collector = new Collector({
        ...{ reader: transport.reader(), store: whole, clock: () => LATE },
      })
      const judge = new Judge({ store, pipelines: [pipeline], pollLogEnds: polled })
      await collector.open()
      const told = new Map<string, EdgeVerdict>()
      for (const frames of parts) {
        for (const bytes of frames) await transport.sender().send('', bytes)
        const { windows } = await collector.catchUp()
        const turn = (touched: readonly number[]) => judge.turn(LATE, touched)
        const changed = await turn(windows).catch(() => turn([]))
        for (const verdict of changed) told.set(`${verdict.window.start} ${verdict.edge}`, verdict)
      }
      isRefused = calls >= at
      expect(await said(whole), `refused at call ${at}`).toEqual(expected)
      const stored = await whole.verdicts()
      const lastTold = stored.map((v) => told.get(`${v.window.start} ${v.edge}`))
      expect(
        lastTold.map((v) => v?.revision),
        `told, refused at call ${at}`,
      ).toEqual(stored.map((v) => v.revision))
      await whole.close()
    }
  })

  it('by a judge that was started anew', async () => {
    const { store, step } = await audit()
    await step(LATE, (await scenario()).flat())
    const before = await store.verdicts()
    const again = new Judge({ store, pipelines: [pipeline], pollLogEnds: polled })
    expect(await again.turn(LATE)).toEqual([])
    expect(await store.verdicts()).toEqual(before)
  })

  it('when nothing new comes, nothing changes', async () => {
    const { step } = await audit()
    const frames = (await scenario()).flat()
    // Also while windows are open: before the deadline what the group skipped is in flight.
    const [end, deadline] = [W + WINDOW_MS, DEADLINE - 1]
    expect((await step(end, frames)).length).toBeGreaterThan(0)
    expect(await step(end)).toEqual([])
    expect((await step(deadline)).length).toBeGreaterThan(0)
    expect(await step(deadline)).toEqual([])
    await step(LATE)
    expect(await step(LATE)).toEqual([])
    expect(await step(LATE, frames)).toEqual([])
  })
})

describe('a log that was cut and written again', () => {
  const NEXT = W + WINDOW_MS
  const UNTOLD = [
    ['indeterminate', 10],
    ['met', 0],
  ]
  const ID = { pollTopicId: async () => 'a' }
  const POLLS: LogPolls = { ...ID, pollCompacted: async () => false }

  /** An auditor that was there before saw which topic it is. */
  async function seenBefore(store: Store): Promise<void> {
    const watch = new LogWatch(store, ID)
    await watch.open()
    await watch.look([pipeline], W - 1, FLUSH_MS, new Map())
    await watch.save()
  }
  const idsOfWindow = (window: number): readonly string[] =>
    births(window, 0, 10).map((birth) => hexOfWords(idAt(birth)))

  /** Ten of each window were acknowledged at the same offsets; the topic's agent read those of the last. */
  async function written(gone = 1): Promise<Uint8Array[]> {
    const producer = new Recorded('checkin', 1).produces(HOPS.checkin)
    const topic = new Recorded('auditor', 2)
    for (let n = 0; n <= gone; n++) {
      const at = W + n * WINDOW_MS
      await producer.see(HOPS.checkin, births(at, 0, 10), 0).flush(at + 20_000)
    }
    const last = W + gone * WINDOW_MS
    await topic.see(HOPS.flights, births(last, 0, 10), 0).flush(last + 40_000)
    for (const each of [producer, topic]) await each.flush(last + WINDOW_MS + 120_000)
    return [...producer.frames, ...topic.frames]
  }

  async function judged(
    readPlaces?: ReadPlaces,
    polls: LogPolls = POLLS,
    isSeen = true,
  ): Promise<{
    readonly verdicts: readonly EdgeVerdict[]
    readonly logs: KeptLogs
  }> {
    const only = readPlaces === undefined ? polls : { ...polls, readPlaces }
    const { store, step } = await audit(async () => new Map([[0, 10]]), [EDGES.produce], only)
    if (isSeen) await seenBefore(store)
    await step(LATE, await written())
    await step(LATE + WINDOW_MS)
    const [verdicts, logs] = [await store.verdicts(), await keptLogsIn(store)]
    await store.close()
    return { verdicts, logs }
  }

  const standing = (window: number, epoch: number): PlacesNow => ({
    ids: new Set(idsOfWindow(window)),
    epochs: new Map([[0, [{ epoch, from: 0, to: 10 }]]]),
  })

  it('has lost who stands at no place any more, and is asked once', async () => {
    const asked: unknown[] = []
    const { verdicts, logs } = await judged(async (topic, where) => {
      asked.push([topic, [...where]])
      return standing(NEXT, 3)
    })
    expect(verdicts.map((v) => [v.verdict, v.counts.lost])).toEqual([
      ['breached', 10],
      ['met', 0],
    ])
    expect(verdicts[0]?.findings.flatMap((f) => f.ids.map(({ id }) => id))).toEqual(idsOfWindow(W))
    expect(asked).toEqual([[HOPS.flights, [[0, [[0, 10]]]]]])
    const place = { partition: 0, from: 0, to: 10, epoch: 3, before: -1 }
    expect([...logs.overwritten]).toEqual([
      [hopKey(HOPS.flights), [{ ...place, at: LATE, until: NEXT }]],
    ])
  })

  it('stays judged for an auditor that is started anew, which need not ask', async () => {
    const ends: PollLogEnds = async () => new Map([[0, 10]])
    const pipelines = [{ ...pipeline, edges: [EDGES.produce] }]
    const { store, step } = await audit(ends, [EDGES.produce], {
      ...POLLS,
      readPlaces: async () => standing(NEXT, 3),
    })
    await seenBefore(store)
    await step(LATE, await written())
    // What stood there may be deleted by now.
    const asked: unknown[] = []
    const readPlaces: ReadPlaces = async (topic) => {
      asked.push(topic)
      return null
    }
    const again = new Judge({ store, pipelines, ...POLLS, pollLogEnds: ends, readPlaces })
    expect(await again.turn(LATE + WINDOW_MS)).toEqual([])
    expect(await again.turn(LATE + 2 * WINDOW_MS)).toEqual([])
    expect(asked).toEqual([])
    expect((await store.verdicts()).map((v) => [v.verdict, v.revision])).toEqual([
      ['breached', 0],
      ['met', 0],
    ])
    await store.close()
  })

  it('settles no window that is yet to be asked about', async () => {
    const last = W + 5 * WINDOW_MS
    const { store, step } = await audit(async () => new Map([[0, 10]]), [EDGES.produce], {
      ...POLLS,
      readPlaces: async () => standing(last, 3),
    })
    await seenBefore(store)
    const now = last + LATE - W
    const states = async (): Promise<readonly string[]> =>
      (await store.verdicts()).map((v) => `${v.verdict} ${v.state} ${v.revision}`)
    await step(now, await written(5))
    const lost = ['breached settled 0', 'breached settled 0', 'breached settled 0']
    const open = ['indeterminate open 0', 'indeterminate open 0']
    expect(await states()).toEqual([...lost, ...open, 'met settled 0'])
    await step(now + 1_000)
    expect(await states()).toEqual([...lost, ...lost.slice(1), 'met settled 0'])
    await store.close()
  })

  it.each<[string, ReadPlaces | undefined, LogPolls?]>([
    ['nobody can ask', undefined],
    ['nobody answers', async () => null],
    ['its first leader wrote it: it was created anew', async () => standing(NEXT, 0)],
    ['they stand there yet', async () => standing(W, 3)],
    [
      'it may be compacted',
      async () => standing(NEXT, 3),
      { ...ID, pollCompacted: async () => null },
    ],
    [
      'it was created anew, and has had elections since',
      async () => standing(NEXT, 3),
      { pollTopicId: async () => 'b', pollCompacted: async () => false },
    ],
    [
      'nobody tells whether it was created anew',
      async () => standing(NEXT, 3),
      { pollCompacted: async () => false },
    ],
  ])('is left open where %s', async (_, readPlaces, polls = POLLS) => {
    const { verdicts } = await judged(readPlaces, polls)
    expect(verdicts.map((v) => [v.verdict, v.counts.undetermined])).toEqual(UNTOLD)
  })

  it('is left open where nobody had seen before which topic it is', async () => {
    const { verdicts } = await judged(async () => standing(NEXT, 3), POLLS, false)
    expect(verdicts.map((v) => [v.verdict, v.counts.undetermined])).toEqual(UNTOLD)
  })
})

describe('late frames', () => {
  it('make in_flight of what they hold, and a revision when they come', async () => {
    const [producer = [], topic = [], group = []] = await scenario()
    const { store, step } = await audit()
    // The topic's second frame is late, and nobody knows of it yet.
    await step(LATE, [...producer, ...group, topic[0] as Uint8Array])
    const [first] = await store.verdicts({ edge: 'checkin → flights' })
    expect(first).toMatchObject({
      state: 'settled',
      verdict: 'indeterminate',
      counts: { in_flight: 3, lost: 0 },
    })
    await step(LATE + 1, topic.slice(1))
    const [second] = await store.verdicts({ edge: 'checkin → flights' })
    expect(second).toMatchObject({ state: 'revised', verdict: 'met', counts: { recovered: 0 } })
    expect(await store.revisions(pipeline.name, 'checkin → flights', W)).toHaveLength(1)
  })

  it('that undo an early agreement leave the window to its deadline', async () => {
    const { step } = await audit(polled, [EDGES.consume])
    const next = W + WINDOW_MS
    const producer = new Recorded('checkin', 1).produces(HOPS.checkin)
    const topic = new Recorded('auditor', 2)
    const group = new Recorded('enrich', 3)
    const hops = [
      [producer, HOPS.checkin],
      [topic, HOPS.flights],
      [group, HOPS.enrich],
    ] as const
    for (const [each, hop] of hops)
      await each
        .see(hop, births(W, 0, 9), 0)
        .see(hop, births(next, 0, 1), 9)
        .flush(next + FLUSH_MS)
    const early = hops.flatMap(([{ frames }]) => frames.splice(0))
    expect((await step(next + FLUSH_MS, early))[0]).toMatchObject({
      ...{ state: 'settled', verdict: 'met' },
    })
    await producer.see(HOPS.checkin, births(W, 9, 10), 10).flush(DEADLINE - 2)
    await topic.see(HOPS.flights, births(W, 9, 10), 10).flush(DEADLINE - 2)
    group.agent.cover(HOPS.enrich, 0, 10, 11)
    await group.flush(DEADLINE - 2)
    const late = hops.flatMap(([{ frames }]) => frames)
    const [before] = await step(DEADLINE - 1, late)
    expect(before?.counts).toMatchObject({ in_flight: 1, lost: 0 })
    const [after] = await step(DEADLINE)
    expect(after?.counts).toMatchObject({ in_flight: 0, lost: 1 })
  })

  it('show as recovered what was called lost', async () => {
    const [producer = [], topic = [], group = []] = await scenario()
    const { store, step } = await audit()
    await step(LATE, [...producer, ...topic, ...group])
    // The group went back and handled the last message after all.
    const again = await new Recorded('enrich', 4, LATE).see(HOPS.enrich, [W + 9], 9).flush(LATE)
    await step(LATE + 1, again.frames)
    const [healed] = await store.verdicts({ edge: 'flights → enrich', until: W + 1 })
    expect(healed).toMatchObject({
      state: 'revised',
      verdict: 'met',
      counts: { lost: 0, recovered: 1 },
    })
    const recovered = healed?.findings.find((f) => f.code === 'recovered')
    expect(recovered?.ids.map(({ id }) => id)).toEqual([hexOfWords(idAt(W + 9))])
  })

  it('open a finished window again when they tell of one that is missing', async () => {
    const producer = new Recorded('checkin', 1).produces(HOPS.checkin)
    await producer.see(HOPS.checkin, births(W, 0, 5), 0).flush(W + 10_000)
    await producer.flush(W + WINDOW_MS)
    const topic = new Recorded('auditor', 2)
    await topic.see(HOPS.flights, births(W, 0, 5), 0).flush(W + WINDOW_MS)
    const { store, step } = await audit(polled, [EDGES.produce])
    const edge = 'checkin → flights'
    await step(W + WINDOW_MS + FLUSH_MS, [...producer.frames, ...topic.frames])
    expect((await store.verdicts({ edge }))[0]).toMatchObject({ state: 'settled', verdict: 'met' })
    // A frame with more of the window is lost; the next one says so and holds none of it.
    await producer.see(HOPS.checkin, births(W, 5, 6), 5).flush(W + WINDOW_MS + 10_000)
    await producer.flush(W + WINDOW_MS + 20_000)
    await step(W + WINDOW_MS + 21_000, producer.frames.slice(-1))
    expect((await store.verdicts({ edge }))[0]).toMatchObject({ verdict: 'indeterminate' })
    await step(W + WINDOW_MS + 22_000, producer.frames.slice(-2, -1))
    const [last] = await store.verdicts({ edge })
    expect(last?.counts.expected).toBe(6)
  })
})

describe('polled log ends', () => {
  it('are asked again when more has come, for it may lie beyond the first poll', async () => {
    const producer = new Recorded('checkin', 1).produces(HOPS.checkin)
    const send = (birth: number): void =>
      producer.agent.recorder(HOPS.checkin, 'passed').add(idAt(birth), -1, -1)
    const topic = new Recorded('auditor', 2)
    send(W)
    await producer.flush(W + WINDOW_MS)
    // A message of another window, so that the topic is watched.
    await topic.see(HOPS.flights, [W - WINDOW_MS], 0).flush(W + WINDOW_MS)
    let end = 1
    const { store, step } = await audit(async () => new Map([[0, end]]))
    await step(DEADLINE, [...producer.frames, ...topic.frames])
    // Sent without a place after the first poll: it may be at offset 1, which nobody has read.
    end = 2
    send(W + 1)
    await producer.flush(DEADLINE + 1)
    await step(DEADLINE + 2, producer.frames.slice(-1))
    const [verdict] = await store.verdicts({ edge: 'checkin → flights', since: W })
    expect(verdict?.counts).toMatchObject({ expected: 2, lost: 0, in_flight: 2 })
  })

  it('are of open transactions too: a send without a place may lie behind what may be read', async () => {
    const producer = new Recorded('checkin', 1).produces(HOPS.checkin)
    producer.agent.recorder(HOPS.checkin, 'passed').add(idAt(W), -1, -1)
    await producer.flush(W + WINDOW_MS)
    const topic = new Recorded('auditor', 2)
    await topic.see(HOPS.flights, [W - WINDOW_MS], 0).flush(W + WINDOW_MS)
    const ofOne = async (mark: number): Promise<EdgeVerdict | undefined> => {
      const pollHighWatermarks = async () => new Map([[0, mark]])
      const { store, step } = await audit(async () => new Map([[0, 1]]), [EDGES.produce], {
        pollHighWatermarks,
      })
      await step(DEADLINE, [...producer.frames, ...topic.frames])
      return (await store.verdicts({ since: W }))[0]
    }
    expect((await ofOne(5))?.counts).toMatchObject({ expected: 1, lost: 0, in_flight: 1 })
    // Nothing lies behind: whatever was sent until then is read, and this was not among it.
    expect((await ofOne(1))?.counts).toMatchObject({ expected: 1, lost: 1, in_flight: 0 })
  })

  it('prove no loss of what a frame told of after them', async () => {
    const next = W + WINDOW_MS
    const producer = new Recorded('checkin', 1).produces(HOPS.checkin)
    // What is still open in the next window keeps the polls going.
    await producer.see(HOPS.checkin, [W], 1).see(HOPS.checkin, [next], 9).flush(next)
    // Sent after the deadline by a service whose clock is behind: nothing of it was there at the polls.
    await producer.see(HOPS.checkin, births(W, 1, 4), 2).flush(LATE)
    const topic = new Recorded('auditor', 2)
    await topic
      .see(HOPS.flights, [W - WINDOW_MS], 0)
      .see(HOPS.flights, [W], 1)
      .flush(next)
    let mark = 2
    const { store, step } = await audit(async () => new Map([[0, mark]]), [EDGES.produce], {
      pollHighWatermarks: async () => new Map([[0, mark]]),
    })
    const late = producer.frames.slice(-1)
    await step(next, [...producer.frames.slice(0, -1), ...topic.frames])
    for (const at of [DEADLINE, DEADLINE + FLUSH_MS, LATE]) await step(at)
    const counts = async (): Promise<unknown> => (await store.verdicts({ since: W }))[0]?.counts
    // Written and told at once: the polls of an instant ago do not know of it.
    mark = 5
    await step(LATE + 1, late)
    expect(await counts()).toMatchObject({ expected: 4, delivered: 1, lost: 0, in_flight: 3 })
    // Two polls after it that do not reach so far do.
    mark = 2
    for (const at of [1, 2, 3]) await step(LATE + 1 + at * FLUSH_MS)
    expect(await counts()).toMatchObject({ expected: 4, delivered: 1, lost: 3, in_flight: 0 })
  })

  it('are asked once a turn, however many windows wait for them', async () => {
    let polls = 0
    const { step } = await audit(async () => {
      polls++
      return new Map([[0, 20]])
    })
    await step(LATE, (await scenario()).flat())
    expect(polls).toBe(3)
  })
})

describe('more windows than are judged in one turn', () => {
  it('all get their turn, and the newest evidence comes first', async () => {
    const { store, step } = await audit()
    const topic = new Recorded('auditor', 2, W + 700 * WINDOW_MS)
    const windows = Array.from({ length: 700 }, (_, i) => W + i * WINDOW_MS)
    // No producer is ever heard: no window can be finished.
    for (const [i, window] of windows.entries()) {
      topic.see(HOPS.flights, [window], i)
      if (i % 100 === 99) await topic.flush(W + 700 * WINDOW_MS)
    }
    const now = W + 800 * WINDOW_MS
    await step(now, topic.frames)
    const count = async () => (await store.verdicts({ edge: 'checkin → flights' })).length
    expect(await count()).toBe(700)
    const late = new Recorded('auditor', 5, now)
    await late.see(HOPS.flights, [W + 1], 700).flush(now)
    const changed = await step(now, late.frames)
    expect(changed.map((v) => v.window.start)).toContain(W)
    // One that starts anew begins with the newest and goes on with the others.
    const judge = new Judge({ store, pipelines: [{ ...pipeline, name: 'other' }] })
    const judged = async () =>
      new Set((await judge.turn(now)).map((v) => (v.window.start - W) / WINDOW_MS))
    expect(Math.min(...(await judged()))).toBe(200)
    expect([...(await judged())].filter((n) => n < 200)).toHaveLength(200)
  })

  it('are left as they are when they have been pruned', async () => {
    const { store, step } = await audit()
    const [producer = []] = await scenario()
    await step(LATE, producer)
    await store.prune(W + WINDOW_MS)
    await step(LATE + 1)
    expect((await store.verdicts()).map((v) => v.window.start)).not.toContain(W)
  })
})
