import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createTopic, kafkaClient, sharedBrokers, withAdmin } from '../support/kafka.ts'
import { quipu } from '../support/quipu.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-learn-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const brokers = sharedBrokers().join(',')

const OLD = 60
const NEW = 240
/** ms: when the first of the new ones was written; brokers delete what is older than a week. */
const AT: number = Date.now() - 7_200_000

/** Of two shapes, old and new; each second one goes to each partition. */
async function filled(): Promise<string> {
  const topic = await createTopic({ prefix: 'learn', partitions: 2 })
  const producer = kafkaClient().producer()
  await producer.connect()
  const send = (count: number, at: number, make: (i: number) => object): Promise<unknown> =>
    producer.send({
      topic,
      messages: Array.from({ length: count }, (_, i) => ({
        value: JSON.stringify(make(i)),
        partition: i % 2,
        timestamp: String(at + i),
      })),
    })
  await send(OLD, AT - 3_600_000, (i) => ({ flight: `QP${i}`, pilot: 'X' }))
  await send(NEW, AT, (i) => ({ flight: `QP${i}`, delay: i }))
  await producer.send({
    topic,
    messages: [
      { key: 'k', value: null, partition: 0, timestamp: String(AT + 999) },
      { value: Buffer.of(0, 0, 0, 0, 7, 1), partition: 1, timestamp: String(AT + 999) },
    ],
  })
  await producer.disconnect()
  return topic
}

const groups = (): Promise<readonly string[]> =>
  withAdmin(async (admin) => (await admin.listGroups()).groups.map(({ groupId }) => groupId))

describe.concurrent('quipu schema learn from a topic', () => {
  test('reads what was written since a time, and commits nothing', async () => {
    const topic = await filled()
    const to = join(folder, 'since.schema.json')
    const { code, stderr } = await quipu([
      ...['schema', 'learn', '--topic', topic, '--brokers', brokers],
      ...['--since', new Date(AT).toISOString(), '--out', to],
    ])
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(JSON.parse(readFileSync(to, 'utf8'))).toMatchObject({
      title: topic,
      'x-quipu': {
        messages: NEW,
        tombstones: 1,
        writtenFrom: new Date(AT).toISOString(),
        writtenTo: new Date(AT + NEW - 1).toISOString(),
      },
      required: ['delay', 'flight'],
    })
    expect(stderr).toContain(`learned from 240 messages of the topic ${topic}, written `)
    expect(stderr).toContain('left out: 1 message binary, and nothing says how it is framed')
    expect(stderr).toContain(`${topic}: { topic: ${topic}, schema: { file: ${to} } }`)
    const own = (await groups()).filter((group) => group.startsWith('quipu-learn-'))
    const offsets = await withAdmin((admin) =>
      Promise.all(own.map((groupId) => admin.fetchOffsets({ groupId, topics: [topic] }))),
    )
    expect(
      offsets.flat().flatMap(({ partitions }) => partitions.filter((p) => Number(p.offset) >= 0)),
    ).toEqual([])
  })

  test('reads the newest of more than it may, and from the beginning without a time', async () => {
    const topic = await filled()
    const learn = (...flags: string[]): ReturnType<typeof quipu> =>
      quipu(['schema', 'learn', '--topic', topic, '--brokers', brokers, ...flags])
    const [few, all, one] = await Promise.all([learn('--max', '100'), learn(), learn('--max', '3')])
    const draft = JSON.parse(few.stdout)
    expect(draft['x-quipu']).toMatchObject({ isCut: true })
    // 100 records, of which one is a tombstone and one cannot be read.
    expect(draft['x-quipu'].messages).toBe(98)
    expect(draft.properties).not.toHaveProperty('pilot')
    expect(few.stderr).toContain('there are more: --max 100')
    // Of two partitions with as many each: two of one, one of the other, and the last of each is not read.
    expect(one.stderr).toContain('learned from 1 message of')
    const whole = JSON.parse(all.stdout)
    expect(whole['x-quipu'].messages).toBe(OLD + NEW)
    expect(whole.required).toEqual(['flight'])
    expect(whole.properties.pilot['x-quipu']).toMatchObject({ messages: OLD + NEW, present: OLD })
  })

  test('ends where a transaction that was aborted is all that is left', async () => {
    const topic = await createTopic({ prefix: 'learn' })
    const producer = kafkaClient().producer({ transactionalId: topic, maxInFlightRequests: 1 })
    await producer.connect()
    const say = async (value: string, end: 'commit' | 'abort'): Promise<void> => {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value }] })
      await transaction[end]()
    }
    await say('{"kept": 1}', 'commit')
    await say('{"gone": 1}', 'abort')
    await producer.disconnect()
    const { code, stdout } = await quipu([
      ...['schema', 'learn', '--topic', topic, '--brokers', brokers],
    ])
    expect(code).toBe(0)
    expect(Object.keys(JSON.parse(stdout).properties)).toEqual(['kept'])
  })

  test('says so where there is no such topic, or nothing in it, and makes none', async () => {
    const topic = await createTopic({ prefix: 'learn' })
    const learn = (name: string): ReturnType<typeof quipu> =>
      quipu(['schema', 'learn', '--topic', name, '--brokers', brokers])
    const [empty, missing] = await Promise.all([learn(topic), learn(`${topic}x`)])
    expect(empty).toMatchObject({ code: 3, stdout: '' })
    expect(empty.stderr).toContain('can be read: it holds none')
    expect(missing).toMatchObject({ code: 4, stdout: '' })
    expect(missing.stderr).toContain(`there is no topic ${topic}x`)
    expect(await withAdmin((admin) => admin.listTopics())).not.toContain(`${topic}x`)
  })
})
