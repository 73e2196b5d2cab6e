/** Sending lost records again: as they were, once, and nothing that is another message by now. */
import type { Message, Producer } from 'kafkajs'
import { describe, expect, test } from 'vitest'
import { sendAgain } from '../../src/cli/replay-produce.ts'
import type { EdgeReplay } from '../../src/diagnose/replay.ts'
import { topicHop } from '../../src/hop/hop.ts'
import type { Pipeline } from '../../src/hop/pipeline.ts'
import { bytesOfWords, wordsOfHex } from '../../src/message/id.ts'
import type { LogReader, LogRecord } from '../../src/transport/log.ts'
import { PIPELINE } from '../reconcile/build.ts'
import { declare } from '../support/declare.ts'

const BIRTH = 0x018bcfe56800
const idOf = (n: number): string => `018bcfe568007abc8123456${n.toString(16)}9abc0000`
const stamp = (n: number): Buffer => bytesOfWords(wordsOfHex(idOf(n)))

const pipeline: Pipeline = {
  ...PIPELINE,
  hops: [
    declare('orders', topicHop('default', 'orders')),
    declare('mirror', topicHop('default', 'mirror')),
  ],
}

/** Message `n` at offset `n`. */
const recordOf = (n: number, partition = 0): LogRecord => ({
  ...{ partition, offset: n, timestamp: BIRTH + n, leaderEpoch: 0 },
  key: Buffer.from(`k${n}`),
  value: n === 2 ? null : Buffer.from([0, n, 255]),
  headers: { quipu: stamp(n), list: [Buffer.from('a'), Buffer.from([0])], none: null },
})

type Logs = Readonly<Record<string, readonly LogRecord[]>>

function readerOf(logs: Logs, partitions: Readonly<Record<string, number>> = {}): LogReader {
  return {
    partitions: async (topic) =>
      Array.from({ length: partitions[topic] ?? 1 }, (_, partition) => ({
        partition,
        low: 0,
        high: 10,
      })),
    offsetsAt: async (topic, at) => {
      const all = Array.from({ length: partitions[topic] ?? 1 }, (_, p) => p)
      return new Map(all.map((p) => [p, at > BIRTH + 60_000 ? 10 : 0]))
    },
    read: async (topic, partition, from, to) => {
      const records = (logs[topic] ?? []).filter(
        (r) => r.partition === partition && r.offset >= from && r.offset < to,
      )
      return { records, looked: records.length, next: to }
    },
    close: async () => {},
  }
}

const edge: EdgeReplay = {
  ...{ pipeline: pipeline.name, edge: 'orders → mirror', resends: [], notFound: [], unnamed: 0 },
  repair: { by: 'produce', cluster: 'default', topic: 'mirror' },
  ranges: [
    {
      cluster: 'default',
      topic: 'orders',
      partition: 0,
      low: 1,
      high: 3,
      ids: [1, 2, 3].map(idOf),
    },
  ],
}

async function send(
  reader: LogReader,
  { refuses = () => false }: { readonly refuses?: (message: Message) => boolean } = {},
): Promise<{ result: Awaited<ReturnType<typeof sendAgain>>; messages: readonly Message[] }> {
  const messages: Message[] = []
  const producer = {
    send: async ({ topic, messages: some }: { topic: string; messages: Message[] }) => {
      expect(topic).toBe('mirror')
      for (const message of some) {
        if (refuses(message)) throw new Error('refused')
        messages.push(message)
      }
    },
  } as unknown as Producer
  const readers = new Map([['default', reader]])
  const sending = { pipelines: [pipeline], readers, producerOf: async () => producer, rate: 1_000 }
  return { result: await sendAgain(edge, sending), messages }
}

describe('records that are sent again', () => {
  test('are as they were: key, value, time, every header, partition', async () => {
    const { result, messages } = await send(readerOf({ orders: [1, 2, 3].map((n) => recordOf(n)) }))
    expect(result).toEqual({ sent: 3, there: 0, failed: [] })
    expect(messages).toEqual(
      [1, 2, 3].map((n) => {
        const { key, value, headers, timestamp, partition } = recordOf(n)
        return { key, value, headers, timestamp: String(timestamp), partition }
      }),
    )
  })

  test('find their partition by their key where the topics are not alike', async () => {
    const reader = readerOf({ orders: [1, 2, 3].map((n) => recordOf(n)) }, { mirror: 3 })
    const { messages } = await send(reader)
    expect(messages.map((message) => 'partition' in message)).toEqual([false, false, false])
  })

  test('are left where they are there by now', async () => {
    const logs = { orders: [1, 2, 3].map((n) => recordOf(n)), mirror: [recordOf(2)] }
    const { result, messages } = await send(readerOf(logs))
    expect(result).toEqual({ sent: 2, there: 1, failed: [] })
    expect(messages.map(({ key }) => String(key))).toEqual(['k1', 'k3'])
  })

  test('are not others that lie at their offset, nor what the log has lost', async () => {
    const other = { ...recordOf(7), offset: 1 }
    const { result, messages } = await send(readerOf({ orders: [other, recordOf(3)] }))
    expect(messages.map(({ key }) => String(key))).toEqual(['k3'])
    expect(result.failed).toEqual([
      `${idOf(1)}: another message is at offset 1 of partition 0 of orders`,
      `${idOf(2)}: no record at offset 2 any more`,
    ])
  })

  test('end with the first that is refused', async () => {
    const reader = readerOf({ orders: [1, 2, 3].map((n) => recordOf(n)) })
    const { result } = await send(reader, { refuses: ({ key }) => String(key) === 'k2' })
    expect(result).toEqual({ sent: 1, there: 0, failed: [`${idOf(2)}: refused; stopped`] })
  })
})

test('what is repaired in another way is never sent', async () => {
  const readers = new Map<string, LogReader>()
  const nobody = async (): Promise<Producer> => {
    throw new Error('nobody sends')
  }
  const seek = { ...edge, repair: { by: 'seek', cluster: 'default', group: 'g' } } as const
  const sending = { pipelines: [pipeline], readers, producerOf: nobody, rate: 1 }
  expect(await sendAgain(seek, sending)).toEqual({ sent: 0, there: 0, failed: [] })
})
