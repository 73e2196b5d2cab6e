/** A producer of a game day: sends when its time has come, and writes down what was acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Message, Producer } from 'kafkajs'
import { bytesOfWords, wordsOfParts } from '../../message/id.ts'
import { STAMP_HEADER } from '../../message/stamp.ts'
import { type DrawnSend, isTopic, type ProducerHop } from './day.ts'
import { frameOf } from './drift-values.ts'
import { clientFateOf, keyOf, partitionOf, writtenValue } from './fate.ts'
import type { Life } from './kafka-life.ts'
import { chance } from './random.ts'

/** ms of one window of births that nobody believes, however short the windows of the run. */
const FAR_WINDOW_MS = 60_000
/** ms after which an open transaction of a dead producer is aborted by its broker. */
const TRANSACTION_MS = 6_000

export class ProducerService {
  readonly #life: Life
  readonly #hop: ProducerHop
  readonly #partitions: number
  readonly #plain: Producer
  readonly #transactional: Producer | null

  constructor(life: Life, hop: ProducerHop) {
    this.#life = life
    this.#hop = hop
    const { day, prefix } = life.plan
    this.#partitions = day.hops.filter(isTopic).find((t) => t.topic === hop.topic)?.partitions ?? 1
    this.#plain = life.kafka.producer({ allowAutoTopicCreation: false })
    const isTransactional = this.#sends().some(({ kind }) => /committed|aborted/.test(kind))
    this.#transactional = isTransactional
      ? life.kafka.producer({
          ...{ transactionalId: `${prefix}${hop.service}`, transactionTimeout: TRANSACTION_MS },
          ...{ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false },
        })
      : null
  }

  async run(): Promise<void> {
    const life = this.#life
    await life.patiently(() => this.#plain.connect())
    await life.patiently(async () => this.#transactional?.connect())
    life.onEnd(async () => {
      await this.#plain.disconnect()
      await this.#transactional?.disconnect()
    })
    const begun = new Set(life.past.flatMap((e) => (e.kind === 'begun' ? [e.first] : [])))
    const left = this.#sends().filter(({ first }) => !begun.has(first))
    life.put(left.length)
    life.ready()
    for (const send of left) {
      // What was to be sent while the process was dead goes out now.
      await sleep(Math.max(0, life.msUntil(send.at)))
      life.note({ kind: 'begun', first: send.first })
      for (const messages of this.#split(send)) await this.#send(send, messages)
      life.put(-1)
    }
  }

  #sends(): readonly DrawnSend[] {
    return this.#life.plan.day.sends.filter(({ service }) => service === this.#hop.service)
  }

  /** What the client will refuse goes alone: kafkajs refuses a send as a whole. */
  #split({ first, count, isShuffled, kind }: DrawnSend): readonly (readonly number[])[] {
    const { life, hop } = { life: this.#life, hop: this.#hop }
    const { seed } = life.plan.day
    const indexes = Array.from({ length: count }, (_, i) => first + i)
    if (isShuffled)
      indexes.sort(
        (a, b) => chance(seed, 'order', hop.service, a) - chance(seed, 'order', hop.service, b),
      )
    if (kind === 'committed' || kind === 'aborted') return [indexes]
    const isRefused = (index: number): boolean => {
      const key = keyOf({ service: hop.service, index })
      const fate = clientFateOf(seed, life.service, hop.topic, key, 0)
      return fate === 'refused' || fate === 'landed'
    }
    const together = indexes.filter((index) => !isRefused(index))
    const alone = indexes.filter(isRefused).map((index) => [index])
    return together.length === 0 ? alone : [together, ...alone]
  }

  async #send({ kind, bornWindows }: DrawnSend, indexes: readonly number[]): Promise<void> {
    const { prefix } = this.#life.plan
    const topic = `${prefix}${this.#hop.topic}`
    const messages = indexes.map((index) => this.#message(index, bornWindows))
    let outcome: 'passed' | 'refused' | 'aborted' = 'passed'
    try {
      if (kind === 'plain' || kind === 'acks0') {
        const sending = this.#plain.send({ topic, messages, acks: kind === 'plain' ? -1 : 0 })
        this.#life.passTheMiddle()
        await sending
      } else if (this.#transactional !== null) {
        const transaction = await this.#transactional.transaction()
        try {
          await transaction.send({ topic, messages })
          this.#life.passTheMiddle()
          if (kind === 'committed') await transaction.commit()
        } finally {
          if (transaction.isActive()) {
            await transaction.abort()
            outcome = 'aborted'
          }
        }
      }
    } catch {
      if (outcome === 'passed') outcome = 'refused'
    }
    const at = Date.now()
    for (const { key, value } of messages) {
      const id = this.#life.idOf(this.#hop.topic, key)
      if (id === undefined) continue
      if (outcome === 'passed') this.#life.pass(this.#hop.name, { id, value, at })
      else this.#life.note({ kind: outcome, id })
    }
  }

  #message(index: number, bornWindows: number | null): Message & { key: string; value: string } {
    const { service } = this.#hop
    const { day } = this.#life.plan
    const key = keyOf({ service, index })
    const value = writtenValue(day, service, key)
    return {
      ...{ key, value, partition: partitionOf(key, this.#partitions) },
      headers: {
        ...frameOf(day, service, key),
        ...(bornWindows === null ? {} : { [STAMP_HEADER]: this.#stamp(index, bornWindows) }),
      },
    }
  }

  /** A stamp that somebody else has made. */
  #stamp(index: number, bornWindows: number): Buffer {
    const tag = Math.floor(chance(this.#life.plan.day.seed, 'tag', this.#hop.service) * 2 ** 40)
    const birth = Math.round(this.#life.plan.startsAt + bornWindows * FAR_WINDOW_MS)
    return bytesOfWords(wordsOfParts({ birth, version: 7, tag, sequence: index, ordinal: 0 }))
  }
}
