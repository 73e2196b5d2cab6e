/**
 * The topic agent: reads topics beside everybody else, and counts every record exactly once.
 *
 * It reads committed records only, in a consumer group of its own that never commits. Where it goes on
 * is told by `resume`, that is by its own frames. With `audit` these go in transactions, and whoever
 * counts is fenced by whoever takes over (agents/topic/exactly-once.ts). With `sender` nothing is
 * fenced: an agent that wakes after others have taken over doubles what it had not sent. kafkajs fetches from wherever it likes until a seek
 * has taken effect, retries, rebalances and resets silently; so every batch is held against the offset
 * expected next (agents/topic/partition-reader.ts), and counted only where the two fit.
 *
 * A transaction's markers, aborted records and what compaction has removed are passed over: covered,
 * not counted. A batch of nothing else reaches no handler; it shows in START_BATCH_PROCESS only.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
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
import type { FrameSender } from '../src/transport/transport.ts'
import { clientText, hostText } from './client-text.ts'
import { bySubscription } from './topic/assigner.ts'
import { Claims, keyOf, type Standings } from './topic/claims.ts'
import { ExactlyOnce } from './topic/exactly-once.ts'
import { findTopic } from './topic/find-topic.ts'
import { type AuditPlace, FrameWriter } from './topic/frame-writer.ts'
import { type LogRange, PartitionReader, standing } from './topic/partition-reader.ts'
import { mayNotRead, refusalIn } from './topic/refusal.ts'
import type { Resume } from './topic/resume.ts'
import { type TopicIdentity, TopicRecorder } from './topic/topic-recorder.ts'
import { untilDone } from './topic/until-done.ts'

export type { AuditPlace } from './topic/frame-writer.ts'
export { type Resume, type ResumeFromFrames, resumeFromFrames } from './topic/resume.ts'
export type { TopicIdentity } from './topic/topic-recorder.ts'

export interface TopicAgentOptions extends Omit<AgentOptions, 'service' | 'sender' | 'onCut'> {
  /** Where frames go, each count once whatever happens. */
  readonly audit?: AuditPlace
  /** Without `audit`: where frames go, with nothing to fence an agent that was thought dead. */
  readonly sender?: FrameSender
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
/** ms between two heartbeats while a batch waits for the position of its partition. */
const HEARTBEAT_MS = 1_000
/** ms that closing gives to the frames that hand partitions over. */
const REST_MS = 2_000
/** ms that it gives to leaving the group. */
const LEAVE_MS = 5_000
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
  readonly #exactly: ExactlyOnce | null
  #assigned = new Set<string>()
  #memberId = ''
  /** Counts joins and rests: what was begun before the last one is over. */
  #term = 0
  #isResting = false
  #rested: Promise<void> = Promise.resolve()
  #claiming: { readonly term: number; readonly done: Promise<Standings> } | null = null
  #closing = false
  #end: () => void = () => {}
  readonly #ended = new Promise<void>((resolve) => {
    this.#end = resolve
  })
  #failure: QuipuError | null = null

  constructor(
    {
      kafka,
      topics,
      audit,
      sender,
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
    this.#admin = kafka.admin()
    this.#consumer = kafka.consumer({
      groupId,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: WAIT_MS_MAX,
      sessionTimeout: SESSION_MS,
      ...(partitionAssigners === null ? {} : { partitionAssigners }),
    })
    this.#exactly = audit === undefined ? null : this.#exactlyOnce(kafka, audit, groupId)
    const way = this.#exactly ?? sender
    if (way === undefined) throw new QuipuError('CONFIG', 'a topic agent needs `audit` or `sender`')
    const onCut = (): void => this.#exactly?.cut()
    const agent = new Agent({
      client: clientText(groupId, undefined),
      host: hostText(),
      ...agentOptions,
      ...{ service: groupId, sender: way, onCut },
    })
    this.#agent = agent
    this.#recorders = new Map(
      this.#topics.map((topic) => {
        const own = Object.hasOwn(identity, topic) ? identity[topic] : undefined
        return [topic, new TopicRecorder(agent, cluster, topic, own)]
      }),
    )
  }

  #exactlyOnce(kafka: Kafka, audit: AuditPlace, groupId: string): ExactlyOnce {
    const owner = `${groupId}.${randomBytes(8).toString('hex')}`
    const claims = new Claims(kafka, this.#admin, groupId, this.#topics)
    const to = { audit, kafka, groupId: claims.groupId, transactionalId: owner }
    return new ExactlyOnce({
      claims,
      writer: new FrameWriter(to),
      owner,
      consumer: this.#consumer,
      positionOf: ({ topic, partition }) => this.#readers.get(keyOf(topic, partition))?.reached,
      onFailure: (error) => this.#fail(error),
    })
  }

  async start(): Promise<void> {
    await this.#admin.connect()
    for (const topic of this.#topics)
      for (const { partition, low, high } of await findTopic(this.#admin, topic))
        this.#starts.set(keyOf(topic, partition), { low: Number(low), high: Number(high) })
    const consumer = this.#consumer
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.#joined(payload))
    // Whoever takes a partition over shall find what was counted here.
    consumer.on(consumer.events.REBALANCING, () => {
      void this.#rest()
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
    this.#end()
    // Whoever takes over need not wait, nor fence this one.
    if (this.#exactly !== null && this.#assigned.size > 0)
      await untilDone(this.#rest(), REST_MS, 'the audit topic').catch(() => {})
    // A batch that waits for its place holds it back as long as a claim takes.
    await untilDone(this.#consumer.disconnect(), LEAVE_MS, 'the group').catch(() => {})
    await this.#agent.close()
    await this.#exactly?.close()
    await this.#admin.disconnect().catch(() => {})
  }

  /** Sends what was counted. Where others are fenced, nothing is counted until the next join. */
  #rest(): Promise<void> {
    if (this.#exactly !== null) {
      this.#term++
      this.#isResting = true
      this.#assigned = new Set()
      this.#exactly.rest()
    }
    // A flush that is under way has cut its frames before.
    this.#rested = this.#agent.flush().then(() => this.#agent.flush())
    return this.#rested
  }

  /** Counts and sends nothing more, not even a goodbye: others may speak for these partitions. */
  #fail(error: QuipuError): void {
    if (this.#failure !== null || this.#closing) return
    this.#failure = error
    this.#term++
    this.#assigned = new Set()
    this.#agent.stop()
    this.#end()
    this.#onTrouble(`topic agent: ${error.message}; it has stopped: start it again`)
    void this.#consumer.disconnect().catch(() => {})
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
    if (this.#failure !== null || this.#closing) return
    // A member that was thrown out is not told that it must rest.
    if (this.#exactly !== null && !this.#isResting) void this.#rest()
    this.#isResting = false
    this.#term++
    // A member under a new id was thrown out: others may have had its partitions meanwhile.
    const isSame = this.#exactly === null && memberId === this.#memberId
    const kept = isSame ? this.#assigned : new Set<string>()
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
    const fresh = this.#from === 'earliest' ? low : high
    const place = (resumed: number | undefined): void => {
      reader.place(resumed, fresh)
      this.#seek(reader)
    }
    reader.release()
    const exactly = this.#exactly
    if (exactly !== null) {
      const term = this.#term
      this.#whilePending(reader, () => this.#takeOver(exactly, reader, term, place))
      return
    }
    try {
      const resumed = this.#resume(topic.hop.topic, partition)
      if (!(resumed instanceof Promise)) place(resumed)
      else this.#whilePending(reader, async () => place(await resumed))
    } catch (error) {
      // Without a position nothing is counted; the next batch asks again.
      this.#onTrouble(`topic agent cannot place itself: ${messageOf(error)}`)
    }
  }

  /** Goes on where the frames end, once nobody else can send any about this partition. */
  async #takeOver(
    exactly: ExactlyOnce,
    reader: PartitionReader,
    term: number,
    place: (resumed: number | undefined) => void,
  ): Promise<void> {
    if (term !== this.#term) return
    const { partition } = reader
    const { topic } = reader.topic.hop
    const standings = await this.#claim(exactly, term)
    const resumed = await this.#resume(topic, partition)
    if (term !== this.#term) return
    place(resumed)
    exactly.placed({ topic, partition })
    const told = standings.get(keyOf(topic, partition))?.offset ?? 0
    if (told <= (reader.position as number)) return
    const ends = `${topic}/${partition}: counted to ${told}, but its frames end at ${reader.position}`
    this.#onTrouble(`${ends}: they were deleted or lost, and are counted again`)
  }

  /** One claim for all partitions that came at once. */
  #claim(exactly: ExactlyOnce, term: number): Promise<Standings> {
    if (this.#claiming?.term === term) return this.#claiming.done
    const claim = async (): Promise<Standings> => {
      await this.#rested
      const readers = [...this.#assigned].map((key) => this.#readers.get(key) as PartitionReader)
      const places = readers
        .filter(({ position }) => position === undefined)
        .map(({ topic, partition }) => ({ topic: topic.hop.topic, partition }))
      const standings = await exactly.claim(places, this.#memberId)
      await exactly.settle(() => this.#agent.flush())
      return standings
    }
    const claiming = { term, done: claim() }
    this.#claiming = claiming
    const over = (): void => {
      if (this.#claiming === claiming) this.#claiming = null
    }
    void claiming.done.then(over, over)
    return claiming.done
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

  async #batch({ batch, isRunning, isStale, heartbeat }: EachBatchPayload): Promise<void> {
    const reader = this.#reader(batch.topic, batch.partition)
    if (reader === undefined) return
    while (reader.pending !== null && !this.#closing && this.#failure === null) {
      const later = sleep(HEARTBEAT_MS, undefined, { ref: false })
      await Promise.race([reader.pending, this.#ended, later])
      // Throws where the group is sharing out its partitions anew.
      if (reader.pending !== null) await heartbeat()
    }
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

function asQuipuError(error: unknown, verb = 'read'): QuipuError {
  if (error instanceof QuipuError) return error
  const type = refusalIn(error)
  if (type !== null) return mayNotRead(type, error)
  return new QuipuError('CONNECTION', `the topic agent cannot ${verb}: ${messageOf(error)}`, {
    hint: 'Check that the brokers answer at these addresses, and that this client may read there.',
    cause: error,
  })
}
