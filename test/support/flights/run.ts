/**
 * Flights through a real pipeline: producer → flights → group enrich → flights.enriched → group
 * warehouse → SQLite, all hops audited. A seed decides what the handlers drop, double and delay; the
 * ledger of it is kept in plain sets outside the audit.
 */
import Database from 'better-sqlite3'
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage, Message, Producer } from 'kafkajs'
import { type AuditedOptions, audited, flushAll, forward, sink } from '../../../agents/kafkajs.ts'
import { seeded } from '../../../src/cli/demo/plan.ts'
import { noteStamps, type Stamps } from '../stamps.ts'
import { flightRecords, flightType } from './records.ts'

export interface FlightsOptions {
  readonly kafka: Kafka
  readonly topics: { readonly flights: string; readonly enriched: string }
  readonly groups: { readonly enrich: string; readonly warehouse: string }
  readonly count: number
  readonly seed: number
  /** How many of each fault; as many doubled as dropped keeps every count right. */
  readonly faults: {
    readonly dropped: number
    readonly doubled: number
    readonly delayed: number
    readonly unwritten: number
  }
  readonly audit: Omit<AuditedOptions, 'service'>
  /** Path of the warehouse's database. */
  readonly warehouse: string
  readonly log?: (line: string) => void
}

export interface FlightsResult {
  /** Ids (hex), sorted. */
  readonly dropped: readonly string[]
  readonly doubled: readonly string[]
  readonly unwritten: readonly string[]
  /** What a count audit sees at each hop. */
  readonly counts: Readonly<Record<'sent' | 'handled' | 'passedOn' | 'read' | 'written', number>>
}

const BATCH = 500

export async function runFlights({
  kafka,
  topics,
  groups,
  count,
  seed,
  faults,
  audit,
  warehouse,
  log = () => {},
}: FlightsOptions): Promise<FlightsResult> {
  const random = seeded(seed)
  const taken = new Set<number>()
  const draw = (n: number): Set<number> => {
    const set = new Set<number>()
    while (set.size < n) {
      const index = Math.floor(random() * count)
      if (taken.has(index)) continue
      taken.add(index)
      set.add(index)
    }
    return set
  }
  const dropped = draw(faults.dropped)
  const doubled = draw(faults.doubled)
  const delayed = draw(faults.delayed)
  const unwritten = draw(faults.unwritten)
  const counts = { sent: 0, handled: 0, passedOn: 0, read: 0, written: 0 }
  const stamps: Stamps = new Map()

  const producer = audited(noteStamps(kafka, stamps), { ...audit, service: 'checkin' }).producer()
  const enricher = audited(kafka, { ...audit, service: 'enrich' })
  const out = enricher.producer()
  const enrich = enricher.consumer({ groupId: groups.enrich, maxBytesPerPartition: 262_144 })
  const loader = audited(kafka, { ...audit, service: 'warehouse' })
  const reader = loader.consumer({ groupId: groups.warehouse, maxBytesPerPartition: 262_144 })
  const db = new Database(warehouse)
  db.pragma('journal_mode = WAL')
  db.exec('CREATE TABLE flight (n INTEGER, origin TEXT, destination TEXT, speed REAL) STRICT')
  const insert = db.prepare('INSERT INTO flight VALUES (?, ?, ?, ?)')

  const late: Message[] = []
  const handle = async ({ batch }: EachBatchPayload): Promise<void> => {
    const outputs: Message[] = []
    for (const message of batch.messages) {
      counts.handled++
      const index = Number(message.key)
      if (dropped.has(index)) continue
      const output = forward(message, { key: message.key, value: message.value })
      if (delayed.has(index)) late.push(output)
      else outputs.push(output)
      if (doubled.has(index))
        outputs.push(forward(message, { key: message.key, value: message.value }))
    }
    counts.passedOn += outputs.length
    if (outputs.length > 0) await out.send({ topic: topics.enriched, messages: outputs })
  }
  const load = async ({ batch }: EachBatchPayload): Promise<void> => {
    const write = db.transaction((messages: readonly KafkaMessage[]) => {
      for (const message of messages) {
        counts.read++
        const index = Number(message.key)
        if (unwritten.has(index)) continue
        const flight = flightType.fromBuffer(message.value as Buffer) as Record<string, unknown>
        insert.run(index, flight.origin, flight.destination, flight.distance)
        counts.written++
      }
    })
    write(batch.messages)
    for (const message of batch.messages)
      if (!unwritten.has(Number(message.key))) sink('warehouse').seen(message)
  }

  const clients: (Producer | Consumer)[] = [producer, out, enrich, reader]
  await Promise.all(clients.map((c) => c.connect()))
  await enrich.subscribe({ topic: topics.flights, fromBeginning: true })
  await reader.subscribe({ topic: topics.enriched, fromBeginning: true })
  await enrich.run({ eachBatch: handle })
  await reader.run({ eachBatch: load })
  try {
    let messages: Message[] = []
    const send = async (): Promise<void> => {
      await producer.send({ topic: topics.flights, messages })
      counts.sent += messages.length
      messages = []
    }
    let index = 0
    for await (const block of flightRecords(count)) {
      for (const value of block) {
        messages.push({ key: String(index++), value })
        if (messages.length === BATCH) await send()
      }
      if (index % 100_000 < block.length) log(`${index} flights sent`)
    }
    if (messages.length > 0) await send()
    const wanted = count - dropped.size + doubled.size
    for (let i = 0; counts.handled < count && i < 3_000; i++) await sleep(100)
    counts.passedOn += late.length
    if (late.length > 0) await out.send({ topic: topics.enriched, messages: late })
    for (let i = 0; counts.read < wanted && i < 3_000; i++) await sleep(100)
    log(`${counts.written} flights written`)
  } finally {
    // Last words are bounded in time, so on a busy machine all else is said before.
    await flushAll()
    for (const client of [enrich, reader, producer, out]) await client.disconnect()
    db.close()
  }
  const names = (set: ReadonlySet<number>): string[] =>
    [...set].map((n) => stamps.get(String(n)) ?? `#${n}`).sort()
  return {
    dropped: names(dropped),
    doubled: names(doubled),
    unwritten: names(unwritten),
    counts,
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
