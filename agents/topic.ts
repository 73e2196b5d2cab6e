/**
 * The topic agent: reads topics beside everybody else, and counts every record exactly once.
 *
 * It reads committed records only, in a consumer group of its own that never commits. Where it goes on
 * is told by `resume`, that is by its own frames. kafkajs fetches from wherever it likes until a seek
 * has taken effect, retries, rebalances and resets silently; so every batch is held against the offset
 * expected next (agents/topic/partition-reader.ts), and counted only where the two fit.
 *
 * A transaction's markers, aborted records and what compaction has removed are passed over: covered,
 * not counted. A batch of nothing else reaches no handler; it shows in START_BATCH_PROCESS only.
 */
import type {
  Admin,
  Batch,
  Consumer,
  ConsumerGroupJoinEvent,
  EachBatchPayload,
  Kafka,
  PartitionAssigner,
} from 'kafkajs'
import { messageOf, QuipuError } from '../src/base/errors.ts'
import { Agent, type AgentOptions } from '../src/hop/agent.ts'
import { DEFAULT_BOUNDS, windowStartOf } from '../src/message/window.ts'
import { bySubscription } from './topic/assigner.ts'
import { type LogRange, PartitionReader, standing } from './topic/partition-reader.ts'
import type { Resume } from './topic/resume.ts'
import { type TopicIdentity, TopicRecorder } from './topic/topic-recorder.ts'

export { type Resume, type ResumeFromFrames, resumeFromFrames } from './topic/resume.ts'
export type { TopicIdentity } from './topic/topic-recorder.ts'

export interface TopicAgentOptions extends Omit<AgentOptions, 'service'> {
  readonly kafka: Kafka
  readonly topics: readonly string[]
  /** Name of the cluster in the pipeline file. */
  readonly cluster?: string
  /** Agents of one name share the partitions of their topics; they must read the same topics. */
  readonly name?: string
  /** Default: `quipu-topic-agent-NAME`. */
  readonly groupId?: string
  /** The next offset to read, from what the auditor has or from `resumeFromFrames`. */
  readonly resume?: Resume
  /** Where partitions start that `resume` knows nothing of. */
  readonly from?: 'earliest' | 'latest'
  /** Topics whose messages carry an id of their own; all others are stamped. */
  readonly identity?: Readonly<Record<string, TopicIdentity>>
}

export interface PartitionLag {
  readonly topic: string
  readonly partition: number
  /** The next offset to count. */
  readonly position: number
  /** One past the last offset that may be read. */
  readonly end: number
  readonly lag: number
}

export interface TopicAgent {
  /** Why it has stopped reading for good, such as a missing right; null while it reads. */
  failure(): QuipuError | null
  /** Sends what was counted. Resolves when all frames cut so far were tried once. */
  flush(): Promise<void>
  /** Of the partitions that this agent has now. */
  lag(): Promise<readonly PartitionLag[]>
  /** Stops reading, says goodbye. Bounded in time. */
  close(): Promise<void>
}

/** How long a fetch waits for data, ms; closing waits for it too. */
const WAIT_MS_MAX = 1_000
/** So long after its death an agent's partitions are free again, ms; brokers take no less than 6 s. */
const SESSION_MS = 10_000

/** Starts to read. Resolves when the agent has joined its group. */
export async function topicAgent(options: TopicAgentOptions): Promise<TopicAgent> {
  if (process.env.QUIPU_DISABLED === '1') return inert
  const agent = new RunningTopicAgent(options, await assigners())
  try {
    await agent.start()
    const failure = agent.failure()
    if (failure !== null) throw failure
    return agent
  } catch (error) {
    await agent.abandon()
    throw asQuipuError(error, 'start')
  }
}

/** None where kafkajs is not installed: then the client is none of its own. */
async function assigners(): Promise<PartitionAssigner[] | null> {
  try {
    return [bySubscription((await import('kafkajs')).AssignerProtocol)]
  } catch {
    return null
  }
}

const inert: TopicAgent = {
  failure: () => null,
  flush: async () => {},
  lag: async () => [],
  close: async () => {},
}

class RunningTopicAgent implements TopicAgent {
  readonly #topics: readonly string[]
  readonly #from: 'earliest' | 'latest'
  readonly #resume: Resume
  readonly #admin: Admin
  readonly #consumer: Consumer
  readonly #agent: Agent
  readonly #clock: () => number
  readonly #retentionMs: number
  readonly #onTrouble: (text: string) => void
  readonly #recorders: ReadonlyMap<string, TopicRecorder>
  /** Every partition ever read: its position is kept when the partition goes to somebody else. */
  readonly #readers = new Map<string, PartitionReader>()
  /** What the log had of each partition at the start; partitions that come later begin at 0. */
  readonly #starts = new Map<string, LogRange>()
  #assigned = new Set<string>()
  #memberId = ''
  #closing = false
  #failure: QuipuError | null = null

  constructor(
    {
      kafka,
      topics,
      cluster = 'default',
      name = cluster,
      groupId = `quipu-topic-agent-${name}`,
      resume = () => undefined,
      from = 'earliest',
      identity = {},
      ...agentOptions
    }: TopicAgentOptions,
    partitionAssigners: PartitionAssigner[] | null,
  ) {
    this.#topics = [...new Set(topics)]
    this.#from = from
    this.#resume = resume
    this.#clock = agentOptions.clock ?? Date.now
    this.#retentionMs = (agentOptions.bounds ?? DEFAULT_BOUNDS).retentionMs
    this.#onTrouble = agentOptions.onTrouble ?? (() => {})
    const agent = new Agent({ ...agentOptions, service: groupId })
    this.#agent = agent
    this.#admin = kafka.admin()
    this.#consumer = kafka.consumer({
      groupId,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: WAIT_MS_MAX,
      sessionTimeout: SESSION_MS,
      ...(partitionAssigners === null ? {} : { partitionAssigners }),
    })
    this.#recorders = new Map(
      this.#topics.map((topic) => {
        const own = Object.hasOwn(identity, topic) ? identity[topic] : undefined
        return [topic, new TopicRecorder(agent, cluster, topic, own)]
      }),
    )
  }

  async start(): Promise<void> {
    await this.#admin.connect()
    const known = new Set(await this.#admin.listTopics())
    for (const topic of this.#topics) {
      if (!known.has(topic)) {
        throw new QuipuError('NOT_FOUND', `the topic ${topic} does not exist`, {
          hint: 'Create it, or correct its name in the pipeline file.',
        })
      }
      for (const { partition, low, high } of await this.#admin.fetchTopicOffsets(topic))
        this.#starts.set(keyOf(topic, partition), { low: Number(low), high: Number(high) })
    }
    const consumer = this.#consumer
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.#joined(payload))
    // Whoever takes a partition over shall find what was counted here; a flush that is under way has
    // cut its frames before.
    consumer.on(consumer.events.REBALANCING, () => {
      void this.#agent.flush().then(() => this.#agent.flush())
    })
    consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) this.#passOver(payload)
    })
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      if (!restart && !this.#closing) this.#failure = asQuipuError(error)
      const then = restart ? 'it starts again' : 'it has stopped: start it again'
      this.#onTrouble(`topic agent: ${messageOf(error)}; ${then}`)
    })
    await consumer.connect()
    // A fetch that no seek has reached yet thus begins at or below every position.
    await consumer.subscribe({ topics: [...this.#topics], fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatch: (payload) => this.#batch(payload) })
  }

  async abandon(): Promise<void> {
    this.#closing = true
    await Promise.allSettled([this.#consumer.disconnect(), this.#admin.disconnect()])
    await this.#agent.close()
  }

  failure(): QuipuError | null {
    return this.#failure
  }

  flush(): Promise<void> {
    return this.#agent.flush()
  }

  async lag(): Promise<readonly PartitionLag[]> {
    const out: PartitionLag[] = []
    for (const topic of this.#topics) {
      for (const { partition, high } of await this.#admin.fetchTopicOffsets(topic)) {
        if (!this.#assigned.has(keyOf(topic, partition))) continue
        const end = Number(high)
        // Not placed yet: as far as is known all of it is still to be read.
        const position = this.#reader(topic, partition)?.position ?? 0
        out.push({ topic, partition, position, end, lag: Math.max(0, end - position) })
      }
    }
    return out
  }

  async close(): Promise<void> {
    if (this.#closing) return
    await this.abandon()
  }

  /** The reader of a partition that this agent has now. */
  #reader(topic: string, partition: number): PartitionReader | undefined {
    const key = keyOf(topic, partition)
    return this.#assigned.has(key) ? this.#readers.get(key) : undefined
  }

  /** Called in the turn in which kafkajs learns its partitions: its first fetch follows the seeks. */
  #joined({ memberId, memberAssignment }: ConsumerGroupJoinEvent['payload']): void {
    // A member under a new id was thrown out: others may have had its partitions meanwhile.
    const kept = memberId === this.#memberId ? this.#assigned : new Set<string>()
    this.#memberId = memberId
    this.#assigned = new Set()
    for (const [topic, partitions] of Object.entries(memberAssignment)) {
      const recorder = this.#recorders.get(topic)
      if (recorder === undefined) continue
      for (const partition of partitions) {
        const key = keyOf(topic, partition)
        this.#assigned.add(key)
        const reader = this.#readers.get(key) ?? new PartitionReader(recorder, partition)
        this.#readers.set(key, reader)
        if (kept.has(key)) this.#seek(reader)
        else this.#acquire(reader)
      }
    }
  }

  /** Finds where to go on. What this agent itself has counted is never counted by it again. */
  #acquire(reader: PartitionReader): void {
    const { topic, partition } = reader
    const { low, high } = this.#starts.get(keyOf(topic.hop.topic, partition)) ?? { low: 0, high: 0 }
    const place = (resumed: number | undefined): void => {
      reader.place(resumed, this.#from === 'earliest' ? low : high)
      this.#seek(reader)
    }
    reader.release()
    try {
      const resumed = this.#resume(topic.hop.topic, partition)
      if (!(resumed instanceof Promise)) place(resumed)
      else this.#whilePending(reader, async () => place(await resumed))
    } catch (error) {
      // Without a position nothing is counted; the next batch asks again.
      this.#onTrouble(`topic agent cannot place itself: ${messageOf(error)}`)
    }
  }

  #seek({ topic, partition, position }: PartitionReader): void {
    if (position === undefined) return
    try {
      this.#consumer.seek({ topic: topic.hop.topic, partition, offset: String(position) })
    } catch (error) {
      // The consumer is being stopped; nothing more comes.
      if (!this.#closing) this.#onTrouble(`topic agent cannot seek: ${messageOf(error)}`)
    }
  }

  /** Does work on the position after what is under way; batches of the partition wait for it. */
  #whilePending(reader: PartitionReader, work: () => Promise<void>): void {
    const pending = (reader.pending ?? Promise.resolve())
      .then(work)
      .catch((e) => this.#onTrouble(`topic agent cannot place itself: ${messageOf(e)}`))
      .finally(() => {
        if (reader.pending === pending) reader.pending = null
      })
    reader.pending = pending
  }

  async #batch({ batch, isRunning, isStale }: EachBatchPayload): Promise<void> {
    const reader = this.#reader(batch.topic, batch.partition)
    if (reader === undefined) return
    while (reader.pending !== null) await reader.pending
    // A seek is waiting to take effect: what was fetched before it comes again, or is not wanted.
    const isObsolete = (): boolean =>
      !isRunning() || isStale() || this.#reader(batch.topic, batch.partition) !== reader
    if (isObsolete()) return
    if (reader.position === undefined) {
      this.#acquire(reader)
      return
    }
    const from = fetchedFrom(batch)
    const to = Number(batch.lastOffset()) + 1
    let at = standing(reader.position, from, to, Number(batch.highWatermark))
    if (at === 'ahead' || at === 'cut') {
      const position = await this.#findPlace(reader, reader.position, from)
      if (isObsolete()) return
      at = standing(position, from, to, Number.POSITIVE_INFINITY)
    }
    if (at === 'read') {
      reader.read(batch.messages, to)
      return
    }
    if (at === 'behind') reader.topic.count('skipped-repeat', batch.messages.length)
    this.#seek(reader)
  }

  /** Control records or aborted ones only: kafkajs passes over them and calls no handler. */
  #passOver({ topic, partition, firstOffset, lastOffset }: PassedOver): void {
    const reader = this.#reader(topic, partition)
    if (reader?.position === undefined) return
    const from = Number(firstOffset ?? lastOffset)
    const to = Number(lastOffset) + 1
    if (reader.pending === null && from <= reader.position) {
      if (to > reader.position) reader.read([], to)
      return
    }
    // Where the fetch began is not told. If the log still starts at or below the position, the
    // offsets between are empty: no fetch begins above it but after a reset to the log's start.
    this.#whilePending(reader, async () => {
      if (reader.position === undefined) return
      if (from > reader.position) {
        const { low } = await this.#range(reader)
        if (low > reader.position) reader.skipTo(Math.min(low, from))
      }
      if (to > reader.position) reader.read([], to)
    })
  }

  /** The batch does not fit: asks what the log has, moves the position if it must, and returns it. */
  async #findPlace(reader: PartitionReader, position: number, from: number): Promise<number> {
    const { low, high } = await this.#range(reader)
    const name = `${reader.topic.hop.topic}/${reader.partition}`
    if (low > position) {
      // What is at hand was read before it was deleted.
      const to = Math.min(low, from)
      reader.skipTo(to)
      this.#onTrouble(
        `${name}: offsets ${position} to ${to - 1} were deleted before they were read`,
      )
      return to
    }
    if (high >= position) return position
    reader.cutTo(high)
    // What was written since the cut, below the old position, may never be seen: no window that can
    // hold it is judged.
    const now = this.#clock()
    const { windowMs } = this.#agent
    const oldest = windowStartOf(now - this.#retentionMs, windowMs)
    const newest = windowStartOf(now, windowMs)
    this.#agent.drop(reader.topic.hop, 'log-cut', position - high, oldest, newest)
    this.#onTrouble(
      `${name}: the log ends at ${high}, but ${position} was read: it was cut or created anew`,
    )
    return high
  }

  async #range({ topic, partition }: PartitionReader): Promise<LogRange> {
    const offsets = await this.#admin.fetchTopicOffsets(topic.hop.topic)
    const found = offsets.find((o) => o.partition === partition)
    if (found === undefined) throw new Error(`partition ${partition} of ${topic.hop.topic} is gone`)
    return { low: Number(found.low), high: Number(found.high) }
  }
}

interface PassedOver {
  readonly topic: string
  readonly partition: number
  readonly firstOffset: string | null
  readonly lastOffset: string
}

/** kafkajs keeps the offset it asked for, though its types do not say so. */
function fetchedFrom(batch: Batch): number {
  const { fetchedOffset } = batch as Batch & { readonly fetchedOffset?: string }
  return Number(fetchedOffset ?? batch.firstOffset())
}

function keyOf(topic: string, partition: number): string {
  return `${topic}\n${partition}`
}

function asQuipuError(error: unknown, verb = 'read'): QuipuError {
  if (error instanceof QuipuError) return error
  const type = refusalIn(error)
  if (type !== null) {
    return new QuipuError('FORBIDDEN', `the topic agent may not read its topics (${type})`, {
      hint: 'Grant its user the right to describe and read the topics, and to read with its group.',
      cause: error,
    })
  }
  return new QuipuError('CONNECTION', `the topic agent cannot ${verb}: ${messageOf(error)}`, {
    hint: 'Check that the brokers answer at these addresses, and that this client may read there.',
    cause: error,
  })
}

/** kafkajs puts what the broker said inside of what it was doing. */
function refusalIn(error: unknown): string | null {
  let at: unknown = error
  for (let i = 0; i < 10 && typeof at === 'object' && at !== null; i++) {
    const { type, cause } = at as { readonly type?: unknown; readonly cause?: unknown }
    if (typeof type === 'string' && type.endsWith('AUTHORIZATION_FAILED')) return type
    at = cause
  }
  return null
}
