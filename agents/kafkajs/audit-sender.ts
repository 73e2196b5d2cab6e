/** Frames to the audit topic, through a client of their own that nobody else sees or hears. */
import type { Kafka, Logger, Producer } from 'kafkajs'
import { QuipuError } from '../../src/base/errors.ts'
import type { FrameSender } from '../../src/transport/transport.ts'
import { errorTypes } from './fuse.ts'
import { within } from './within.ts'

const CLOSE_MS = 1_000
const REQUEST_MS = 10_000
const TOO_LARGE: readonly string[] = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']

export class KafkaFrameSender implements FrameSender {
  readonly #kafka: Kafka
  readonly #topic: string
  #connected: Promise<Producer> | null = null
  #isClosed = false

  constructor(kafka: Kafka, topic: string) {
    this.#kafka = kafka
    this.#topic = topic
  }

  async send(key: string, bytes: Uint8Array): Promise<void> {
    if (this.#isClosed) throw new QuipuError('CONNECTION', 'the audit sender is closed')
    const producer = await this.#connect()
    const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let response: unknown
    try {
      response = await producer.send({
        topic: this.#topic,
        acks: -1,
        timeout: REQUEST_MS,
        messages: [{ key, value }],
      })
    } catch (error) {
      if (!errorTypes(error).some((type) => TOO_LARGE.includes(type))) throw error
      throw Object.assign(
        new QuipuError('CONNECTION', `${this.#topic} refuses a frame of ${bytes.length} bytes`, {
          hint: 'Raise max.message.bytes of the audit topic to 1 MiB.',
          cause: error,
        }),
        { permanent: true },
      )
    }
    if (!Array.isArray(response) || response.length !== 1)
      throw new QuipuError('CONNECTION', `${this.#topic} did not acknowledge the frame`)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const connected = this.#connected
    if (connected === null) return
    this.#connected = null
    await within(
      connected.then((producer) => producer.disconnect()),
      CLOSE_MS,
    )
  }

  #connect(): Promise<Producer> {
    if (this.#connected === null) {
      const connecting = this.#open()
      this.#connected = connecting
      connecting.catch(() => {
        if (this.#connected === connecting) this.#connected = null
      })
    }
    return this.#connected
  }

  async #open(): Promise<Producer> {
    const producer = silently(this.#kafka, () =>
      this.#kafka.producer({
        allowAutoTopicCreation: false,
        createPartitioner: () => byKey,
        retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1_000 },
      }),
    )
    await producer.connect()
    return producer
  }
}

/** One key, one partition: the frames of an instance keep their order. FNV-1a. */
function byKey({
  partitionMetadata,
  message,
}: {
  readonly partitionMetadata: readonly unknown[]
  readonly message: { readonly key?: Buffer | string | null }
}): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(message.key ?? '')) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0) % partitionMetadata.length
}

const nothing = (): void => {}
const silence: Logger = {
  info: nothing,
  error: nothing,
  warn: nothing,
  debug: nothing,
  namespace: () => silence,
  setLogLevel: nothing,
}

/**
 * Makes a client that logs nothing. All clients of a Kafka share one log level, so it cannot be set for
 * ours alone; but each takes its logger from the Kafka when it is made, in this very turn.
 */
function silently<T>(kafka: Kafka, make: () => T): T {
  const owner = kafka as unknown as Record<symbol, unknown>
  const name = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:logger',
  )
  const logger = name === undefined ? undefined : owner[name]
  if (name === undefined || !Reflect.set(owner, name, silence)) return make()
  try {
    return make()
  } finally {
    owner[name] = logger
  }
}
