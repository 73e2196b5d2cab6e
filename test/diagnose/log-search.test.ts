import { beforeEach, describe, expect, test } from 'vitest'
import { type LogSearch, type Sought, searchLog } from '../../src/diagnose/log-search.ts'
import {
  bytesOfWords,
  hexOfWords,
  type IdWords,
  withOrdinal,
  wordsOfParts,
} from '../../src/message/id.ts'
import { foreignId } from '../../src/message/identity.ts'
import { MemoryKafka } from '../../src/testbed/memory-kafka.ts'
import type { LogReader } from '../../src/transport/log.ts'

const NOW = 1_700_000_000_000
const MINUTE = 60_000

/** An id born at `birth`, told apart by its number. */
const idAt = (birth: number, sequence = 0): IdWords =>
  wordsOfParts({ birth, version: 7, tag: 77, sequence, ordinal: 0 })

const readerOf = (reader: LogReader): LogReader => ({
  partitions: (topic) => reader.partitions(topic),
  offsetsAt: (topic, at) => reader.offsetsAt(topic, at),
  read: (...asked) => reader.read(...asked),
  close: () => reader.close(),
})

type Read = Parameters<LogReader['read']>

/** Without the sieve. */
const fourOf = ([topic, partition, from, to]: Read): Read => [topic, partition, from, to]

const soughtOf = (words: IdWords, birth: number): Sought => ({
  ...{ id: hexOfWords(words), from: birth, to: birth, anyBirth: false },
})

interface Put {
  readonly words?: IdWords
  readonly at: number
  readonly partition?: number
  readonly key?: string
  readonly value?: string
  readonly headers?: Record<string, string | Buffer>
}

describe('a search of the log', () => {
  let memory: MemoryKafka
  const topic = { cluster: 'default', topic: 'flights', time: { by: 'timestamp' } } as const

  beforeEach(async () => {
    memory = new MemoryKafka()
    const topics = [{ topic: 'flights', numPartitions: 2 }]
    await memory.kafka().admin().createTopics({ topics })
  })

  async function put(records: readonly Put[]): Promise<void> {
    const producer = memory.kafka().producer()
    await producer.connect()
    const messages = records.map(
      ({ words, at, partition = 0, key, value = '{}', headers = {} }) => ({
        ...{ partition, value, timestamp: String(at), key: key ?? null },
        headers: { ...headers, ...(words === undefined ? {} : { quipu: bytesOfWords(words) }) },
      }),
    )
    await producer.send({ topic: 'flights', messages })
  }

  /** Twice: what is left out unread by its bytes must say nothing that it would not say decoded. */
  async function search(sought: readonly Sought[], options: Partial<LogSearch> = {}) {
    const { reader = memory.logReader() } = options
    const by = (of: LogReader) =>
      searchLog({
        topic: { ...topic, identity: { by: 'stamp' } },
        ...{ sought, latenessMs: 2 * MINUTE, skewMs: 10 * MINUTE, until: 'end' },
        ...{ budget: { records: 100_000, ms: 60_000 }, clock: () => 0 },
        ...options,
        reader: of,
      })
    const sifted = await by(reader)
    expect(
      await by({ ...readerOf(reader), read: (...all) => reader.read(...fourOf(all)) }),
    ).toEqual(sifted)
    return sifted
  }

  test('finds where each lies, with its time, trace and copies, and nothing else', async () => {
    const [one, two] = [idAt(NOW, 1), idAt(NOW, 2)]
    const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`
    await put([
      { words: idAt(NOW, 3), at: NOW },
      { words: one, at: NOW + 5, headers: { traceparent } },
      { words: withOrdinal(one, 3), at: NOW + 6, partition: 1 },
      { words: two, at: NOW + 7, partition: 1 },
      { words: two, at: NOW + 8 },
    ])
    const { places, searched } = await search([soughtOf(one, NOW), soughtOf(two, NOW)])
    const at = (partition: number, offset: number, ms: number) => ({
      ...{ topic: 'flights', partition, offset, timestamp: NOW + ms, leaderEpoch: 0 },
      ...{ traceId: '', spanId: '' },
    })
    expect(Object.fromEntries(places)).toEqual({
      [hexOfWords(one)]: [{ ...at(0, 1, 5), traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) }],
      [hexOfWords(withOrdinal(one, 3))]: [at(1, 0, 6)],
      [hexOfWords(two)]: [at(0, 2, 8), at(1, 1, 7)],
    })
    expect(searched).toEqual({
      ...{ cluster: 'default', topic: 'flights', records: 5, isComplete: true, why: [] },
      partitions: [
        { partition: 0, from: 0, to: 3 },
        { partition: 1, from: 0, to: 2 },
      ],
    })
  })

  test('is complete about one that is not there, from its birth to the end', async () => {
    await put([
      { words: idAt(NOW - 60 * MINUTE, 1), at: NOW - 60 * MINUTE },
      { words: idAt(NOW, 2), at: NOW },
      { words: idAt(NOW + 60 * MINUTE, 3), at: NOW + 60 * MINUTE },
    ])
    const missing = idAt(NOW, 9)
    const { places, searched } = await search([soughtOf(missing, NOW)])
    expect([...places]).toEqual([[hexOfWords(missing), []]])
    expect(searched).toMatchObject({
      ...{ isComplete: true, records: 2 },
      partitions: [{ partition: 0, from: 1, to: 3 }],
    })
  })

  test('finds what came hours late behind all that is near', async () => {
    const late = idAt(NOW, 5)
    await put([
      { words: idAt(NOW, 1), at: NOW },
      { words: idAt(NOW + 60 * MINUTE, 2), at: NOW + 60 * MINUTE },
      { words: late, at: NOW + 120 * MINUTE },
    ])
    const at = async (until: LogSearch['until']) => {
      const { places, searched } = await search([soughtOf(late, NOW)], { until })
      return [places.get(hexOfWords(late))?.[0]?.offset, searched.isComplete, searched.why]
    }
    expect(await at('end')).toEqual([2, true, []])
    expect(await at('span')).toEqual([undefined, false, ['not read to the end of the log']])
    expect(await at('found')).toEqual([2, true, []])
  })

  test('reads no more than the near once all are found, where that is enough', async () => {
    const one = idAt(NOW, 1)
    const far = [...Array(50).keys()].map((i) => ({
      words: idAt(NOW, 100 + i),
      at: NOW + 9 * MINUTE,
    }))
    await put([{ words: one, at: NOW }, ...far])
    const { searched } = await search([soughtOf(one, NOW)], { until: 'found' })
    expect(searched).toMatchObject({ records: 1, isComplete: false })
    expect(searched.why).toEqual(['not read on once all were found'])
  })

  test('says that retention has passed, and only where it could have held the message', async () => {
    await put([0, 1, 2, 3].map((i) => ({ words: idAt(NOW, i), at: NOW + i * 60 * MINUTE })))
    const admin = memory.kafka().admin()
    await admin.deleteTopicRecords({
      topic: 'flights',
      partitions: [{ partition: 0, offset: '2' }],
    })
    const { searched } = await search([soughtOf(idAt(NOW, 0), NOW)])
    expect(searched.why).toEqual(['partition 0 begins at offset 2: the rest is deleted'])
    const later = NOW + 180 * MINUTE
    const { searched: young } = await search([soughtOf(idAt(later, 9), later)])
    expect(young).toMatchObject({ isComplete: true, why: [] })
  })

  test('says where an id may be among headers that are not read', async () => {
    await put([{ at: NOW }, { words: idAt(NOW, 1), at: NOW }])
    const whole = memory.logReader()
    const crowded: LogReader = {
      ...readerOf(whole),
      read: async (...asked) => {
        const slice = await whole.read(...fourOf(asked))
        return { ...slice, records: slice.records.map((r) => ({ ...r, hasMoreHeaders: true })) }
      },
    }
    const { searched } = await search([soughtOf(idAt(NOW, 9), NOW)], { reader: crowded })
    expect(searched).toMatchObject({
      isComplete: false,
      why: ['it holds records with more headers than are read, which may have an id there'],
    })
    // One that has an id is looked at whole.
    const { searched: one } = await search([soughtOf(idAt(NOW, 9), NOW)], {
      reader: {
        ...crowded,
        read: async (...asked) => {
          const slice = await crowded.read(...asked)
          return { ...slice, records: slice.records.slice(1) }
        },
      },
    })
    expect(one.isComplete).toBe(true)
  })

  test('says where records are older than their messages: the search rests on their times', async () => {
    await put([
      { words: idAt(NOW, 1), at: NOW - 60 * MINUTE },
      { words: idAt(NOW, 2), at: NOW },
    ])
    const old = { words: idAt(NOW + 5 * MINUTE, 3), at: NOW - 6 * MINUTE }
    await put([old])
    const { searched } = await search([soughtOf(idAt(NOW, 9), NOW)])
    expect(searched.why).toEqual([
      'its records carry times of their own, older than their messages',
    ])
  })

  test.each([
    ['records', { budget: { records: 1, ms: 1000 } }, 'stopped after 1 records'],
    ['a signal', { signal: AbortSignal.abort() }, 'stopped'],
    ['time', { budget: { records: 9, ms: 0 } }, 'stopped after 0 s'],
  ] as const)('is bounded by %s, and says so', async (_name, options, why) => {
    await put([0, 1].map((partition) => ({ words: idAt(NOW, partition), at: NOW, partition })))
    await put([{ words: idAt(NOW, 7), at: NOW + 60 * MINUTE }])
    const { searched } = await search([soughtOf(idAt(NOW, 9), NOW)], options)
    expect([searched.isComplete, searched.why]).toEqual([false, [why]])
  })

  test('goes on with other partitions where one cannot be read', async () => {
    const one = idAt(NOW, 1)
    await put([
      { words: idAt(NOW, 2), at: NOW },
      { words: one, at: NOW, partition: 1 },
    ])
    const { QuipuError } = await import('../../src/base/errors.ts')
    const reader: LogReader = {
      ...readerOf(memory.logReader()),
      read: async (...asked) => {
        if (asked[1] === 0) throw new QuipuError('FORMAT', 'snappy')
        return memory.logReader().read(...asked)
      },
    }
    const { places, searched } = await search([soughtOf(one, NOW)], { reader })
    expect(places.get(hexOfWords(one))).toHaveLength(1)
    expect(searched).toMatchObject({ isComplete: false, why: ['snappy'] })
  })

  test('has only what may be sought decoded, and counts all that it went over', async () => {
    const [one, copy] = [idAt(NOW, 1), withOrdinal(idAt(NOW, 1), 5)]
    await put([one, copy].map((words) => ({ words, at: NOW })))
    await put([...Array(200).keys()].map((i) => ({ words: idAt(NOW, 100 + i), at: NOW })))
    let decoded = 0
    const reader: LogReader = {
      ...readerOf(memory.logReader()),
      read: async (...asked) => {
        const slice = await memory.logReader().read(...asked)
        if (asked[4] !== undefined) decoded += slice.records.length
        return slice
      },
    }
    const { places, searched } = await search([soughtOf(one, NOW)], { reader })
    expect([...places.keys()].sort()).toEqual([one, copy].map(hexOfWords).sort())
    expect([decoded, searched.records, searched.isComplete]).toEqual([2, 202, true])
  })

  test('takes no other message for it whose id ends alike', async () => {
    const one = idAt(NOW, 1)
    const alike = [
      wordsOfParts({ birth: NOW, version: 7, tag: 78, sequence: 1, ordinal: 0 }),
      idAt(NOW + 1, 1),
      idAt(NOW, 2 ** 22 + 1),
    ]
    await put(alike.map((words) => ({ words, at: NOW })))
    const { places, searched } = await search([soughtOf(one, NOW)])
    expect([...places]).toEqual([[hexOfWords(one), []]])
    expect(searched).toMatchObject({ records: 3, isComplete: true })
  })

  test('finds foreign ids by key, also where their birth is not known', async () => {
    await put([
      { key: 'order-7', at: NOW },
      { key: 'order-8', at: NOW + 30 * MINUTE },
    ])
    const byKey = { topic: { ...topic, identity: { by: 'key' } as const } }
    const known = foreignId(NOW, Buffer.from('order-7'))
    const { places } = await search([soughtOf(known, NOW)], byKey)
    expect(places.get(hexOfWords(known))?.[0]?.offset).toBe(0)
    const unknown: Sought = {
      ...{ id: hexOfWords(foreignId(0, Buffer.from('order-8'))), anyBirth: true },
      ...{ from: NOW, to: NOW + 60 * MINUTE },
    }
    const { places: found } = await search([unknown], byKey)
    expect([...found.keys()]).toEqual([
      hexOfWords(foreignId(NOW + 30 * MINUTE, Buffer.from('order-8'))),
    ])
    const { places: none } = await search([{ ...unknown, anyBirth: false }], byKey)
    expect([...none.values()]).toEqual([[]])
  })

  test('finds foreign ids and our own in a header, and what is older than its message', async () => {
    const header = 'ce_id'
    const own = idAt(NOW + 20 * MINUTE, 1)
    await put(['order-7', 'order-8'].map((id) => ({ at: NOW, headers: { [header]: id } })))
    await put([{ at: NOW + MINUTE, key: 'order-7', headers: { other: 'order-7' } }])
    await put([{ at: NOW + 20 * MINUTE, headers: { [header]: bytesOfWords(own) } }])
    const byHeader = {
      topic: { ...topic, identity: { by: 'header', name: header } },
    } as const
    const seven = foreignId(NOW, Buffer.from('order-7'))
    const sought = [soughtOf(seven, NOW), soughtOf(own, NOW + 20 * MINUTE)]
    const { places, searched } = await search(sought, byHeader)
    expect([...places].map(([id, [place]]) => [id, place?.offset])).toEqual([
      [hexOfWords(seven), 0],
      [hexOfWords(own), 3],
    ])
    expect(searched).toMatchObject({ records: 4, isComplete: true })
    const young = idAt(NOW + 60 * MINUTE, 2)
    await put([{ at: NOW + 21 * MINUTE, headers: { [header]: bytesOfWords(young) } }])
    expect((await search(sought, byHeader)).searched.why).toEqual([
      'its records carry times of their own, older than their messages',
    ])
  })

  test('has all decoded where births stand elsewhere, for one may be younger than its record', async () => {
    const birth = String(NOW + 60 * MINUTE)
    await put([{ key: 'order-7', at: NOW, headers: { born: birth } }])
    const { searched } = await search([soughtOf(foreignId(NOW, Buffer.from('order-9')), NOW)], {
      topic: { ...topic, identity: { by: 'key' }, time: { by: 'header', name: 'born' } },
    })
    expect(searched.why).toEqual([
      'its records carry times of their own, older than their messages',
    ])
  })

  test('rejects where there is no such topic', async () => {
    const none = { ...topic, identity: { by: 'stamp' }, topic: 'trains' } as const
    await expect(search([soughtOf(idAt(NOW), NOW)], { topic: none })).rejects.toThrow('trains')
  })
})
