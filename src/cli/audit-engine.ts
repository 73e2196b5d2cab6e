/** Topic agents, collector and judge in one process: what `quipu audit` and the demo run. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import {
  type AuditPlace,
  type PartitionLag,
  type TopicAgent,
  type TopicAgentOptions,
  topicAgent,
} from '../../agents/topic.ts'
import type { Environment } from '../base/environment.ts'
import { messageOf, QuipuError } from '../base/errors.ts'
import { endOf } from '../base/intervals.ts'
import { Collector } from '../collect/collector.ts'
import { Judge, topicsOf } from '../collect/judge.ts'
import type { Lookers } from '../drift/shape.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import { isSilent } from '../hop/evidence.ts'
import { type HopKey, type HopRef, hopKey, topicHop } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { tallyPlans } from '../hop/plan.ts'
import type { Clock } from '../message/mint.ts'
import type { LogEnds } from '../reconcile/evidence.ts'
import { PIPELINES_FACT } from '../store/facts.ts'
import { storeFailure } from '../store/sqlite-errors.ts'
import type { Store } from '../store/store.ts'
import type { FrameReader, FrameSender } from '../transport/transport.ts'
import { RegistryWatch } from './audit-registry.ts'
import { HighWatermarks } from './high-watermarks.ts'
import { PlacesInLogs } from './places-in-logs.ts'
import { TOPIC_RESOURCE } from './preflight.ts'

export interface EngineOptions {
  readonly pipelines: readonly Pipeline[]
  readonly store: Store
  readonly reader: FrameReader
  /**
   * Where topic agents send their frames exactly once. Name the client of the audit topic's cluster as
   * it stands in `kafkas`: then frames and offsets are one transaction.
   */
  readonly audit?: AuditPlace
  /** Without `audit`: a sender for the frames of one topic agent; two under one name are not fenced. */
  readonly sender?: () => FrameSender
  /** A client for each cluster that a pipeline names. */
  readonly kafkas: ReadonlyMap<string, Kafka>
  /** Auditors of one name share the partitions of their topics; default: the cluster's. */
  readonly name?: string
  readonly flushMs?: number
  /** Where the agent of a topic starts that was never read before. */
  readonly from?: 'earliest' | 'latest'
  readonly clock?: Clock
  /** Where the secrets of registries are; default: that of the process. */
  readonly env?: Environment
  /** `false`: agents flush only in `turn()` (simulated time). */
  readonly timer?: boolean
  readonly onTrouble?: (text: string) => void
}

/** ms that an agent has for its last frame when others take over its partitions. */
const HANDOVER_MS = 2_000

/** ms without progress after which a topic is taken to be readable no further for now. */
const STUCK_MS = 15_000

export class AuditEngine {
  readonly #collector: Collector
  readonly #judge: Judge
  readonly #logs: PlacesInLogs
  readonly #registries: RegistryWatch
  readonly #agents: TopicAgent[] = []
  readonly #admins = new Map<string, Admin>()
  readonly #marks = new Map<string, HighWatermarks>()
  /** Questions that the clusters do not answer now, and why. */
  readonly #unanswered = new Map<string, string>()
  readonly #options: EngineOptions
  readonly #clock: Clock
  readonly #onTrouble: (text: string) => void
  readonly #timer: boolean
  readonly #env: Environment
  #touched = new Set<number>()
  #isCaughtUp = false
  /** Per partition, the end at the start. */
  #goal: ReadonlyMap<string, number> | null = null
  /** Offsets still to read of that, and when that last changed. */
  #left = -1
  #movedAt = 0
  #handover: Promise<void> | null = null
  /** The ends at some time; once they are reached all of that time is seen. */
  #look: { readonly at: number; readonly ends: ReadonlyMap<string, number> } | null = null
  #seenUntil: number | null = null
  #forbidden: QuipuError | null = null

  private constructor(options: EngineOptions) {
    this.#options = options
    const { store, reader, pipelines, clock = Date.now, onTrouble = () => {} } = options
    this.#clock = clock
    this.#onTrouble = onTrouble
    this.#timer = options.timer ?? true
    this.#env = options.env ?? process.env
    this.#registries = new RegistryWatch({ pipelines, store, env: this.#env, clock, onTrouble })
    this.#collector = new Collector({
      reader,
      store,
      clock,
      onForeign: (partition, position, why) =>
        onTrouble(`audit record ${partition}:${position} is no frame and was skipped: ${why}`),
      onSchemas: (schemas) => this.#registries.see(schemas),
    })
    this.#logs = new PlacesInLogs(options.kafkas, onTrouble)
    this.#judge = new Judge({
      store,
      pipelines,
      pollLogEnds: (topic) => this.#offsets(topic, 'high'),
      pollLogLows: (topic) => this.#offsets(topic, 'low'),
      pollHighWatermarks: (topic) => this.#highWatermarks(topic),
      pollCommits: (group) => this.#commits(group),
      pollCompacted: (topic) => this.#isCompacted(topic),
      pollTopicId: (topic) => this.#topicId(topic),
      readPlaces: this.#logs.at,
    })
  }

  /** Catches up with the audit topic, then starts the topic agents where their last frames end. */
  static async start(options: EngineOptions): Promise<AuditEngine> {
    const engine = new AuditEngine(options)
    try {
      await options.store.setFact(PIPELINES_FACT, options.pipelines)
      for (const [cluster, kafka] of options.kafkas) {
        const admin = kafka.admin()
        await admin.connect()
        engine.#admins.set(cluster, admin)
        engine.#marks.set(cluster, new HighWatermarks(kafka))
      }
      await engine.#collector.open()
      await engine.#catchUp()
      await engine.#startAgents()
    } catch (error) {
      await engine.close().catch(() => {})
      throw error
    }
    return engine
  }

  async #startAgents(): Promise<void> {
    const { pipelines, kafkas, audit, sender, flushMs, from, timer } = this.#options
    const first = pipelines[0]
    if (first === undefined) return
    const planOf = tallyPlans(pipelines)
    const lookers = await this.#lookers()
    for (const [cluster, kafka] of kafkas) {
      const topics = topicsOf(pipelines)
        .filter((hop) => hop.cluster === cluster)
        .map((hop) => hop.topic)
      if (topics.length === 0) continue
      const resume = (topic: string, partition: number): Promise<number | undefined> =>
        this.#resumeAt(hopKey(topicHop(cluster, topic)), partition)
      this.#agents.push(
        await topicAgent({
          kafka,
          topics,
          cluster,
          name: this.#options.name ?? cluster,
          resume,
          identity: identitiesOf(pipelines, cluster),
          windowMs: first.windowMs,
          seed: first.seed,
          planOf,
          clock: this.#clock,
          onTrouble: this.#onTrouble,
          ...(lookers === null ? {} : { lookers }),
          ...(audit === undefined ? {} : { audit }),
          ...(sender === undefined ? {} : { sender: this.#heard(sender()) }),
          ...(flushMs === undefined ? {} : { flushMs }),
          ...(from === undefined ? {} : { from }),
          ...(timer === undefined ? {} : { timer }),
        }),
      )
    }
  }

  /** What looks into messages is loaded only where a topic declares what they are held against. */
  async #lookers(): Promise<Lookers | null> {
    const { pipelines } = this.#options
    if (pipelines.every((p) => p.hops.every(({ shape }) => shape === undefined))) return null
    const { lookers } = await import('../drift/lookers.ts')
    return lookers({ env: this.#env, onTrouble: this.#onTrouble, clock: this.#clock })
  }

  /** The next offset to count: behind all that earlier agents covered or counted. */
  async #resumeAt(key: HopKey, partition: number): Promise<number | undefined> {
    const { store, audit } = this.#options
    // Where others are fenced, all that they ever sent can be read by now, and nothing comes after it.
    if (audit !== undefined) await this.#catchUp()
    else await this.#othersFlushed(key)
    const coverage = (await store.coverage()).find((c) => c.key === key)
    const covered = endOf(coverage?.partitions.get(partition) ?? [])
    const counted = (await store.highestCounted(key)).get(partition)
    if (covered === undefined && counted === undefined) return undefined
    return Math.max(covered ?? 0, (counted ?? -1) + 1)
  }

  /** An agent that reads the topic now may hand partitions over: what it counted comes first. */
  async #othersFlushed(key: HopKey): Promise<void> {
    const now = this.#clock()
    const others = (await this.#options.store.instances()).filter(
      (i) => i.hops.includes(key) && i.goodbye === null && !isSilent(i, now),
    )
    if (others.length === 0) return
    this.#handover ??= (async () => {
      if (this.#timer) await sleep(HANDOVER_MS)
      await this.#catchUp()
    })().finally(() => {
      this.#handover = null
    })
    await this.#handover
  }

  /** @throws QuipuError if the end cannot be reached: to go on without would count things twice. */
  async #catchUp(): Promise<void> {
    const { windows, complete } = await this.#collector.catchUp()
    this.#touch(windows)
    if (complete) return
    throw new QuipuError('CONNECTION', 'the audit topic could not be read to its end', {
      hint: 'Check that the brokers of the audit topic answer and that this client may read it.',
    })
  }

  /** The agent itself goes on without its audit path; an auditor that may not write is of no use. */
  #heard(sender: FrameSender): FrameSender {
    return {
      send: async (key, bytes) => {
        try {
          await sender.send(key, bytes)
        } catch (error) {
          const { permanent } = error as { permanent?: unknown }
          if (error instanceof QuipuError && error.code === 'FORBIDDEN' && permanent !== true)
            this.#forbidden = error
          throw error
        }
      },
      close: () => sender.close(),
    }
  }

  #check(): void {
    const failures = [this.#forbidden, ...this.#agents.map((agent) => agent.failure())]
    for (const failure of failures) if (failure !== null) throw failure
  }

  /** Collects what comes within `waitMs`, judges, returns the verdicts that changed. */
  async turn(waitMs: number): Promise<readonly EdgeVerdict[]> {
    this.#check()
    if (!this.#timer) for (const agent of this.#agents) await agent.flush()
    this.#touch((await this.#collector.step(waitMs)).windows)
    this.#registries.turn()
    return (await this.caughtUp()) ? this.judge() : []
  }

  /**
   * Whether the topics are read to the ends that they had at the start, or can be read no further.
   * An auditor that was away has deadlines behind it: it reads first, and judges then.
   */
  async caughtUp(): Promise<boolean> {
    if (this.#isCaughtUp) return true
    try {
      this.#isCaughtUp = (await this.#readToGoal()) && (await this.#collectAll())
    } catch (error) {
      this.#mayPass(error)
    }
    return this.#isCaughtUp
  }

  /** Brokers come and go; what will not come back shows in `#check`. @throws what the store said */
  #mayPass(error: unknown): void {
    if (storeFailure(error) !== null) throw error
    this.#onTrouble(`reading on: ${messageOf(error)}`)
  }

  async #readToGoal(): Promise<boolean> {
    const lags = (await Promise.all(this.#agents.map((agent) => agent.lag()))).flat()
    this.#goal ??= endsOf(lags)
    const left = unreadOf(lags, this.#goal)
    if (left !== this.#left) this.#movedAt = this.#clock()
    this.#left = left
    return left === 0 || this.#clock() - this.#movedAt >= STUCK_MS
  }

  /** Has the agents send what they counted, and takes it; whether that is all there is. */
  async #collectAll(): Promise<boolean> {
    for (const agent of this.#agents) await agent.flush()
    const { windows, complete } = await this.#collector.catchUp()
    this.#touch(windows)
    this.#check()
    return complete
  }

  async judge(): Promise<readonly EdgeVerdict[]> {
    const touched = this.#touched
    this.#touched = new Set()
    try {
      return await this.#judge.turn(this.#clock(), [...touched])
    } catch (error) {
      this.#touch([...touched])
      throw error
    }
  }

  /**
   * ms: all that stood in the topics, and every frame that was sent, by then has been taken. Asked now and
   * then it moves on, also where the topics never rest. Null: nothing is known yet.
   */
  async seenUntil(): Promise<number | null> {
    try {
      // Before the ends are asked for: what comes while they answer is not among them.
      const asked = this.#clock()
      const lags = (await Promise.all(this.#agents.map((agent) => agent.lag()))).flat()
      this.#look ??= { at: asked, ends: endsOf(lags) }
      const { at, ends } = this.#look
      if (unreadOf(lags, ends) > 0 || !(await this.#collectAll())) return this.#seenUntil
      this.#seenUntil = at
      this.#look = null
    } catch (error) {
      this.#mayPass(error)
    }
    return this.#seenUntil
  }

  /** Every window known so far is settled, and the topics are read to their ends. */
  async settled(): Promise<boolean> {
    if (!(await this.idle())) return false
    const { judged, open } = await this.#judge.progress()
    return judged > 0 && open === 0
  }

  /** Collects all there is and judges; the verdicts that changed, null if not all could be had. */
  async drain(): Promise<readonly EdgeVerdict[] | null> {
    const complete = await this.#collectAll()
    const changed = await this.judge()
    return complete ? changed : null
  }

  /** Windows that start before `until` (ms), at all edges. */
  progress(until: number): Promise<{ readonly judged: number; readonly open: number }> {
    return this.#judge.progress(until)
  }

  /** The topics are read to their ends, whatever is settled. */
  async idle(): Promise<boolean> {
    for (const agent of this.#agents)
      if ((await agent.lag()).some(({ lag }) => lag > 0)) return false
    return true
  }

  /** Says goodbye for the topic agents, takes their last frames, judges once more. */
  async close(): Promise<void> {
    const problems: unknown[] = []
    const attempt = async (work: () => Promise<unknown>): Promise<void> => {
      try {
        await work()
      } catch (error) {
        problems.push(error)
      }
    }
    for (const agent of this.#agents) await attempt(() => agent.close())
    await attempt(async () => this.#touch((await this.#collector.catchUp()).windows))
    // A store that has just taken no frame takes no verdict either, and may be as long about it: who audits
    // next judges.
    const isBroken = problems.some((problem) => storeFailure(problem) !== null)
    if (this.#isCaughtUp && !isBroken) await attempt(() => this.judge())
    await attempt(() => this.#registries.close())
    await attempt(() => this.#collector.close())
    await attempt(() => this.#logs.close())
    for (const client of this.#marks.values()) await attempt(() => client.close())
    for (const admin of this.#admins.values()) await attempt(() => admin.disconnect())
    if (problems.length > 0) throw problems[0]
  }

  #touch(windows: readonly number[]): void {
    for (const window of windows) this.#touched.add(window)
  }

  #offsets({ cluster, topic }: HopRef, end: 'high' | 'low'): Promise<LogEnds | null> {
    return this.#ask(cluster, `the log of ${topic}`, async (admin) => {
      const offsets = await admin.fetchTopicOffsets(topic)
      return new Map(offsets.map((of) => [of.partition, Number(of[end])]))
    })
  }

  #highWatermarks({ cluster, topic }: HopRef): Promise<LogEnds | null> {
    const marks = this.#marks.get(cluster)
    if (marks === undefined) return Promise.resolve(null)
    return this.#ask(cluster, `the end of ${topic}`, () => marks.of(topic))
  }

  #topicId({ cluster, topic }: HopRef): Promise<string | null> {
    const marks = this.#marks.get(cluster)
    if (marks === undefined) return Promise.resolve(null)
    return this.#ask(cluster, `the id of ${topic}`, () => marks.idOf(topic))
  }

  #commits({ cluster, topic, group }: HopRef): Promise<LogEnds | null> {
    return this.#ask(cluster, `the commits of ${group}`, async (admin) => {
      const topics = await admin.fetchOffsets({ groupId: group, topics: [topic] })
      const offsets = topics.flatMap(({ partitions }) => partitions)
      const known = offsets.map((of) => [of.partition, Number(of.offset)] as const)
      // Negative: none is committed, or it was reset.
      return new Map(known.filter(([, offset]) => offset >= 0))
    })
  }

  #isCompacted({ cluster, topic }: HopRef): Promise<boolean | null> {
    return this.#ask(cluster, `the configuration of ${topic}`, async (admin) => {
      const configNames = ['cleanup.policy']
      const resources = [{ type: TOPIC_RESOURCE, name: topic, configNames }]
      const { resources: found } = await admin.describeConfigs({
        includeSynonyms: false,
        resources,
      })
      const policy = found[0]?.configEntries.find((c) => c.configName === 'cleanup.policy')
      return policy === undefined ? null : policy.configValue.includes('compact')
    })
  }

  /** What a cluster does not tell is not known; that is evidence too. */
  async #ask<T>(
    cluster: string,
    what: string,
    question: (admin: Admin) => Promise<T>,
  ): Promise<T | null> {
    const admin = this.#admins.get(cluster)
    if (admin === undefined) return null
    try {
      const answer = await question(admin)
      this.#unanswered.delete(what)
      return answer
    } catch (error) {
      const text = messageOf(error)
      // It is asked again at every turn; the same trouble is said once.
      if (this.#unanswered.get(what) !== text) this.#onTrouble(`${what}: not known now: ${text}`)
      this.#unanswered.set(what, text)
      return null
    }
  }
}

const placeOf = ({ topic, partition }: PartitionLag): string => `${topic}/${partition}`

function endsOf(lags: readonly PartitionLag[]): ReadonlyMap<string, number> {
  return new Map(lags.map((lag) => [placeOf(lag), lag.end]))
}

/** Offsets below these ends that are still to be read. */
function unreadOf(lags: readonly PartitionLag[], ends: ReadonlyMap<string, number>): number {
  return lags.reduce((n, lag) => n + Math.max(0, (ends.get(placeOf(lag)) ?? 0) - lag.position), 0)
}

/** Topics of a cluster whose messages carry an id of their own. */
function identitiesOf(
  pipelines: readonly Pipeline[],
  cluster: string,
): NonNullable<TopicAgentOptions['identity']> {
  const declared = pipelines
    .flatMap((p) => p.hops)
    .filter((d) => d.hop.role === 'topic' && d.hop.cluster === cluster)
  return Object.fromEntries(
    declared.flatMap(({ hop, identity }) =>
      identity === undefined ? [] : [[hop.topic, identity]],
    ),
  )
}

/** The clients of the clusters that the pipelines name, or a clear error. */
export function clusterOf<T>(clusters: ReadonlyMap<string, T>, name: string): T {
  const found = clusters.get(name)
  if (found !== undefined) return found
  throw new QuipuError('CONFIG', `no cluster named ${name}`, {
    hint: `name it under kafka.clusters; known: ${[...clusters.keys()].join(', ')}`,
  })
}
