import { Kafka, type Message, Partitioners } from 'kafkajs'
import { describe, expect, it, vi } from 'vitest'
import { audited, flushAll, shutdown } from '../../../agents/kafkajs.ts'
import { producerHop } from '../../../src/hop/hop.ts'
import { windowStartOf } from '../../../src/message/window.ts'
import { FakeKafka } from './fake-kafka.ts'
import { FrameLog } from './frames.ts'
import { bench, intoOut, stampOf, stampsOf } from './setup.ts'

const values = (count: number): Message[] =>
  Array.from({ length: count }, (_, i) => ({ value: String(i) }))

class ProtocolError extends Error {
  readonly type: string
  constructor(type: string) {
    super(type)
    this.type = type
  }
}

describe('a send', () => {
  it('counts what was acknowledged under the ids that were written, with their offsets', async () => {
    const { fake, log, producer } = bench()
    const out = await producer()
    await out.send({ topic: 'out', messages: values(7) })
    await out.sendBatch({
      topicMessages: [
        { topic: 'out', messages: values(2) },
        { topic: 'other', messages: values(3) },
        { topic: 'out', messages: values(4) },
      ],
    })
    await out.disconnect()

    expect(log.ids(intoOut)).toEqual(stampsOf(fake))
    expect(log.total(intoOut, 'passed')).toBe(13)
    expect(log.total(producerHop('default', 'other', 'svc'), 'passed')).toBe(3)
    expect(log.placeless(intoOut, 'passed')).toBe(0)
    const highest = new Map<number, number>()
    for (const { topic, partition, offset } of fake.log)
      if (topic === 'out') highest.set(partition, offset)
    expect(log.ranges(intoOut)).toEqual(
      Object.fromEntries([...highest].map(([partition, high]) => [partition, [0, high]])),
    )
    expect(log.frames.at(-1)).toMatchObject({ goodbye: true })
  })

  it('never changes what the caller gave', async () => {
    const { producer } = bench()
    const out = await producer()
    const headers = Object.freeze({ a: 'b' })
    const message = Object.freeze({ key: 'k', value: 'v', headers })
    const bare = Object.freeze({ value: 'v' })
    const record = Object.freeze({ topic: 'out', messages: Object.freeze([message, bare]) })
    await out.send(record as never)
    await out.sendBatch(Object.freeze({ topicMessages: Object.freeze([record]) }) as never)

    expect(Reflect.ownKeys(message)).toEqual(['key', 'value', 'headers'])
    expect(Reflect.ownKeys(bare)).toEqual(['value'])
    expect(headers).toEqual({ a: 'b' })
  })

  it('keeps other headers, and accessors of a message class', async () => {
    class Order {
      readonly #id: string
      readonly headers = { a: 'b' }
      constructor(id: string) {
        this.#id = id
      }
      get key(): string {
        return this.#id
      }
      get value(): string {
        return `order ${this.#id}`
      }
    }
    const { fake, producer } = bench()
    const out = await producer()
    await out.send({ topic: 'out', messages: [new Order('7')] })

    expect(fake.log[0]?.message).toMatchObject({ key: '7', value: 'order 7', headers: { a: 'b' } })
    expect(fake.log[0]?.message).toBeInstanceOf(Order)
    expect(stampsOf(fake)[0]).toMatch(/^[0-9a-f]{32}$/)
  })

  it.each([
    ['headers null', { topic: 'out', messages: [{ value: 'v', headers: null }] }],
    ['no value', { topic: 'out', messages: [{ key: 'k' }] }],
    ['messages missing', { topic: 'out' }],
    ['messages no array', { topic: 'out', messages: 'none' }],
    ['a message null', { topic: 'out', messages: [null] }],
    ['no topic', { messages: [{ value: 'v' }] }],
    ['nothing', undefined],
  ])('goes to the client untouched with bad input: %s', async (_, record) => {
    const { fake, log, producer } = bench()
    const seen: unknown[] = []
    const original = fake.producer.bind(fake)
    fake.producer = (config) => ({
      ...original(config),
      send: async (given) => {
        seen.push(given)
        throw new TypeError('as without us')
      },
    })
    const out = await producer()
    await expect(out.send(record as never)).rejects.toThrow('as without us')
    await out.disconnect()

    expect(seen[0]).toBe(record)
    expect(log.total(intoOut, 'rejected')).toBe(0)
    expect(log.counted('agent-error')).toBe(0)
  })

  it('rethrows the very error and counts the ids as rejected', async () => {
    const { fake, log, producer } = bench()
    const out = await producer()
    const error = new Error('no broker')
    fake.beforeSend = () => {
      throw error
    }
    await expect(out.send({ topic: 'out', messages: values(3) })).rejects.toBe(error)
    await out.disconnect()

    expect(log.total(intoOut, 'rejected')).toBe(3)
    expect(log.total(intoOut, 'passed')).toBe(0)
  })

  it('counts without offset what nobody acknowledges', async () => {
    const { log, producer } = bench()
    const out = await producer()
    await out.send({ topic: 'out', acks: 0, messages: values(3) })
    await out.disconnect()

    expect(log.placeless(intoOut, 'passed')).toBe(3)
    expect(log.counted('acks-0')).toBe(3)
  })

  it('keeps a stamp that is there, and replaces what is none', async () => {
    const { fake, log, producer } = bench()
    const out = await producer()
    await out.send({ topic: 'first', messages: values(1) })
    const headers = fake.log[0]?.message.headers
    await out.send({
      topic: 'out',
      messages: [
        { value: 'kept', headers: headers ?? {} },
        { value: 'bad', headers: { quipu: 'x' } },
      ],
    })
    await out.disconnect()

    expect(stampsOf(fake)).toContain(stampOf({ headers: headers ?? {} }))
    expect(stampsOf(fake)).not.toContain('malformed')
    expect(log.counted('malformed-stamp')).toBe(1)
    expect(log.origins(intoOut)).toContainEqual({ topic: '', group: '' })
    expect(log.origins(intoOut)).toContainEqual(null)
  })

  it('takes the id from where the topic has it, and does not stamp', async () => {
    const { fake, log, producer } = bench({
      identity: {
        out: { identity: { by: 'header', name: 'ce_id' } },
        placed: { identity: { by: 'offset' } },
      },
    })
    const out = await producer()
    const message = { value: 'v', headers: { ce_id: 'a-1' } }
    await out.send({ topic: 'out', messages: [message, { value: 'none' }] })
    await out.send({ topic: 'placed', messages: values(2) })
    await out.disconnect()

    expect(stampsOf(fake)).toEqual(['absent', 'absent'])
    expect(log.total(intoOut, 'passed')).toBe(1)
    expect(log.counted('unidentified')).toBe(1)
    expect(log.total(producerHop('default', 'placed', 'svc'), 'passed')).toBe(2)
    expect(log.deltas(intoOut, 'passed')[0]?.identity).toBe('header:ce_id;time=timestamp')
  })
})

describe('the partition', () => {
  it('is chosen once, whatever the partitioner says at a retry', async () => {
    const { fake, log, producer } = bench()
    fake.tries = 4
    const asked: unknown[] = []
    const createPartitioner = () => (args: { topic: string; message: Message }) => {
      asked.push(args.message.key)
      return asked.length % 3
    }
    const out = await producer({ createPartitioner })
    await out.send({
      topic: 'out',
      messages: [
        { key: 'a', value: '1' },
        { key: 'b', value: '2' },
      ],
    })
    await out.disconnect()

    expect(asked).toEqual(['a', 'b'])
    expect(fake.log.map(({ partition }) => partition).sort()).toEqual([1, 2])
    expect(log.ranges(intoOut)).toEqual({ 1: [0, 0], 2: [0, 0] })
  })

  it('is the one of the client by default', async () => {
    const plain = new FakeKafka()
    const { fake, producer } = bench()
    const out = await producer()
    const messages = Array.from({ length: 20 }, (_, i) => ({ key: `key ${i}`, value: 'v' }))
    await out.send({ topic: 'out', messages })
    const raw = plain.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await raw.send({ topic: 'out', messages })

    const placed = (kafka: FakeKafka): unknown[] =>
      kafka.log.map(({ partition, message: { key } }) => [String(key), partition])
    expect(placed(fake)).toEqual(placed(plain))
  })

  it('that is missing from the response leaves its messages in doubt', async () => {
    const { fake, log, producer } = bench()
    fake.skipped.add(1)
    const out = await producer()
    const messages = [0, 1, 1, 2].map((partition) => ({ partition, value: 'v' }))
    const response = await out.send({ topic: 'out', messages })
    await out.disconnect()

    expect(response).toHaveLength(2)
    expect(log.total(intoOut, 'passed')).toBe(4)
    expect(log.placeless(intoOut, 'passed')).toBe(2)
    expect(log.total(intoOut, 'unacknowledged')).toBe(2)
  })

  it('leaves its messages in doubt, whichever it is, if nothing of the topic was answered', async () => {
    const { fake, log, producer } = bench()
    // The client resolves without a word, and without asking where they should go.
    fake.tries = 0
    const out = await producer()
    expect(await out.send({ topic: 'out', messages: values(2) })).toEqual([])
    await out.disconnect()

    expect(log.total(intoOut, 'passed')).toBe(2)
    expect(log.total(intoOut, 'unacknowledged')).toBe(2)
  })

  it('that nobody knows may be one of those that answered', async () => {
    const { fake, log, producer } = bench()
    fake.skipped.add(-1)
    const out = await producer({
      createPartitioner:
        () =>
        ({ message: { partition = 0 } }) =>
          partition,
    })
    const messages = [0, -1].map((partition) => ({ partition, value: 'v' }))
    expect(await out.send({ topic: 'out', messages })).toHaveLength(1)
    await out.disconnect()

    expect(log.placeless(intoOut, 'passed')).toBe(1)
    expect(log.total(intoOut, 'unacknowledged')).toBe(0)
  })

  it('leaves nobody in doubt where no answer was asked for', async () => {
    const { fake, log, producer } = bench()
    fake.tries = 0
    const out = await producer()
    await out.send({ topic: 'out', acks: 0, messages: values(2) })
    await out.disconnect()

    expect(log.placeless(intoOut, 'passed')).toBe(2)
    expect(log.total(intoOut, 'unacknowledged')).toBe(0)
  })

  it('is sent again once, under the same ids, if the caller wants that', async () => {
    const { fake, log, producer } = bench({ unacknowledged: 'resend' })
    fake.skipped.add(1)
    fake.beforeSend = () => {
      if (fake.requests === 2) fake.skipped.clear()
    }
    const out = await producer()
    const messages = [0, 1, 1, 2].map((partition) => ({ partition, value: 'v' }))
    const response = await out.send({ topic: 'out', messages })
    await out.disconnect()

    expect(response.map(({ partition }) => partition).sort()).toEqual([0, 1, 2])
    expect(log.counted('resent')).toBe(2)
    expect(log.total(intoOut, 'unacknowledged')).toBe(0)
    expect(log.placeless(intoOut, 'passed')).toBe(0)
    expect(log.ids(intoOut)).toEqual(stampsOf(fake))
  })

  it('has a request of its own with splitSends, in one result', async () => {
    const { fake, log, producer } = bench({ splitSends: true })
    const out = await producer()
    const messages = Array.from({ length: 9 }, (_, i) => ({ partition: i % 3, value: 'v' }))
    const response = await out.send({ topic: 'out', messages })
    await out.disconnect()

    expect(fake.requests).toBe(3)
    expect(response.map(({ partition }) => partition)).toEqual([0, 1, 2])
    expect(log.ids(intoOut)).toEqual(stampsOf(fake))
    expect(log.ranges(intoOut)).toEqual({ 0: [0, 2], 1: [0, 2], 2: [0, 2] })
  })

  it('fails alone with splitSends: the first error, after all have settled', async () => {
    const { fake, log, producer } = bench({ splitSends: true })
    fake.beforeSend = ([group]) => {
      if (group?.messages[0]?.partition === 1) throw new Error('partition 1')
    }
    const out = await producer()
    const messages = Array.from({ length: 9 }, (_, i) => ({ partition: i % 3, value: 'v' }))
    await expect(out.send({ topic: 'out', messages })).rejects.toThrow('partition 1')
    await out.disconnect()

    expect(log.total(intoOut, 'passed')).toBe(6)
    expect(log.total(intoOut, 'rejected')).toBe(3)
  })

  it('is looked up again with splitSends when it is not known', async () => {
    const { fake, log, producer } = bench({ splitSends: true })
    const out = await producer()
    await out.send({ topic: 'out', messages: values(3) })
    fake.partitions = 5
    const messages = [0, 4].map((partition) => ({ partition, value: 'v' }))
    await out.send({ topic: 'out', messages })
    await out.disconnect()

    expect(log.counted('unsplit')).toBe(0)
    expect(fake.log.map(({ partition }) => partition)).toContain(4)
  })

  it('is chosen anew when somebody sends our copy again', async () => {
    const { fake, log, producer } = bench()
    let next = 0
    const out = await producer({ createPartitioner: () => () => next++ })
    await out.send({ topic: 'out', messages: values(1) })
    await out.send({ topic: 'out', messages: fake.log.map(({ message }) => message) })
    await out.disconnect()

    expect(fake.log.map(({ partition }) => partition)).toEqual([0, 1])
    expect(log.ranges(intoOut)).toEqual({ 0: [0, 0], 1: [0, 0] })
  })

  it('goes unsplit where the partitions are not known', async () => {
    const { fake, log, producer } = bench({ splitSends: true })
    fake.admin = () => ({ connect: () => Promise.reject(new Error('down')) })
    const out = await producer()
    await out.send({ topic: 'out', messages: values(9) })
    await out.disconnect()

    expect(fake.requests).toBe(1)
    expect(log.counted('unsplit')).toBeGreaterThan(0)
    expect(log.total(intoOut, 'passed')).toBe(9)
  })
})

describe('a transaction', () => {
  it('counts what was committed with its offsets', async () => {
    const { fake, log, producer } = bench()
    const out = await producer()
    const transaction = await out.transaction()
    await transaction.send({ topic: 'out', messages: values(4) })
    await transaction.commit()
    await out.disconnect()

    expect(log.ids(intoOut)).toEqual(stampsOf(fake))
    expect(log.placeless(intoOut, 'passed')).toBe(0)
  })

  it('that is aborted withdraws its messages', async () => {
    const { log, producer } = bench()
    const out = await producer()
    const transaction = await out.transaction()
    await transaction.sendBatch({ topicMessages: [{ topic: 'out', messages: values(4) }] })
    await transaction.abort()
    await out.disconnect()

    expect(log.total(intoOut, 'withdrawn')).toBe(4)
    expect(log.total(intoOut, 'passed')).toBe(0)
  })

  it('whose commit fails is unconfirmed', async () => {
    const { fake, log, producer } = bench()
    const error = new Error('coordinator gone')
    fake.onCommit = () => {
      throw error
    }
    const out = await producer()
    const transaction = await out.transaction()
    await transaction.send({ topic: 'out', messages: values(4) })
    await expect(transaction.commit()).rejects.toBe(error)
    await out.disconnect()

    expect(log.total(intoOut, 'unconfirmed')).toBe(4)
    expect(log.total(intoOut, 'passed')).toBe(0)
  })

  it('is decided by its first end', async () => {
    const { fake, log, producer } = bench()
    let commit: () => void = () => {}
    fake.onCommit = () => new Promise<void>((resolve) => (commit = resolve))
    const out = await producer()
    const transaction = await out.transaction()
    await transaction.send({ topic: 'out', messages: values(4) })
    const committing = transaction.commit()
    await transaction.abort()
    commit()
    await committing
    await out.disconnect()

    expect(log.total(intoOut, 'passed')).toBe(4)
    expect(log.total(intoOut, 'withdrawn')).toBe(0)
  })

  it('that nobody ends makes room once it is unconfirmed', async () => {
    let now = Date.UTC(2030, 0, 1)
    const { log, producer } = bench({ clock: () => now, latenessMs: 1_000 })
    const out = await producer()
    const forgotten = await out.transaction()
    await forgotten.send({ topic: 'out', messages: values(10_000) })
    now += 5_000
    await flushAll()
    const next = await out.transaction()
    await next.send({ topic: 'out', messages: values(10) })
    await next.commit()
    await out.disconnect()

    expect(log.total(intoOut, 'unconfirmed')).toBe(10_000)
    expect(log.total(intoOut, 'passed')).toBe(10)
    expect(log.frames.flatMap(({ dropped }) => dropped)).toEqual([])
  })

  it('is kept up to a limit; beyond, the evidence is given up and that is said', async () => {
    const { log, producer } = bench()
    const out = await producer()
    const transaction = await out.transaction()
    for (let i = 0; i < 12; i++) await transaction.send({ topic: 'out', messages: values(1000) })
    await transaction.commit()
    await out.disconnect()

    expect(log.total(intoOut, 'passed')).toBe(10_000)
    const dropped = log.frames.flatMap((frame) => frame.dropped)
    expect(dropped).toMatchObject([{ reason: 'transaction-full', count: 2000 }])
  })
})

describe('the seal', () => {
  it('stands at the oldest send without outcome, names its windows, and moves on', async () => {
    let now = Date.UTC(2030, 0, 1)
    const clock = (): number => now
    const { fake, log, kafka, producer } = bench({ clock, latenessMs: 10_000 })
    const other = kafka.producer()
    await other.connect()
    const out = await producer()
    const flush = async (): Promise<number | undefined> => {
      const extra = kafka.producer()
      await extra.connect()
      await extra.disconnect()
      return log.frames.at(-1)?.seals[0]?.sealedUntil
    }
    let answer: () => void = () => {}
    await out.send({ topic: 'out', messages: values(1) })
    fake.beforeSend = () => new Promise<void>((resolve) => (answer = resolve))
    const began = now
    const sending = out.send({ topic: 'out', messages: values(2) })
    now += 3_000
    expect(await flush()).toBe(began)
    expect(log.frames.at(-1)?.seals[0]?.open).toEqual([windowStartOf(began, 60_000)])

    now += 20_000
    expect(await flush()).toBe(began)
    expect(await flush()).toBe(now)
    expect(log.total(intoOut, 'unconfirmed')).toBe(2)

    answer()
    await sending
    expect(await flush()).toBe(now)
    expect(log.total(intoOut, 'passed')).toBe(3)
    await other.disconnect()
  })

  it('is held by an open transaction', async () => {
    let now = Date.UTC(2030, 0, 1)
    const { log, kafka, producer } = bench({ clock: () => now })
    const out = await producer()
    const transaction = await out.transaction()
    const began = now
    await transaction.send({ topic: 'out', messages: values(2) })
    now += 5_000
    const extra = kafka.producer()
    await extra.connect()
    await extra.disconnect()

    expect(log.frames.at(-1)?.seals).toMatchObject([{ sealedUntil: began }])
    await transaction.abort()
  })
})

describe('the fuse', () => {
  it('tries a send to one partition once without stamps', async () => {
    const { fake, log, producer } = bench()
    fake.beforeSend = ([group]) => {
      if (stampOf(group?.messages[0]) !== 'absent') throw new ProtocolError('MESSAGE_TOO_LARGE')
    }
    const out = await producer()
    const headers = { a: 'b' }
    await out.send({ topic: 'out', messages: [{ value: 'v', headers }] })
    await out.send({ topic: 'out', messages: [{ value: 'v' }] })
    await out.disconnect()

    expect(fake.log.map(({ message }) => message.headers)).toEqual([{ a: 'b' }, {}])
    expect(fake.requests).toBe(4)
    expect(log.counted('unstamped-retry')).toBe(2)
    expect(log.total(intoOut, 'rejected')).toBe(2)
  })

  it('stays blown where the broker understands no headers', async () => {
    const { fake, log, producer } = bench()
    fake.beforeSend = ([group]) => {
      if (stampOf(group?.messages[0]) !== 'absent') throw new ProtocolError('UNSUPPORTED_VERSION')
    }
    const out = await producer()
    await out.send({ topic: 'out', messages: [{ value: 'v' }] })
    await out.send({ topic: 'out', messages: values(9) })
    await out.disconnect()

    expect(fake.requests).toBe(3)
    expect(log.counted('unstamped-retry')).toBe(1)
    expect(log.counted('unstamped')).toBe(9)
  })

  it('passes on the error of a send to several partitions, and lets the next one decide', async () => {
    const { fake, log, producer } = bench()
    let limit = 0
    fake.beforeSend = ([group]) => {
      const isStamped = stampOf(group?.messages[0]) !== 'absent'
      if (isStamped || limit > 0) throw new ProtocolError('RECORD_LIST_TOO_LARGE')
    }
    const out = await producer()
    const record = { topic: 'out', messages: values(9) }
    limit = 1
    await expect(out.send(record)).rejects.toThrow('RECORD_LIST_TOO_LARGE')
    await expect(out.send(record)).rejects.toThrow('RECORD_LIST_TOO_LARGE')
    // It failed without stamps as well: they were not to blame.
    limit = 0
    await expect(out.send(record)).rejects.toThrow('RECORD_LIST_TOO_LARGE')
    await out.send(record)
    await out.send(record)
    await out.disconnect()

    expect(fake.requests).toBe(5)
    expect(log.counted('unstamped')).toBe(18)
  })

  it('lets other errors be', async () => {
    const { fake, log, producer } = bench()
    fake.beforeSend = () => {
      throw new ProtocolError('TOPIC_AUTHORIZATION_FAILED')
    }
    const out = await producer()
    await expect(out.send({ topic: 'out', messages: values(1) })).rejects.toThrow()
    await out.disconnect()

    expect(fake.requests).toBe(1)
    expect(log.counted('unstamped-retry')).toBe(0)
  })
})

describe('trouble with the audit', () => {
  it.each([
    ['rejects', () => Promise.reject(new Error('down'))],
    ['hangs', () => new Promise<void>(() => {})],
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
  ])('never reaches the caller when the sender %s', async (_, send) => {
    const fake = new FakeKafka()
    const kafka = audited(fake.kafka, {
      service: 'svc',
      flushMs: 1,
      audit: { sender: { send, close: async () => {} } },
      onTrouble: () => {
        throw new Error('listener')
      },
    })
    const producer = kafka.producer()
    await producer.connect()
    for (let i = 0; i < 50; i++) await producer.send({ topic: 'out', messages: values(100) })
    await producer.disconnect()

    expect(fake.log).toHaveLength(5000)
  })

  it('never reaches the caller when our own code fails', async () => {
    const { fake, log, producer } = bench({
      clock: vi
        .fn(() => Date.now())
        .mockImplementationOnce(() => {
          throw new Error('clock')
        }),
    })
    const out = await producer()
    await out.send({ topic: 'out', messages: values(2) })
    await out.send({ topic: 'out', messages: values(2) })
    await out.disconnect()

    expect(fake.log).toHaveLength(4)
    expect(log.counted('agent-error')).toBe(1)
    expect(log.total(intoOut, 'passed')).toBe(2)
  })

  it('keeps to the defaults when the file cannot be read', async () => {
    vi.stubEnv('QUIPU_CONFIG', '/nowhere/quipu.yaml')
    const { log, troubles, producer } = bench()
    const out = await producer()
    await out.send({ topic: 'out', messages: values(1) })
    await out.disconnect()
    vi.unstubAllEnvs()

    expect(troubles[0]).toMatch('/nowhere/quipu.yaml cannot be read')
    expect(log.frames[0]).toMatchObject({ windowMs: 60_000 })
  })
})

describe('the result', () => {
  it('is the very same object when Quipu is disabled, or when it is audited already', () => {
    const { kafka: raw } = new FakeKafka()
    const log = new FrameLog()
    vi.stubEnv('QUIPU_DISABLED', '1')
    expect(audited(raw, { service: 'svc' })).toBe(raw)
    vi.unstubAllEnvs()
    const once = audited(raw, { service: 'svc', audit: { sender: log } })
    expect(audited(once, { service: 'svc' })).toBe(once)
  })

  it('behaves as the Kafka it was given', async () => {
    const raw = new Kafka({ brokers: ['localhost:1'], logLevel: 0 })
    const kafka = audited(raw, { service: 'svc' })
    expect(kafka).toBeInstanceOf(Kafka)
    expect(kafka.constructor).toBe(Kafka)
    expect(kafka.logger()).toBe(raw.logger())
    expect(typeof kafka.admin().fetchTopicMetadata).toBe('function')

    const producer = kafka.producer({ idempotent: true })
    expect(producer.isIdempotent()).toBe(true)
    expect(producer.events.CONNECT).toBe('producer.connect')
    expect(typeof producer.on('producer.connect', () => {})).toBe('function')
    expect({ ...producer }).toHaveProperty('send')
    expect(kafka.consumer({ groupId: 'g' }).events.GROUP_JOIN).toBe('consumer.group_join')
    expect(() => kafka.consumer({ groupId: '' })).toThrow(/groupId/)
  })

  it('can be patched: what a patch calls is what it replaced', async () => {
    const { fake, kafka, log } = bench()
    const calls: string[] = []
    const { producer: make } = kafka
    kafka.producer = (config) => {
      const producer = make(config)
      const { send } = producer
      producer.send = (record) => {
        calls.push('outer')
        return send.call(producer, record)
      }
      return producer
    }
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({ topic: 'out', messages: values(1) })
    await producer.disconnect()

    expect(calls).toEqual(['outer'])
    expect(log.ids(intoOut)).toEqual(stampsOf(fake))
  })

  it('says goodbye at the last disconnect, and begins anew after it', async () => {
    const { log, kafka } = bench()
    const [one, two] = [kafka.producer(), kafka.producer()]
    await one.connect()
    await two.connect()
    await one.disconnect()
    expect(log.frames.some(({ goodbye }) => goodbye)).toBe(false)
    await two.disconnect()
    expect(log.frames.at(-1)?.goodbye).toBe(true)
    await one.connect()
    await one.send({ topic: 'out', messages: values(1) })
    await shutdown()

    expect(log.frames.filter(({ goodbye }) => goodbye)).toHaveLength(2)
    expect(new Set(log.frames.map(({ instance }) => instance)).size).toBe(2)
    await one.disconnect()
  })
})
