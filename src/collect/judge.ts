/** Store → verdicts: gathers the evidence of the windows that may have changed, judges, saves. */
import type { EdgeVerdict } from '../finding/verdict.ts'
import { isDead, silenceMs } from '../hop/evidence.ts'
import { type HopKey, type HopRef, hopKey, hopOfKey } from '../hop/hop.ts'
import { ID_ELEMENT } from '../hop/params.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { placesQuestions } from '../reconcile/cut-off.ts'
import type { LogEnds, WindowEvidence } from '../reconcile/evidence.ts'
import { topicKeyOf } from '../reconcile/evidence.ts'
import type { Judgement } from '../reconcile/judge-edge.ts'
import { judgeWindow } from '../reconcile/judge-window.ts'
import { LOG_CUT } from '../reconcile/passage.ts'
import { settle } from '../reconcile/settle.ts'
import type { HopCoverage, HopGap, InstanceState, Store, StoredTags } from '../store/store.ts'
import { type CutOffNow, CutOffs, type ReadPlaces } from './cut-offs.ts'
import { type LogPolls, LogWatch } from './log-watch.ts'
import { isTorn, type Places, placesOf } from './places.ts'

export interface JudgeOptions extends LogPolls {
  readonly store: Store
  readonly pipelines: readonly Pipeline[]
  /** What stands at some places of a log; without it nobody is said to be cut off by what others wrote. */
  readonly readPlaces?: ReadPlaces
}

/** Windows that cannot be finished are looked at again, so many at each turn, in turns. */
const UNFINISHED_MAX = 500
/** Windows whose counts of minted ids, and tags, are kept; what is not kept is read again. */
const WINDOWS_KEPT_MAX = 1_000

/** The newest windows at the start: what came before is needed to see that a log is another one. */
const WINDOWS_RECALLED = 100
/** A member that fell silent may have handled messages born so long before; one that lags more is seen late. */
const DEATH_TOUCHES_MS = 3_600_000
/** Deaths this old were judged by an auditor before. */
const DEATH_RECALLED_MS = 86_400_000
const NO_SPAN = [0, 0] as const

export class Judge {
  readonly #store: Store
  readonly #pipelines: readonly Pipeline[]
  readonly #watch: LogWatch
  readonly #cutOffs: CutOffs | null
  /** Windows that the store holds, or held when they were last looked at. */
  #known: Set<number> | null = null
  /** Windows still to be judged, the next ones first; at the start all, newest first. */
  readonly #unfinished = new Set<number>()
  /** Missing frames, gaps and deaths that were there at the turn before; null before the first. */
  #holes: ReadonlySet<string> | null = null
  readonly #logEnds = new Map<number, Map<HopKey, LogEnds>>()
  /** Ids minted per window and producer hop. */
  readonly #minted = new Map<number, ReadonlyMap<HopKey, number>>()
  /** ms: when evidence of a window came last. */
  readonly #touchedAt = new Map<number, number>()
  /** Where producers placed the messages of each window, per topic. */
  readonly #places = new Map<number, ReadonlyMap<HopKey, Places>>()
  readonly #tags = new Map<number, readonly StoredTags[]>()
  readonly #newest = new Map<HopKey, number>()

  constructor({ store, pipelines, readPlaces, ...polls }: JudgeOptions) {
    this.#store = store
    this.#pipelines = pipelines
    const watch = new LogWatch(store, polls)
    this.#watch = watch
    this.#cutOffs = readPlaces === undefined ? null : new CutOffs(readPlaces, watch)
  }

  /** Judges at time `now` (ms); `touched`: windows with new evidence. Returns what changed. */
  async turn(now: number, touched: readonly number[] = []): Promise<readonly EdgeVerdict[]> {
    await this.#watch.open()
    if (this.#known === null) {
      const windows = await this.#store.windows()
      // All: a frame may have been taken and its windows not judged when the auditor was killed.
      for (const window of [...windows].reverse()) this.#unfinished.add(window)
      for (const window of windows.slice(-WINDOWS_RECALLED)) await this.#noted(window)
      this.#known = new Set(windows)
    }
    for (const window of touched) {
      this.#known.add(window)
      // At once, as with holes below: should the store refuse what follows, they are no news any more.
      this.#unfinished.add(window)
      this.#minted.delete(window)
      this.#tags.delete(window)
      // What has just come may speak of sends that resolved after the poll.
      this.#logEnds.delete(window)
      keep(this.#touchedAt, window, now)
    }
    const windowsMax = Math.max(UNFINISHED_MAX, touched.length)
    // A store of weeks holds tens of thousands of agents: only those that speak of these are read.
    const since = [...touched, ...this.#unfinished]
      .slice(0, windowsMax)
      .reduce((a, b) => Math.min(a, b), now)
    const [coverage, speakers, gaps] = await Promise.all([
      this.#store.coverage(),
      this.#store.instances(since),
      this.#store.gaps(),
    ])
    const urgent = [...touched, ...this.#newHoles(speakers, gaps, this.#known, now)]
    for (const window of urgent) this.#unfinished.add(window)
    const windows = [...new Set([...urgent, ...this.#unfinished])]
      .slice(0, windowsMax)
      .sort((a, b) => a - b)
    // A new hole may be in an older window than was thought of.
    const [first = since] = windows
    const instances = first < since ? await this.#store.instances(first) : speakers
    const flushMs = instances.reduce((most, i) => Math.max(most, i.flushMs), 0)
    const watched = new Map(coverage.map((c) => [c.key, c]))
    if (windows.length > 0) await this.#watch.look(this.#pipelines, now, flushMs, watched)
    const [commits, compacted] = [this.#watch.commits(), await this.#watch.compacted()]
    const { commitPolls } = this.#watch
    const uncompacted = this.#watch.uncompacted()
    const shared = { now, instances, gaps, commits, commitPolls, compacted, uncompacted }
    for (const window of windows) await this.#noted(window)
    const changed: EdgeVerdict[] = []
    const finished = new Set<number>()
    for (const window of windows) {
      // One window at a time: its tables may be many.
      const tallies = await this.#store.tallies(window)
      if (tallies.length === 0) {
        // Pruned: what was said of it stands.
        this.#known.delete(window)
        finished.add(window)
        continue
      }
      let isFinal = true
      for (const pipeline of this.#pipelines) {
        const deadline = window + pipeline.windowMs + pipeline.latenessMs
        const evidence: WindowEvidence = {
          ...shared,
          window,
          tallies,
          newestWindow: this.#newest,
          logEnds: await this.#endsFor(window, deadline, pipeline, now, watched),
          // What a frame told of may have been sent after a poll that came before it.
          logTops: this.#watch.topsFor(Math.max(deadline, this.#touchedAt.get(window) ?? deadline)),
          ...this.#watchedIn(window, window + pipeline.windowMs, watched),
          minted: await this.#mintedUntil(window, deadline, pipeline.windowMs),
          memberships: pipeline.hops.some((d) => d.membership !== null)
            ? await this.#store.memberships(window)
            : [],
          before: await this.#tagsOf(window - pipeline.windowMs),
          after: await this.#tagsOf(window + pipeline.windowMs),
        }
        const before = new Map(
          (
            await this.#store.verdicts({
              pipeline: pipeline.name,
              since: window,
              until: window + 1,
            })
          ).map((v) => [v.edge, v]),
        )
        const { judgements, waiting } = await this.#judged(pipeline, evidence)
        for (const judgement of judgements) {
          const previous = before.get(judgement.edge)
          const isWaiting = waiting.has(judgement.edge)
          if (isWaiting) isFinal = false
          // What was said before stands until it is known better.
          if (isWaiting && previous !== undefined && previous.state !== 'open') continue
          const due = isWaiting ? Number.POSITIVE_INFINITY : deadline
          const verdict = settle(judgement, previous, { now, deadline: due, flushMs })
          if (verdict !== previous) changed.push(verdict)
          if (verdict.state === 'open' || !judgement.final) isFinal = false
        }
      }
      if (isFinal) finished.add(window)
    }
    await this.#watch.save()
    // Last: what is saved is told, by what returns from here.
    if (changed.length > 0) await this.#store.saveVerdicts(changed, now)
    for (const window of windows) {
      this.#unfinished.delete(window)
      if (finished.has(window)) this.#logEnds.delete(window)
      else this.#unfinished.add(window)
    }
    return changed
  }

  /** What two logs at the same offsets leave open, a look at those places may tell. */
  async #judged(
    pipeline: Pipeline,
    evidence: WindowEvidence,
  ): Promise<Pick<CutOffNow, 'waiting'> & { readonly judgements: readonly Judgement[] }> {
    const judgements = judgeWindow(pipeline, evidence)
    if (this.#cutOffs === null) return { judgements, waiting: new Set() }
    const questions = placesQuestions(pipeline, evidence, judgements)
    const { cutOff, waiting } = await this.#cutOffs.of(evidence.window, questions, evidence.now)
    if (cutOff.size === 0) return { judgements, waiting }
    return { judgements: judgeWindow(pipeline, { ...evidence, cutOff }), waiting }
  }

  /** Coverage as it speaks of the window, and where its offsets are of two logs. */
  #watchedIn(
    window: number,
    end: number,
    watched: ReadonlyMap<HopKey, HopCoverage>,
  ): Pick<WindowEvidence, 'coverage' | 'watched' | 'logStarts' | 'logGone' | 'logTorn'> {
    const known = this.#watch.coverageFor(window, end, watched)
    const torn = new Map(known.logTorn)
    for (const [topic, own] of this.#places.get(window) ?? []) {
      const others = [...this.#places].flatMap(([at, of]) =>
        at === window ? [] : (of.get(topic) ?? []),
      )
      if (isTorn(own, others)) torn.set(topic, new Set(own.within.keys()))
    }
    return { ...known, watched, logTorn: torn }
  }

  /** How many windows were judged at the edges of these pipelines, and how many are still open. */
  async progress(until?: number): Promise<{ readonly judged: number; readonly open: number }> {
    let judged = 0
    let open = 0
    for (const { name, edges } of this.#pipelines) {
      const query = { pipeline: name, ...(until === undefined ? {} : { until }) }
      for (const { edge, state } of await this.#store.verdicts(query)) {
        // A store keeps what was declared in earlier runs; nobody judges that any more.
        if (!edges.some((e) => e.name === edge)) continue
        judged++
        if (state === 'open') open++
      }
    }
    return { judged, open }
  }

  /** Windows of frames now known to be missing, and of evidence now known to be given up. */
  #newHoles(
    instances: readonly InstanceState[],
    gaps: readonly HopGap[],
    known: ReadonlySet<number>,
    now: number,
  ): number[] {
    const holes = new Map<string, readonly [from: number, to: number]>()
    for (const { key, reason, fromWindow, toWindow } of gaps) {
      // What was complete before a log was cut stays so.
      if (reason === LOG_CUT) continue
      holes.set(JSON.stringify([key, reason, fromWindow, toWindow]), [fromWindow, toWindow])
    }
    for (const { instance, missing } of instances)
      for (const { number, from, to } of missing) holes.set(`${instance} ${number}`, [from, to])
    const before = this.#holes
    // At the first turn all are judged anyway.
    const fresh =
      before === null
        ? []
        : [...holes].filter(([name]) => !before.has(name)).map(([, span]) => span)
    for (const i of instances) {
      const name = `${i.instance} fell silent`
      if (!isDead(i, now) || !mayHaveGroup(i)) continue
      holes.set(name, NO_SPAN)
      const isOld = i.lastHeardAt < now - DEATH_RECALLED_MS
      if (before?.has(name) !== true && !isOld)
        fresh.push([i.lastSentAt - DEATH_TOUCHES_MS, i.lastSentAt + silenceMs(i)])
    }
    this.#holes = new Set(holes.keys())
    if (fresh.length === 0) return []
    return [...known].filter((w) => fresh.some(([from, to]) => from <= w && w <= to))
  }

  /** Ids minted in the window; reads it if it was not seen, and notes which hops it names. */
  async #noted(window: number): Promise<ReadonlyMap<HopKey, number>> {
    const before = this.#minted.get(window)
    if (before !== undefined) return before
    const minted = new Map<HopKey, number>()
    const rates = new Map<HopKey, number>()
    const tallies = await this.#store.tallies(window)
    keep(this.#places, window, placesOf(tallies))
    for (const { key, hop, channel, origin, count, params } of tallies) {
      if (window > (this.#newest.get(key) ?? 0)) this.#newest.set(key, window)
      if (hop.role !== 'producer' || channel !== 'passed' || origin !== null) continue
      // A hop may keep several tallies of the same messages; the finest tells best how many.
      const least = params.element === ID_ELEMENT ? count * params.oneIn : 0
      const finest = rates.get(key) ?? Number.POSITIVE_INFINITY
      if (params.oneIn > finest) continue
      minted.set(key, least + (params.oneIn === finest ? (minted.get(key) ?? 0) : 0))
      rates.set(key, params.oneIn)
    }
    keep(this.#minted, window, minted)
    return minted
  }

  /** What the windows around one witness changes little: it is read once, and again when touched. */
  async #tagsOf(window: number): Promise<readonly StoredTags[]> {
    if (this.#known?.has(window) !== true) return []
    let tags = this.#tags.get(window)
    if (tags === undefined) {
      tags = await this.#store.tags(window)
      keep(this.#tags, window, tags)
    }
    return tags
  }

  async #mintedUntil(
    window: number,
    deadline: number,
    windowMs: number,
  ): Promise<ReadonlyMap<HopKey, number>> {
    const sum = new Map<HopKey, number>()
    for (let at = window; at <= deadline; at += windowMs) {
      if (this.#known?.has(at) !== true) continue
      for (const [key, n] of await this.#noted(at)) sum.set(key, (sum.get(key) ?? 0) + n)
    }
    return sum
  }

  /** Log ends polled once, at the first turn after the deadline, and again when more has come. */
  async #endsFor(
    window: number,
    deadline: number,
    pipeline: Pipeline,
    now: number,
    watched: ReadonlyMap<HopKey, HopCoverage>,
  ): Promise<ReadonlyMap<HopKey, LogEnds>> {
    const known = this.#logEnds.get(window) ?? new Map<HopKey, LogEnds>()
    if (now < deadline) return known
    this.#logEnds.set(window, known)
    for (const { hop } of pipeline.hops) {
      if (hop.role !== 'topic' && hop.role !== 'consumer') continue
      const key = topicKeyOf(hop)
      if (known.has(key)) continue
      const ends = await this.#watch.pollTop(hop, now, watched)
      if (ends !== null) known.set(key, ends)
    }
    return known
  }
}

/** One that died before it counted anything may have been of a group. */
function mayHaveGroup({ hops }: InstanceState): boolean {
  return hops.length === 0 || hops.some((key) => hopOfKey(key).role === 'consumer')
}

/** What was kept first goes first. */
function keep<T>(windows: Map<number, T>, window: number, value: T): void {
  windows.set(window, value)
  if (windows.size <= WINDOWS_KEPT_MAX) return
  const [first] = windows.keys()
  if (first !== undefined) windows.delete(first)
}

export function topicsOf(pipelines: readonly Pipeline[]): HopRef[] {
  const topics = new Map<HopKey, HopRef>()
  for (const { hops } of pipelines)
    for (const { hop } of hops) if (hop.role === 'topic') topics.set(hopKey(hop), hop)
  return [...topics.values()]
}
