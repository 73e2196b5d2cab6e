/** The three services of the demo, written as anybody would write them, but for their planned faults. */
import type {
  Consumer,
  EachMessagePayload,
  ICustomPartitioner,
  Kafka,
  Message,
  Producer,
} from 'kafkajs'
import { type AuditedOptions, audited, dropped, forward, sink } from '../../../agents/kafkajs.ts'
import { EDGES, type Ledger } from './ledger.ts'
import type { Plan } from './plan.ts'

/** Flights go where they are told, enriched ones by their number. The client's own partitioner would
 * need the client, and the demo in memory runs without it. */
const asTold: ICustomPartitioner =
  () =>
  ({ message, partitionMetadata }) =>
    message.partition ?? Number(message.key) % partitionMetadata.length

export interface ServicesOptions {
  /** The client of the producer; faulty below its agent. */
  readonly faulty: Kafka
  readonly kafka: Kafka
  readonly topics: { readonly flights: string; readonly enriched: string }
  readonly groups: { readonly enrich: string; readonly warehouse: string }
  readonly plan: Plan
  readonly ledger: Ledger
  readonly audit: Omit<AuditedOptions, 'service'>
}

export class Services {
  readonly #options: ServicesOptions
  readonly #checkin: Producer
  readonly #out: Producer
  readonly #enrich: Consumer
  readonly #warehouse: Consumer
  readonly #retried = new Set<number>()
  #delayed: { readonly received: Message; readonly index: number }[] = []
  /** Handled by the warehouse, with repetitions. */
  #stored = 0

  constructor(options: ServicesOptions) {
    this.#options = options
    const { faulty, kafka, groups, audit } = options
    this.#checkin = audited(faulty, { ...audit, service: 'checkin' }).producer({
      createPartitioner: asTold,
    })
    const enricher = audited(kafka, { ...audit, service: 'enrich' })
    this.#out = enricher.producer({ createPartitioner: asTold })
    this.#enrich = enricher.consumer({ groupId: groups.enrich, retry: { initialRetryTime: 50 } })
    const loader = audited(kafka, { ...audit, service: 'warehouse' })
    this.#warehouse = loader.consumer({ groupId: groups.warehouse })
  }

  async start(): Promise<void> {
    const { topics } = this.#options
    await Promise.all([this.#checkin.connect(), this.#out.connect()])
    await Promise.all([this.#enrich.connect(), this.#warehouse.connect()])
    await this.#enrich.subscribe({ topic: topics.flights, fromBeginning: true })
    await this.#warehouse.subscribe({ topic: topics.enriched, fromBeginning: true })
    await this.#enrich.run({ eachMessage: (payload) => this.#handle(payload) })
    await this.#warehouse.run({
      eachBatch: async ({ batch }) => {
        for (const message of batch.messages) this.#store(message)
      },
    })
  }

  /** checkin: sends one batch. */
  async send(batch: number): Promise<void> {
    const { plan, topics } = this.#options
    const messages: Message[] = []
    for (let i = batch * plan.batch; i < Math.min(plan.messages, (batch + 1) * plan.batch); i++)
      messages.push({ key: String(i), value: `flight ${i}`, partition: i % plan.partitions })
    await this.#checkin.send({ topic: topics.flights, messages })
  }

  /** enrich: one message in, one out. */
  async #handle({ message }: EachMessagePayload): Promise<void> {
    const { plan, ledger, topics } = this.#options
    const index = Number(message.key)
    const output = { key: message.key, value: `${message.value} enriched` }
    const send = (): Promise<unknown> =>
      this.#out.send({ topic: topics.enriched, messages: [output] })
    switch (plan.faultOf.get(index)) {
      case 'dropped':
        ledger.lost(EDGES.transform, index)
        return
      case 'doubled':
        ledger.doubled(EDGES.transform, index)
        await send()
        await send()
        return
      case 'retried':
        await send()
        if (this.#retried.has(index)) return
        this.#retried.add(index)
        ledger.doubled(EDGES.transform, index)
        throw new Error('the enrichment service timed out')
      case 'cancelled':
        ledger.filtered()
        dropped(message, 'cancelled')
        return
      case 'delayed':
        this.#delayed.push({ received: message, index })
        return
      default:
        await send()
    }
  }

  /** enrich: sends what it had put aside; the context of the handling is long gone. */
  async sendDelayed(): Promise<void> {
    const { topics } = this.#options
    const due = this.#delayed
    this.#delayed = []
    for (const { received } of due) {
      const output = { key: received.key ?? null, value: `${received.value} enriched late` }
      await this.#out.send({ topic: topics.enriched, messages: [forward(received, output)] })
    }
  }

  /** warehouse: a row for each message. */
  #store(message: Message): void {
    const { plan, ledger } = this.#options
    const index = Number(message.key)
    this.#stored++
    const fault = plan.faultOf.get(index)
    if (fault === 'unwritten') {
      ledger.lost(EDGES.store, index)
      return
    }
    sink('warehouse').seen(message)
    if (fault === 'rewritten') {
      ledger.doubled(EDGES.store, index)
      sink('warehouse').seen(message)
    }
  }

  get stored(): number {
    return this.#stored
  }

  async stop(): Promise<void> {
    await Promise.all([this.#enrich.disconnect(), this.#warehouse.disconnect()])
    await Promise.all([this.#checkin.disconnect(), this.#out.disconnect()])
  }
}

/** How many messages the warehouse handles when all is done. */
export function expectedStored(plan: Plan): number {
  let n = plan.messages
  for (let i = 0; i < plan.messages; i++)
    if (plan.unwrittenBy.has(`${Math.floor(i / plan.batch)}:${i % plan.partitions}`)) n--
  n += plan.twiceByClient.size
  for (const fault of plan.faultOf.values()) {
    if (fault === 'dropped' || fault === 'cancelled') n--
    if (fault === 'doubled' || fault === 'retried') n++
  }
  return n
}
