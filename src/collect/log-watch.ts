/**
 * What clusters say of the logs and groups that are audited, polled and kept: log ends, their starts, what
 * groups have committed, which topics are compacted. Ends, cuts and what commits speak for survive a
 * restart, since they are evidence: what a poll showed an hour ago cannot be asked again.
 */
import { firstOf, type Intervals } from '../base/intervals.ts'
import type { Overwritten, WentBack } from '../diagnose/cause-evidence.ts'
import type { GroupLags } from '../diagnose/forecast.ts'
import { factOfLags, lagsOf } from '../diagnose/lags.ts'
import { type HopCoverage, silenceMs } from '../hop/evidence.ts'
import { type HopKey, type HopRef, hopKey, hopOfKey, topicHop } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { DEFAULT_BOUNDS } from '../message/window.ts'
import {
  type CommitPoll,
  type GroupOffsets,
  type LogEnds,
  topicKeyOf,
  type WindowEvidence,
} from '../reconcile/evidence.ts'
import { LAGS_FACT } from '../store/facts.ts'
import type { Store } from '../store/store.ts'
import { ANSWERS_MAX, type Answered } from './cut-offs.ts'
import { type GroupState, noted, type OffsetPoll, UNSEEN } from './group-offsets.ts'
import { LagSamples } from './lag-samples.ts'

/** What can be asked of a cluster; null where it cannot be asked now. */
export interface LogPolls {
  /** The committed ends of a topic, per partition. */
  readonly pollLogEnds?: (topic: HopRef) => Promise<LogEnds | null>
  /** The ends of its log, open transactions included. */
  readonly pollHighWatermarks?: (topic: HopRef) => Promise<LogEnds | null>
  /** The first offsets that its log has. */
  readonly pollLogLows?: (topic: HopRef) => Promise<LogEnds | null>
  /** What a group has committed on its topic: partitions without a commit are left out. */
  readonly pollCommits?: (group: HopRef) => Promise<LogEnds | null>
  readonly pollCompacted?: (topic: HopRef) => Promise<boolean | null>
  /** Which topic has the name: one that is created anew has another id. */
  readonly pollTopicId?: (topic: HopRef) => Promise<string | null>
}

/** Polls of log ends that are kept, as lower bounds for later windows: two hours, one a minute. */
const POLLS_MAX = 120
const POLLS_APART_MS = 60_000
/** Polls of commits that are kept: an hour, where agents flush every five seconds. */
const COMMIT_POLLS_MAX = 720
/**
 * From before a poll of a group to after the next, ms: so near that hardly a commit came and went between, of
 * whomever; more only where agents flush more rarely, since no two polls are nearer.
 */
const FOLLOWING_MS = 5_000
/** By which a poll may come later than one flush interval after the one before. */
const TURN_MS = 2_000
/** Cuts of logs that are kept; the oldest are forgotten, their windows long since settled. */
const CUTS_MAX = 20
/** The same of overwritten places, per topic: one for each partition and election. */
const OVERWRITTEN_MAX = 200

/** What was asked at one moment, for all that is judged then. */
interface Asked {
  readonly at: number
  readonly ends: Map<HopKey, LogEnds | null>
}

type Partitions<T> = Readonly<Record<string, T>>

interface Poll {
  readonly at: number
  readonly ends: Record<HopKey, Partitions<number>>
}

/** A partition's log was seen to end lower than before. */
interface Cut {
  readonly topic: HopKey
  readonly partition: number
  /** ms: the last poll that showed all of it, and the first that did not. */
  readonly since: number
  readonly at: number
  /** Where it ended before, and then. */
  readonly was: number
  readonly end: number
  /** What its hops had watched until then: what they watch after is of another log. */
  readonly coverage: Record<HopKey, Intervals>
}

interface Kept {
  polls: Poll[]
  cuts: Cut[]
  /** Absent: kept before there were any. */
  overwritten?: Partitions<Overwritten[]>
  /** The same. Questions whose messages are all gone, the oldest first. */
  cutOff?: string[]
  groups: Record<HopKey, Partitions<GroupState>>
  /** The same. Per topic its id, and when it was seen first, ms. */
  topicIds?: Readonly<Record<HopKey, TopicId>>
}

interface TopicId {
  readonly id: string
  readonly since: number
}

const FACT = 'log-watch'

export class LogWatch implements Answered {
  readonly #store: Store
  readonly #polls: LogPolls
  /** For what passes within a turn: clusters may take their time. */
  readonly #clock: () => number
  #kept: Kept = { polls: [], cuts: [], groups: {} }
  #isOpen = false
  #isChanged = false
  /** The highest end seen of each partition, and when. */
  readonly #highest = new Map<string, { readonly end: number; readonly at: number }>()
  /** Polls of groups that are not yet old enough to count. */
  #young: { readonly at: number; readonly key: HopKey; readonly of: Map<number, OffsetPoll> }[] = []
  /** ms: when each group was asked last, if that poll told all. */
  readonly #polledAt = new Map<HopKey, number>()
  #asked: Asked = { at: Number.NEGATIVE_INFINITY, ends: new Map() }
  #askedTops: Asked = { at: Number.NEGATIVE_INFINITY, ends: new Map() }
  #flushMs = 0
  #idsAskedAt = Number.NEGATIVE_INFINITY
  #lookedAt = Number.NEGATIVE_INFINITY
  /** Ends that were lower than before: one poll proves nothing while a log changes its leader. */
  readonly #suspects = new Map<string, Pick<Cut, 'at' | 'end' | 'coverage'>>()
  readonly #compacted = new Map<HopKey, boolean>()
  readonly #commitPolls = new Map<HopKey, readonly CommitPoll[]>()
  #lags = new LagSamples()
  /** Not yet in the store. */
  #newLags: readonly GroupLags[] | null = null
  /** The last two polls of high watermarks per topic. */
  readonly #marks = new Map<HopKey, readonly { readonly at: number; readonly ends: LogEnds }[]>()

  constructor(store: Store, polls: LogPolls, clock: () => number = Date.now) {
    this.#store = store
    this.#polls = polls
    this.#clock = clock
  }

  async open(): Promise<void> {
    if (this.#isOpen) return
    const kept = (await this.#store.fact(FACT)) as Kept | undefined | null
    if (kept != null) this.#kept = kept
    this.#lags = new LagSamples(lagsOf(await this.#store.fact(LAGS_FACT)))
    // What a log held before it was cut says nothing of the log that stands there now.
    const cutAt = new Map<string, number>()
    for (const cut of this.#kept.cuts) {
      cutAt.set(nameOf(cut.topic, String(cut.partition)), cut.at)
      this.#note(cut.topic, String(cut.partition), cut.end, cut.at)
    }
    for (const { at, ends } of this.#kept.polls)
      for (const [key, of] of Object.entries(ends))
        for (const [partition, end] of Object.entries(of))
          if (at > (cutAt.get(nameOf(key, partition)) ?? Number.NEGATIVE_INFINITY))
            this.#note(key, partition, end, at)
    this.#isOpen = true
  }

  /** Keeps what is new. Call it once at the end of a turn. */
  async save(): Promise<void> {
    if (this.#newLags !== null) await this.#store.setFact(LAGS_FACT, factOfLags(this.#newLags))
    this.#newLags = null
    if (!this.#isChanged) return
    await this.#store.setFact(FACT, this.#kept)
    this.#isChanged = false
  }

  /**
   * Asks where logs end and what groups have committed, at most once in `flushMs`. A commit counts when
   * an agent that lives has had the time to report the same.
   * @param coverage what has been watched so far
   */
  async look(
    pipelines: readonly Pipeline[],
    now: number,
    flushMs: number,
    coverage: ReadonlyMap<HopKey, HopCoverage>,
  ): Promise<void> {
    const { pollCommits, pollLogLows, pollCompacted } = this.#polls
    this.#flushMs = flushMs
    this.#mature(now, flushMs)
    if (now < this.#lookedAt + flushMs) return
    this.#lookedAt = now
    const begunAt = this.#clock()
    const time = (): number => now + Math.max(0, this.#clock() - begunAt)
    const hops = new Map(pipelines.flatMap((p) => p.hops.map((d) => [hopKey(d.hop), d.hop])))
    const isIdDue = now >= this.#idsAskedAt + POLLS_APART_MS
    if (isIdDue) this.#idsAskedAt = now
    for (const topic of topicsIn(hops.values())) {
      if (isIdDue || this.#kept.topicIds?.[hopKey(topic)] === undefined)
        await this.#pollId(topic, time)
      await this.pollEnds(topic, now, coverage)
      await this.#pollTops(topic, now)
    }
    const lows = new Map<HopKey, LogEnds | null>()
    const isSampled = pollCommits !== undefined && this.#lags.isDue(now)
    for (const [key, hop] of hops) {
      const topic = topicKeyOf(hop)
      if (hop.role === 'topic' && pollCompacted !== undefined && !this.#compacted.has(key)) {
        const is = await pollCompacted(hop)
        if (is !== null) this.#compacted.set(key, is)
      }
      if (hop.role !== 'consumer' || pollCommits === undefined) continue
      // The log's start first: a commit that comes between the two only makes less seem deleted.
      if (!lows.has(topic)) lows.set(topic, (await pollLogLows?.(hop)) ?? null)
      const askedAt = time()
      const commits = await pollCommits(hop)
      if (commits === null) continue
      const toldAt = time()
      const polls = this.#commitPolls.get(key) ?? []
      this.#commitPolls.set(key, [...polls.slice(1 - COMMIT_POLLS_MAX), { at: now, commits }])
      const ends = await this.pollEnds(hop, now, coverage)
      // Where a log ends must be known: what a first commit speaks for begins there.
      if (ends === null) {
        // What the group had then is forgotten: the next poll does not follow the one before it.
        this.#polledAt.delete(key)
        this.#young.push({ at: now, key, of: new Map() })
        continue
      }
      const polledAt = this.#polledAt.get(key) ?? Number.NEGATIVE_INFINITY
      const follows = toldAt <= polledAt + followingMs(flushMs)
      this.#polledAt.set(key, askedAt)
      const starts = lows.get(topic) ?? new Map<number, number>()
      const isCompacted = this.#compacted.get(topic) === true
      if (isSampled) this.#lags.add(hop, now, { lows: starts, ends, commits }, isCompacted)
      const partitions = new Set([...ends.keys(), ...commits.keys()])
      const of = new Map<number, OffsetPoll>()
      for (const partition of partitions)
        of.set(partition, {
          commit: commits.get(partition) ?? null,
          low: starts.get(partition) ?? 0,
          end: ends.get(partition) ?? Number.MAX_SAFE_INTEGER,
          watchedFrom: firstOf(coverage.get(key)?.partitions.get(partition) ?? []) ?? null,
          follows,
          at: now,
        })
      this.#young.push({ at: now, key, of })
    }
    if (!isSampled) return
    this.#lags.taken(now)
    this.#newLags = this.#lags.lags(new Set(hops.keys()))
  }

  #mature(now: number, flushMs: number): void {
    const old = now - silenceMs({ flushMs })
    const ripe = this.#young.filter(({ at }) => at <= old)
    this.#young = this.#young.filter(({ at }) => at > old)
    for (const { key, of } of ripe) {
      const known = this.#kept.groups[key]
      const group: Record<string, GroupState> = { ...known }
      for (const [partition, poll] of of) {
        // A commit that an earlier poll of the group did not show was not there before anybody asked.
        const before = group[partition] ?? (known === undefined ? undefined : UNSEEN)
        const after = noted(before, poll)
        if (JSON.stringify(before) === JSON.stringify(after)) continue
        group[partition] = after
        this.#isChanged = true
      }
      this.#kept.groups[key] = group
    }
  }

  /** The id of now, known since it was seen first. */
  async #pollId(topic: HopRef, time: () => number): Promise<TopicId | null> {
    const id = (await this.#polls.pollTopicId?.(topic)) ?? null
    if (id === null) return null
    const key = hopKey(topic)
    const known = this.#kept.topicIds?.[key]
    if (known?.id === id) return known
    const seen = { id, since: time() }
    this.#kept.topicIds = { ...this.#kept.topicIds, [key]: seen }
    this.#isChanged = true
    return seen
  }

  isKnownSince(topic: HopRef, then: number): boolean {
    const known = this.#kept.topicIds?.[hopKey(topic)]
    return known !== undefined && known.since <= then
  }

  async isSameSince(topic: HopRef, then: number): Promise<boolean> {
    const seen = await this.#pollId(topic, () => this.#clock())
    return seen !== null && seen.since <= then
  }

  isCutOff(question: string): boolean {
    return this.#kept.cutOff?.includes(question) === true
  }

  noteCutOff(question: string): void {
    this.#kept.cutOff = [...(this.#kept.cutOff ?? []), question].slice(-ANSWERS_MAX)
    this.#isChanged = true
  }

  /**
   * Keeps what proves a cut that no poll has seen: each window shows a part of what one leader overwrote. It
   * had by the time when the first of them was looked at.
   */
  noteOverwritten(topic: HopKey, seen: readonly Overwritten[]): void {
    const known = this.#kept.overwritten?.[topic] ?? []
    const all = [...known]
    for (const one of seen) {
      const at = all.findIndex((o) => o.partition === one.partition && o.epoch === one.epoch)
      const same = all[at]
      if (same === undefined) all.push(one)
      else all[at] = joined(same, one)
    }
    const kept = all.slice(-OVERWRITTEN_MAX)
    if (JSON.stringify(kept) === JSON.stringify(known)) return
    this.#kept.overwritten = { ...this.#kept.overwritten, [topic]: kept }
    this.#isChanged = true
  }

  commits(): ReadonlyMap<HopKey, ReadonlyMap<number, GroupOffsets>> {
    return new Map(
      Object.entries(this.#kept.groups).map(([key, of]) => [
        key as HopKey,
        new Map(Object.entries(of).map(([partition, state]) => [Number(partition), state])),
      ]),
    )
  }

  /** What groups had committed at each poll since the auditor began; bounded. */
  get commitPolls(): ReadonlyMap<HopKey, readonly CommitPoll[]> {
    return this.#commitPolls
  }

  /** Topics of which it is known that nothing is compacted. */
  uncompacted(): ReadonlySet<HopKey> {
    return new Set([...this.#compacted].filter(([, is]) => !is).map(([key]) => key))
  }

  /** Compacted topics, with how many empty offsets their agents counted. */
  async compacted(): Promise<ReadonlyMap<HopKey, number>> {
    const keys = [...this.#compacted].filter(([, is]) => is).map(([key]) => key)
    if (keys.length === 0) return NONE
    const counts = await this.#store.counts()
    const empty = (key: HopKey): number =>
      counts.find((c) => hopKey(c.hop) === key && c.name === 'empty-offsets')?.count ?? 0
    return new Map(keys.map((key) => [key, empty(key)]))
  }

  /**
   * Where a log ends; asked once for all that is judged at `now`.
   * @param coverage what has been watched so far: of a log that is cut now, no more than this
   */
  async pollEnds(
    hop: HopRef,
    now: number,
    coverage: ReadonlyMap<HopKey, HopCoverage>,
  ): Promise<LogEnds | null> {
    if (this.#asked.at !== now) this.#asked = { at: now, ends: new Map() }
    const topic = topicKeyOf(hop)
    const known = this.#asked.ends.get(topic)
    if (known !== undefined) return known
    const ends = (await this.#polls.pollLogEnds?.(hop)) ?? null
    this.#asked.ends.set(topic, ends)
    if (ends === null) return null
    for (const [partition, end] of ends) {
      this.#compare(topic, partition, end, now, coverage)
      this.#note(topic, String(partition), end, now)
    }
    this.#keep(topic, ends, now)
    return ends
  }

  /**
   * One past what the log holds of all that was sent until now: open transactions included, where they
   * can be asked for. What readers may read so far can be less.
   */
  async pollTop(
    hop: HopRef,
    now: number,
    coverage: ReadonlyMap<HopKey, HopCoverage>,
  ): Promise<LogEnds | null> {
    const ends = await this.pollEnds(hop, now, coverage)
    const tops = await this.#pollTops(hop, now)
    if (ends === null || tops === null) return ends
    return new Map([...ends].map(([p, end]) => [p, Math.max(end, tops.get(p) ?? end)]))
  }

  async #pollTops(hop: HopRef, now: number): Promise<LogEnds | null> {
    const topic = topicKeyOf(hop)
    if (this.#askedTops.at !== now) this.#askedTops = { at: now, ends: new Map() }
    const known = this.#askedTops.ends.get(topic)
    if (known !== undefined) return known
    const ends = (await this.#polls.pollHighWatermarks?.(hop)) ?? null
    this.#askedTops.ends.set(topic, ends)
    const before = this.#marks.get(topic) ?? []
    // Two looks at one moment of unrest are one.
    const isApart = now >= (before.at(-1)?.at ?? Number.NEGATIVE_INFINITY) + this.#flushMs
    if (ends !== null && isApart) this.#marks.set(topic, [...before.slice(-1), { at: now, ends }])
    return ends
  }

  /** A committed end never goes back, but by a cut: two polls must say so. */
  #compare(
    topic: HopKey,
    partition: number,
    end: number,
    at: number,
    coverage: ReadonlyMap<HopKey, HopCoverage>,
  ): void {
    const name = nameOf(topic, String(partition))
    const known = this.#highest.get(name)
    if (known === undefined || end >= known.end) {
      this.#suspects.delete(name)
      return
    }
    const suspect = this.#suspects.get(name)
    if (suspect === undefined) {
      const hops = [...coverage.values()].filter(({ hop }) => topicKeyOf(hop) === topic)
      const watched = hops.map(({ key, partitions }) => [key, partitions.get(partition) ?? []])
      this.#suspects.set(name, { at, end, coverage: Object.fromEntries(watched) })
      return
    }
    if (at === suspect.at) return
    const { cuts } = this.#kept
    cuts.push({ topic, partition, since: known.at, was: known.end, ...suspect })
    if (cuts.length > CUTS_MAX) cuts.shift()
    this.#suspects.delete(name)
    this.#highest.delete(name)
    this.#isChanged = true
  }

  #note(topic: string, partition: string, end: number, at: number): void {
    const name = nameOf(topic, partition)
    const known = this.#highest.get(name)
    if (known === undefined || end >= known.end) this.#highest.set(name, { end, at })
  }

  #keep(key: HopKey, ends: LogEnds, now: number): void {
    const { polls } = this.#kept
    let last = polls.at(-1)
    if (last === undefined || last.at + POLLS_APART_MS <= now) {
      last = { at: now, ends: {} }
      polls.push(last)
      if (polls.length > POLLS_MAX) polls.shift()
    }
    // Within one entry the first poll stands: it is the lower bound.
    if (last.ends[key] !== undefined || last.at !== now) return
    last.ends[key] = Object.fromEntries(ends)
    this.#isChanged = true
  }

  /** Where logs ended, open transactions included, at most: by two polls from `since` (ms) on. */
  topsFor(since: number): ReadonlyMap<HopKey, LogEnds> {
    const tops = new Map<HopKey, LogEnds>()
    for (const [key, [first, last]] of this.#marks) {
      if (first === undefined || last === undefined || first.at < since) continue
      const both = [...last.ends].filter(([partition]) => first.ends.has(partition))
      tops.set(key, new Map(both.map(([p, end]) => [p, Math.max(end, first.ends.get(p) ?? end)])))
    }
    return tops
  }

  /** The newest ends polled before the window began, by any clock that is believed. */
  #startsFor(window: number): Map<HopKey, LogEnds> {
    const starts = new Map<HopKey, LogEnds>()
    for (const { at, ends } of this.#kept.polls) {
      if (at + DEFAULT_BOUNDS.skewMs > window) break
      for (const [key, of] of Object.entries(ends)) starts.set(key as HopKey, numbered(of))
    }
    return starts
  }

  /**
   * Coverage as it speaks of a window. Where a log was cut or created anew, what was watched before and
   * what was watched after are of two logs: offsets mean other messages. A window from before has what
   * was watched until then, and nothing of it is left from the cut on; one sent meanwhile has neither.
   * To one from after, offsets below the old end say nothing: `logStarts` tells where that was.
   */
  coverageFor(
    start: number,
    end: number,
    coverage: ReadonlyMap<HopKey, HopCoverage>,
  ): Pick<WindowEvidence, 'coverage' | 'logStarts' | 'logGone' | 'logTorn'> {
    const logStarts = this.#startsFor(start)
    const gone = new Map<HopKey, Map<number, number>>()
    const torn = new Map<HopKey, Set<number>>()
    if (this.#kept.cuts.length === 0) return { coverage, logStarts, logGone: gone, logTorn: torn }
    const out = new Map(coverage)
    const set = (key: HopKey, partition: number, watched: Intervals): void => {
      const known = out.get(key)
      const partitions = new Map(known?.partitions ?? [])
      partitions.set(partition, watched)
      out.set(key, { key, hop: hopOfKey(key), spans: new Map(), ...known, partitions })
    }
    // The oldest first after the window: the first cut behind it is the one that counts.
    const done = new Set<string>()
    for (const cut of this.#kept.cuts) {
      const name = nameOf(cut.topic, String(cut.partition))
      if (end <= cut.since) {
        if (done.has(name)) continue
        done.add(name)
        for (const [key, watched] of Object.entries(cut.coverage))
          set(key as HopKey, cut.partition, watched)
        gone.set(cut.topic, (gone.get(cut.topic) ?? new Map()).set(cut.partition, cut.end))
      } else if (start < cut.at) {
        torn.set(cut.topic, (torn.get(cut.topic) ?? new Set()).add(cut.partition))
      } else {
        const of = new Map(logStarts.get(cut.topic))
        logStarts.set(
          cut.topic,
          of.set(cut.partition, Math.max(of.get(cut.partition) ?? 0, cut.was)),
        )
      }
    }
    return { coverage: out, logStarts, logGone: gone, logTorn: torn }
  }
}

/** What is kept of logs, for those who ask why something is missing. */
export interface KeptLogs {
  /** Per topic hop, the oldest first. */
  readonly cuts: ReadonlyMap<HopKey, readonly Omit<Cut, 'topic' | 'coverage'>[]>
  /** The same: others stand at places that were acknowledged. */
  readonly overwritten: ReadonlyMap<HopKey, readonly Overwritten[]>
  /** Per consumer hop and partition: below the log's start before the group had committed them. */
  readonly deleted: ReadonlyMap<HopKey, ReadonlyMap<number, Intervals>>
  /** The same: the commit was lower than before, the oldest first. */
  readonly wentBack: ReadonlyMap<HopKey, ReadonlyMap<number, readonly WentBack[]>>
}

export async function keptLogsIn(store: Store): Promise<KeptLogs> {
  const kept = (await store.fact(FACT)) as Kept | undefined | null
  const cuts = new Map<HopKey, Omit<Cut, 'topic' | 'coverage'>[]>()
  for (const { topic, partition, since, at, was, end } of kept?.cuts ?? [])
    cuts.set(topic, [...(cuts.get(topic) ?? []), { partition, since, at, was, end }])
  const deleted = new Map<HopKey, ReadonlyMap<number, Intervals>>()
  for (const [key, of] of Object.entries(kept?.groups ?? {})) {
    const gone = Object.entries(of).filter(([, state]) => state.deleted.length > 0)
    const partitions = gone.map(([p, state]) => [Number(p), state.deleted] as const)
    if (partitions.length > 0) deleted.set(key as HopKey, new Map(partitions))
  }
  const wentBack = new Map<HopKey, ReadonlyMap<number, readonly WentBack[]>>()
  for (const [key, of] of Object.entries(kept?.groups ?? {})) {
    const back = Object.entries(of).flatMap(([p, state]) =>
      state.wentBack === undefined ? [] : [[Number(p), state.wentBack] as const],
    )
    if (back.length > 0) wentBack.set(key as HopKey, new Map(back))
  }
  const overwritten = new Map(Object.entries(kept?.overwritten ?? {}) as [HopKey, Overwritten[]][])
  return { cuts, overwritten, deleted, wentBack }
}

const NONE: ReadonlyMap<HopKey, number> = new Map()

function topicsIn(hops: Iterable<HopRef>): HopRef[] {
  const topics = new Map<HopKey, HopRef>()
  for (const hop of hops)
    if (hop.role === 'topic' || hop.role === 'consumer')
      topics.set(topicKeyOf(hop), topicHop(hop.cluster, hop.topic))
  return [...topics.values()]
}

const followingMs = (flushMs: number): number => Math.max(FOLLOWING_MS, flushMs + TURN_MS)

const joined = (a: Overwritten, b: Overwritten): Overwritten => ({
  ...(b.from < a.from ? b : a),
  from: Math.min(a.from, b.from),
  to: Math.max(a.to, b.to),
  at: Math.min(a.at, b.at),
  until: Math.max(a.until ?? a.at, b.until ?? b.at),
})

const nameOf = (topic: string, partition: string): string => `${topic} ${partition}`

function numbered(of: Partitions<number>): LogEnds {
  return new Map(Object.entries(of).map(([partition, end]) => [Number(partition), end]))
}
