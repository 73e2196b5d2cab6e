/** The gap rules at their boundaries, and coverage held against a model that asks offset by offset. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Intervals, includes, union } from '../../src/base/intervals.ts'
import { type HopKey, hopKey } from '../../src/hop/hop.ts'
import { coveragePassage } from '../../src/reconcile/coverage-passage.ts'
import type { LogEnds, WindowEvidence } from '../../src/reconcile/evidence.ts'
import type { Passage, PassageState } from '../../src/reconcile/passage.ts'
import { covered, evidence, HOPS, ids, instance, tally, W } from './build.ts'

/** What is known of partition 0, in plain words; nothing of what is left out. */
interface Known {
  readonly watched?: Intervals
  readonly committed?: Intervals
  readonly deleted?: Intervals
  readonly gone?: number
  readonly start?: number
  readonly torn?: boolean
  /** Where the log ended in two polls after the deadline. */
  readonly top?: number
}

const FLIGHTS = hopKey(HOPS.flights)
const at = (offset: number | undefined): WindowEvidence['logEnds'] =>
  offset === undefined ? new Map() : new Map([[FLIGHTS, new Map([[0, offset]])]])

function factsOf({ watched, committed, deleted, gone, start, torn, top }: Known) {
  const offsets = { committed: committed ?? [], deleted: deleted ?? [] }
  const group: WindowEvidence['commits'] = new Map([[hopKey(HOPS.enrich), new Map([[0, offsets]])]])
  return {
    coverage: new Map(watched === undefined ? [] : [covered(HOPS.enrich, ...watched)]),
    commits: committed === undefined && deleted === undefined ? new Map() : group,
    logGone: at(gone),
    logStarts: at(start),
    logTops: at(top),
    logTorn: new Map<HopKey, ReadonlySet<number>>(torn === true ? [[FLIGHTS, new Set([0])]] : []),
  }
}

/** The window lies at offsets 10 to 19, as the topic tells; the group is asked. */
function passageOf(known: Known): Passage {
  const tallies = [tally({ hop: HOPS.flights, ids: ids(0, 10), range: [10, 19] })]
  return coveragePassage(HOPS.enrich, evidence({ tallies, ...factsOf(known) }))
}

it('a date to come is no sign of another log', () => {
  const tallies = [tally({ hop: HOPS.flights, ids: ids(0, 10), range: [10, 19] })]
  const facts = { tallies, ...factsOf({ watched: [[0, 20]], start: 25 }) }
  // The log had come further before the window began: its offsets are of another one.
  expect(coveragePassage(HOPS.enrich, evidence({ ...facts, now: W })).state).toBe('hole')
  expect(coveragePassage(HOPS.enrich, evidence({ ...facts, now: W - 1 })).state).toBe('passed')
})

type Row = readonly [
  state: PassageState,
  untold: { readonly committed?: number; readonly deleted?: number },
  sentence: string,
  known: Known,
]

describe('offsets 10 to 19, at a group', () => {
  it.each<Row>([
    ['passed', {}, 'are watched to the last one', { watched: [[0, 20]] }],
    ['behind', {}, 'are watched but for the last one', { watched: [[0, 19]] }],
    ['passed', {}, 'are watched from the first one on', { watched: [[10, 20]] }],
    ['out_of_scope', {}, 'are watched but for the first one', { watched: [[11, 20]] }],
    [
      'hole',
      {},
      'were passed over at one',
      {
        watched: [
          [0, 14],
          [15, 20],
        ],
      },
    ],
    [
      'passed',
      {},
      'have the hole one below',
      {
        watched: [
          [0, 9],
          [10, 20],
        ],
      },
    ],
    [
      'passed',
      {},
      'have the hole one above',
      {
        watched: [
          [0, 20],
          [21, 30],
        ],
      },
    ],
    ['hole', {}, 'are known to nobody', {}],
    [
      'behind',
      {},
      'belong to a group whose offsets were asked and told nothing',
      { committed: [] },
    ],
  ])('%s %j: %s', (state, untold, _, known) => {
    expect(passageOf(known)).toEqual({ state, why: expect.anything(), ...untold })
  })

  // Watched to 12 and from 16 on: 12 to 15 are told by nobody.
  const holed: Intervals = [
    [0, 12],
    [16, 30],
  ]
  it.each<Row>([
    ['passed', { committed: 4 }, 'committed to the end of the hole', { committed: [[0, 16]] }],
    ['hole', { committed: 3 }, 'committed but for one', { committed: [[0, 15]] }],
    ['passed', { committed: 4 }, 'committed beyond it', { committed: [[0, 17]] }],
    ['hole', {}, 'committed up to where the hole begins', { committed: [[0, 12]] }],
    ['hole', { committed: 1 }, 'one of it committed', { committed: [[0, 13]] }],
    ['hole', {}, 'committed only after a commit that had vanished', { committed: [[16, 40]] }],
    ['passed', { deleted: 4 }, 'deleted unread', { committed: [[0, 12]], deleted: [[12, 16]] }],
    ['hole', { deleted: 3 }, 'all but one deleted unread', { deleted: [[12, 15]] }],
    ['hole', {}, 'what is deleted lies one above', { deleted: [[16, 17]] }],
    [
      'passed',
      { committed: 2, deleted: 2 },
      'half committed, half deleted unread',
      { committed: [[0, 14]], deleted: [[14, 16]] },
    ],
    // G2 above G3.
    [
      'passed',
      { deleted: 4 },
      'deleted unread, and a later commit passes over it',
      { committed: [[0, 40]], deleted: [[12, 16]] },
    ],
    ['passed', {}, 'the log was cut where the hole begins', { gone: 12 }],
    ['hole', {}, 'the log was cut one above where the hole begins', { gone: 13 }],
    ['hole', {}, 'the log was cut where it ends', { gone: 16 }],
    // G1 above all.
    [
      'passed',
      {},
      'cut below, whatever is said of such offsets later',
      { gone: 12, committed: [[0, 40]], deleted: [[12, 14]] },
    ],
  ])('with a hole at 12 to 15 have %s %j: %s', (state, untold, _, known) => {
    const passage = passageOf({ watched: holed, ...known })
    expect(passage).toEqual({ state, why: expect.anything(), ...untold })
  })

  it.each<Row>([
    ['behind', {}, 'nothing more is known', {}],
    ['behind', {}, 'committed up to there', { committed: [[0, 15]] }],
    ['behind', { committed: 1 }, 'committed one further', { committed: [[0, 16]] }],
    ['behind', { committed: 4 }, 'committed but for one', { committed: [[0, 19]] }],
    ['passed', { committed: 5 }, 'committed to the last one', { committed: [[0, 20]] }],
    ['passed', { deleted: 5 }, 'the rest deleted unread', { deleted: [[15, 20]] }],
    ['passed', {}, 'the log was cut there', { gone: 15 }],
    ['behind', {}, 'the log was cut one above', { gone: 16 }],
    // Cut above what is next to be read: that one may still come, the rest not.
    ['behind', {}, 'the log was cut at the last one', { gone: 19 }],
    ['passed', {}, 'the log ends there, as was polled twice', { top: 15 }],
    ['behind', {}, 'the log ends one above, as was polled twice', { top: 16 }],
    ['passed', {}, 'the log ends there, and was cut above', { top: 15, gone: 16 }],
  ])('read up to 15 are %s %j: %s', (state, untold, _, known) => {
    const passage = passageOf({ watched: [[0, 15]], ...known })
    expect(passage).toEqual({ state, why: expect.anything(), ...untold })
  })

  it.each<Row>([
    ['behind', {}, 'committed up to the first', { committed: [[0, 10]] }],
    ['behind', { committed: 1 }, 'one committed', { committed: [[0, 11]] }],
    ['behind', { committed: 9 }, 'one is not', { committed: [[0, 19]] }],
    ['passed', { committed: 10 }, 'all committed', { committed: [[0, 20]] }],
    ['behind', { deleted: 9 }, 'all but one deleted unread', { deleted: [[10, 19]] }],
    ['passed', { deleted: 10 }, 'all deleted unread', { deleted: [[10, 20]] }],
  ])('watched by no agent at all are %s %j: %s', (state, untold, _, known) => {
    expect(passageOf(known)).toEqual({ state, why: expect.anything(), ...untold })
  })

  it.each<Row>([
    ['passed', {}, 'the log had come up to their first before', { start: 10 }],
    ['hole', {}, 'the log had come one further before', { start: 11 }],
    ['hole', {}, 'the log was cut while they were sent', { torn: true }],
    // Whatever was committed, it was committed of another log.
    ['hole', {}, 'the same, and all is committed', { torn: true, committed: [[0, 40]] }],
  ])('watched are %s %j: %s', (state, untold, _, known) => {
    const passage = passageOf({ watched: [[0, 30]], ...known })
    expect(passage).toEqual({ state, why: expect.anything(), ...untold })
  })

  it('say by name which are missing and which are awaited', () => {
    const watched: Intervals = [
      [0, 12],
      [16, 18],
    ]
    expect(passageOf({ watched, committed: [[0, 13]] }).why).toEqual([
      'partition 0: offsets 13–15 were not watched',
      'partition 0: read to offset 18, the window ends at 19',
    ])
  })
})

describe('the topic itself', () => {
  const judge = (words: Partial<WindowEvidence>, toLogEnd = false): PassageState =>
    coveragePassage(
      HOPS.flights,
      evidence({
        tallies: [tally({ hop: HOPS.checkin, ids: ids(0, 10), range: [10, 19] })],
        instances: [instance({ hops: [HOPS.checkin] })],
        coverage: new Map([covered(HOPS.flights, [0, 20])]),
        ...words,
      }),
      toLogEnd,
    ).state

  it('has passed what producers had acknowledged, without a poll', () => {
    expect(judge({})).toBe('passed')
    expect(judge({ coverage: new Map([covered(HOPS.flights, [0, 19])]) })).toBe('behind')
  })

  it('waits for the end of the log where upstream cannot say, and must have read up to it', () => {
    expect(judge({}, true)).toBe('behind')
    // Boundary: an end of 20 means that 19 is the last one.
    expect(judge({ logEnds: at(20) }, true)).toBe('passed')
    expect(judge({ logEnds: at(21) }, true)).toBe('behind')
    expect(judge({ logEnds: at(0) }, true)).toBe('passed')
  })

  it('was read by nobody, and its committed end is 0: that says nothing of what was acknowledged', () => {
    const unread = { coverage: new Map(), logEnds: at(0) }
    expect(judge(unread)).toBe('hole')
    // Nothing was ever written, as into a topic of dead letters.
    expect(judge({ ...unread, tallies: [] })).toBe('passed')
    expect(judge({ ...unread, tallies: [], logEnds: new Map() })).toBe('hole')
    expect(judge({ ...unread, tallies: [], logEnds: at(1) })).toBe('hole')
  })

  describe('holding a message whose place nobody knows', () => {
    const placeless = (watched: Intervals, start?: number): PassageState =>
      judge({
        tallies: [
          tally({ hop: HOPS.checkin, ids: ids(0, 9), range: [11, 19] }),
          tally({ hop: HOPS.checkin, ids: ids(9, 10), range: null }),
        ],
        coverage: new Map([covered(HOPS.flights, ...watched)]),
        logEnds: at(20),
        logStarts: at(start),
      })

    it.each<[PassageState, string, Intervals, number?]>([
      ['passed', 'no hole', [[0, 20]]],
      [
        'hole',
        'a hole far below: it may be in there',
        [
          [0, 2],
          [3, 20],
        ],
      ],
      [
        'passed',
        'that hole ends where the log ended before the window',
        [
          [0, 2],
          [3, 20],
        ],
        3,
      ],
      [
        'hole',
        'that hole reaches one above where the log ended before',
        [
          [0, 2],
          [4, 20],
        ],
        3,
      ],
      ['behind', 'the end is not read', [[0, 19]]],
      ['passed', 'what is watched begins above the log before the window', [[11, 20]], 5],
    ])('%s: %s', (state, _, watched, start) => {
      expect(placeless(watched, start)).toBe(state)
    })

    it('waits for a poll of the end', () => {
      const tallies = [tally({ hop: HOPS.checkin, ids: ids(0, 10), range: null })]
      expect(judge({ tallies })).toBe('behind')
      expect(judge({ tallies, logEnds: at(20) })).toBe('passed')
    })

    it('is not in an idle partition, which is whole', () => {
      const set: Intervals = [[0, 50]]
      const [key, flights] = covered(HOPS.flights, [0, 20])
      const partitions = new Map([...flights.partitions, [1, set]])
      const state = judge({
        tallies: [
          tally({ hop: HOPS.checkin, ids: ids(0, 10), range: [10, 19] }),
          tally({ hop: HOPS.checkin, ids: ids(10, 11), range: null }),
        ],
        coverage: new Map([[key, { ...flights, partitions }]]),
        logStarts: new Map([[key, new Map([[1, 50]])]]),
        logEnds: new Map([
          [
            key,
            new Map([
              [0, 20],
              [1, 50],
            ]),
          ],
        ]),
      })
      expect(state).toBe('passed')
    })

    it.each<[PassageState, string, Intervals, number]>([
      ['passed', 'nobody read there and nothing came since', [], 50],
      ['behind', 'nobody read there and one came since', [], 51],
      ['passed', 'watched from its end on, nothing came since', [[50, 51]], 50],
      ['passed', 'watched from its end on, one came since', [[50, 51]], 51],
    ])('%s: in a partition that had come to 50 before, %s', (expected, _, set, end) => {
      const [key, flights] = covered(HOPS.flights, [0, 20])
      const partitions = new Map([...flights.partitions, [1, set]])
      const ends: LogEnds = new Map([
        [0, 20],
        [1, end],
      ])
      const state = judge({
        tallies: [tally({ hop: HOPS.checkin, ids: ids(10, 11), range: null })],
        coverage: new Map([[key, { ...flights, partitions }]]),
        logStarts: new Map([[key, new Map([[1, 50]])]]),
        logEnds: new Map([[key, ends]]),
      })
      expect(state).toBe(expected)
    })
  })
})

describe('the model that asks of every offset what is known of it', () => {
  const END = 24
  const set = fc
    .array(fc.tuple(fc.nat(END), fc.nat(6)), { maxLength: 4 })
    .map((list) => list.reduce<Intervals>((s, [from, n]) => union(s, from, from + n), []))
  const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.option(arbitrary, { nil: undefined, freq: 3 })
  const offset = fc.nat(END)

  it('agrees, whatever was watched, committed, deleted and cut', () => {
    let seen = new Set<PassageState>()
    fc.assert(
      fc.property(
        fc.record({
          low: offset,
          size: fc.integer({ min: 1, max: 12 }),
          watched: set,
          committed: set,
          deleted: set,
          gone: optional(offset),
          top: optional(offset),
          start: optional(offset),
          torn: fc.nat(9).map((n) => n === 0),
        }),
        ({ low, size, gone, start, top, ...known }) => {
          const high = low + size - 1
          const tallies = [tally({ hop: HOPS.flights, ids: ids(0, 1), range: [low, high] })]
          const facts: Known = {
            ...known,
            ...(gone === undefined ? {} : { gone }),
            ...(start === undefined ? {} : { start }),
            ...(top === undefined ? {} : { top }),
          }
          const passage = coveragePassage(HOPS.enrich, evidence({ tallies, ...factsOf(facts) }))
          const { state, committed = 0, deleted = 0 } = passage
          seen = seen.add(state)
          expect({ state, committed, deleted }).toEqual(modelOf(low, high, facts))
        },
      ),
      { numRuns: 500 },
    )
    // The generator reaches every answer.
    expect(seen).toEqual(new Set<PassageState>(['passed', 'out_of_scope', 'behind', 'hole']))
  })

  function modelOf(low: number, high: number, known: Known) {
    const { watched = [], committed = [], deleted = [], start = 0 } = known
    const gone = Math.min(known.gone ?? Infinity, known.top ?? Infinity)
    const nothing = { committed: 0, deleted: 0 }
    if (low < start || known.torn === true) return { state: 'hole', ...nothing }
    const seen = Array.from({ length: END * 3 }, (_, o) => o).filter((o) => includes(watched, o))
    const [first, last] = [seen[0], seen.at(-1)]
    if (first !== undefined && low < first) return { state: 'out_of_scope', ...nothing }
    const counts = { ...nothing }
    let state = 'passed'
    for (let o = low; o <= high; o++) {
      if (includes(watched, o) || o >= gone) continue
      if (includes(deleted, o)) counts.deleted++
      else if (includes(committed, o)) counts.committed++
      else if (last !== undefined && o < last) state = 'hole'
      else if (state === 'passed') state = 'behind'
    }
    return { state, ...counts }
  }
})
