/**
 * Who may count a partition: written down in the metadata of an offset that says how far it is counted.
 *
 * These offsets are of a group of their own, beside the one the agents are members of: kafkajs commits
 * there by itself when an offset is out of range, and would wipe the owner out.
 *
 * They change under a lock, which is a transactional id. To take it is to fence whoever had it: what
 * that one was about to write down fails. So changes follow one another, and each was decided on what
 * the last one left.
 */
import type { Admin, Kafka, Producer, TopicOffsets, Transaction } from 'kafkajs'

export interface Place {
  readonly topic: string
  readonly partition: number
}

export interface Claim {
  /** The transactional id of the agent that counts this partition, or did so last. */
  readonly owner: string
  /** Its id as a member of the group, which tells whether it is still there. */
  readonly member: string
  /** It has sent all that it counted, and counts no more until it claims anew. */
  readonly released: boolean
}

/** A position of the group, and who says so. */
export interface Standing extends Place {
  readonly offset: number
  readonly claim: Claim
}

export type Standings = ReadonlyMap<string, Standing>

export interface ClaimsLock {
  read(): Promise<Standings>
  commit(standings: readonly Standing[]): Promise<void>
  close(): Promise<void>
}

/** ms after which brokers abort what a dead agent left open, give or take the 10 s between looks. */
const TRANSACTION_MS = 15_000

/** What others wrote into the metadata is no claim; ours stays far below the 4,096 bytes allowed. */
const FORMAT = 1

/** Of a partition that was never claimed, or not by us. */
const NOBODY: Claim = { owner: '', member: '', released: true }

export class Claims {
  /** The group whose offsets say how far partitions are counted; nobody joins it. */
  readonly groupId: string
  readonly #kafka: Kafka
  readonly #admin: Admin
  readonly #topics: readonly string[]

  constructor(kafka: Kafka, admin: Admin, groupId: string, topics: readonly string[]) {
    this.#kafka = kafka
    this.#admin = admin
    this.groupId = `${groupId}.counted`
    this.#topics = topics
  }

  /** Of every partition, as far as this client knows of it; to decide on it takes the lock. */
  read(): Promise<Standings> {
    return this.#read(this.#admin)
  }

  /** Waits until what its last holder wrote down can be read; what it had not committed is gone. */
  async lock(): Promise<ClaimsLock> {
    const producer = transactional(this.#kafka, `${this.groupId}-lock`)
    // A new one: an older client may not have heard of partitions that were added.
    const admin = this.#kafka.admin()
    const close = async (): Promise<void> => {
      await Promise.all([ending(producer), ending(admin)])
    }
    try {
      await Promise.all([producer.connect(), admin.connect()])
      const transaction = await producer.transaction()
      const commit = async (standings: readonly Standing[]): Promise<void> => {
        await sendOffsets(transaction, this.groupId, standings)
        await transaction.commit()
      }
      return { read: () => this.#read(admin), commit, close }
    } catch (error) {
      await close()
      throw error
    }
  }

  async #read(admin: Admin): Promise<Standings> {
    const { groupId } = this
    const found = await admin.fetchOffsets({ groupId, topics: [...this.#topics] })
    const out = new Map<string, Standing>()
    for (const { topic, partitions } of found)
      for (const { partition, offset, metadata } of partitions) {
        const claim = claimOf(metadata) ?? NOBODY
        // None is -1.
        const counted = Math.max(0, Number(offset))
        out.set(keyOf(topic, partition), { topic, partition, offset: counted, claim })
      }
    return out
  }
}

/** Fences the agent with this id: its open transaction is aborted, none of its commits will succeed. */
export async function fence(kafka: Kafka, transactionalId: string): Promise<void> {
  const producer = transactional(kafka, transactionalId)
  try {
    await producer.connect()
    // kafkajs asks for the new epoch with the first transaction; an empty one is never sent.
    await producer.transaction()
  } finally {
    await ending(producer)
  }
}

export function transactional(kafka: Kafka, transactionalId: string): Producer {
  return kafka.producer({
    transactionalId,
    transactionTimeout: TRANSACTION_MS,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  })
}

export async function sendOffsets(
  transaction: Transaction,
  consumerGroupId: string,
  standings: readonly Standing[],
): Promise<void> {
  const topics = new Map<string, TopicOffsets['partitions']>()
  for (const { topic, partition, offset, claim } of standings) {
    const metadata = JSON.stringify({ quipu: FORMAT, ...claim })
    // kafkajs sends the metadata, and forgot it in its types.
    const entry = { partition, offset: String(offset), metadata }
    topics.set(topic, [...(topics.get(topic) ?? []), entry])
  }
  await transaction.sendOffsets({
    consumerGroupId,
    topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
  })
}

export function keyOf(topic: string, partition: number): string {
  return `${topic}\n${partition}`
}

/** Leaves a client to itself: it may be the one whose broker does not answer. */
export async function ending(client: Producer | Admin): Promise<void> {
  await client.disconnect().catch(() => {})
}

function claimOf(metadata: string | null): Claim | null {
  if (metadata === null) return null
  try {
    const { quipu, owner, member, released } = JSON.parse(metadata)
    if (quipu !== FORMAT || typeof owner !== 'string') return null
    return { owner, member: String(member), released: released === true }
  } catch {
    return null
  }
}
