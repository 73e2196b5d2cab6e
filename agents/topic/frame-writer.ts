/**
 * The frames of a cut and the offsets up to which they count, in one Kafka transaction.
 *
 * No transaction spans two clusters. Where the audit topic is on another one, the frames go first, in a
 * transaction there, then the offsets, in one of the audited cluster; both are fenced alike. An agent
 * that dies between the two leaves offsets that are too low, which is harmless: frames tell the truth.
 *
 * A client that has failed in a transaction cannot tell how it ended, and is of no further use. `prepare`
 * makes new ones under the same id; the brokers first end what was left open. The bytes are then sent
 * again: whoever has them already knows their numbers.
 */
import type { Admin, Kafka, Producer, Transaction } from 'kafkajs'
import { QuipuError } from '../../src/base/errors.ts'
import { RECORD_BYTES_MAX } from '../../src/transport/transport.ts'
import { ending, fence, type Standing, sendOffsets, transactional } from './claims.ts'
import { refusalIn, typesOf } from './refusal.ts'
import { untilDone } from './until-done.ts'

export interface AuditPlace {
  /** Where it is the client that reads the topics, frames and offsets are one transaction. */
  readonly kafka: Kafka
  readonly topic: string
}

export interface FrameWriterOptions {
  readonly audit: AuditPlace
  /** The cluster of the audited topics. */
  readonly kafka: Kafka
  readonly groupId: string
  /** Of this agent and no other. */
  readonly transactionalId: string
}

/** The clients of a writer, not in use yet. */
export interface Prepared {
  readonly frames: Producer
  readonly offsets: Producer | null
}

/** ms for all of a transaction; then the client is given up. */
const WRITE_MS = 30_000
/** ms for the records of others before ours to be decided: their transactions end, or are ended. */
const VISIBLE_MS = 30_000
const LOOK_MS = 50
const TOO_LARGE: readonly string[] = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']

/** These bytes will never be taken. */
class FrameRefused extends QuipuError {
  readonly permanent = true
}

export class FrameWriter {
  readonly #options: FrameWriterOptions
  readonly #isOneCluster: boolean
  #frames: Producer | null = null
  #offsets: Producer | null = null
  #admin: Promise<Admin> | null = null
  /** How many records were written, and where the last one lies. */
  #written = { count: 0, partition: 0, offset: -1 }

  constructor(options: FrameWriterOptions) {
    this.#options = options
    this.#isOneCluster = options.audit.kafka === options.kafka
  }

  get isOpen(): boolean {
    return this.#frames !== null
  }

  get written(): number {
    return this.#written.count
  }

  /**
   * New clients under the id of this agent. Call it only with the lock of the claims in hand, since it
   * undoes what fenced this agent, and use them only if the lock was held to the end.
   */
  async prepare(): Promise<Prepared> {
    const { audit, kafka, transactionalId } = this.#options
    const frames = await started(audit.kafka, transactionalId)
    if (this.#isOneCluster) return { frames, offsets: null }
    try {
      return { frames, offsets: await started(kafka, offsetsId(transactionalId)) }
    } catch (error) {
      void ending(frames)
      throw error
    }
  }

  open({ frames, offsets }: Prepared): void {
    this.discard()
    this.#frames = frames
    this.#offsets = offsets
  }

  /** @throws and is closed then: whether the frames were taken is not known. */
  async write(frames: readonly Uint8Array[], standings: readonly Standing[]): Promise<void> {
    for (const { length } of frames) if (length > RECORD_BYTES_MAX) throw refused(length)
    try {
      await untilDone(this.#transact(frames, standings), WRITE_MS, 'the audit topic')
    } catch (error) {
      this.discard()
      const largest = Math.max(...frames.map(({ length }) => length))
      if (typesOf(error).some((type) => TOO_LARGE.includes(type))) throw refused(largest, error)
      const right = refusalIn(error)
      if (right?.startsWith('TOPIC')) throw forbidden(this.#options.audit.topic, right, error)
      throw error
    }
  }

  async #transact(frames: readonly Uint8Array[], standings: readonly Standing[]): Promise<void> {
    const { audit, groupId } = this.#options
    // Taken now: by the time this goes on it may have been given up, and others opened.
    const [producer, second] = [this.#frames, this.#offsets]
    if (producer === null) throw new QuipuError('CONNECTION', 'the frame writer is not open')
    const transaction = await producer.transaction()
    for (const bytes of frames) {
      const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      // One key for all agents of the group: what one writes lies behind what the last one wrote.
      const messages = [{ key: groupId, value }]
      const [answer] = await transaction.send({ topic: audit.topic, acks: -1, messages })
      if (answer === undefined) throw new QuipuError('CONNECTION', 'a frame was not acknowledged')
      const { partition, baseOffset } = answer
      if (this.#frames !== producer) throw new QuipuError('CONNECTION', 'given up')
      const count = this.#written.count + 1
      this.#written = { count, partition, offset: Number(baseOffset) }
    }
    if (second !== null) {
      await transaction.commit()
      if (standings.length > 0) await this.#commit(await second.transaction(), standings)
    } else if (standings.length > 0) await this.#commit(transaction, standings)
    else await transaction.commit()
  }

  async #commit(transaction: Transaction, standings: readonly Standing[]): Promise<void> {
    await sendOffsets(transaction, this.#options.groupId, standings)
    await transaction.commit()
  }

  /**
   * Waits until readers of committed records come by the last record written. All that the agents of
   * this group wrote before it can be read then.
   */
  async visible(): Promise<void> {
    const { audit } = this.#options
    const { partition, offset } = this.#written
    this.#admin ??= connected(audit.kafka)
    const admin = await this.#admin.catch((error: unknown) => {
      this.#admin = null
      throw error
    })
    for (let waited = 0; ; waited += LOOK_MS) {
      const ends = await admin.fetchTopicOffsets(audit.topic)
      const end = Number(ends.find((e) => e.partition === partition)?.high ?? 0)
      if (end > offset) return
      if (waited >= VISIBLE_MS) {
        throw new QuipuError('CONNECTION', `${audit.topic} is held up by an open transaction`)
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }

  /** Fences another agent: it can write neither frames nor offsets any more. */
  async fence(transactionalId: string): Promise<void> {
    const { audit, kafka } = this.#options
    await fence(audit.kafka, transactionalId)
    if (!this.#isOneCluster) await fence(kafka, offsetsId(transactionalId))
  }

  /** Gives the clients up; a transaction left open is ended by the next `prepare`, or in time. */
  discard(given: Prepared | null = null): void {
    const { frames, offsets } = given ?? { frames: this.#frames, offsets: this.#offsets }
    for (const producer of [frames, offsets]) if (producer) void ending(producer)
    if (given !== null) return
    this.#frames = null
    this.#offsets = null
  }

  async close(): Promise<void> {
    const producers = [this.#frames, this.#offsets].filter((p) => p !== null)
    this.#frames = null
    this.#offsets = null
    await Promise.all(producers.map(ending))
    const admin = await this.#admin?.catch(() => null)
    if (admin) await ending(admin)
  }
}

/** Not the id of the frames: both clients may turn out to belong to one cluster. */
function offsetsId(transactionalId: string): string {
  return `${transactionalId}-offsets`
}

/** With its epoch asked for, which ends an earlier transaction of the id. */
async function started(kafka: Kafka, transactionalId: string): Promise<Producer> {
  const producer = transactional(kafka, transactionalId)
  try {
    await producer.connect()
    // Nothing is sent for an empty transaction.
    await (await producer.transaction()).abort()
    return producer
  } catch (error) {
    await ending(producer)
    throw error
  }
}

async function connected(kafka: Kafka): Promise<Admin> {
  const admin = kafka.admin()
  await admin.connect()
  return admin
}

function refused(bytes: number, cause?: unknown): FrameRefused {
  return new FrameRefused('FORBIDDEN', `the audit topic refuses ${bytes} bytes`, {
    hint: `Set max.message.bytes=${2 * RECORD_BYTES_MAX} on it.`,
    ...(cause === undefined ? {} : { cause }),
  })
}

function forbidden(topic: string, right: string, cause: unknown): QuipuError {
  return new QuipuError('FORBIDDEN', `no right to write to the topic ${topic} (${right})`, {
    hint: 'Grant it to the user of this client.',
    cause,
  })
}
