/**
 * `quipu explain` on a real broker: a service swallows what one of two producers wrote into one of four
 * partitions. The explanation names that producer and that partition, and nothing else. (What a producer
 * runs names its service, so it is another value for each of the two.)
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audited, flushAll } from '../../agents/kafkajs.ts'
import type { Explained } from '../../reports/explain.ts'
import { errorsOf } from '../support/json-schemas.ts'
import { createTopic, groupName, kafkaClient, sharedBrokers, topicName } from '../support/kafka.ts'
import { quipu, startAuditor } from '../support/quipu.ts'

/** Of each producer. */
const COUNT = 200
const PARTITIONS = 4
const GUILTY = { service: 'kiosk', partition: 1 }
/** Every second one of those. */
const LOST = COUNT / PARTITIONS / 2

const folder = mkdtempSync(join(tmpdir(), 'quipu-explain-'))
const store = join(folder, 'quipu.db')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

beforeAll(async () => {
  const first = await createTopic({ prefix: 'orders', partitions: PARTITIONS })
  const second = await createTopic({ prefix: 'orders.paid' })
  const group = groupName('pay')
  const auditTopic = topicName('quipu.tallies')
  const flags = [
    ...['--brokers', sharedBrokers().join(',')],
    ...['--topics', `${first},${second}`, '--groups', `${group}:${first}`],
    ...['--window', '1s', '--lateness', '3s', '--audit-topic', auditTopic],
  ]
  const auditor = await startAuditor([...flags, '--store', store])
  const options = { windowMs: 1_000, latenessMs: 3_000, flushMs: 500, audit: { topic: auditTopic } }
  const services = ['counter', GUILTY.service].map((service) => ({
    service,
    producer: audited(kafkaClient(), { ...options, service }).producer(),
  }))
  const pay = audited(kafkaClient(), { ...options, service: 'pay' })
  const forwarder = pay.producer()
  const payer = pay.consumer({ groupId: group, maxWaitTimeInMs: 100 })
  for (const client of [forwarder, payer, ...services.map((s) => s.producer)])
    await client.connect()
  let [handled, lost] = [0, 0]
  await payer.subscribe({ topic: first, fromBeginning: true })
  await payer.run({
    eachMessage: async ({ partition, message: { key, value } }) => {
      handled++
      const isGuilty = String(value) === GUILTY.service && partition === GUILTY.partition
      // The first of each two: this partition holds whole numbers 1, 5, 9, ….
      if (isGuilty && Math.floor(Number(key) / PARTITIONS) % 2 === 0) lost++
      else await forwarder.send({ topic: second, messages: [{ key, value }] })
    },
  })
  for (let i = 0; i < COUNT; i += 2 * PARTITIONS) {
    for (const { service, producer } of services) {
      const numbers = Array.from({ length: 2 * PARTITIONS }, (_, n) => i + n)
      const messages = numbers.map((n) => ({
        ...{ key: String(n), value: service, partition: n % PARTITIONS },
      }))
      await producer.send({ topic: first, messages })
    }
    await sleep(40)
  }
  for (let look = 0; handled < 2 * COUNT && look < 1_200; look++) await sleep(50)
  expect([handled, lost]).toEqual([2 * COUNT, LOST])
  await flushAll()
  for (const client of [payer, forwarder, ...services.map((s) => s.producer)])
    await client.disconnect()
  const until = new Date().toISOString()
  const waited = await quipu(['wait', '--store', store, '--until', until, '--final'])
  expect(waited.code, waited.stderr).toBe(1)
  auditor.child.kill('SIGTERM')
  expect(await auditor.ended, auditor.stderr()).toBe(143)
})

async function explain(...args: readonly string[]): Promise<Explained> {
  const { code, stdout, stderr } = await quipu(['explain', '--store', store, '--json', ...args])
  expect(stdout, stderr).not.toBe('')
  const explained = JSON.parse(stdout) as Explained
  expect(errorsOf('explain', explained)).toEqual([])
  expect(explained.exitCode).toBe(code)
  return explained
}

/** Dimensions and values that say `significant`, as far as a value is the same in every run. */
const guiltyIn = ({ concentration }: Explained): string[] =>
  concentration
    .filter((row) => row.significant)
    .map(({ dimension, value }) => `${dimension} ${value.split(' ')[0]}`)
    .sort()

describe.concurrent('a flaw in what one producer wrote into one partition', () => {
  it('is named by producer and partition, and by nothing else', async () => {
    const explained = await explain('--brokers', sharedBrokers().join(','))
    expect(explained.exitCode).toBe(1)
    expect(explained.subject?.summary.counts.lost).toBe(LOST)
    expect(guiltyIn(explained)).toEqual(['client kiosk', 'partition 1', 'producer kiosk'])
    const looked = explained.looked.find(({ dimension }) => dimension === 'partition')
    expect(looked).toMatchObject({ values: PARTITIONS, bad: LOST, badUnknown: 0 })
    expect(explained.causes.reduce((sum, { count }) => sum + count, 0)).toBe(LOST)
  })

  it('is named by the producer alone, where no broker may be asked', async () => {
    const explained = await explain('--no-log')
    expect(guiltyIn(explained)).toEqual(['client kiosk', 'producer kiosk'])
    expect(explained.notLookedAt).toEqual(['the log: --no-log says so'])
  })

  it('is named by the producer alone, where no broker answers; that is said', async () => {
    const explained = await explain('--brokers', '127.0.0.1:1')
    expect(guiltyIn(explained)).toEqual(['client kiosk', 'producer kiosk'])
    expect(explained.notLookedAt[0]).toMatch(/^no log: /)
  })
})
