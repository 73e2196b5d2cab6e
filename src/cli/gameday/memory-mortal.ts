/**
 * A process of the memory run that can die: its clients go silent between two turns, nothing says
 * goodbye, nothing more is committed. What its promises waited for never comes.
 */
import type { Consumer, ConsumerRunConfig, Kafka, Producer, Transaction } from 'kafkajs'

type Offsets = Map<string, { topic: string; partition: number; next: number }>

export class Mortal {
  #dying: Promise<void> | null = null
  #kill: (error: Error) => void = () => {}
  readonly #death: Promise<never>
  readonly #consumers = new Set<Consumer>()
  readonly #burials: (() => void)[] = []

  constructor() {
    this.#death = new Promise((_, reject) => {
      this.#kill = reject
    })
    this.#death.catch(() => {})
  }

  get isDead(): boolean {
    return this.#dying !== null
  }

  /** Its consumers leave their groups as the broker would throw them out, with nothing committed. */
  die(): Promise<void> {
    if (this.#dying === null) {
      this.#kill(new Error('the process has died'))
      this.#dying = Promise.all([...this.#consumers].map((c) => c.disconnect())).then(() => {})
    }
    return this.#dying
  }

  /** Resolves with the work, or rejects at its death. */
  alive<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#death])
  }

  /** What a dead process waits for; let go only when the day is over. */
  never<T>(): Promise<T> {
    return new Promise((_, reject) => {
      this.#burials.push(() => reject(new Error('the day is over')))
    })
  }

  bury(): void {
    for (const end of this.#burials) end()
    this.#burials.length = 0
  }

  /** @param commitEvery a consumer commits after so many messages, and when it is told to */
  kafka(kafka: Kafka, commitEvery: number = 1): Kafka {
    return withMethods(kafka, {
      producer: (config) => this.#producer(kafka.producer(config)),
      consumer: (config) => this.#consumer(kafka.consumer(config), commitEvery),
    })
  }

  /** Nothing goes out of a dead process, and nothing comes back to one that died meanwhile. */
  async #passes<T>(work: () => Promise<T>): Promise<T> {
    if (this.isDead) return this.never()
    const result = await work()
    return this.isDead ? this.never() : result
  }

  #producer(producer: Producer): Producer {
    const own = (transaction: Transaction): Transaction =>
      withMethods(transaction, {
        send: (record) => this.#passes(() => transaction.send(record)),
        commit: () => this.#passes(() => transaction.commit()),
        abort: () => this.#passes(() => transaction.abort()),
      })
    return withMethods(producer, {
      send: (record) => this.#passes(() => producer.send(record)),
      transaction: () => this.#passes(async () => own(await producer.transaction())),
    })
  }

  /** Commits by itself, so that a dead one commits no more. */
  #consumer(consumer: Consumer, commitEvery: number): Consumer {
    this.#consumers.add(consumer)
    const handled: Offsets = new Map()
    let uncommitted = 0
    const note = (topic: string, partition: number, offset: string): void => {
      if (this.isDead) return
      handled.set(`${topic}/${partition}`, { topic, partition, next: Number(offset) + 1 })
      uncommitted++
    }
    const commit = async (): Promise<void> => {
      if (this.isDead || handled.size === 0) return
      const offsets = [...handled.values()]
      handled.clear()
      uncommitted = 0
      await consumer.commitOffsets(
        offsets.map(({ topic, partition, next }) => ({ topic, partition, offset: String(next) })),
      )
    }
    // As kafkajs does before its partitions change hands; what is another's by then is not committed.
    consumer.on(consumer.events.REBALANCING, () => void commit())
    consumer.on(consumer.events.GROUP_JOIN, () => handled.clear())
    return withMethods(consumer, {
      run: (config = {}) =>
        consumer.run({
          ...config,
          ...this.#handlers(config, note, async (isFailed) => {
            if (isFailed || uncommitted >= commitEvery) await commit()
          }),
          autoCommit: false,
        }),
      seek: (place) => {
        handled.delete(`${place.topic}/${place.partition}`)
        consumer.seek(place)
      },
      disconnect: async () => {
        if (!this.isDead) await commit()
        await consumer.disconnect()
        this.#consumers.delete(consumer)
      },
    })
  }

  #handlers(
    { eachMessage, eachBatch, eachBatchAutoResolve = true, autoCommit = true }: ConsumerRunConfig,
    note: (topic: string, partition: number, offset: string) => void,
    commitIfDue: (isFailed: boolean) => Promise<void>,
  ): ConsumerRunConfig {
    const commit = autoCommit ? commitIfDue : async (): Promise<void> => {}
    // As kafkajs does: what was handled before the error is not handled again.
    const failed = async (error: unknown): Promise<never> => {
      await commit(true)
      throw error
    }
    if (eachMessage !== undefined)
      return {
        eachMessage: async (payload) => {
          ownContext(payload.message)
          await this.alive(eachMessage(payload)).catch(failed)
          note(payload.topic, payload.partition, payload.message.offset)
          await commit(false)
        },
      }
    if (eachBatch === undefined) return {}
    return {
      eachBatch: async (payload) => {
        const { topic, partition, messages } = payload.batch
        for (const message of messages) ownContext(message)
        await this.alive(
          eachBatch({
            ...payload,
            resolveOffset: (offset) => {
              payload.resolveOffset(offset)
              note(topic, partition, offset)
            },
          }),
        ).catch(failed)
        if (eachBatchAutoResolve) note(topic, partition, payload.batch.lastOffset())
        await commit(false)
      },
    }
  }
}

/** A client decodes what it fetches: no two of them have an object in common. */
function ownContext(message: object): void {
  const { batchContext } = message as { batchContext?: object }
  Object.assign(message, { batchContext: { ...batchContext } })
}

/** The same client, but for some methods. */
export function withMethods<T extends object>(client: T, methods: Partial<T>): T {
  return new Proxy(client, {
    get(target, name) {
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
