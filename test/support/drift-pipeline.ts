/**
 * Flights through checkin → flights → enrich → enriched → store, in any form, with what a seed draws
 * done wrong from some message on; the ledger of it is kept apart from the audit.
 */
import type { Kafka, Message } from 'kafkajs'
import { forward } from '../../agents/kafkajs.ts'
import { Dice } from '../../src/cli/gameday/random.ts'
import type { Names } from './drift-declared.ts'
import { type Form, type Writing, writings } from './drift-forms.ts'
import type { Row } from './drift-schemas.ts'
import { noteStamps, type Stamps } from './stamps.ts'

/** Where the pipeline runs: an in-memory Kafka, or brokers. */
export interface Ground {
  readonly topics: Names['topics']
  readonly groups: Names['groups']
  /** A client of one pod. */
  pod(service: string, version: string, below?: (kafka: Kafka) => Kafka): Kafka
  /** Whatever is born from now on is born in this window. */
  begin(window: number): void
  /** Until the groups have handled so many. */
  until(isDone: () => boolean): Promise<void>
  /**
   * After each window: until the agents have looked into so many messages, at all hops together, or for long enough: schemas
   * come from files and from the registry in real time, and so much that waits for them is held.
   */
  rest(looked: number): Promise<void>
}

/** What goes wrong, and from which message on. */
export interface Fault {
  readonly kind: Writing | 'dropped' | null
  readonly window: number
  /** In its window. */
  readonly index: number
}

/** Keys of tombstones begin with it. */
const GONE = 'gone '

export const WINDOWS = 6
export const PER_WINDOW = 40
/** Old pods and new ones take turns. */
export const OLD = '1.0.0'
export const NEW = '2.0.0'

export function drawFault(seed: number, kind: Fault['kind']): Fault {
  const dice = new Dice(seed)
  return { kind, window: dice.whole(1, WINDOWS - 2), index: dice.whole(0, PER_WINDOW - 1) }
}

/** One flight that is looked at, as it was sent. */
export interface Sent {
  /** 32 hex digits. */
  readonly id: string
  readonly window: number
  readonly version: string
  /** Whether the fault is in what its pod wrote, or in what `enrich` made of it. */
  readonly isFaulty: boolean
}

const isWriting = (kind: Fault['kind']): kind is Writing =>
  writings.some((writing) => writing === kind)

export async function runFlights(
  ground: Ground,
  form: Form,
  rows: readonly Row[],
  { kind, window: faultWindow, index: faultIndex }: Fault,
  isLooked: (id: string) => boolean = () => true,
): Promise<readonly Sent[]> {
  const { topics, groups } = ground
  const stamps: Stamps = new Map()
  const pods = [OLD, NEW].map((version) => ({
    version,
    producer: ground.pod('checkin', version, (kafka) => noteStamps(kafka, stamps)).producer(),
  }))
  const enricher = ground.pod('enrich', OLD)
  const out = enricher.producer()
  const enrich = enricher.consumer({ groupId: groups.enrich, maxWaitTimeInMs: 100 })
  const store = ground.pod('store', OLD).consumer({ groupId: groups.store, maxWaitTimeInMs: 100 })
  const clients = [enrich, store, out, ...pods.map(({ producer }) => producer)]
  for (const client of clients) await client.connect()
  await enrich.subscribe({ topic: topics.flights, fromBeginning: true })
  await store.subscribe({ topic: topics.enriched, fromBeginning: true })

  const isFaulty = (i: number): boolean => i >= faultWindow * PER_WINDOW + faultIndex
  const passedIds: string[] = []
  let [handled, passedOn, stored] = [0, 0, 0]
  await enrich.run({
    eachBatch: async ({ batch }) => {
      const outputs: Message[] = []
      for (const received of batch.messages) {
        const { key, value } = received
        if (value === null) {
          outputs.push(forward(received, { key, value }))
          continue
        }
        const flight = form.readFlight(value)
        // What cannot be read is put aside, as by anybody who is careful.
        if (flight === null) continue
        const isDropped = kind === 'dropped' && isFaulty(Number(key))
        const made = form.writeEnriched(enrichedOf(flight), isDropped)
        outputs.push(forward(received, { key, value: made }))
        passedIds.push(stamps.get(String(key)) ?? '')
      }
      if (outputs.length > 0) await out.send({ topic: topics.enriched, messages: outputs })
      passedOn += outputs.length
      handled += batch.messages.length
    },
  })
  await store.run({
    eachMessage: async () => {
      stored++
    },
  })

  let sent = 0
  for (let window = 0; window < WINDOWS; window++) {
    ground.begin(window)
    for (const [pod, { producer, version }] of pods.entries()) {
      const messages: Message[] = []
      for (let n = pod; n < PER_WINDOW; n += pods.length) {
        const i = window * PER_WINDOW + n
        const writing = version === NEW && isWriting(kind) && isFaulty(i) ? kind : null
        messages.push({ key: String(i), value: form.writeFlight(rows[i] as Row, writing) })
      }
      // A tombstone deletes, and is no data.
      if (pod === 0) messages.push({ key: `${GONE}${window}`, value: null })
      await producer.send({ topic: topics.flights, messages })
      sent += messages.length
    }
    await ground.until(() => handled >= sent && stored >= passedOn)
    // Three hops see each flight, and three what is made of it.
    const flights = [...stamps].filter(([key, id]) => !key.startsWith(GONE) && isLooked(id))
    await ground.rest(3 * flights.length + 3 * passedIds.filter(isLooked).length)
  }
  for (const client of clients) await client.disconnect()
  const sentFlights = Array.from({ length: WINDOWS * PER_WINDOW }, (_, i) => {
    const version = i % pods.length === 0 ? OLD : NEW
    return {
      id: stamps.get(String(i)) ?? '',
      window: Math.floor(i / PER_WINDOW),
      version,
      isFaulty: isFaulty(i) && (kind === 'dropped' || (kind !== null && version === NEW)),
    }
  })
  return sentFlights.filter(({ id }) => isLooked(id))
}

function enrichedOf({ date, delay, distance, origin, destination }: Row): Row {
  return {
    ...{ date, distance: Number(distance), origin, destination },
    ...(delay === undefined ? {} : { delay }),
    late: Number(delay) > 15,
  }
}
