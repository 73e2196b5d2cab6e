/**
 * One partition per request: prevents that kafkajs resolves a send of which a part was never written
 * (its answers are remembered per broker, and a partition may change its broker in the meantime).
 */
import type { Admin, Kafka, Message, PartitionMetadata, RecordMetadata } from 'kafkajs'
import { NOWHERE } from '../../src/hop/tally.ts'
import { dispatch, type Sending } from './dispatch.ts'
import { type Entry, Flight } from './entry.ts'
import type { PartitionMemory } from './partitioner.ts'
import type { Call } from './stamping.ts'
import { within } from './within.ts'

/** Asking for partitions holds the caller's send: no longer than this, then it goes unsplit. */
const METADATA_MS = 5_000
/** kafkajs itself asks again after 5 minutes. */
const METADATA_AGE_MS = 300_000
const TOPICS_MAX = 1000

/** The partitions of topics, as an admin client knows them. */
export class PartitionDirectory {
  readonly #kafka: Kafka
  readonly #known = new Map<string, { readonly at: number; readonly list: PartitionMetadata[] }>()
  #admin: Promise<Admin> | null = null

  constructor(kafka: Kafka) {
    this.#kafka = kafka
  }

  async partitionsOf(topic: string): Promise<PartitionMetadata[]> {
    const known = this.#known.get(topic)
    if (known !== undefined && Date.now() - known.at < METADATA_AGE_MS) return known.list
    let list: PartitionMetadata[] | undefined
    await within(
      this.#connected().then(async (admin) => {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
        list = topics.find(({ name }) => name === topic)?.partitions
      }),
      METADATA_MS,
    )
    if (list === undefined || list.length === 0) throw new Error(`no partitions of ${topic} known`)
    if (this.#known.size >= TOPICS_MAX) this.#known.clear()
    this.#known.set(topic, { at: Date.now(), list })
    return list
  }

  forget(topic: string): void {
    this.#known.delete(topic)
  }

  async close(): Promise<void> {
    const admin = this.#admin
    this.#admin = null
    this.#known.clear()
    if (admin !== null)
      await within(
        admin.then((a) => a.disconnect()),
        1_000,
      )
  }

  #connected(): Promise<Admin> {
    if (this.#admin === null) {
      const admin = this.#kafka.admin()
      const connecting = admin.connect().then(() => admin)
      this.#admin = connecting
      connecting.catch(() => {
        if (this.#admin === connecting) this.#admin = null
      })
    }
    return this.#admin
  }
}

/** Sends each partition's messages in a request of its own; the result is that of one send. */
export async function dispatchSplit(
  sending: Sending,
  call: Call,
  memory: PartitionMemory,
  directory: PartitionDirectory,
): Promise<RecordMetadata[]> {
  const parts = await plan(call, memory, directory).catch((error: unknown) => {
    const text = `a send goes unsplit: ${String(error)}`
    sending.session.guard(() => {
      for (const { topic } of call.flights) topic.count('unsplit')
      sending.session.trouble('unsplit', text)
    })
    return [call]
  })
  if (parts.length <= 1) return dispatch(sending, call)

  for (const part of parts) for (const flight of part.flights) sending.session.begin(flight)
  for (const flight of call.flights) sending.session.divided(flight)
  const results = await Promise.allSettled(parts.map((part) => dispatch(sending, part)))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) {
    for (const { topic } of call.flights) directory.forget(topic.name)
    throw failed.reason
  }
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
}

async function plan(
  call: Call,
  memory: PartitionMemory,
  directory: PartitionDirectory,
): Promise<Call[]> {
  const parts: Call[] = []
  for (const flight of call.flights) {
    await choose(flight, memory, directory)
    const byPartition = new Map<number, Entry[]>()
    for (const entry of flight.entries) {
      const entries = byPartition.get(entry.partition)
      if (entries === undefined) byPartition.set(entry.partition, [entry])
      else entries.push(entry)
    }
    for (const entries of byPartition.values()) parts.push(partOf(call, flight, entries))
  }
  return parts
}

async function choose(
  { topic: { name: topic }, entries }: Flight,
  memory: PartitionMemory,
  directory: PartitionDirectory,
): Promise<void> {
  let partitionMetadata = await directory.partitionsOf(topic)
  let isFresh = false
  for (const { copy } of entries)
    memory.choose({ topic, partitionMetadata, message: copy as Message })
  for (const entry of entries) {
    const isKnown = (): boolean =>
      partitionMetadata.some(({ partitionId }) => partitionId === entry.partition)
    if (isKnown()) continue
    if (!isFresh) {
      isFresh = true
      directory.forget(topic)
      partitionMetadata = await directory.partitionsOf(topic)
    }
    if (entry.partition === NOWHERE || !isKnown())
      throw new Error(`partition ${entry.chosen} of ${topic} is not known`)
  }
}

function partOf(call: Call, whole: Flight, entries: readonly Entry[]): Call {
  const flight = new Flight(whole.topic, whole.begun)
  flight.isProbe = whole.isProbe
  for (const entry of entries) flight.entries.push(entry)
  for (const window of whole.windows) flight.touch(window)
  const messages = entries.map(({ copy }) => copy as Message)
  return {
    args: call.rebuild([{ topic: whole.topic.name, messages }]),
    acks: call.acks,
    flights: [flight],
    rebuild: call.rebuild,
  }
}
