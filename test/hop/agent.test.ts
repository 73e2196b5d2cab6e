import { describe, expect, it } from 'vitest'
import { Agent, type AgentOptions } from '../../src/hop/agent.ts'
import type { Frame } from '../../src/hop/frame.ts'
import { decodeFrame } from '../../src/hop/frame-codec.ts'
import { consumerHop, producerHop } from '../../src/hop/hop.ts'
import { PLAIN } from '../../src/hop/plan.ts'
import { NOWHERE } from '../../src/hop/tally.ts'
import { type IdWords, wordsOfParts } from '../../src/message/id.ts'
import type { FrameSender } from '../../src/transport/transport.ts'

const NOW = 1_767_225_600_000
const WINDOW_MS = 60_000
const checkin = producerHop('default', 'flights', 'checkin')
const enrich = consumerHop('default', 'flights', 'enrich')

const id = (n: number, birth = NOW): IdWords =>
  wordsOfParts({ birth, version: 7, tag: 1, sequence: n, ordinal: 0 })

type Answer = 'take' | 'fail' | 'refuse'

/** A transport that answers as it is told, then takes all. */
class Recording implements FrameSender {
  readonly tried: Uint8Array[] = []
  readonly taken: Frame[] = []
  closed = false
  answers: Answer[] = []

  send(_: string, bytes: Uint8Array): Promise<void> {
    this.tried.push(bytes)
    const answer = this.answers.shift() ?? 'take'
    if (answer === 'fail') return Promise.reject(new Error('no broker'))
    if (answer === 'refuse')
      return Promise.reject(Object.assign(new Error('too large'), { permanent: true }))
    this.taken.push(decodeFrame(bytes))
    return Promise.resolve()
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

function start(options: Partial<AgentOptions> = {}): { agent: Agent; sent: Recording } {
  const sent = new Recording()
  const agent = new Agent({
    service: 'checkin',
    sender: sent,
    windowMs: WINDOW_MS,
    clock: () => NOW,
    timer: false,
    ...options,
  })
  return { agent, sent }
}

describe('an agent', () => {
  it('numbers its frames from 0, says hello once and goodbye last', async () => {
    const { agent, sent } = start()
    await agent.flush()
    await agent.flush()
    await agent.close()
    expect(sent.taken.map(({ number, hello, goodbye }) => [number, hello, goodbye])).toEqual([
      [0, true, false],
      [1, false, false],
      [2, false, true],
    ])
    expect(sent.closed).toBe(true)
    await agent.flush()
    expect(sent.taken).toHaveLength(3)
  })

  it('puts each id into the window of its birth: the start is in it, the end is not', async () => {
    const { agent, sent } = start()
    const recorder = agent.recorder(checkin, 'passed')
    for (const birth of [NOW, NOW + WINDOW_MS - 1, NOW + WINDOW_MS, NOW - 1])
      recorder.add(id(1, birth), 0, 5)
    await agent.flush()
    const counts = sent.taken[0]?.deltas.map((d) => [d.window, d.count])
    expect(counts).toEqual([
      [NOW, 2],
      [NOW + WINDOW_MS, 1],
      [NOW - WINDOW_MS, 1],
    ])
  })

  it('keeps lowest and highest offset per partition, and counts those without', async () => {
    const { agent, sent } = start()
    const recorder = agent.recorder(checkin, 'passed')
    for (const [n, partition, offset] of [
      [1, 0, 7],
      [2, 0, 5],
      [3, 1, 9],
      [4, 0, 8],
      [5, NOWHERE, NOWHERE],
    ] as const)
      recorder.add(id(n), partition, offset)
    await agent.flush()
    expect(sent.taken[0]?.deltas[0]).toMatchObject({
      count: 5,
      placeless: 1,
      ranges: [
        { partition: 0, low: 5, high: 8 },
        { partition: 1, low: 9, high: 9 },
      ],
    })
  })

  it('sends the same bytes again until they are taken, and cuts nothing new before', async () => {
    const { agent, sent } = start()
    const recorder = agent.recorder(checkin, 'passed')
    recorder.add(id(1), 0, 1)
    sent.answers = ['fail', 'fail', 'take']
    await agent.flush()
    recorder.add(id(2), 0, 2)
    await agent.flush()
    recorder.add(id(3), 0, 3)
    await agent.flush()
    expect(sent.tried[1]).toEqual(sent.tried[0])
    expect(sent.tried[2]).toEqual(sent.tried[0])
    expect(sent.taken.map(({ number, deltas }) => [number, deltas[0]?.count])).toEqual([
      [0, 1],
      [1, 2],
    ])
  })

  it('keeps bounded what piles up while nothing is taken, and says what it dropped', async () => {
    const { agent, sent } = start()
    const recorder = agent.recorder(checkin, 'passed')
    sent.answers = ['fail']
    await agent.flush()
    for (let w = 0; w < 500; w++) recorder.add(id(w, NOW - w * WINDOW_MS), 0, w)
    await agent.flush()
    const last = sent.taken.at(-1)
    const tallies = sent.taken.reduce((n, f) => n + f.deltas.length, 0)
    expect(tallies).toBe(400)
    expect(last?.dropped).toMatchObject([
      {
        reason: 'tallies-full',
        count: 100,
        fromWindow: NOW - 499 * WINDOW_MS,
        toWindow: NOW - 400 * WINDOW_MS,
      },
    ])
  })

  it('keeps as few windows as their tallies fit in, and counts each message without', async () => {
    const value = { value: true, key: false, headers: [] }
    const { agent, sent } = start({ planOf: () => ({ ...PLAIN, oneIn: [2], preserve: [value] }) })
    const recorder = agent.recorder(checkin, 'passed')
    // Two elements at two rates: four tallies a window, 100 windows, two messages too many.
    for (let w = 0; w < 101; w++)
      for (let n = 0; n < 2; n++) recorder.add(id(n, NOW - w * WINDOW_MS), 0, w, NOW, NOW, [7])
    await agent.flush()
    expect(sent.taken.reduce((n, f) => n + f.deltas.length, 0)).toBe(400)
    const first = NOW - 100 * WINDOW_MS
    expect(sent.taken.at(-1)?.dropped).toMatchObject([
      { hop: checkin, reason: 'tallies-full', count: 2, fromWindow: first, toWindow: first },
    ])
  })

  it('asks of each hop what it keeps', async () => {
    const { agent, sent } = start({
      planOf: (hop) =>
        hop.role === 'consumer' ? { ...PLAIN, exact: false, oneIn: [1024] } : PLAIN,
    })
    for (const hop of [checkin, enrich])
      for (let n = 0; n < 50; n++) agent.recorder(hop, 'passed').add(id(n), 0, n)
    await agent.flush()
    expect(sent.taken[0]?.deltas).toMatchObject([{ hop: checkin, oneIn: 1, count: 50 }])
  })

  it('keeps ids where nobody can tell what to keep, and says so', async () => {
    const troubles: string[] = []
    const { agent, sent } = start({
      planOf: () => {
        throw new Error('no such file')
      },
      onTrouble: (text) => troubles.push(text),
    })
    agent.recorder(enrich, 'passed').add(id(1), 0, 1)
    await agent.flush()
    expect(sent.taken[0]?.deltas).toMatchObject([
      { hop: enrich, element: 'id', oneIn: 1, count: 1 },
    ])
    expect(troubles).toEqual([expect.stringContaining('no such file')])
  })

  it('keeps bounded the filters of its windows, and counts the windows that do without', async () => {
    const { agent, sent } = start({ planOf: () => ({ ...PLAIN, membership: 400_000 }) })
    const recorder = agent.recorder(enrich, 'passed')
    const add = (windows: number): void => {
      for (let w = 0; w < windows; w++)
        for (let n = 0; n < 2; n++) recorder.add(id(n, NOW - w * WINDOW_MS), 0, w)
    }
    // Half a megabyte each, eight megabytes in all.
    add(20)
    await agent.flush()
    const filters = (): number =>
      sent.taken.flatMap((f) => f.deltas).filter((d) => d.membership !== null).length
    expect(filters()).toBe(16)
    expect(sent.taken.at(-1)?.counts).toEqual([{ hop: enrich, name: 'membership-full', count: 4 }])
    // What was sent takes no room any more.
    add(3)
    await agent.flush()
    expect(filters()).toBe(19)
    for (const bytes of sent.tried) expect(bytes.length).toBeLessThan(2 ** 20)
  })

  it('cuts frames by all that a delta holds, its filter too', async () => {
    const { agent, sent } = start({ planOf: () => ({ ...PLAIN, membership: 400_000 }) })
    const recorder = agent.recorder(enrich, 'passed')
    for (let w = 0; w < 4; w++)
      for (let n = 0; n < 60_000; n++) recorder.add(id(n, NOW - w * WINDOW_MS), 0, w)
    await agent.flush()
    expect(sent.taken.flatMap((f) => f.deltas)).toHaveLength(4)
    for (const bytes of sent.tried) expect(bytes.length).toBeLessThan(2 ** 20)
  })

  it('gives up a frame that is refused for good, and says which windows it held', async () => {
    const { agent, sent } = start()
    agent.recorder(checkin, 'passed').add(id(1), 0, 1)
    agent.drop(enrich, 'pending-full', 3, NOW, NOW)
    sent.answers = ['refuse']
    await agent.flush()
    await agent.flush()
    expect(sent.taken.map((f) => f.number)).toEqual([1])
    expect(sent.taken[0]?.dropped).toMatchObject([
      { hop: checkin, reason: 'frame-refused', count: 1, fromWindow: NOW, toWindow: NOW },
      { hop: enrich, reason: 'pending-full', count: 3, fromWindow: NOW, toWindow: NOW },
    ])
    expect(sent.taken[0]?.recent).toEqual([{ number: 0, from: NOW, to: NOW }])
  })

  it('counts births that are not believed apart, with the windows they name', async () => {
    // Boundaries: 7 days back and 10 minutes ahead are believed, one ms more is not.
    const { agent, sent } = start()
    const recorder = agent.recorder(checkin, 'passed')
    const retention = 7 * 86_400_000
    const skew = 10 * 60_000
    for (const birth of [NOW - retention, NOW + skew]) recorder.add(id(1, birth), 0, 1)
    await agent.flush()
    expect(sent.taken[0]?.strays).toEqual([])
    for (const birth of [NOW - retention - WINDOW_MS, NOW + skew + WINDOW_MS, 1, 2 ** 47])
      recorder.add(id(1, birth), 0, 1)
    await agent.flush()
    const strays = sent.taken[1]?.strays[0]
    expect(strays).toMatchObject({ hop: checkin, count: 4 })
    expect(strays?.windows).toHaveLength(4)
    expect(sent.taken[1]?.deltas).toEqual([])
  })

  it('names the span of those in more windows than it lists, apart from what is believed', async () => {
    const { agent, sent } = start()
    const recorder = agent.recorder(checkin, 'passed')
    const past = NOW - 8 * 86_400_000
    const future = NOW + 86_400_000
    for (let i = 0; i < 30; i++) {
      recorder.add(id(1, past + i * WINDOW_MS), 0, 1)
      recorder.add(id(1, future + i * WINDOW_MS), 0, 1)
    }
    // One more of a window that is listed.
    recorder.add(id(2, past), 0, 1)
    await agent.flush()
    expect(sent.taken[0]?.strays[0]).toMatchObject({ hop: checkin, count: 17 })
    expect(sent.taken[0]?.strays[0]?.windows).toHaveLength(16)
    const span = { hop: checkin, count: 22 }
    expect(sent.taken[0]?.dropped).toEqual([
      ...[past, future].map((from, i) => ({
        ...{ ...span, reason: `stray-births-${i === 0 ? 'past' : 'future'}` },
        ...{ fromWindow: from + 8 * WINDOW_MS, toWindow: from + 29 * WINDOW_MS },
      })),
    ])
  })

  it('takes tallies, coverage and seals in one turn, and lets coverage speak last', async () => {
    const { agent, sent } = start()
    const recorder = agent.recorder(enrich, 'passed')
    // Forty full tables: more than one frame may hold.
    for (let w = 0; w < 40; w++)
      for (let n = 0; n < 1_100; n++) recorder.add(id(w * 10_000 + n, NOW - w * WINDOW_MS), 0, n)
    agent.cover(enrich, 0, 0, 44_000)
    agent.sealBy(checkin, () => ({ sealedUntil: NOW, open: [] }))
    await agent.flush()
    expect(sent.taken.length).toBeGreaterThan(1)
    for (const [i, frame] of sent.taken.entries()) {
      const isLast = i === sent.taken.length - 1
      expect(frame.covered.length, `frame ${i}`).toBe(isLast ? 1 : 0)
      expect(frame.seals.length).toBe(isLast ? 1 : 0)
      expect(sent.tried[i]?.length).toBeLessThan(2 ** 20)
    }
    const windows = new Set(sent.taken.flatMap((f) => f.deltas.map((d) => d.window)))
    expect(windows.size).toBe(40)
  })

  it('unites the offsets it covered, and claims no more than fits', async () => {
    const { agent, sent } = start()
    agent.cover(enrich, 0, 0, 5)
    agent.cover(enrich, 0, 5, 9)
    agent.cover(enrich, 0, 20, 30)
    for (let i = 0; i < 2_000; i++) agent.cover(enrich, 1, i * 2, i * 2 + 1)
    await agent.flush()
    const covered = sent.taken[0]?.covered ?? []
    expect(covered.filter((c) => c.partition === 0).map((c) => [c.from, c.to])).toEqual([
      [0, 9],
      [20, 30],
    ])
    expect(covered.filter((c) => c.partition === 1)).toHaveLength(1_000)
  })

  it('ends in bounded time though nothing is ever answered', async () => {
    const hanging: FrameSender = {
      send: () => new Promise(() => {}),
      close: () => new Promise(() => {}),
    }
    const { agent } = start({ sender: hanging })
    agent.recorder(checkin, 'passed').add(id(1), 0, 1)
    void agent.flush()
    await agent.close(20)
  })
})
