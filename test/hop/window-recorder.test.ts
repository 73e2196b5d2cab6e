import { describe, expect, it } from 'vitest'
import type { Channel, TallyDelta } from '../../src/hop/frame.ts'
import { consumerHop, type HopRef, producerHop, sinkHop, topicHop } from '../../src/hop/hop.ts'
import { limbsOf } from '../../src/hop/params.ts'
import { PLAIN, type TallyPlan } from '../../src/hop/plan.ts'
import { NEVER, NOWHERE } from '../../src/hop/tally.ts'
import { type RecorderHost, type Series, WindowRecorder } from '../../src/hop/window-recorder.ts'
import { type Preserve, preserveName } from '../../src/message/digest.ts'
import { hexOfWords, type IdWords, wordsOfParts } from '../../src/message/id.ts'
import { Latencies } from '../../src/sketch/latency.ts'
import { Membership } from '../../src/sketch/membership.ts'
import { isSampled } from '../../src/sketch/sample.ts'
import { Sketch } from '../../src/sketch/sketch.ts'

const NOW = 1_767_225_600_000
const SEED = 7
const FLIGHTS = topicHop('default', 'flights')
const CHECKIN = producerHop('default', 'flights', 'checkin')
const ENRICH = consumerHop('default', 'flights', 'enrich')
const VALUE: Preserve = { value: true, key: false, headers: [] }
const KEY: Preserve = { value: false, key: true, headers: [] }
const ORIGIN = { topic: 'orders', group: 'pay' }

const id = (sequence: number, ordinal = 0, birth = NOW): IdWords =>
  wordsOfParts({ birth, version: 7, tag: 1, sequence, ordinal })
const ids = (n: number): IdWords[] => Array.from({ length: n }, (_, i) => id(i))
const chosen = (words: IdWords, oneIn: number): boolean => isSampled(...words, SEED, oneIn)

class Host implements RecorderHost {
  readonly windowMs = 60_000
  readonly seed = SEED
  readonly asked: number[] = []
  readonly strays: number[] = []
  isOpen = true
  isRoomy = true

  mayOpen(_window: number, _hop: HopRef, tallies: number): boolean {
    this.asked.push(tallies)
    return this.isOpen
  }
  hasRoom(): boolean {
    return this.isRoomy
  }
  believed(birth: number): boolean {
    return birth >= NOW
  }
  stray(_hop: HopRef, window: number): void {
    this.strays.push(window)
  }
}

function recorder(
  plan: Partial<TallyPlan> = {},
  series: Partial<Series> = {},
  host: Host = new Host(),
): WindowRecorder {
  const whole: Series = {
    ...{ hop: FLIGHTS, channel: 'passed', identity: 'stamp', origin: null, reason: '' },
    ...series,
  }
  return new WindowRecorder(whole, { ...PLAIN, ...plan }, host)
}

function taken(of: WindowRecorder): TallyDelta[] {
  const deltas: TallyDelta[] = []
  of.take(deltas)
  return deltas
}

const kinds = (deltas: readonly TallyDelta[]): [string, number, number][] =>
  deltas.map(({ element, oneIn, count }) => [element, oneIn, count])

/** Ids in hex, and their digest behind them. */
const hexes = ({ sketch, element }: TallyDelta): string[] =>
  Sketch.fromBytes(sketch, SEED, limbsOf(element))
    .peel()
    .ids.map(({ hex }) => hex)
    .sort()

describe('the tallies of a window', () => {
  it('are one of the ids, where the plan asks for no more', () => {
    const passed = recorder()
    for (const words of ids(3)) passed.add(words, 0, 5)
    const deltas = taken(passed)
    expect(passed.preserves).toEqual([])
    expect(kinds(deltas)).toEqual([['id', 1, 3]])
    expect(hexes(deltas[0] as TallyDelta)).toEqual(ids(3).map(hexOfWords).sort())
  })

  it('are one for each digest and rate beside it, all opened at once', () => {
    const host = new Host()
    const passed = recorder({ preserve: [KEY, VALUE], oneIn: [2, 16] }, {}, host)
    for (const words of ids(200)) passed.add(words, 0, 5, NEVER, NEVER, [1, 2])
    const half = ids(200).filter((words) => chosen(words, 2)).length
    const few = ids(200).filter((words) => chosen(words, 16)).length
    expect(few).toBeGreaterThan(0)
    expect(kinds(taken(passed))).toEqual([
      ['id', 1, 200],
      [preserveName(KEY), 1, 200],
      [preserveName(VALUE), 1, 200],
      ['id', 2, half],
      [preserveName(KEY), 2, half],
      [preserveName(VALUE), 2, half],
      ['id', 16, few],
      [preserveName(KEY), 16, few],
      [preserveName(VALUE), 16, few],
    ])
    expect(host.asked).toEqual([9])
  })

  it('hold each message with the digest that was given for them', () => {
    const passed = recorder({ preserve: [KEY, VALUE] })
    passed.add(id(1), 0, 5, NEVER, NEVER, [0xabc, 0xffffffff])
    const [, key, value] = taken(passed) as [TallyDelta, TallyDelta, TallyDelta]
    expect(hexes(key)).toEqual([`${hexOfWords(id(1))}00000abc`])
    expect(hexes(value)).toEqual([`${hexOfWords(id(1))}ffffffff`])
  })

  it('count by its id alone a message whose digests are not known', () => {
    const passed = recorder({ preserve: [VALUE] })
    passed.add(id(1), 0, 5, NEVER, NEVER, [9])
    passed.add(id(2), 0, 6)
    expect(kinds(taken(passed))).toEqual([
      ['id', 1, 2],
      [preserveName(VALUE), 1, 1],
    ])
  })

  it.each([
    ['passed', 1],
    ['filtered', 1],
    ['unacknowledged', 0],
    ['rejected', 0],
    ['withdrawn', 0],
    ['unconfirmed', 0],
    ['unidentified', 1],
  ] satisfies [Channel, number][])('of the channel %s have %i digests', (channel, digests) => {
    const some = recorder({ preserve: [VALUE] }, { channel })
    some.add(id(1), 0, 5, NEVER, NEVER, [9])
    expect(some.preserves).toHaveLength(digests)
    expect(taken(some)).toHaveLength(1 + digests)
  })

  it('begin anew after they were taken', () => {
    const passed = recorder()
    passed.add(id(1), 0, 5)
    expect(kinds(taken(passed))).toEqual([['id', 1, 1]])
    expect(taken(passed)).toEqual([])
    passed.add(id(2), 0, 6)
    expect(taken(passed).map(hexes)).toEqual([[hexOfWords(id(2))]])
  })

  it('are not there where they may not be opened, nor for births that are not believed', () => {
    const host = new Host()
    const passed = recorder({ preserve: [VALUE] }, {}, host)
    passed.add(id(1, 0, NOW - 1), 0, 5)
    expect(host.strays).toEqual([NOW - 60_000])
    host.isOpen = false
    passed.add(id(1), 0, 5)
    expect(host.asked).toEqual([2])
    expect(taken(passed)).toEqual([])
  })
})

describe('a sampled hop', () => {
  const plan = { exact: false, oneIn: [16, 64] }

  it('keeps exactly what the ids choose at each rate', () => {
    const passed = recorder(plan)
    for (const words of ids(1_000)) passed.add(words, 0, 5)
    const [often, seldom] = taken(passed) as [TallyDelta, TallyDelta]
    const of = (oneIn: number): string[] =>
      ids(1_000)
        .filter((words) => chosen(words, oneIn))
        .map(hexOfWords)
        .sort()
    expect([often.oneIn, seldom.oneIn]).toEqual([16, 64])
    expect(hexes(often)).toEqual(of(16))
    expect(hexes(seldom)).toEqual(of(64))
    expect(of(64).length).toBeGreaterThan(0)
  })

  it('says nothing of a window of which no id is chosen', () => {
    const passed = recorder(plan)
    const out = ids(100).filter((words) => !chosen(words, 16))
    for (const words of out) passed.add(words, 0, 5, NOW, NOW)
    expect(taken(passed)).toEqual([])
  })

  it('says of a coarser rate that it chose none, since it is kept', () => {
    const passed = recorder(plan)
    const only = ids(1_000).find((w) => chosen(w, 16) && !chosen(w, 64)) as IdWords
    passed.add(only, 0, 5)
    expect(kinds(taken(passed))).toEqual([
      ['id', 16, 1],
      ['id', 64, 0],
    ])
  })

  it('takes the latencies of what is chosen only, as a sample should', () => {
    const passed = recorder(plan)
    for (const words of ids(1_000)) passed.add(words, 0, 5, NOW + 5)
    const [first] = taken(passed) as [TallyDelta]
    expect(Latencies.fromBytes(first.birthLatency).count).toBe(first.count)
  })
})

describe('beside the first tally', () => {
  it('stand latencies from birth and from the hop before, negative ones too', () => {
    const passed = recorder({ thresholdsMs: [10, 100], preserve: [VALUE] })
    passed.add(id(1), 0, 5, NOW + 50, NOW + 20, [1])
    passed.add(id(2), 0, 6, NOW - 30, NOW + 70, [1])
    passed.add(id(3), 0, 7, NOW + 1, NEVER, [1])
    passed.add(id(4), 0, 8, NEVER, NOW, [1])
    const [first, digest] = taken(passed) as [TallyDelta, TallyDelta]
    const birth = Latencies.fromBytes(first.birthLatency)
    expect([birth.count, birth.min, birth.max]).toEqual([3, -30, 50])
    expect([...birth.within]).toEqual([
      [10, 2],
      [100, 3],
    ])
    const hop = Latencies.fromBytes(first.hopLatency)
    expect([hop.count, hop.min, hop.max]).toEqual([2, -100, 30])
    expect(digest).toMatchObject({ membership: null, tags: null })
    expect([digest.birthLatency, digest.hopLatency].map((l) => l.length)).toEqual([0, 0])
  })

  it('stands nothing where no time is known', () => {
    const passed = recorder()
    passed.add(id(1), NOWHERE, NOWHERE)
    const [first] = taken(passed) as [TallyDelta]
    expect([first.birthLatency.length, first.hopLatency.length]).toEqual([0, 0])
  })

  it.each([
    ['a topic', {}, {}, true],
    ['what a producer minted', { hop: CHECKIN }, {}, true],
    ['what it failed to send', { hop: CHECKIN, channel: 'rejected' }, {}, true],
    ['what was withdrawn', { hop: CHECKIN, channel: 'withdrawn' }, {}, true],
    ['what is unconfirmed', { hop: CHECKIN, channel: 'unconfirmed' }, {}, true],
    ['an exact tally beside a sampled one', {}, { oneIn: [16] }, true],
    // Counted in `passed` already.
    ['what is unacknowledged', { hop: CHECKIN, channel: 'unacknowledged' }, {}, false],
    // Sequences of other topics, full of gaps.
    ['what a producer forwards', { hop: CHECKIN, origin: ORIGIN }, {}, false],
    ['a consumer', { hop: ENRICH }, {}, false],
    ['ids that are no stamps', { identity: 'key;time=timestamp' }, {}, false],
    ['what has no id', { channel: 'unidentified', identity: 'offset' }, {}, false],
    ['a sample', {}, { exact: false, oneIn: [2] }, false],
  ] satisfies [string, Partial<Series>, Partial<TallyPlan>, boolean][])(
    'stands a witness: %s',
    (_, series, plan, isWitness) => {
      const some = recorder(plan, series)
      for (const words of [id(7), id(9), id(9, 3)]) some.add(words, 0, 5)
      for (const words of ids(20)) some.add(words, 0, 5)
      const [first] = taken(some) as [TallyDelta]
      expect(first.tags).toEqual(isWitness ? [{ tag: 1, low: 0, high: 19, count: 22 }] : null)
    },
  )

  it('stands a filter of the ids, where the plan asks for one and there is room', () => {
    const host = new Host()
    const sink = recorder({ membership: 2_000 }, { hop: sinkHop('w') }, host)
    sink.add(id(1), NOWHERE, NOWHERE)
    const { membership } = taken(sink)[0] as TallyDelta
    const filter = Membership.fromBytes(membership?.bits as Uint8Array, SEED, 2_000)
    expect([membership?.capacity, filter.mayHave(...id(1))]).toEqual([2_000, true])
    expect(filter.mayHave(...id(2))).toBe(false)

    host.isRoomy = false
    sink.add(id(1), NOWHERE, NOWHERE)
    expect(taken(sink)).toMatchObject([{ count: 1, membership: null }])
    const rejected = recorder({ membership: 2_000 }, { channel: 'rejected' })
    rejected.add(id(1), NOWHERE, NOWHERE)
    expect(taken(rejected)).toMatchObject([{ count: 1, membership: null }])
  })

  it.each([
    [1, 1_000],
    [999, 1_000],
    [1_000, 1_000],
    [437_587, 437_587],
    [437_588, 437_587],
    [2 ** 40, 437_587],
  ])('stands a filter that can be made, where the plan asks for %i messages', (asked, made) => {
    const sink = recorder({ membership: asked }, { hop: sinkHop('w') })
    sink.add(id(1), NOWHERE, NOWHERE)
    expect(taken(sink)[0]?.membership?.capacity).toBe(made)
  })
})
