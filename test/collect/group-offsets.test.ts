/** What polls of a group's commits prove: row by row, and against a group that is played beside them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Intervals, includes, sizeOf } from '../../src/base/intervals.ts'
import { type GroupState, noted, type OffsetPoll } from '../../src/collect/group-offsets.ts'

type Poll = readonly [commit: number | null, low: number, end: number]

const stateOf = (polls: readonly Poll[]): GroupState =>
  polls
    .map(([commit, low, end]): OffsetPoll => ({ commit, low, end }))
    .reduce<GroupState | undefined>(noted, undefined) as GroupState

describe('commits of a group', () => {
  type Row = readonly [
    sentence: string,
    committed: Intervals,
    deleted: Intervals,
    polls: readonly Poll[],
  ]
  it.each<Row>([
    ['that stood before anybody asked speak for all below', [[0, 10]], [], [[10, 0, 50]]],
    ['at 0 speak for nothing', [], [], [[0, 0, 50]]],
    [
      'that move on speak for more',
      [[0, 30]],
      [],
      [
        [10, 0, 50],
        [30, 0, 50],
      ],
    ],
    [
      'that stand still speak for the same',
      [[0, 10]],
      [],
      [
        [10, 0, 50],
        [10, 0, 60],
      ],
    ],
    // They may have been read again, or not: they were handled once.
    [
      'that go back take nothing away',
      [[0, 30]],
      [],
      [
        [30, 0, 50],
        [10, 0, 50],
      ],
    ],
    [
      'that go back and on speak on',
      [[0, 40]],
      [],
      [
        [30, 0, 50],
        [10, 0, 50],
        [40, 0, 50],
      ],
    ],
    // A reset: nobody knows from where it went on.
    [
      'that vanish take nothing away',
      [[0, 10]],
      [],
      [
        [10, 0, 50],
        [null, 0, 50],
      ],
    ],
    [
      'that come back say nothing of what they pass over',
      [[0, 10]],
      [],
      [
        [10, 0, 50],
        [null, 0, 50],
        [45, 0, 50],
      ],
    ],
    [
      'that come back speak for what comes then',
      [
        [0, 10],
        [45, 48],
      ],
      [],
      [
        [10, 0, 50],
        [null, 0, 50],
        [45, 0, 50],
        [48, 0, 50],
      ],
    ],
    [
      'that stood at 0, vanished and came back say nothing',
      [],
      [],
      [
        [0, 0, 50],
        [null, 0, 50],
        [45, 0, 50],
      ],
    ],
    // A group that is new may begin at the end of the log.
    ['that are not there yet say nothing', [], [], [[null, 0, 40]]],
    [
      'that come speak from where the log ended',
      [[40, 45]],
      [],
      [
        [null, 0, 40],
        [45, 0, 50],
      ],
    ],
    [
      'that come at that end speak for nothing',
      [],
      [],
      [
        [null, 0, 40],
        [40, 0, 50],
      ],
    ],
    [
      'that come below it speak for nothing',
      [],
      [],
      [
        [null, 0, 40],
        [35, 0, 50],
      ],
    ],
    [
      'that come speak from where it ended last',
      [[42, 45]],
      [],
      [
        [null, 0, 40],
        [null, 0, 42],
        [45, 0, 50],
      ],
    ],
    // The start of the log passes them: twice, for who reads there commits a moment later.
    [
      'at the start of the log leave nothing unread',
      [[0, 20]],
      [],
      [
        [20, 20, 50],
        [20, 20, 50],
      ],
    ],
    [
      'one below leave one unread',
      [[0, 19]],
      [[19, 20]],
      [
        [19, 20, 50],
        [19, 20, 50],
      ],
    ],
    ['one below, seen once, leave it open', [[0, 19]], [], [[19, 20, 50]]],
    [
      'one above leave none',
      [[0, 21]],
      [],
      [
        [21, 20, 50],
        [21, 20, 50],
      ],
    ],
    [
      'that vanish below it leave unread what lies between',
      [[0, 10]],
      [[10, 20]],
      [
        [10, 20, 50],
        [null, 20, 50],
      ],
    ],
    [
      'that pass over what was unread do not read it',
      [
        [0, 10],
        [20, 30],
      ],
      [[10, 20]],
      [
        [10, 20, 50],
        [10, 20, 50],
        [30, 20, 50],
      ],
    ],
    [
      'that pass over it at once neither read nor leave it',
      [
        [0, 10],
        [20, 30],
      ],
      [],
      [
        [10, 20, 50],
        [30, 20, 50],
        [30, 20, 50],
      ],
    ],
    [
      'below a start that moves on leave more unread',
      [[0, 10]],
      [[10, 25]],
      [
        [10, 20, 50],
        [10, 25, 50],
        [10, 25, 50],
      ],
    ],
    [
      'that went back below it leave unread only what was never handled',
      [[0, 30]],
      [[30, 35]],
      [
        [30, 0, 50],
        [10, 35, 50],
        [10, 35, 50],
      ],
    ],
    [
      'that are gone leave nothing unread: who would read it',
      [[0, 10]],
      [],
      [
        [10, 0, 50],
        [null, 20, 50],
        [null, 20, 50],
      ],
    ],
  ])('%s', (_, committed, deleted, polls) => {
    const state = stateOf(polls)
    expect([state.committed, state.deleted]).toEqual([committed, deleted])
    // Asking a third time changes nothing.
    const last = polls.slice(-1)
    const twice = [...polls, ...last]
    expect(stateOf([...twice, ...last])).toEqual(stateOf(twice))
  })

  type Followed = readonly [sentence: string, deleted: Intervals, polls: readonly Poll[]]
  it.each<Followed>([
    [
      'when all that there was is deleted, leave unread what they had not come to',
      [[10, 20]],
      [
        [10, 0, 20],
        [null, 20, 20],
        [null, 20, 20],
      ],
    ],
    [
      'and are seen so once, leave it open',
      [],
      [
        [10, 0, 20],
        [null, 20, 20],
      ],
    ],
    [
      'and come back before that is seen, leave it open',
      [],
      [
        [10, 0, 20],
        [null, 20, 20],
        [25, 20, 30],
      ],
    ],
    [
      'when one record is left, leave it open: its reader is on its way',
      [],
      [
        [10, 0, 21],
        [null, 20, 21],
        [null, 20, 21],
      ],
    ],
    [
      'at the end of it leave nothing unread',
      [],
      [
        [20, 0, 20],
        [null, 20, 20],
        [null, 20, 20],
      ],
    ],
    [
      'that were never there leave nothing unread: who would read it',
      [],
      [
        [null, 0, 20],
        [null, 20, 20],
        [null, 20, 20],
      ],
    ],
    // A topic that was created anew.
    [
      'of a log that begins again say nothing',
      [],
      [
        [10, 0, 20],
        [null, 0, 0],
        [null, 0, 0],
      ],
    ],
  ])('that vanish a moment after they were seen, %s', (_, deleted, polls) => {
    const followed = polls.map(([commit, low, end]) => ({ commit, low, end, follows: true }))
    const state = followed.reduce<GroupState | undefined>(noted, undefined)
    expect(state?.deleted).toEqual(deleted)
    // What happened between two polls far apart nobody knows.
    expect(stateOf(polls).deleted).toEqual([])
  })

  it('are kept in a thousand ranges at most: the oldest are forgotten', () => {
    // Each time deleted unread at an odd offset, handled at the even one after.
    const polls = Array.from({ length: 1_200 }, (_, i): Poll => [2 * i, 2 * i + 1, 5_000])
    const { committed, deleted } = stateOf(polls.flatMap((p) => [p, p]))
    expect([committed.length, deleted.length]).toEqual([1_000, 1_000])
    expect(includes(deleted, 2 * 1_199)).toBe(true)
    expect(includes(deleted, 0)).toBe(false)
  })
})

/** A group at work on one partition, and retention behind it. */
type Event =
  | { readonly does: 'append' | 'handle' | 'delete'; readonly n: number }
  | { readonly does: 'commit' | 'crash' | 'reset' | 'expire' }

interface Played {
  readonly polls: readonly Poll[]
  readonly handled: ReadonlySet<number>
  /** Handled, and its commit was seen. */
  readonly owned: ReadonlySet<number>
  /** Handled, but not committed when the start of the log passed them. */
  readonly late: ReadonlySet<number>
  readonly end: number
}

function play(events: readonly Event[], isLatest: boolean): Played {
  let [low, end, position] = [0, 40, isLatest ? 40 : 0]
  let commit: number | null = null
  const [handled, owned, late] = [new Set<number>(), new Set<number>(), new Set<number>()]
  const polls: Poll[] = [[commit, low, end]]
  const fetch = (): void => {
    // What it wants is gone: the broker says so, the client commits that there is no offset.
    if (position >= low) return
    commit = null
    position = isLatest ? end : low
  }
  for (const event of events) {
    switch (event.does) {
      case 'append':
        end += event.n
        break
      case 'handle':
        fetch()
        for (let i = 0; i < event.n && position < end; i++) handled.add(position++)
        break
      case 'delete':
        low = Math.min(end, low + event.n)
        for (const o of handled) if (o < low && !owned.has(o)) late.add(o)
        break
      case 'commit':
        commit = position
        for (const o of handled) if (o < commit) owned.add(o)
        break
      case 'crash':
        position = commit ?? (isLatest ? end : low)
        break
      case 'reset':
        commit = null
        position = isLatest ? end : low
        break
      case 'expire':
        commit = null
        break
    }
    polls.push([commit, low, end])
  }
  return { polls, handled, owned, late, end }
}

const events = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        does: fc.constantFrom('append' as const, 'handle' as const, 'delete' as const),
        n: fc.integer({ min: 1, max: 12 }),
      }),
    },
    { weight: 5, arbitrary: fc.record({ does: fc.constant('commit' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        does: fc.constantFrom('crash' as const, 'reset' as const, 'expire' as const),
      }),
    },
  ),
  { maxLength: 30 },
)

describe('a group played at random, polled after every step', () => {
  it('has handled whatever its commits are taken to speak for', () => {
    let spoken = 0
    fc.assert(
      fc.property(events, fc.boolean(), (list, isLatest) => {
        const { polls, handled, end } = play(list, isLatest)
        const { committed } = stateOf(polls)
        spoken += sizeOf(committed)
        expect(offsets(end).filter((o) => includes(committed, o) && !handled.has(o))).toEqual([])
      }),
      { numRuns: 300 },
    )
    expect(spoken).toBeGreaterThan(0)
  })

  it('has committed nothing of what is called deleted unread', () => {
    let unread = 0
    fc.assert(
      fc.property(events, fc.boolean(), (list, isLatest) => {
        const { polls, owned, late, end } = play(list, isLatest)
        const { committed, deleted } = stateOf(polls)
        unread += sizeOf(deleted)
        const gone = offsets(end).filter((o) => includes(deleted, o))
        expect(gone.filter((o) => includes(committed, o))).toEqual([])
        // But what it handled before it was lost from sight.
        if (isContinuous(polls))
          expect(gone.filter((o) => owned.has(o) && !late.has(o))).toEqual([])
      }),
      { numRuns: 300 },
    )
    expect(unread).toBeGreaterThan(0)
  })

  it('is believed no less the more often it is asked, nor more', () => {
    fc.assert(
      fc.property(events, fc.boolean(), (list, isLatest) => {
        const { polls } = play(list, isLatest)
        const twice = polls.flatMap((p) => [p, p])
        const thrice = polls.flatMap((p) => [p, p, p])
        expect(stateOf(thrice)).toEqual(stateOf(twice))
      }),
    )
  })
})

describe('a commit that goes back', () => {
  const backOf = (...polls: readonly Poll[]): unknown =>
    polls
      .map(([commit, low, end], at): OffsetPoll => ({ commit, low, end, at }))
      .reduce<GroupState | undefined>(noted, undefined)?.wentBack

  it.each<readonly [string, unknown, readonly Poll[]]>([
    [
      'is none that moves on',
      undefined,
      [
        [10, 0, 50],
        [30, 0, 50],
      ],
    ],
    [
      'is none that stands',
      undefined,
      [
        [10, 0, 50],
        [10, 0, 50],
      ],
    ],
    [
      'names what lies between',
      [{ from: 10, to: 30, at: 1 }],
      [
        [30, 0, 50],
        [10, 0, 50],
      ],
    ],
    [
      'is kept when it moves on, or vanishes',
      [{ from: 10, to: 30, at: 1 }],
      [
        [30, 0, 50],
        [10, 0, 50],
        [40, 0, 50],
        [null, 0, 50],
      ],
    ],
    [
      'may do so more than once',
      [
        { from: 10, to: 30, at: 1 },
        { from: 20, to: 40, at: 3 },
      ],
      [
        [30, 0, 50],
        [10, 0, 50],
        [40, 0, 50],
        [20, 0, 50],
      ],
    ],
    [
      'may have vanished between',
      [{ from: 10, to: 30, at: 2 }],
      [
        [30, 0, 50],
        [null, 0, 50],
        [10, 0, 50],
      ],
    ],
    [
      'is none that comes back where it was',
      undefined,
      [
        [30, 0, 50],
        [null, 0, 50],
        [30, 0, 50],
      ],
    ],
    [
      'is none of a group that is new',
      undefined,
      [
        [null, 0, 50],
        [10, 0, 50],
      ],
    ],
  ])('%s', (_, expected, polls) => {
    expect(backOf(...polls)).toEqual(expected)
  })

  it('is kept twenty times', () => {
    const polls = Array.from({ length: 60 }, (_, i): Poll => [i % 2 === 0 ? 30 : 10, 0, 50])
    const kept = backOf(...polls) as readonly { readonly at: number }[]
    expect(kept).toHaveLength(20)
    expect(kept.at(-1)?.at).toBe(59)
  })
})

const offsets = (end: number): number[] => Array.from({ length: end }, (_, o) => o)

/** Its commit was there from the first time on, and never vanished. */
function isContinuous(polls: readonly Poll[]): boolean {
  const first = polls.findIndex(([commit]) => commit !== null)
  return polls.slice(first).every(([commit]) => commit !== null)
}

describe('the model that replays polls offset by offset', () => {
  const END = 30
  const polls = fc.array(
    fc.tuple(fc.option(fc.nat(END), { freq: 4, nil: null }), fc.nat(END), fc.nat(END)),
    { minLength: 1, maxLength: 12 },
  )

  it('agrees, whatever was polled', () => {
    fc.assert(
      fc.property(polls, (list) => {
        const { committed, deleted } = stateOf(list)
        const said = Array.from({ length: END + 1 }, (_, o) =>
          includes(committed, o) ? 'handled' : includes(deleted, o) ? 'deleted' : '',
        )
        expect(said).toEqual(modelOf(list))
      }),
      { numRuns: 500 },
    )
  })

  function modelOf(list: readonly Poll[]): string[] {
    return Array.from({ length: END + 1 }, (_, offset) => {
      let known = ''
      list.forEach(([commit], i) => {
        const [before, start] = list[i - 1] ?? [null, 0]
        const isDoubtful = before !== null && before <= offset && offset < start
        // Gone before the group came so far, and it was not on its way there.
        if (known === '' && isDoubtful && (commit === null || commit === before)) known = 'deleted'
        if (known !== '' || commit === null || commit <= offset) return
        const from = before === null ? 0 : Math.max(before, start)
        if (Math.max(from, speaksFrom(list.slice(0, i))) <= offset) known = 'handled'
      })
      return known
    })
  }

  /** From where on the commit speaks that comes after these polls. */
  function speaksFrom(before: readonly Poll[]): number {
    const last = before.at(-1)
    if (last === undefined) return 0
    const [commit, , end] = last
    if (commit !== null) return commit
    return before.every(([c]) => c === null) ? end : Number.POSITIVE_INFINITY
  }
})
