/** Questions to logs: asked once where an answer came, again and again but not for ever where none did. */
import { describe, expect, it } from 'vitest'
import { CutOffs, type ReadPlaces } from '../../src/collect/cut-offs.ts'
import type { EpochSpan, PlacesNow } from '../../src/collect/places-now.ts'
import type { Overwritten } from '../../src/diagnose/cause-evidence.ts'
import { hopKey } from '../../src/hop/hop.ts'
import type { PlacesQuestion } from '../../src/reconcile/cut-off.ts'
import { HOPS, hex, W } from '../reconcile/build.ts'

const FLIGHTS = hopKey(HOPS.flights)
const question: PlacesQuestion = {
  pipeline: 'airport',
  edge: 'produce',
  topic: HOPS.flights,
  until: W + 10_000,
  carried: { identity: { by: 'stamp' }, time: { by: 'timestamp' } },
  ids: [hex(1), hex(2)],
  where: new Map([[0, [[10, 20]]]]),
}
const stands = (ids: readonly string[], ...epochs: EpochSpan[]): PlacesNow => ({
  ids: new Set(ids),
  epochs: new Map([[0, epochs]]),
})
const CUT: readonly EpochSpan[] = [
  { epoch: 0, from: 9, to: 10 },
  { epoch: 2, from: 10, to: 20 },
]

class Asking {
  readonly seen: Overwritten[] = []
  readonly cutOffs: CutOffs
  times = 0
  /** ms: when the topic was seen first. */
  since = W
  isSame = true

  readonly kept: Set<string>

  constructor(read: ReadPlaces, kept = new Set<string>()) {
    this.kept = kept
    this.cutOffs = new CutOffs(
      (...asked) => {
        this.times++
        return read(...asked)
      },
      {
        isCutOff: (asked) => this.kept.has(asked),
        noteCutOff: (asked) => void this.kept.add(asked),
        noteOverwritten: (_, seen) => void this.seen.push(...seen),
        isKnownSince: (_, then) => then >= this.since,
        isSameSince: async (_, then) => then >= this.since && this.isSame,
      },
    )
  }

  async gone(now: number, asked: PlacesQuestion = question, window = W): Promise<string[]> {
    return [...((await this.cutOffs.of(window, [asked], now)).cutOff.get(FLIGHTS) ?? [])]
  }

  async waits(now: number, window = W): Promise<boolean> {
    return (await this.cutOffs.of(window, [question], now)).waiting.has(question.edge)
  }
}

describe('an answer', () => {
  it('names those that do not stand there, and how it is known; it is kept', async () => {
    const asking = new Asking(async () => stands([hex(2), hex(7)], ...CUT))
    expect(await asking.gone(W)).toEqual([hex(1)])
    expect(await asking.gone(W + 1)).toEqual([hex(1)])
    expect(asking.times).toBe(1)
    const { until } = question
    expect(asking.seen).toEqual([
      { partition: 0, from: 10, to: 20, epoch: 2, before: 0, at: W, until },
    ])
  })

  it('that names all is kept for whoever asks the same after a restart', async () => {
    const first = new Asking(async () => stands([hex(7)], ...CUT))
    expect(await first.gone(W)).toEqual([hex(1), hex(2)])
    const again = new Asking(async () => null, first.kept)
    expect(await again.gone(W + 1)).toEqual([hex(1), hex(2)])
    expect(again.times).toBe(0)
    const others = [
      { ...question, ids: [hex(1)] },
      // The log has grown since: they may stand there after all.
      { ...question, where: new Map([[0, [[10, 25] as const]]]) },
    ]
    for (const other of others) expect(await again.gone(W + 1, other)).toEqual([])
    expect(await again.gone(W + 1, question, W + 1)).toEqual([])
  })

  it('that names not all is asked for anew', async () => {
    const first = new Asking(async () => stands([hex(2)], ...CUT))
    expect(await first.gone(W)).toEqual([hex(1)])
    const again = new Asking(async () => null, first.kept)
    expect(await again.gone(W)).toEqual([])
    expect(again.times).toBe(1)
  })

  it('is no answer to another question', async () => {
    const asking = new Asking(async () => stands([], ...CUT))
    expect(await asking.gone(W)).toEqual([hex(1), hex(2)])
    expect(await asking.gone(W + 1, { ...question, ids: [hex(3)] })).toEqual([hex(3)])
    expect(asking.times).toBe(2)
  })

  it.each<[string, readonly EpochSpan[]]>([
    ['the first leader wrote all: the topic was created anew', [{ epoch: 0, from: 10, to: 20 }]],
    ['nothing stands there', [{ epoch: 2, from: 9, to: 10 }]],
    ['nothing stands there or before', []],
  ])('accuses nobody where %s', async (_, epochs) => {
    const asking = new Asking(async () => stands([], ...epochs))
    expect(await asking.gone(W)).toEqual([])
    expect(asking.seen).toEqual([])
  })

  it('accuses nobody where the topic was perhaps created anew meanwhile', async () => {
    const asking = new Asking(async () => stands([], ...CUT))
    asking.isSame = false
    expect(await asking.gone(W)).toEqual([])
    expect([asking.times, asking.seen]).toEqual([1, []])
    // It may have been another one when the window was acknowledged: that needs no look.
    const late = new Asking(async () => stands([], ...CUT))
    late.since = W + 1
    expect(await late.gone(W + 2)).toEqual([])
    expect([late.times, late.seen]).toEqual([0, []])
  })

  it.each<[string, readonly EpochSpan[], Pick<Overwritten, 'from' | 'epoch' | 'before'>]>([
    [
      'where the first change is',
      [
        { epoch: 1, from: 9, to: 13 },
        { epoch: 3, from: 13, to: 15 },
        { epoch: 4, from: 15, to: 20 },
      ],
      { from: 13, epoch: 4, before: 1 },
    ],
    [
      'at the first place, where the change came before',
      [{ epoch: 3, from: 9, to: 20 }],
      { from: 10, epoch: 3, before: -1 },
    ],
  ])('says that the log is another one from there on %s', async (_, epochs, expected) => {
    const asking = new Asking(async () => stands([], ...epochs))
    await asking.gone(W)
    expect(asking.seen).toMatchObject([expected])
  })
})

describe('no answer', () => {
  it('is asked for again, ever more rarely, and given up', async () => {
    const asking = new Asking(async () => null)
    const until = W + 20_000
    for (let now = W; now < until; now += 250) expect(await asking.gone(now)).toEqual([])
    // At 0, 1, 3, 7 and 15 s.
    expect(asking.times).toBe(5)
    for (let now = until; now < until + 100 * 3_600_000; now += 600_000) await asking.gone(now)
    expect(asking.times).toBe(12)
  })

  it('is had for want of turns: three are asked at one', async () => {
    const asking = new Asking(async () => stands([], ...CUT))
    const windows = [0, 1, 2, 3, 4].map((n) => W + n)
    const turn = async (now: number): Promise<number> => {
      let answered = 0
      for (const window of windows)
        if ((await asking.gone(now, question, window)).length > 0) answered++
      return answered
    }
    expect([await turn(W), await turn(W + 1)]).toEqual([3, 5])
  })

  it('is waited for by those that were never asked, for a minute at most', async () => {
    const asking = new Asking(async () => stands([], ...CUT))
    for (const n of [0, 1, 2]) expect(await asking.waits(W, W + n)).toBe(false)
    expect(await asking.waits(W, W + 3)).toBe(true)
    expect(await asking.waits(W + 1, W + 3)).toBe(false)
    // Others come first, turn after turn.
    const late = W + 60_001
    const turn = async (now: number): Promise<boolean> => {
      for (const n of [0, 1, 2]) await asking.waits(now, now * 10 + n)
      return asking.waits(now, W + 4)
    }
    expect([await turn(W + 1_001), await turn(late + 999), await turn(late + 1_000)]).toEqual([
      true,
      true,
      false,
    ])
  })

  it('keeps all others of the turn from being asked: their brokers are away too', async () => {
    const asking = new Asking(async () => null)
    expect(await asking.waits(W, W)).toBe(false)
    expect(await asking.waits(W, W + 1)).toBe(true)
    expect(asking.times).toBe(1)
    // At the next turn it is their turn.
    expect(await asking.waits(W + 1, W)).toBe(false)
    expect(await asking.waits(W + 1, W + 1)).toBe(false)
    expect(asking.times).toBe(2)
  })

  it('of one edge is none of another into the same topic', async () => {
    const asking = new Asking(async () => stands([], ...CUT))
    const both = [question, { ...question, edge: 'also', ids: [hex(3)] }]
    for (const now of [W, W + 1]) {
      const { cutOff } = await asking.cutOffs.of(W, both, now)
      expect([...(cutOff.get(FLIGHTS) ?? [])]).toEqual([hex(1), hex(2), hex(3)])
    }
    expect(asking.times).toBe(2)
  })
})
