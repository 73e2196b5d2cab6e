/** Polls as evidence: when a commit counts, what a log that ends lower proves, what outlives a restart. */
import { describe, expect, it } from 'vitest'
import type { Intervals } from '../../src/base/intervals.ts'
import { keptLogsIn, type LogPolls, LogWatch } from '../../src/collect/log-watch.ts'
import { lagsOf } from '../../src/diagnose/lags.ts'
import type { HopCoverage } from '../../src/hop/evidence.ts'
import { type HopKey, hopKey } from '../../src/hop/hop.ts'
import { DEFAULT_BOUNDS } from '../../src/message/window.ts'
import type { LogEnds } from '../../src/reconcile/evidence.ts'
import { LAGS_FACT } from '../../src/store/facts.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { covered, EDGES, HOPS, PIPELINE, W } from '../reconcile/build.ts'

const FLUSH_MS = 5_000
const SKEW_MS = DEFAULT_BOUNDS.skewMs
const FLIGHTS = hopKey(HOPS.flights)
const ENRICH = hopKey(HOPS.enrich)

/** One topic and one group. */
const pipeline = {
  ...PIPELINE,
  edges: [EDGES.produce, EDGES.consume],
  hops: PIPELINE.hops.filter((d) => ['checkin', 'flights', 'enrich'].includes(d.name)),
}

/** What the cluster says of partition 0 now; null: it cannot be asked. */
interface Cluster {
  end: number | null
  low: number | null
  commit: number | 'none' | null
  mark: number | null
  compacted: boolean | null
  id: string | null
}

interface Watched {
  readonly cluster: Cluster
  readonly watch: LogWatch
  readonly asked: { ends: number; commits: number; compacted: number; ids: number }
  look(at: number, cluster?: Partial<Cluster>, watched?: Intervals): Promise<void>
  committed(): Intervals | undefined
  deleted(): Intervals | undefined
}

async function watching(store: Store, clock?: () => number): Promise<Watched> {
  const cluster: Cluster = { end: 50, low: 0, commit: 10, mark: 50, compacted: false, id: 'a' }
  const asked = { ends: 0, commits: 0, compacted: 0, ids: 0 }
  const ofPartition = (offset: number | null): LogEnds | null =>
    offset === null ? null : new Map([[0, offset]])
  const polls: LogPolls = {
    pollLogEnds: async () => {
      asked.ends++
      return ofPartition(cluster.end)
    },
    pollHighWatermarks: async () => ofPartition(cluster.mark),
    pollLogLows: async () => ofPartition(cluster.low),
    pollCommits: async () => {
      asked.commits++
      return cluster.commit === 'none' ? new Map() : ofPartition(cluster.commit)
    },
    pollTopicId: async () => {
      asked.ids++
      return cluster.id
    },
    pollCompacted: async () => {
      asked.compacted++
      return cluster.compacted
    },
  }
  const watch = new LogWatch(store, polls, clock)
  await watch.open()
  return {
    ...{ cluster, watch, asked },
    look: async (at, change = {}, watched = []) => {
      Object.assign(cluster, change)
      await watch.look([pipeline], at, FLUSH_MS, coverage(watched))
      await watch.save()
    },
    committed: () => watch.commits().get(ENRICH)?.get(0)?.committed,
    deleted: () => watch.commits().get(ENRICH)?.get(0)?.deleted,
  }
}

function coverage(watched: Intervals): ReadonlyMap<HopKey, HopCoverage> {
  return new Map([covered(HOPS.flights, ...watched), covered(HOPS.enrich, ...watched)])
}

async function inStore(work: (store: Store) => Promise<void>): Promise<void> {
  const store = await openSqliteStore(':memory:')
  try {
    await work(store)
  } finally {
    await store.close()
  }
}

const alone = (work: (watched: Watched, store: Store) => Promise<void>): Promise<void> =>
  inStore(async (store) => work(await watching(store), store))

describe('a commit', () => {
  it('counts when three flush intervals have gone by, not before', () =>
    alone(async ({ look, committed }) => {
      await look(W)
      expect(committed()).toBeUndefined()
      await look(W + 3 * FLUSH_MS - 1)
      expect(committed()).toBeUndefined()
      await look(W + 3 * FLUSH_MS)
      expect(committed()).toEqual([[0, 10]])
    }))

  it('is asked for once in a flush interval', () =>
    alone(async ({ look, asked }) => {
      await look(W)
      await look(W + FLUSH_MS - 1)
      expect(asked.commits).toBe(1)
      await look(W + FLUSH_MS)
      expect(asked.commits).toBe(2)
    }))

  it('counts as it stood then, though it has moved on since', () =>
    alone(async ({ look, committed }) => {
      await look(W)
      await look(W + FLUSH_MS, { commit: 20 })
      await look(W + 3 * FLUSH_MS)
      expect(committed()).toEqual([[0, 10]])
      await look(W + 4 * FLUSH_MS)
      expect(committed()).toEqual([[0, 20]])
    }))

  it('that vanished between two polls speaks for no more', () =>
    alone(async ({ look, committed }) => {
      await look(W)
      await look(W + FLUSH_MS, { commit: 'none' })
      await look(W + 2 * FLUSH_MS, { commit: 45 })
      await look(W + 9 * FLUSH_MS)
      expect(committed()).toEqual([[0, 10]])
    }))

  it('below the start of the log leaves it unread, also when it moves on', () =>
    alone(async ({ look, committed, deleted }) => {
      await look(W, { low: 20 })
      await look(W + FLUSH_MS)
      await look(W + 2 * FLUSH_MS, { commit: 30 })
      await look(W + 9 * FLUSH_MS)
      expect(deleted()).toEqual([[10, 20]])
      expect(committed()).toEqual([
        [0, 10],
        [20, 30],
      ])
    }))

  it('of a group that had none begins where the log ended then', () =>
    alone(async ({ look, committed }) => {
      await look(W, { commit: 'none', end: 40 })
      await look(W + FLUSH_MS, { commit: 45, end: 50 })
      await look(W + 9 * FLUSH_MS)
      expect(committed()).toEqual([[40, 45]])
    }))

  it('reset by the deletion of all that there was leaves it unread', () =>
    alone(async ({ look, committed, deleted }) => {
      await look(W)
      await look(W + FLUSH_MS, { commit: 'none', low: 50 })
      await look(W + 40_000)
      await look(W + 60_000)
      expect([committed(), deleted()]).toEqual([[[0, 10]], [[10, 50]]])
    }))

  it('that nobody looked at for long may have moved on before it vanished', () =>
    alone(async ({ look, deleted }) => {
      await look(W)
      await look(W + FLUSH_MS + 2_001, { commit: 'none', low: 50 })
      await look(W + 40_000)
      await look(W + 60_000)
      expect(deleted()).toEqual([])
    }))

  it('that moved on in a poll that did not tell all may have been handled before it vanished', () =>
    alone(async ({ look, deleted }) => {
      await look(W)
      await look(W + FLUSH_MS, { commit: 30, end: null })
      await look(W + 2 * FLUSH_MS, { commit: 'none', low: 50, end: 50 })
      await look(W + 3 * FLUSH_MS)
      await look(W + 9 * FLUSH_MS)
      expect(deleted()).toEqual([])
    }))

  it('that goes back is kept with the offsets between, and when that was seen', () =>
    alone(async ({ look }, store) => {
      await look(W, { commit: 30 })
      await look(W + FLUSH_MS, { commit: 12 })
      await look(W + 2 * FLUSH_MS, { commit: 40 })
      await look(W + 9 * FLUSH_MS)
      const { wentBack } = await keptLogsIn(store)
      expect([...(wentBack.get(ENRICH) ?? [])]).toEqual([
        [0, [{ from: 12, to: 30, at: W + FLUSH_MS }]],
      ])
    }))

  it('outlives a restart of the auditor', () =>
    inStore(async (store) => {
      const first = await watching(store)
      await first.look(W)
      await first.look(W + 3 * FLUSH_MS)
      const again = await watching(store)
      expect(again.committed()).toEqual([[0, 10]])
      // What vanished is known to have vanished.
      await first.look(W + 4 * FLUSH_MS, { commit: 'none' })
      await first.look(W + 9 * FLUSH_MS)
      const third = await watching(store)
      await third.look(W + 10 * FLUSH_MS, { commit: 45 })
      await third.look(W + 20 * FLUSH_MS)
      expect(third.committed()).toEqual([[0, 10]])
    }))
})

describe('a poll that fails', () => {
  it('of commits is no poll: nothing has vanished', () =>
    alone(async ({ look, committed }) => {
      await look(W)
      await look(W + FLUSH_MS, { commit: null })
      await look(W + 2 * FLUSH_MS, { commit: 45 })
      await look(W + 9 * FLUSH_MS)
      expect(committed()).toEqual([[0, 45]])
    }))

  it.each<[string, Partial<Cluster>]>([
    ["of the log's end", { end: null }],
    ["of the log's start", { low: null }],
    ['of both', { end: null, low: null }],
  ])('%s makes no claim of what a first commit speaks for', (_, failing) =>
    alone(async ({ look, committed }) => {
      await look(W, { commit: 'none', ...failing })
      await look(W + FLUSH_MS, { commit: 45, end: 50, low: 0 })
      await look(W + 9 * FLUSH_MS)
      // It was seen to have none: it may have begun at offset 44.
      expect(committed() ?? []).toEqual([])
    }),
  )

  it('for long within its turn may have missed a commit that came and vanished', () =>
    inStore(async (store) => {
      let [ms, pause] = [0, 0]
      const { look, deleted } = await watching(store, () => {
        ms += pause
        return ms
      })
      await look(W)
      pause = 10_000
      await look(W + FLUSH_MS, { commit: 'none', low: 50 })
      await look(W + 40_000)
      await look(W + 60_000)
      expect(deleted()).toEqual([])
    }))

  it("of the log's start deletes nothing", () =>
    alone(async ({ look, deleted }) => {
      await look(W, { low: null })
      await look(W + 9 * FLUSH_MS)
      expect(deleted()).toEqual([])
    }))
})

describe('a topic', () => {
  const { flights } = HOPS

  it('is the same as long as its id is, also after a restart', () =>
    inStore(async (store) => {
      const first = await watching(store, () => W)
      expect(await first.watch.isSameSince(flights, W - 1)).toBe(false)
      expect([
        first.watch.isKnownSince(flights, W - 1),
        first.watch.isKnownSince(flights, W),
      ]).toEqual([false, true])
      await first.watch.save()
      const again = await watching(store, () => W + 60_000)
      expect(await again.watch.isSameSince(flights, W)).toBe(true)
    }))

  it('that has the name of another one is known since it was seen', () =>
    alone(async ({ look, watch }) => {
      await look(W - 60_000)
      expect(watch.isKnownSince(flights, W)).toBe(true)
      await look(W + 60_000, { id: 'b' })
      expect(watch.isKnownSince(flights, W)).toBe(false)
      expect(await watch.isSameSince(flights, W)).toBe(false)
      expect(await watch.isSameSince(flights, W + 61_000)).toBe(true)
    }))

  it('of which nobody tells the id now is not said to be the same', () =>
    alone(async ({ cluster, look, watch }) => {
      await look(W)
      cluster.id = null
      expect(await watch.isSameSince(flights, W)).toBe(false)
      cluster.id = 'a'
      expect(await watch.isSameSince(flights, W + 1_000)).toBe(true)
    }))

  it('is asked for its id once a minute, and until it is known', () =>
    alone(async ({ asked, look }) => {
      await look(W, { id: null })
      await look(W + FLUSH_MS, { id: 'a' })
      await look(W + 2 * FLUSH_MS)
      expect(asked.ids).toBe(2)
      await look(W + 60_000)
      expect(asked.ids).toBe(3)
    }))
})

describe('a log', () => {
  /** What is said of a window of a minute. */
  const of = ({ watch }: Watched, start: number, watched: Intervals = []) => {
    const said = watch.coverageFor(start, start + 60_000, coverage(watched))
    return {
      watched: said.coverage.get(ENRICH)?.partitions.get(0),
      gone: said.logGone.get(FLIGHTS)?.get(0),
      torn: said.logTorn.get(FLIGHTS)?.has(0) === true,
      start: said.logStarts.get(FLIGHTS)?.get(0),
    }
  }
  const [old, fresh]: [Intervals, Intervals] = [[[0, 50]], [[0, 80]]]
  /** Ends at 50; cut to 20 between W and W + 1 min; seen at W + 1 and + 2 min. */
  const cut = async (watched: Watched): Promise<void> => {
    await watched.look(W, { end: 50 }, old)
    await watched.look(W + 60_000, { end: 20 }, old)
    await watched.look(W + 120_000, { end: 25 }, old)
  }

  it('that ends where it did, or further on, was not cut', () =>
    alone(async (watched) => {
      await watched.look(W, { end: 50 }, old)
      await watched.look(W + 60_000, { end: 50 }, old)
      await watched.look(W + 120_000, { end: 51 }, old)
      expect(of(watched, W, fresh)).toMatchObject({ watched: fresh, gone: undefined, torn: false })
    }))

  it('that ends lower in one poll only was not cut: it had another leader', () =>
    alone(async (watched) => {
      await watched.look(W, { end: 50 }, old)
      await watched.look(W + 60_000, { end: 49 }, old)
      await watched.look(W + 120_000, { end: 50 }, old)
      await watched.look(W + 180_000, { end: 49 }, old)
      expect(of(watched, W, fresh)).toMatchObject({ gone: undefined, torn: false })
      await watched.look(W + 240_000, { end: 49 }, old)
      expect(of(watched, W + 60_000, fresh)).toMatchObject({ gone: 49, torn: false })
    }))

  it('that was cut holds nothing from there on of the windows before', () =>
    alone(async (watched) => {
      await cut(watched)
      // Boundary: the window ends as the last poll is made that shows all of it.
      const said = of(watched, W - 60_000, fresh)
      expect(said).toMatchObject({ watched: old, gone: 20, torn: false })
    }))

  it('that was cut is torn for the windows in which it may have been', () =>
    alone(async (watched) => {
      await cut(watched)
      expect(of(watched, W - 60_000 + 1, fresh)).toMatchObject({ torn: true })
      expect(of(watched, W, fresh)).toMatchObject({ gone: undefined, torn: true })
      expect(of(watched, W + 60_000 - 1, fresh)).toMatchObject({ torn: true })
    }))

  it('that was cut speaks of later windows above its old end only', () =>
    alone(async (watched) => {
      await cut(watched)
      const said = of(watched, W + 60_000, fresh)
      expect(said).toMatchObject({ watched: fresh, gone: undefined, torn: false, start: 50 })
    }))

  it('that was cut twice speaks of the windows between by both', () =>
    alone(async (watched) => {
      await cut(watched)
      // It grows to 60 and is cut to 5, half an hour later.
      const later = W + 1_800_000
      await watched.look(later, { end: 60 }, [[0, 60]])
      await watched.look(later + 60_000, { end: 5 }, [[0, 60]])
      await watched.look(later + 120_000, { end: 6 }, [[0, 60]])
      const said = of(watched, W + 300_000, fresh)
      expect(said).toMatchObject({ watched: [[0, 60]], gone: 5, torn: false, start: 50 })
      // The first cut behind a window is the one that counts.
      expect(of(watched, W - 60_000, fresh)).toMatchObject({ watched: old, gone: 20 })
      expect(of(watched, later + 60_000, fresh)).toMatchObject({ gone: undefined, start: 60 })
    }))

  it('that was cut is known to be after a restart, and cut no second time', () =>
    inStore(async (store) => {
      await cut(await watching(store))
      const again = await watching(store)
      expect(of(again, W - 60_000, fresh)).toMatchObject({ watched: old, gone: 20 })
      await again.look(W + 180_000, { end: 26 }, old)
      await again.look(W + 240_000, { end: 27 }, old)
      await again.look(W + 300_000, { end: 28 }, old)
      expect(of(again, W + 60_000, fresh)).toMatchObject({ gone: undefined, torn: false })
    }))

  it('whose places others have taken says so once for each partition and election', () =>
    inStore(async (store) => {
      const first = await watching(store)
      const part = { partition: 0, from: 20, to: 30, epoch: 4, before: -1, at: W + 2_000, until: W }
      const below = { ...part, from: 12, to: 20, before: 3, at: W + 3_000, until: W + 1_000 }
      const later = { ...part, from: 40, to: 50, epoch: 5, at: W + 3_000 }
      first.watch.noteOverwritten(FLIGHTS, [part])
      first.watch.noteOverwritten(FLIGHTS, [below, later, { ...later, partition: 1 }])
      await first.watch.save()
      const both = { ...below, to: 30, at: W + 2_000, until: W + 1_000 }
      const all = [both, later, { ...later, partition: 1 }]
      expect((await keptLogsIn(store)).overwritten.get(FLIGHTS)).toEqual(all)
      // Who looks again after a restart saw it no later.
      const again = await watching(store)
      again.watch.noteOverwritten(FLIGHTS, [{ ...part, at: W + 9_000 }])
      await again.watch.save()
      expect((await keptLogsIn(store)).overwritten.get(FLIGHTS)).toEqual(all)
    }))

  it('that was cut while nobody looked is seen by the polls of the auditor before', () =>
    inStore(async (store) => {
      const first = await watching(store)
      await first.look(W, { end: 50 }, old)
      const again = await watching(store)
      await again.look(W + 600_000, { end: 20 }, old)
      expect(of(again, W - 60_000, fresh).gone).toBeUndefined()
      await again.look(W + 660_000, { end: 20 }, old)
      expect(of(again, W - 60_000, fresh)).toMatchObject({ watched: old, gone: 20 })
    }))

  it('had come so far before a window, by a poll that is older than clocks may differ', () =>
    alone(async (watched) => {
      await watched.look(W, { end: 50 })
      await watched.look(W + 60_000, { end: 70 })
      expect(of(watched, W + SKEW_MS - 1).start).toBeUndefined()
      expect(of(watched, W + SKEW_MS).start).toBe(50)
      expect(of(watched, W + SKEW_MS + 60_000 - 1).start).toBe(50)
      expect(of(watched, W + SKEW_MS + 60_000).start).toBe(70)
    }))

  it('is noted once a minute: the first poll of it stands', () =>
    alone(async (watched) => {
      await watched.look(W, { end: 50 })
      await watched.look(W + 59_999, { end: 60 })
      expect(of(watched, W + SKEW_MS + 59_999).start).toBe(50)
    }))
})

describe('the top of a log', () => {
  const top = ({ watch }: Watched, deadline: number): number | undefined =>
    watch.topsFor(deadline).get(FLIGHTS)?.get(0)

  it('needs two polls after the deadline', () =>
    alone(async (watched) => {
      await watched.look(W, { mark: 10 })
      expect(top(watched, W)).toBeUndefined()
      await watched.look(W + FLUSH_MS, { mark: 10 })
      expect(top(watched, W)).toBe(10)
      expect(top(watched, W + 1)).toBeUndefined()
      await watched.look(W + 2 * FLUSH_MS)
      expect(top(watched, W + FLUSH_MS)).toBe(10)
    }))

  it('is the higher one of both', () =>
    alone(async (watched) => {
      await watched.look(W, { mark: 10 })
      await watched.look(W + FLUSH_MS, { mark: 8 })
      expect(top(watched, W)).toBe(10)
      await watched.look(W + 2 * FLUSH_MS, { mark: 12 })
      expect(top(watched, W)).toBe(12)
    }))

  it('is not known by one poll and one that failed', () =>
    alone(async (watched) => {
      await watched.look(W, { mark: 10 })
      await watched.look(W + FLUSH_MS, { mark: null })
      expect(top(watched, W)).toBeUndefined()
    }))
})

describe('compaction', () => {
  it('is asked until it is known, and then no more', () =>
    alone(async ({ look, watch, asked }) => {
      await look(W, { compacted: null })
      expect(asked.compacted).toBe(1)
      expect((await watch.compacted()).has(FLIGHTS)).toBe(false)
      await look(W + FLUSH_MS, { compacted: true })
      await look(W + 2 * FLUSH_MS, { compacted: false })
      expect(asked.compacted).toBe(2)
      expect((await watch.compacted()).has(FLIGHTS)).toBe(true)
    }))
})

describe('how far a group is behind', () => {
  it('is left in the store by the polls that are made anyway, also after a restart', () =>
    inStore(async (store) => {
      const first = await watching(store)
      await first.look(W, { low: 5 })
      const again = await watching(store)
      await again.look(W + FLUSH_MS, { low: 7, end: 60, commit: 20 })
      expect([first.asked.commits, first.asked.ends]).toEqual([1, 1])
      const samples = [
        { at: W, low: 5, high: 50, committed: 10 },
        { at: W + FLUSH_MS, low: 7, high: 60, committed: 20 },
      ]
      expect(lagsOf(await store.fact(LAGS_FACT))).toEqual([
        { group: HOPS.enrich, isCompacted: false, partitions: [{ partition: 0, samples }] },
      ])
    }))

  it('is not known where the cluster does not say where its log begins', () =>
    alone(async ({ look }, store) => {
      await look(W, { low: null, compacted: true })
      expect(lagsOf(await store.fact(LAGS_FACT))).toEqual([
        { group: HOPS.enrich, isCompacted: true, partitions: [] },
      ])
    }))
})
