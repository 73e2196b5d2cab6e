import { describe, expect, it } from 'vitest'
import type { Lookers } from '../../src/drift/shape.ts'
import { Agent, type AgentOptions } from '../../src/hop/agent.ts'
import type { Frame } from '../../src/hop/frame.ts'
import { decodeFrame } from '../../src/hop/frame-codec.ts'
import { consumerHop, type HopRef, producerHop, topicHop } from '../../src/hop/hop.ts'
import { PLAIN } from '../../src/hop/plan.ts'
import { hexOfWords, type IdWords, wordsOfParts } from '../../src/message/id.ts'
import { isSampled } from '../../src/sketch/sample.ts'
import { DEFAULT_SEED } from '../../src/sketch/sketch.ts'
import { PLAN, StandInLooker } from './stand-in-looker.ts'

const NOW = 1_767_225_600_000
const WINDOW_MS = 60_000
const DAY_MS = 86_400_000
const FLIGHTS = topicHop('default', 'flights')
const CHECKIN = producerHop('default', 'flights', 'checkin')
const ENRICH = consumerHop('default', 'flights', 'enrich')

const id = (n: number, birth = NOW): IdWords =>
  wordsOfParts({ birth, version: 7, tag: 1, sequence: n, ordinal: 0 })

/** Window, what the looker made of it. */
type Told = readonly [hop: string, window: number, text: string]

interface Started {
  readonly agent: Agent
  readonly frames: Frame[]
  readonly troubles: string[]
  told(): Told[]
  counted(name: string): number
}

function start(lookers: Lookers, oneIn = 1, options: Partial<AgentOptions> = {}): Started {
  const frames: Frame[] = []
  const troubles: string[] = []
  const agent = new Agent({
    service: 'checkin',
    sender: {
      send: async (_, bytes) => void frames.push(decodeFrame(bytes)),
      close: async () => {},
    },
    windowMs: WINDOW_MS,
    clock: () => NOW,
    timer: false,
    planOf: () => ({ ...PLAIN, shape: { ...PLAN, oneIn } }),
    onTrouble: (text) => void troubles.push(text),
    lookers,
    ...options,
  })
  const told = (): Told[] =>
    frames.flatMap(({ shapes }) =>
      shapes.map(
        ({ hop, window, shape }): Told => [hop.role, window - NOW, Buffer.from(shape).toString()],
      ),
    )
  const counted = (name: string): number =>
    frames
      .flatMap(({ counts }) => counts)
      .filter((c) => c.name === name)
      .reduce((sum, { count }) => sum + count, 0)
  return { agent, frames, troubles, told, counted }
}

/** As agents do it. */
function look(agent: Agent, hop: HopRef, words: IdWords, value: string): void {
  const recorder = agent.recorder(hop, 'passed')
  recorder.add(words, 0, 1)
  if (recorder.looksInto(words)) recorder.look(words, { value })
}

describe('messages that are looked into', () => {
  it('come with the frame that counts them, by window of birth', async () => {
    const { agent, told } = start((plan) => new StandInLooker(plan))
    look(agent, FLIGHTS, id(1), 'a')
    look(agent, FLIGHTS, id(2, NOW + WINDOW_MS - 1), 'b')
    look(agent, FLIGHTS, id(3, NOW + WINDOW_MS), 'c')
    await agent.flush()
    look(agent, FLIGHTS, id(4), 'd')
    await agent.flush()
    await agent.flush()
    expect(told()).toEqual([
      ['topic', 0, 'a b'],
      ['topic', WINDOW_MS, 'c'],
      ['topic', 0, 'd'],
    ])
  })

  it('are those that the hash of the id chooses, whoever looks', async () => {
    const looker = new StandInLooker({ oneIn: 4 })
    const { agent } = start(() => looker, 4)
    const recorder = agent.recorder(FLIGHTS, 'passed')
    const all = Array.from({ length: 1_000 }, (_, i) => id(i))
    const chosen = all.filter((words) => recorder.looksInto(words))
    expect(chosen).toEqual(all.filter((words) => isSampled(...words, DEFAULT_SEED, 4)))
    expect(chosen.length).toBeGreaterThan(200)
    expect(chosen.length).toBeLessThan(300)
    for (const words of chosen) recorder.look(words, { value: '' })
    expect(looker.seen.map((seen) => seen.id)).toEqual(chosen.map(hexOfWords))
  })

  it('are of one hop, whatever they count as and wherever they come from', async () => {
    const made: string[] = []
    const { agent, told } = start((plan) => {
      made.push('looker')
      return new StandInLooker(plan)
    })
    look(agent, CHECKIN, id(1), 'minted')
    const forwarded = agent.recorder(CHECKIN, 'passed', { origin: { topic: 't', group: 'g' } })
    forwarded.look(id(2), { value: 'forwarded' })
    agent.recorder(ENRICH, 'unidentified').look(id(3), { value: 'unidentified' })
    await agent.flush()
    expect(told()).toEqual([
      ['producer', 0, 'minted forwarded'],
      ['consumer', 0, 'unidentified'],
    ])
    expect(made).toEqual(['looker', 'looker'])
  })

  it.each([
    ['rejected'],
    ['withdrawn'],
    ['unconfirmed'],
    ['unacknowledged'],
    ['filtered'],
  ] as const)('are not those that did not come into the log, or came twice: %s', (channel) => {
    const { agent } = start((plan) => new StandInLooker(plan))
    expect(agent.recorder(CHECKIN, 'passed').looksInto(id(1))).toBe(true)
    expect(agent.recorder(CHECKIN, channel).looksInto(id(1))).toBe(false)
  })

  it('are none where no plan asks for it, or nobody can look', () => {
    const can = start((plan) => new StandInLooker(plan), 1, { planOf: () => PLAIN })
    expect(can.agent.recorder(FLIGHTS, 'passed').looksInto(id(1))).toBe(false)
    const failing = start(() => {
      throw new Error('no')
    })
    expect(failing.agent.recorder(FLIGHTS, 'passed').looksInto(id(1))).toBe(false)
    expect(failing.troubles).toEqual(['nobody looks into topic flights: no'])
  })

  it('are in the window of their birth, however late their schema comes', async () => {
    const looker = new StandInLooker({ oneIn: 1 }, false)
    const { agent, told } = start(() => looker)
    look(agent, FLIGHTS, id(1), 'early')
    look(agent, FLIGHTS, id(2, NOW + WINDOW_MS), 'next')
    await agent.flush()
    expect(told()).toEqual([])
    looker.resolve()
    await agent.flush()
    expect(told()).toEqual([
      ['topic', 0, 'early'],
      ['topic', WINDOW_MS, 'next'],
    ])
  })

  it('are given up with the goodbye that tells of them, and are not asked for afterwards', async () => {
    const looker = new StandInLooker({ oneIn: 1 }, false)
    const { agent, told, frames } = start(() => looker)
    look(agent, FLIGHTS, id(1), 'a')
    const [{ into } = { into: () => null }] = looker.seen
    await agent.close()
    expect(told()).toEqual([['topic', 0, 'pending']])
    expect(frames.at(-1)?.goodbye).toBe(true)
    expect(frames.at(-1)?.shapes).toHaveLength(1)
    expect(looker.givenUp).toBe(1)
    expect(into()).toBeNull()
    expect(agent.recorder(FLIGHTS, 'passed').looksInto(id(2))).toBe(false)
  })

  it.each(['close', 'stop'] as const)(
    'leave nothing in a looker, where no frame goes out: %s',
    async (how) => {
      const looker = new StandInLooker({ oneIn: 1 }, false)
      const sender = { send: () => Promise.reject(new Error('no broker')), close: async () => {} }
      const { agent } = start(() => looker, 1, { sender })
      look(agent, FLIGHTS, id(1), 'a')
      looker.resolve()
      await agent.flush()
      look(agent, FLIGHTS, id(2), 'b')
      looker.resolve()
      look(agent, FLIGHTS, id(3), 'c')
      expect([looker.held.size, looker.waiting.length]).toEqual([1, 1])
      await agent[how]()
      expect([looker.held.size, looker.waiting.length]).toEqual([0, 0])
      expect(agent.recorder(FLIGHTS, 'passed').looksInto(id(4))).toBe(false)
    },
  )

  it('are not believed outside the bounds of births', async () => {
    const looker = new StandInLooker({ oneIn: 1 })
    const bounds = { retentionMs: DAY_MS, skewMs: WINDOW_MS }
    const { agent, told } = start(() => looker, 1, { bounds })
    for (const birth of [NOW - 2 * DAY_MS, NOW + DAY_MS, NOW - DAY_MS])
      look(agent, FLIGHTS, id(1, birth), 'x')
    await agent.flush()
    expect(looker.refused).toBe(2)
    expect(told()).toEqual([['topic', -DAY_MS, 'x']])
  })

  it('have room for 400 windows between two cuts; what has none is counted', async () => {
    const looker = new StandInLooker({ oneIn: 1 })
    const { agent, told, counted } = start(() => looker)
    const recorder = agent.recorder(FLIGHTS, 'passed')
    for (let i = 0; i < 403; i++) recorder.look(id(i, NOW - i * WINDOW_MS), { value: 'x' })
    await agent.flush()
    expect(told()).toHaveLength(400)
    expect([looker.refused, counted('shapes-full')]).toEqual([3, 3])
    recorder.look(id(1, NOW - 500 * WINDOW_MS), { value: 'again' })
    await agent.flush()
    expect(told().at(-1)).toEqual(['topic', -500 * WINDOW_MS, 'again'])
  })
})

describe('shapes in frames', () => {
  it('are spread over as many as they need, in the cut that took them', async () => {
    const { agent, frames } = start((plan) => new StandInLooker(plan))
    const recorder = agent.recorder(FLIGHTS, 'passed')
    const value = 'x'.repeat(250_000)
    for (let i = 0; i < 7; i++) recorder.look(id(i, NOW - i * WINDOW_MS), { value })
    await agent.flush()
    expect(frames.map(({ shapes }) => shapes.length)).toEqual([3, 3, 1])
    expect(frames.map(({ recent }) => recent.length)).toEqual([0, 1, 2])
  })

  it('that are too large are counted, and spoil nothing else', async () => {
    const { agent, frames, counted } = start((plan) => new StandInLooker(plan))
    look(agent, FLIGHTS, id(1), 'x'.repeat(800_000))
    await agent.flush()
    expect(frames[0]?.shapes).toEqual([])
    expect(frames[0]?.deltas).toHaveLength(1)
    await agent.flush()
    expect(counted('shapes-refused')).toBe(1)
  })

  it('that are refused with their frame are counted', async () => {
    const refused = Object.assign(new Error('too large'), { permanent: true })
    const frames: Frame[] = []
    let answers = 1
    const sender: AgentOptions['sender'] = {
      send: async (_, bytes) => {
        if (answers-- > 0) throw refused
        frames.push(decodeFrame(bytes))
      },
      close: async () => {},
    }
    const { agent } = start((plan) => new StandInLooker(plan), 1, { sender })
    look(agent, FLIGHTS, id(1), 'a')
    await agent.flush()
    await agent.flush()
    expect(frames).toHaveLength(1)
    expect(frames[0]?.shapes).toEqual([])
    expect(frames[0]?.counts.map(({ name, count }) => [name, count])).toEqual([
      ['shapes-refused', 1],
    ])
  })
})

describe('a looker that breaks its word', () => {
  const failing = (at: 'see' | 'open' | 'toBytes' | 'giveUp'): Lookers => {
    const fail = (): never => {
      throw new Error('broken')
    }
    return (plan) => {
      const looker = new StandInLooker(plan)
      if (at === 'see') looker.see = fail
      if (at === 'open') looker.open = fail
      if (at === 'giveUp') looker.giveUp = fail
      if (at === 'toBytes') looker.open = () => ({ texts: [], toBytes: fail }) as never
      return looker
    }
  }

  it.each(['see', 'open', 'toBytes', 'giveUp'] as const)(
    'in %s never reaches its caller',
    async (at) => {
      const { agent, told, frames, counted } = start(failing(at))
      look(agent, FLIGHTS, id(1), 'a')
      await agent.flush()
      await agent.close()
      expect(told()).toEqual(at === 'giveUp' ? [['topic', 0, 'a']] : [])
      expect(frames.flatMap(({ deltas }) => deltas).map(({ count }) => count)).toEqual([1])
      // What fails at the goodbye is known in the last frame already.
      expect(counted('look-failed')).toBe(1)
    },
  )

  it('is left when it goes on, which is said once', async () => {
    const { agent, troubles, counted } = start(failing('see'))
    for (let i = 0; i < 100; i++) look(agent, FLIGHTS, id(i), 'a')
    look(agent, ENRICH, id(1), 'a')
    await agent.flush()
    expect(counted('look-failed')).toBe(11)
    expect(troubles).toEqual(['nobody looks into topic flights any more: Error: broken'])
    expect(agent.recorder(FLIGHTS, 'passed').looksInto(id(1))).toBe(false)
    expect(agent.recorder(ENRICH, 'passed').looksInto(id(1))).toBe(true)
  })
})

describe('who an agent is', () => {
  it('stands in each frame, cut where it is too long', async () => {
    const { agent, frames } = start(() => new StandInLooker(PLAN), 1, {
      client: 'checkin/1.2.3 kafkajs/2.2.4',
      host: 'h'.repeat(5_000),
    })
    await agent.flush()
    expect(frames[0]?.client).toBe('checkin/1.2.3 kafkajs/2.2.4')
    expect(frames[0]?.host).toBe('h'.repeat(200))
    const { client, host } = (await one(start(() => new StandInLooker(PLAN)))) as Frame
    expect([client, host]).toEqual(['', ''])
  })
})

async function one({ agent, frames }: Started): Promise<Frame | undefined> {
  await agent.flush()
  return frames[0]
}
