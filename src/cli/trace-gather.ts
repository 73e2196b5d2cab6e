/** Gathers what is known of one message: from the store, from the logs, from the groups' commits. */

import { messageOf, QuipuError } from '../base/errors.ts'
import { plural } from '../base/words.ts'
import { DEFAULT_LATENESS_MS, DEFAULT_WINDOW_MS } from '../config/config.ts'
import { pipelineOfFlags } from '../config/flags.ts'
import { type Sought, searchLog } from '../diagnose/log-search.ts'
import { partsOf } from '../diagnose/record-parts.ts'
import { soughtOf } from '../diagnose/search-ranges.ts'
import type { Trace, TraceMishap, TraceState, TraceWay } from '../diagnose/trace.ts'
import {
  type FoundRecord,
  isKnownIn,
  type TopicLog,
  type WayEvidence,
  wayOf,
} from '../diagnose/trace-of.ts'
import { hashOf, parentOf, type TraceTarget, unbornIdOf } from '../diagnose/trace-target.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import { describeHop, type HopKey, hopKey } from '../hop/hop.ts'
import type { Minter, StoredMishap } from '../hop/mishap.ts'
import type { HopDeclaration, Pipeline } from '../hop/pipeline.ts'
import { birthOf, hexOfWords, partsOfWords, uuidOfHex, wordsOfHex } from '../message/id.ts'
import { identify } from '../message/identity.ts'
import { DEFAULT_BOUNDS, windowStartOf } from '../message/window.ts'
import { isoOf } from '../objective/iso.ts'
import { DEFAULT_SEED } from '../sketch/sketch.ts'
import type { Store } from '../store/store.ts'
import type { Looker } from './trace-logs.ts'

export interface TraceQuestion {
  readonly asked: string
  readonly target: TraceTarget
  readonly pipelines: readonly Pipeline[]
  /** Null: there is none, for the reason told. */
  readonly store: Store | null
  readonly noStore: string
  /** By cluster; empty: none, for the reason told. */
  readonly noLog: string
  readonly lookers: ReadonlyMap<string, Looker>
  /** ms: births of a foreign id, where nothing else tells them. */
  readonly since: number
  readonly until: number
  /** ms for all searches together. */
  readonly timeoutMs: number
  readonly now: number
  readonly signal?: AbortSignal
  readonly onProgress?: (line: string) => void
}

/** Topics that are searched; more pipelines than that are asked for by name. */
const TOPICS_MAX = 50
/** Records of one topic. */
const RECORDS_MAX = 5_000_000
/** Other messages of the same foreign id that are named. */
const OTHERS_MAX = 5
const MISHAPS_MAX = 20
/** Findings that say there is more than one of it: then all that may be one is looked for. */
const MANY: readonly string[] = ['duplicated', 'extra', 'unexpected', 'withdrawn_delivered']

export async function gatherTrace(question: TraceQuestion): Promise<Trace> {
  return new Gathering(question).trace()
}

class Gathering {
  readonly #ask: TraceQuestion
  readonly #unknown = new Set<string>()
  readonly #until: number
  /** Of topics, by hop. */
  readonly #logs = new Map<HopKey, TopicLog>()
  #pipelines: readonly Pipeline[]

  constructor(question: TraceQuestion) {
    this.#ask = question
    this.#pipelines = question.pipelines
    this.#until = Date.now() + question.timeoutMs
  }

  async trace(): Promise<Trace> {
    const { asked, store, noStore, lookers, noLog } = this.#ask
    if (store === null) this.#unknown.add(noStore)
    if (lookers.size === 0) this.#unknown.add(noLog)
    const id = await this.#idOf()
    if (this.#pipelines.length === 0)
      this.#unknown.add('no pipeline is known: name its file, its store, or --topics')
    if (id === null) return this.#nothing()
    const words = wordsOfHex(id)
    const birth = birthOf(words[0], words[1])
    const verdicts = await this.#verdictsAt(birth)
    const isMany = verdicts.some(({ findings }) =>
      findings.some((f) => MANY.includes(f.code) && f.ids.some((found) => isOf(id, found))),
    )
    await this.#searchAll([soughtOf(id)], isMany)
    const ids = this.#idsOf(id)
    const mishaps = await this.#mishapsOf(ids, birth)
    const isNamed = mishaps.some((mishap) => mishap.isNamed)
    const ways: TraceWay[] = []
    const evidence = await Promise.all(
      this.#pipelines.map((pipeline) =>
        this.#evidenceOf(pipeline, { ids, birth, isNamed, verdicts }),
      ),
    )
    const known = evidence.filter(isKnownIn)
    for (const one of known.length > 0 ? known : evidence) ways.push(wayOf(one))
    if (known.length === 0 && !isNamed) this.#unknown.add('nothing is known of it')
    const minted = await this.#minterOf(id)
    return {
      ...{ asked, id: uuidOfHex(id), born: birth, minted, ways, unknown: [...this.#unknown] },
      state: worstOf(ways),
      mishaps: mishaps.slice(0, MISHAPS_MAX),
    }
  }

  #nothing(): Trace {
    const { asked } = this.#ask
    const none = { id: null, born: null, minted: null, ways: [], mishaps: [] }
    return { asked, state: 'unknown', ...none, unknown: [...this.#unknown] }
  }

  /** 32 hex digits; null: a foreign id or a place that leads to none. */
  async #idOf(): Promise<string | null> {
    const { target } = this.#ask
    switch (target.kind) {
      case 'id':
        return target.id
      case 'place':
        return this.#idAt(target.topic, target.partition, target.offset)
      case 'foreign':
        return this.#foreignId(target.text)
    }
  }

  async #idAt(topic: string, partition: number, offset: number): Promise<string | null> {
    const declared = this.#topics().find(({ hop }) => hop.topic === topic)
    if (declared === undefined) this.#pipelines = [...this.#pipelines, topicAlone(topic)]
    const cluster = declared?.hop.cluster ?? ''
    const looker = this.#lookerOf(cluster)
    if (looker === undefined)
      throw new QuipuError('CANNOT_JUDGE', `no brokers are named, so ${topic} cannot be read`, {
        hint: 'Name them with --brokers HOST:PORT, or run where quipu.yaml lies.',
      })
    const place = `offset ${offset} of partition ${partition} of ${topic}`
    const partitions = await looker.log.partitions(topic)
    const known = partitions.find((p) => p.partition === partition)
    if (known === undefined) {
      const has = plural(partitions.length, 'partition')
      return this.#lacks(`${topic} has no partition ${partition}: it has ${has}, numbered from 0`)
    }
    const { low, high } = known
    const holds = high > low ? `the log holds ${low} to ${high - 1}` : 'the log is empty'
    if (offset < low) return this.#lacks(`${place} is deleted: ${holds}`)
    if (offset >= high)
      return this.#lacks(`${place} is not written yet, or not committed: ${holds}`)
    const { records } = await looker.log.read(topic, partition, offset, offset + 1)
    const [record] = records
    if (record === undefined) {
      const gone = 'it is a marker, was aborted, or compaction has removed it'
      return this.#lacks(`${place} holds no message: ${gone}; ${holds}`)
    }
    const { identity, time } = declared?.identity ?? STAMPED
    const words = identify(record, identity, time, { cluster, topic, partition, offset })
    if (words !== null) return hexOfWords(words)
    return this.#lacks(`the record at ${place} carries no id: nobody audited it when it was sent`)
  }

  /** Why there is no message to follow: an answer, and no failure. */
  #lacks(why: string): null {
    this.#unknown.add(why)
    return null
  }

  /** The newest message that carries it. */
  async #foreignId(text: string): Promise<string | null> {
    const topics = this.#topics().filter(({ identity }) => isForeign(identity))
    if (topics.length === 0)
      throw new QuipuError(
        'NOT_FOUND',
        `\`${text}\` is no id of ours, and no topic tells where else`,
        {
          hint: 'Name where it stands: --identity key (or header:NAME, json:/POINTER) with --topics.',
        },
      )
    const sought = await this.#soughtFor(text, topics)
    const found = await this.#search(topics, sought, false)
    const all = [...new Set(found.flatMap((log) => log.found.map((record) => record.id)))].sort()
    const newest = all.pop()
    if (newest === undefined) {
      const spans = sought.map(({ from, to }) => `${isoOf(from)} to ${isoOf(to)}`)
      this.#unknown.add(
        `no message that carries it was found, born ${spans.slice(0, 3).join(', ')}`,
      )
      return null
    }
    if (all.length > 0) {
      const named = all.slice(-OTHERS_MAX).map(uuidOfHex).join(', ')
      this.#unknown.add(`it stands in ${all.length} messages before this one too: ${named}`)
    }
    return newest
  }

  /** Windows that may hold it, where every filter was asked; else the time that was asked for. */
  async #soughtFor(text: string, topics: readonly HopDeclaration[]): Promise<readonly Sought[]> {
    const { store, since, until } = this.#ask
    const id = unbornIdOf(text)
    const keys = new Map(topics.map(({ hop }) => [hopKey(hop), this.#windowMs(hop)]))
    const isFiltered = topics.some(({ membership }) => membership !== null)
    const held = store === null || !isFiltered ? [] : await store.mayHold(hashOf(text))
    const windows = held.flatMap(({ key, window }) => {
      const windowMs = keys.get(key)
      return windowMs === undefined ? [] : [{ from: window, to: window + windowMs - 1 }]
    })
    const spans = windows.length > 0 ? windows : [{ from: since, to: until }]
    return spans.map((span) => ({ ...span, id, anyBirth: true }))
  }

  #windowMs(hop: HopDeclaration['hop']): number {
    const key = hopKey(hop)
    const of = this.#pipelines.find(({ hops }) => hops.some((h) => hopKey(h.hop) === key))
    return of?.windowMs ?? 0
  }

  /** Each once, in the order of the pipelines. */
  #topics(): readonly HopDeclaration[] {
    const topics = new Map<HopKey, HopDeclaration>()
    for (const { hops } of this.#pipelines)
      for (const hop of hops)
        if (hop.hop.role === 'topic' && !topics.has(hopKey(hop.hop)))
          topics.set(hopKey(hop.hop), hop)
    return [...topics.values()]
  }

  /** Where only one cluster is known, a name is no reason to ask none. */
  #lookerOf(cluster: string): Looker | undefined {
    const { lookers } = this.#ask
    const [only] = lookers.values()
    return lookers.get(cluster) ?? (lookers.size === 1 ? only : undefined)
  }

  async #searchAll(sought: readonly Sought[], isMany: boolean): Promise<void> {
    if (this.#ask.lookers.size === 0) return
    const topics = this.#topics()
    if (topics.length > TOPICS_MAX)
      this.#unknown.add(`only ${TOPICS_MAX} of ${topics.length} topics were searched: --pipeline`)
    const searched = topics.slice(0, TOPICS_MAX)
    const found = await this.#search(searched, sought, isMany)
    for (const { key, ...log } of found) this.#logs.set(key, log)
  }

  async #search(
    topics: readonly HopDeclaration[],
    sought: readonly Sought[],
    isMany: boolean,
  ): Promise<readonly (TopicLog & { readonly key: HopKey })[]> {
    const all = await Promise.all(topics.map((topic) => this.#searchOne(topic, sought, isMany)))
    return all.filter((log) => log !== null)
  }

  async #searchOne(
    declared: HopDeclaration,
    sought: readonly Sought[],
    isMany: boolean,
  ): Promise<(TopicLog & { readonly key: HopKey }) | null> {
    const { hop } = declared
    const { cluster, topic } = hop
    const { signal, onProgress } = this.#ask
    const looker = this.#lookerOf(cluster)
    if (looker === undefined) {
      this.#unknown.add(`${topic} was not searched: no brokers of cluster ${cluster} are named`)
      return null
    }
    const found: FoundRecord[] = []
    try {
      const { searched } = await searchLog({
        reader: looker.log,
        topic: { cluster, topic, ...(declared.identity ?? STAMPED) },
        sought,
        latenessMs: this.#latenessOf(hopKey(hop)),
        skewMs: DEFAULT_BOUNDS.skewMs,
        budget: { records: RECORDS_MAX, ms: Math.max(this.#until - Date.now(), 0) },
        until: isMany ? 'span' : 'found',
        onFound: (id, place, record) => found.push({ id, place, parts: partsOf(record) }),
        ...(signal === undefined ? {} : { signal }),
        ...(onProgress === undefined
          ? {}
          : { onProgress: (n) => onProgress(`searched ${n} records of ${topic}`) }),
      })
      found.sort((a, b) => a.place.timestamp - b.place.timestamp || order(a, b))
      return { key: hopKey(hop), found, searched }
    } catch (error) {
      if (!(error instanceof QuipuError)) throw error
      this.#unknown.add(`${topic} was not searched: ${error.message}`)
      return null
    }
  }

  #latenessOf(key: HopKey): number {
    const all = this.#pipelines.filter(({ hops }) => hops.some(({ hop }) => hopKey(hop) === key))
    return Math.max(0, ...all.map(({ windowMs, latenessMs }) => windowMs + latenessMs))
  }

  /** The message, its parent, and copies that were found. */
  #idsOf(id: string): ReadonlySet<string> {
    const found = [...this.#logs.values()].flatMap((log) => log.found.map((record) => record.id))
    return new Set([id, parentOf(id), ...found])
  }

  async #verdictsAt(birth: number): Promise<readonly EdgeVerdict[]> {
    const { store } = this.#ask
    if (store === null) return []
    const all = await Promise.all(
      this.#pipelines.map(({ name, windowMs }) => {
        const since = windowStartOf(birth, windowMs)
        return store.verdicts({ pipeline: name, since, until: since + 1 })
      }),
    )
    return all.flat()
  }

  async #evidenceOf(
    pipeline: Pipeline,
    {
      ids,
      birth,
      isNamed,
      verdicts,
    }: {
      readonly ids: ReadonlySet<string>
      readonly birth: number
      readonly isNamed: boolean
      readonly verdicts: readonly EdgeVerdict[]
    },
  ): Promise<WayEvidence> {
    const { store } = this.#ask
    const start = windowStartOf(birth, pipeline.windowMs)
    const window = { start, end: start + pipeline.windowMs }
    const own = verdicts.filter((v) => v.pipeline === pipeline.name)
    return {
      ...{ pipeline, ids, window, isNamed, logs: this.#logs, verdicts: own },
      unjudged: await this.#unjudged(pipeline, window),
      commits: await this.#commitsOf(pipeline),
      latencies: store === null ? [] : await store.latencies(start, start + 1),
    }
  }

  async #unjudged(pipeline: Pipeline, window: WayEvidence['window']): Promise<string> {
    const { store, noStore, now } = this.#ask
    if (store === null) return noStore
    const due = window.end + pipeline.latenessMs
    if (now < due) return `its window is judged from ${isoOf(due)} on`
    const held = await store.windows(window.start)
    return held[0] === window.start
      ? 'its window was not judged yet'
      : 'the store holds nothing of its window: nothing was seen, it was not audited, or it is pruned'
  }

  async #commitsOf({ hops }: Pipeline): Promise<WayEvidence['commits']> {
    const out = new Map<HopKey, ReadonlyMap<number, number | null>>()
    for (const { hop } of hops) {
      const looker = hop.role === 'consumer' ? this.#lookerOf(hop.cluster) : undefined
      if (looker === undefined) continue
      try {
        out.set(hopKey(hop), await looker.commits(hop.group, hop.topic))
      } catch (error) {
        this.#unknown.add(`what ${hop.group} has committed cannot be told: ${messageOf(error)}`)
      }
    }
    return out
  }

  async #mishapsOf(ids: ReadonlySet<string>, birth: number): Promise<readonly TraceMishap[]> {
    const { store, now } = this.#ask
    if (store === null) return []
    const hops = this.#pipelines.flatMap((p) => p.hops.map(({ hop }) => hopKey(hop)))
    const { skewMs } = DEFAULT_BOUNDS
    const query = { since: birth - skewMs, until: now + skewMs, hops: [...new Set(hops)] }
    const dropped = (await store.counts()).filter(
      ({ hop, name }) => name === DROPPED && hops.includes(hopKey(hop)),
    )
    for (const { hop } of dropped)
      this.#unknown.add(`not all that went wrong at ${describeHop(hop)} was noted`)
    const all = await store.mishaps(query)
    return all.flatMap((mishap) => {
      const isNamed = ids.has(mishap.id)
      return isNamed || this.#isSpanned(mishap) ? [shownOf(mishap, isNamed)] : []
    })
  }

  /** It lies within the offsets that the mishap is about. */
  #isSpanned({ hop, partition, from, to }: StoredMishap): boolean {
    if (partition < 0 || to <= from) return false
    return [...this.#logs.values()].some(({ found, searched }) =>
      found.some(
        ({ place }) =>
          place.topic === hop.topic &&
          searched.cluster === hop.cluster &&
          place.partition === partition &&
          place.offset >= from &&
          place.offset < to,
      ),
    )
  }

  async #minterOf(id: string): Promise<Minter | null> {
    const { version, tag } = partsOfWords(wordsOfHex(id))
    const { store } = this.#ask
    if (store === null || version !== 7) return null
    const minter = (await store.minters([tag])).get(tag) ?? null
    if (minter === null) this.#unknown.add('who made its id is not kept')
    return minter
  }
}

/** A topic that no pipeline declares: what lies in it can be told all the same. */
function topicAlone(topic: string): Pipeline {
  const params = { windowMs: DEFAULT_WINDOW_MS, latenessMs: DEFAULT_LATENESS_MS }
  return pipelineOfFlags({ topics: [topic], seed: DEFAULT_SEED, thresholdsMs: [], ...params })
}

/** The count of mishaps that an agent did not note. */
const DROPPED = 'mishaps-dropped'

const STAMPED = { identity: { by: 'stamp' }, time: { by: 'timestamp' } } as const

const isForeign = (identity: HopDeclaration['identity']): boolean =>
  identity !== undefined && ['key', 'header', 'json'].includes(identity.identity.by)

const isOf = (id: string, found: { readonly id: string; readonly copyOf?: string }): boolean =>
  found.id === id || found.copyOf === id

const order = (a: FoundRecord, b: FoundRecord): number =>
  a.place.partition - b.place.partition || a.place.offset - b.place.offset

function shownOf(mishap: StoredMishap, isNamed: boolean): TraceMishap {
  const { at, kind, hop, partition, from, to, detail, count } = mishap
  const { instance, service, host, client } = mishap
  const who = { instance, service, host, client }
  return { at, kind, hop: describeHop(hop), partition, from, to, detail, count, who, isNamed }
}

function worstOf(ways: readonly TraceWay[]): TraceState {
  const states = ways.map(({ state }) => state)
  if (states.includes('wrong')) return 'wrong'
  return states.length === 0 || states.includes('unknown') ? 'unknown' : 'fine'
}
