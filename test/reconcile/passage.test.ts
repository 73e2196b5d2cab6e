/** Passage without offsets: seals, goodbyes, frames that are missing, sinks; each at its boundaries. */
import { describe, expect, it } from 'vitest'
import type { HopGap, InstanceState } from '../../src/hop/evidence.ts'
import { hopKey, sinkHop } from '../../src/hop/hop.ts'
import {
  acknowledged,
  arrivalPassage,
  knownHoles,
  openSends,
  type Passage,
  type PassageState,
  passageOrder,
  producerPassage,
  reaches,
  worst,
} from '../../src/reconcile/passage.ts'
import { covered, DEADLINE, evidence, HOPS, ids, instance, tally, W, WINDOW_MS } from './build.ts'

type Words = Omit<Partial<InstanceState>, 'hops'>

const END = W + WINDOW_MS
/** Three heartbeats of 5 s. */
const SILENCE_MS = 15_000
const SILENT = DEADLINE - SILENCE_MS - 1

const sealed = (sealedUntil: number, open: readonly number[] = []): InstanceState['seals'] => [
  { hop: HOPS.checkin, sealedUntil, open, number: 9 },
]

describe('the worst of several passages', () => {
  const of = (state: PassageState, more: Partial<Passage> = {}): Passage => ({
    state,
    why: [state],
    ...more,
  })

  it('is the one that stands last in the order, whichever comes first', () => {
    expect(passageOrder).toEqual(['passed', 'out_of_scope', 'behind', 'hole'])
    for (const [i, better] of passageOrder.entries())
      for (const state of passageOrder.slice(i)) {
        expect(worst([of(better), of(state)]).state).toBe(state)
        expect(worst([of(state), of(better)]).state).toBe(state)
      }
  })

  it('is passed where there are none', () => {
    expect(worst([])).toEqual({ state: 'passed', why: [] })
  })

  it('keeps all reasons, and adds up what was committed and what was deleted', () => {
    const sum = worst([
      of('hole', { committed: 2 }),
      of('passed', { committed: 3, deleted: 1 }),
      of('behind', { deleted: 4 }),
    ])
    const why = ['hole', 'passed', 'behind']
    expect(sum).toEqual({ state: 'hole', why, committed: 5, deleted: 5 })
    expect(worst([of('hole')])).toEqual({ state: 'hole', why: ['hole'] })
  })
})

describe('a producer', () => {
  const state = (...words: readonly Words[]): PassageState => {
    const instances = words.map((w) => instance({ hops: [HOPS.checkin], ...w }))
    return producerPassage(HOPS.checkin, evidence({ instances }), WINDOW_MS).state
  }
  const open = sealed(END, [W])

  it.each<[PassageState, string, Words]>([
    ['passed', 'sealed up to the end of the window', { seals: sealed(END) }],
    ['behind', 'sealed up to 1 ms before', { seals: sealed(END - 1) }],
    ['behind', 'sealed, but a send of the window is open', { seals: open }],
    ['passed', 'sealed, a send of the next window is open', { seals: sealed(END, [END]) }],
    // Goodbye: all there is, if it was the last frame.
    ['passed', 'it said goodbye in its last frame', { seals: sealed(W), goodbye: 9 }],
    ['passed', 'the same, long ago', { seals: sealed(W), goodbye: 9, lastHeardAt: W }],
    ['behind', 'it has spoken again since', { seals: sealed(W), goodbye: 8 }],
    ['hole', 'it has spoken again and died', { seals: sealed(W), goodbye: 8, lastHeardAt: W }],
    // Death: what it did in three heartbeats after its seal is not known.
    ['behind', 'silent, not yet long enough', { seals: sealed(W), lastHeardAt: SILENT + 1 }],
    ['hole', 'silent, sealed up to the start of the window', { seals: sealed(W), lastHeardAt: W }],
    ['passed', 'silent, sealed up to its end', { seals: sealed(END), lastHeardAt: W }],
    ['hole', 'silent with a send of the window open', { seals: open, lastHeardAt: W }],
    [
      'hole',
      'the window began 1 ms before three heartbeats were over',
      { seals: sealed(W - SILENCE_MS + 1), lastHeardAt: W },
    ],
    [
      'passed',
      'the window began when they were over',
      { seals: sealed(W - SILENCE_MS), lastHeardAt: W },
    ],
    // Never sealed: from its first word on nothing is known.
    ['hole', 'silent without a seal', { seals: [], firstSentAt: W, lastHeardAt: W }],
    [
      'passed',
      'silent without a seal, since long before',
      { seals: [], firstSentAt: W - SILENCE_MS, lastSentAt: W - SILENCE_MS, lastHeardAt: W },
    ],
    // Frames.
    [
      'hole',
      'a frame is missing',
      {
        seen: [
          [0, 4],
          [5, 10],
        ],
      },
    ],
  ])('%s: %s', (expected, _, words) => {
    expect(state(words)).toBe(expected)
  })

  it('is as far as the last of its instances, and unheard where there is none', () => {
    expect(state({}, { seals: sealed(END - 1) })).toBe('behind')
    expect(state({ seals: sealed(W), lastHeardAt: W }, { seals: sealed(END - 1) })).toBe('hole')
    expect(state()).toBe('hole')
  })
})

describe('frames and counts that are known to be missing', () => {
  const state = (words: Words, gaps: readonly Partial<HopGap>[] = []): PassageState =>
    knownHoles(
      HOPS.flights,
      evidence({
        instances: [instance({ hops: [HOPS.flights], ...words })],
        gaps: gaps.map((g) => ({
          ...{ key: hopKey(HOPS.flights), reason: 'full', count: 1, fromWindow: W, toWindow: W },
          ...g,
        })),
      }),
    ).state
  const seen: InstanceState['seen'] = [
    [0, 4],
    [5, 10],
  ]
  const frame = (from: number, to: number): Words => ({
    seen,
    missing: [{ number: 4, from, to }],
  })

  it.each<[PassageState, string, Words]>([
    ['passed', 'none', {}],
    ['hole', 'one that held this window', frame(W, W)],
    ['hole', 'one that reaches up to this window', frame(W - WINDOW_MS, W)],
    ['passed', 'one that reaches up to the window before', frame(0, W - WINDOW_MS)],
    ['passed', 'one that ends 1 ms before this window', frame(0, W - 1)],
    ['hole', 'one that begins with this window', frame(W, END)],
    ['passed', 'one that begins with the next window', frame(END, END)],
    ['passed', 'one that held nothing', frame(1, 0)],
    ['passed', 'one that has come since', { missing: [{ number: 4, from: W, to: W }] }],
    // What it held nobody tells: it may be any window that had begun when the agent last spoke.
    ['hole', 'one of which nothing is known', { seen }],
    ['hole', 'the same, last heard as the window began', { seen, lastSentAt: W }],
    ['passed', 'last heard 1 ms before the window began', { seen, lastSentAt: W - 1 }],
    ['hole', 'the first one', { seen: [[1, 10]] }],
  ])('%s: %s', (expected, _, words) => {
    expect(state(words)).toBe(expected)
  })

  it.each<[PassageState, string, Partial<HopGap>]>([
    ['hole', 'of this window', {}],
    ['hole', 'up to this window', { fromWindow: 0 }],
    ['passed', 'up to the window before', { fromWindow: 0, toWindow: W - WINDOW_MS }],
    ['passed', 'from the next window on', { fromWindow: END, toWindow: END }],
    ['passed', 'of another hop', { key: hopKey(HOPS.enrich) }],
  ])('%s: counts given up %s', (expected, _, gap) => {
    expect(state({}, [gap])).toBe(expected)
  })

  it('are named, a few of them', () => {
    const holes = (words: Words): readonly string[] =>
      knownHoles(
        HOPS.flights,
        evidence({ instances: [instance({ hops: [HOPS.flights], service: 'agent', ...words })] }),
      ).why
    expect(holes({ seen })).toEqual(['frames 4 of agent (01234567) have not arrived'])
    expect(holes({ seen: [[1_000_000, 1_000_001]] })).toEqual([
      'frames 0, 1, 2, 3, 4, … of agent (01234567) have not arrived',
    ])
  })
})

describe('sends of the window that are open', () => {
  it.each<[PassageState, string, Words]>([
    ['passed', 'none', {}],
    ['behind', 'of one that is heard', { seals: sealed(W, [W]) }],
    ['hole', 'of one that fell silent', { seals: sealed(W, [W]), lastHeardAt: SILENT }],
    ['behind', 'silent for 1 ms less', { seals: sealed(W, [W]), lastHeardAt: SILENT + 1 }],
    ['passed', 'of another window', { seals: sealed(W, [END]) }],
    ['passed', 'of one that has said goodbye', { seals: sealed(W, [W]), goodbye: 9 }],
  ])('%s: %s', (expected, _, words) => {
    const instances = [instance({ hops: [HOPS.checkin], ...words })]
    expect(openSends(HOPS.flights, evidence({ instances })).state).toBe(expected)
    // Into one topic only.
    expect(openSends(HOPS.enriched, evidence({ instances })).state).toBe('passed')
  })

  it('are a hole as soon as one of several senders fell silent', () => {
    const living = instance({ hops: [HOPS.checkin], seals: sealed(W, [W]) })
    const dead = { ...living, lastHeardAt: SILENT }
    for (const instances of [
      [living, dead],
      [dead, living],
    ])
      expect(openSends(HOPS.flights, evidence({ instances })).state).toBe('hole')
  })
})

describe('what was read downstream', () => {
  it.each<[PassageState, string, readonly [number, number]]>([
    ['passed', 'was read here up to the last', [0, 20]],
    ['behind', 'was read here but for the last', [0, 19]],
    ['passed', 'was read here from the first on', [10, 20]],
    ['behind', 'was read here but for the first', [11, 20]],
  ])('%s: %s', (expected, _, set) => {
    const known = evidence({ coverage: new Map([covered(HOPS.flights, set)]) })
    expect(reaches(HOPS.flights, [{ partition: 0, low: 10, high: 19 }], known).state).toBe(expected)
  })

  it('was not read here in another partition, nor where nothing was read', () => {
    const known = evidence({ coverage: new Map([covered(HOPS.flights, [0, 20])]) })
    const { state, why } = reaches(HOPS.flights, [{ partition: 1, low: 10, high: 19 }], known)
    expect([state, ...why]).toEqual([
      'behind',
      'partition 1: offset 10 was read downstream, not yet here',
    ])
    expect(reaches(HOPS.flights, [], known).state).toBe('passed')
  })
})

describe('acknowledgements of what a service sent while it handled', () => {
  const known = (to: number, words: Words = {}): boolean =>
    acknowledged(
      HOPS.enriched,
      [HOPS.enrich],
      evidence({
        tallies: [tally({ hop: HOPS.enrich, ids: ids(0, 10) })],
        coverage: new Map([covered(HOPS.enrich, [0, to])]),
        instances: [instance({ hops: [HOPS.enricher], ...words })],
      }),
    )

  it('are all there where all that was counted is covered, and no frame is missing', () => {
    expect(known(10)).toBe(true)
    // Boundary: it counted up to offset 9.
    expect(known(9)).toBe(false)
    expect(known(10, { missing: [{ number: 20, from: W, to: W }] })).toBe(false)
    expect(known(10, { missing: [{ number: 20, from: END, to: END }] })).toBe(true)
  })

  it('are not asked for where no group feeds the topic', () => {
    expect(acknowledged(HOPS.enriched, [], evidence({}))).toBe(true)
  })
})

describe('a sink', () => {
  const sink = sinkHop('warehouse')
  const state = (now: number, newest: number, ...words: readonly Words[]): PassageState =>
    arrivalPassage(
      sink,
      evidence({
        now,
        instances: words.map((w) => instance({ hops: [sink], lastHeardAt: now, ...w })),
        newestWindow: new Map([[hopKey(sink), newest]]),
      }),
      DEADLINE,
    ).state
  const died = (lastSentAt: number): Words => ({ lastSentAt, lastHeardAt: 0 })

  it.each<[PassageState, string, number, number, readonly Words[]]>([
    ['behind', 'nothing later has come', DEADLINE - 1, W, [{}]],
    ['passed', 'something later has come', DEADLINE - 1, W + 1, [{}]],
    ['passed', 'nothing has, at the deadline', DEADLINE, W, [{}]],
    ['passed', 'nothing has, and it said goodbye', DEADLINE, W, [{ goodbye: 9, lastHeardAt: 0 }]],
    ['behind', 'the same before the deadline', DEADLINE - 1, W, [{ goodbye: 9, lastHeardAt: 0 }]],
    ['hole', 'it died before the deadline', DEADLINE, END, [died(DEADLINE - 1)]],
    ['passed', 'it died at the deadline, later ones had come', DEADLINE, END, [died(DEADLINE)]],
    ['behind', 'it died at the deadline, nothing had', DEADLINE, W, [died(DEADLINE)]],
    ['hole', 'one of several died', DEADLINE, END, [{}, died(W)]],
    // The hole ends.
    ['hole', 'it died just before the window', DEADLINE, END, [{}, died(W - SILENCE_MS + 1)]],
    ['passed', 'it died three heartbeats before', DEADLINE, END, [{}, died(W - SILENCE_MS)]],
    ['hole', 'nobody speaks for it', DEADLINE, END, []],
  ])('%s: %s', (expected, _, now, newest, words) => {
    expect(state(now, newest, ...words)).toBe(expected)
  })
})
