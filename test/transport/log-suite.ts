/** What every reader of logs must do: one suite, run over each implementation. */
import type { IHeaders, Kafka } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LogReader, LogRecord, Sieve } from '../../src/transport/log.ts'

export interface Logs {
  readonly kafka: Kafka
  /** A topic that holds nothing; its name. */
  topic(partitions: number): Promise<string>
  reader(): LogReader
}

interface Sent {
  readonly key?: string | null
  readonly value: string | null
  readonly headers?: IHeaders
  readonly timestamp?: string
}

/** All of `[from, to)`, slice after slice. */
async function readAll(
  reader: LogReader,
  topic: string,
  partition: number,
  [from, to]: readonly [number, number],
): Promise<LogRecord[]> {
  const out: LogRecord[] = []
  for (let at = from; at < to; ) {
    const { records, next } = await reader.read(topic, partition, at, to)
    out.push(...records)
    if (next === at) throw new Error(`stuck at ${at} of ${to}`)
    at = next
  }
  return out
}

const values = (records: readonly LogRecord[]): (string | undefined)[] =>
  records.map(({ value }) => value?.toString())

export function describeLogReader(name: string, open: () => Promise<Logs>): void {
  describe(`${name} as a log`, () => {
    let logs: Logs
    let reader: LogReader

    beforeAll(async () => {
      logs = await open()
      reader = logs.reader()
    })

    afterAll(() => reader.close())

    async function send(topic: string, partition: number, sent: readonly Sent[]): Promise<void> {
      const producer = logs.kafka.producer()
      await producer.connect()
      await producer.send({ topic, messages: sent.map((message) => ({ ...message, partition })) })
      await producer.disconnect()
    }

    async function transact(topic: string, value: string, commit: boolean): Promise<void> {
      const transactionalId = `${topic}-${value}`
      const producer = logs.kafka.producer({
        transactionalId,
        idempotent: true,
        maxInFlightRequests: 1,
      })
      await producer.connect()
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value, partition: 0 }] })
      await (commit ? transaction.commit() : transaction.abort())
      await producer.disconnect()
    }

    test('tells where each partition begins and ends', async () => {
      const topic = await logs.topic(2)
      expect(await reader.partitions(topic)).toEqual([
        { partition: 0, low: 0, high: 0 },
        { partition: 1, low: 0, high: 0 },
      ])
      await send(topic, 1, [{ value: 'a' }, { value: 'b' }])
      expect(await reader.partitions(topic)).toEqual([
        { partition: 0, low: 0, high: 0 },
        { partition: 1, low: 0, high: 2 },
      ])
    })

    test('reads records as they were sent, with null and repeated parts', async () => {
      const topic = await logs.topic(1)
      const headers = { one: 'x', two: ['y', 'z'], ['__proto__']: 'p' }
      await send(topic, 0, [
        { key: 'k', value: 'v', headers, timestamp: '1700000000123' },
        { key: null, value: null },
      ])
      const [first, second] = await readAll(reader, topic, 0, [0, 2])
      expect(first).toMatchObject({ partition: 0, offset: 0, timestamp: 1700000000123 })
      expect([first?.key, first?.value].map(String)).toEqual(['k', 'v'])
      expect(Object.keys(first?.headers ?? {}).sort()).toEqual(['__proto__', 'one', 'two'])
      expect(String(first?.headers.one)).toBe('x')
      expect([first?.headers.two].flat().map(String)).toEqual(['y', 'z'])
      expect(second).toMatchObject({ offset: 1, key: null, value: null })
      expect(first?.leaderEpoch).toBeGreaterThanOrEqual(0)
    })

    test('reads no more than what is asked for, from the middle of a batch to its middle', async () => {
      const topic = await logs.topic(1)
      await send(
        topic,
        0,
        [...'abcdef'].map((value) => ({ value })),
      )
      expect(values(await readAll(reader, topic, 0, [2, 5]))).toEqual(['c', 'd', 'e'])
      expect(await reader.read(topic, 0, 3, 3)).toEqual({ records: [], looked: 0, next: 3 })
    })

    test('leaves out what a sieve does not keep, and nothing of what it does', async () => {
      const topic = await logs.topic(1)
      const at = (n: number): string => String(1_700_000_000_000 + n)
      await send(topic, 0, [
        { value: 'a', headers: { id: 'one' }, timestamp: at(1) },
        { value: 'b', headers: { id: 'two' }, timestamp: at(2) },
        { value: 'c', headers: { of: 'one' }, timestamp: at(3) },
        { value: 'd', headers: { id: ['two', 'one'] }, timestamp: at(4) },
        { value: 'e' },
      ])
      const asked: string[] = []
      const keeps: Sieve['keeps'] = (bytes, from, length, timestamp) => {
        const value = Buffer.from(bytes).toString('utf8', from, from + length)
        asked.push(`${value} ${timestamp - 1_700_000_000_000}`)
        return value === 'one'
      }
      const slice = await reader.read(topic, 0, 0, 5, { header: Buffer.from('id'), keeps })
      expect(values(slice.records)).toEqual(['a', 'd'])
      expect([slice.looked, slice.next]).toEqual([5, 5])
      expect(asked).toEqual(['one 1', 'two 2', 'two 4', 'one 4'])
      await send(topic, 0, [{ key: 'one', value: 'f' }, { key: 'two', value: 'g' }, { value: 'h' }])
      const byKey = await reader.read(topic, 0, 5, 8, { header: null, keeps })
      expect([values(byKey.records), byKey.looked, byKey.next]).toEqual([['f'], 3, 8])
    })

    test('finds offsets by time, and the end where nothing is as young', async () => {
      const topic = await logs.topic(2)
      const at = (n: number): Sent => ({ value: String(n), timestamp: String(n) })
      await send(topic, 0, [1000, 2000, 1500, 3000].map(at))
      expect(Object.fromEntries(await reader.offsetsAt(topic, 1001))).toEqual({ 0: 1, 1: 0 })
      expect(Object.fromEntries(await reader.offsetsAt(topic, 2500))).toEqual({ 0: 3, 1: 0 })
      expect(Object.fromEntries(await reader.offsetsAt(topic, 3001))).toEqual({ 0: 4, 1: 0 })
      expect(Object.fromEntries(await reader.offsetsAt(topic, -5))).toEqual({ 0: 0, 1: 0 })
    })

    test('shows what was committed, goes past what was aborted, and past markers', async () => {
      const topic = await logs.topic(1)
      await transact(topic, 'aborted', false)
      await transact(topic, 'committed', true)
      // A key that kafkajs takes for the marker of an abort.
      await send(topic, 0, [{ key: '\0\0\0\0', value: 'plain' }])
      await transact(topic, 'again aborted', false)
      const [place] = await reader.partitions(topic)
      expect(place).toEqual({ partition: 0, low: 0, high: 7 })
      expect(values(await readAll(reader, topic, 0, [0, 7]))).toEqual(['committed', 'plain'])
    })

    test('ends before a transaction that is still open', async () => {
      const topic = await logs.topic(1)
      await send(topic, 0, [{ value: 'before' }])
      const producer = logs.kafka.producer({
        ...{ transactionalId: `${topic}-open`, idempotent: true, maxInFlightRequests: 1 },
      })
      await producer.connect()
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value: 'open', partition: 0 }] })
      expect(await reader.partitions(topic)).toEqual([{ partition: 0, low: 0, high: 1 }])
      const slice = await reader.read(topic, 0, 0, 2)
      expect([values(slice.records), slice.next]).toEqual([['before'], 1])
      expect(await reader.read(topic, 0, 1, 2)).toEqual({ records: [], looked: 0, next: 1 })
      await transaction.abort()
      await producer.disconnect()
    })

    test('goes to the start of the log from what retention has deleted', async () => {
      const topic = await logs.topic(1)
      await send(
        topic,
        0,
        [...'abcd'].map((value) => ({ value })),
      )
      const admin = logs.kafka.admin()
      await admin.connect()
      // kafkajs deletes only where this admin has asked for the offsets before.
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
      await admin.disconnect()
      expect(await reader.partitions(topic)).toEqual([{ partition: 0, low: 2, high: 4 }])
      expect(values(await readAll(reader, topic, 0, [0, 4]))).toEqual(['c', 'd'])
      expect(await reader.read(topic, 0, 0, 1)).toEqual({ records: [], looked: 0, next: 1 })
    })

    test('says at once that there is no such topic', async () => {
      const none = { code: 'NOT_FOUND', message: 'the topic no.such.topic does not exist' }
      await expect(reader.partitions('no.such.topic')).rejects.toMatchObject(none)
      await expect(reader.offsetsAt('no.such.topic', 1)).rejects.toMatchObject(none)
      const topic = await logs.topic(1)
      await expect(reader.read(topic, 7, 0, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })

    test('hands over in slices what is more than one answer holds', async () => {
      const topic = await logs.topic(1)
      const value = 'x'.repeat(500_000)
      for (let i = 0; i < 5; i++) await send(topic, 0, [{ value }])
      const slice = await reader.read(topic, 0, 0, 5)
      expect(slice.next).toBeLessThan(5)
      expect(await readAll(reader, topic, 0, [0, 5])).toHaveLength(5)
    })
  })
}
