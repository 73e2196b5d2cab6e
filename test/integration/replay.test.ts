/**
 * Losses on a real broker are listed, repaired as the list says, and shown as recovered, with nothing new
 * wrong: a group that sought forward goes back, a copy that lacks records gets them.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audited, flushAll } from '../../agents/kafkajs.ts'
import type { Assessment } from '../../src/objective/summary.ts'
import {
  type Books,
  edgeOf,
  openBooks,
  pastMoment,
  reportOf,
  settle,
  withFile,
} from '../support/books.ts'
import { writing } from '../support/faulty-clients.ts'
import { createTopic, kafkaClient, withAdmin } from '../support/kafka.ts'
import { quipu } from '../support/quipu.ts'
import type { Stamps } from '../support/stamps.ts'
import { type Line, lineText, makeLine, sendLine } from '../support/straight-line.ts'

// Scripts find kafkajs as in the project of whoever runs them.
const folder = mkdtempSync(join(tmpdir(), 'quipu-replay-'))
symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const COUNT = 60
const MIRROR = 'orders → mirror'
const BACKUP = 'orders → backup'
const SHIP = 'orders → ship'

let books: Books
let line: Line
let copies: readonly [mirror: string, backup: string]
let stamps: Stamps
/** A topic that never got message 7. */
let unwritten: Line
let sent: Stamps

const idsOf = (...keys: readonly string[]): string[] => shown(keys, stamps)

const shown = (keys: readonly string[], of: Stamps): string[] =>
  keys.map((key) =>
    (of.get(key) as string).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  )

/** Copies all but these, with their headers. */
async function copyBut(keys: readonly string[], to: string): Promise<void> {
  const [consumer, producer] = [
    kafkaClient().consumer({ groupId: `copy-${to}`, maxWaitTimeInMs: 100 }),
    kafkaClient().producer(),
  ]
  await consumer.connect()
  await producer.connect()
  await consumer.subscribe({ topic: line.topic, fromBeginning: true })
  let seen = 0
  await consumer.run({
    eachBatch: async ({ batch }) => {
      const messages = batch.messages
        .filter(({ key }) => !keys.includes(String(key)))
        .map(({ key, value, headers }) => ({ key, value, headers: headers ?? {} }))
      await producer.send({ topic: to, messages })
      seen += batch.messages.length
    },
  })
  for (let look = 0; seen < COUNT && look < 600; look++) await sleep(50)
  await consumer.disconnect()
  await producer.disconnect()
}

/** The group handles on from where it is; with `at` it goes from there to another place at once. */
async function handleOn(
  seeks: ReadonlyMap<number, number>,
  from: number | null,
  last: number,
): Promise<readonly number[]> {
  const service = withFile(books, () =>
    audited(kafkaClient(), { service: 'ship', flushMs: 250, audit: { topic: books.auditTopic } }),
  )
  const consumer = service.consumer({ groupId: line.group, maxWaitTimeInMs: 100 })
  const handled: number[] = []
  await consumer.connect()
  await consumer.subscribe({ topic: line.topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message, partition }) => {
      const offset = Number(message.offset)
      handled.push(offset)
      const next = seeks.get(offset)
      if (next !== undefined) consumer.seek({ topic: line.topic, partition, offset: String(next) })
    },
  })
  if (from !== null) consumer.seek({ topic: line.topic, partition: 0, offset: String(from) })
  for (let look = 0; !handled.includes(last) && look < 1_200; look++) await sleep(50)
  await sleep(300)
  await flushAll()
  await consumer.disconnect()
  return handled
}

const replay = (...args: string[]): ReturnType<typeof quipu> =>
  quipu(['replay-list', '--config', books.file, '--store', books.store, ...args], folder)

const endOf = (topic: string): Promise<number> =>
  withAdmin(async (admin) => Number((await admin.fetchTopicOffsets(topic))[0]?.high))

beforeAll(async () => {
  line = await makeLine({ partitions: 1 })
  copies = [await createTopic({ prefix: 'mirror' }), await createTopic({ prefix: 'backup' })]
  const [mirror, backup] = copies
  const pipelines =
    `${lineText('line', line)}      - { from: orders, to: mirror, preserve: [value] }
      - { from: orders, to: backup, preserve: [value] }
`.replace(
      '    edges:',
      `      mirror: { topic: ${mirror} }\n      backup: { topic: ${backup} }\n    edges:`,
    )
  unwritten = await makeLine({ partitions: 1 })
  const short = `  short:
    hops:
      shop: { producer: ${unwritten.topic}, service: shop }
      orders: { topic: ${unwritten.topic} }
    edges: [{ from: shop, to: orders }]
`
  books = await openBooks({ folder, name: 'replay', pipelines: pipelines + short })
  const birth = pastMoment()
  stamps = await sendLine(books, line, { count: COUNT, clock: () => birth })
  const lossy = writing(kafkaClient(), (key) => (key === '7' ? 0 : 1))
  sent = await sendLine(books, unwritten, { count: 20, clock: () => birth, kafka: lossy })
  await Promise.all([
    handleOn(new Map([[9, 13]]), null, COUNT - 1),
    copyBut(['20', '21', '40'], mirror),
    copyBut(['30'], backup),
  ])
  await settle(books)
})

const said = (report: Assessment, edge: string): Record<string, number> => {
  const found = edgeOf(report, 'line', edge)
  return Object.fromEntries(found.findings.map(({ code, count }) => [code, count]))
}

describe('what was lost', () => {
  it('is listed with its places in the log, and who repairs it', async () => {
    expect(said(await reportOf(books), SHIP)).toEqual({ lost: 3 })
    const { code, stdout, stderr } = await replay('--pipeline', 'line')
    const lines = stdout.trimEnd().split('\n')
    const at = { pipeline: 'line', cluster: 'default', topic: line.topic, partition: 0 }
    const copied = (edge: string, topic: string, low: number, high: number): object => ({
      ...{ what: 'range', ...at, edge, low, high },
      ids: idsOf(...[low, high].filter((n, i, all) => all.indexOf(n) === i).map(String)),
      repair: { by: 'produce', cluster: 'default', topic },
    })
    expect(lines.map((text) => JSON.parse(text))).toEqual([
      {
        ...{ what: 'range', ...at, edge: SHIP, low: 10, high: 12, ids: idsOf('10', '11', '12') },
        repair: { by: 'seek', cluster: 'default', group: line.group },
      },
      copied(MIRROR, copies[0], 20, 21),
      copied(MIRROR, copies[0], 40, 40),
      copied(BACKUP, copies[1], 30, 30),
    ])
    expect(stderr).toContain(`let group ${line.group} handle these offsets again`)
    expect(code).toBe(0)
  })

  it('stands with its producer where the log does not have it', async () => {
    const { code, stdout, stderr } = await replay('--pipeline', 'short')
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ what: 'resend', edge: 'shop → orders', topic: unwritten.topic, service: 'shop' },
      ...{ id: shown(['7'], sent)[0], instance: expect.any(String) },
      repair: { by: 'producer', services: ['shop'] },
    })
    expect([code, stderr]).toEqual([3, expect.stringContaining('only shop has the values')])
  })

  it('is not sent where nobody said so, nor ever where it lies already', async () => {
    const dry = await replay('--edge', MIRROR, '--produce')
    expect([dry.code, dry.stdout]).toEqual([
      0,
      expect.stringContaining(`would send 3 messages into ${copies[0]}`),
    ])
    expect(await endOf(copies[0])).toBe(COUNT - 3)
    const group = await replay('--edge', SHIP, '--produce', '--yes')
    expect([group.code, group.stdout]).toEqual([3, expect.stringContaining('not sent')])
    expect(await endOf(line.topic)).toBe(COUNT)
  })

  it('is recovered when it was repaired so, and nothing else is wrong then', async () => {
    const done = await replay('--edge', MIRROR, '--produce', '--yes')
    expect([done.code, done.stdout]).toEqual([0, expect.stringContaining('sent 3 messages into')])
    const again = await replay('--edge', MIRROR, '--produce', '--yes')
    expect(again.stdout).toContain('sent 0 messages')
    expect(again.stdout).toContain('3 messages there already')
    expect(await endOf(copies[0])).toBe(COUNT)

    const script = join(folder, 'replay.mjs')
    const { stdout } = await replay('--edge', BACKUP, '--format', 'kafkajs')
    writeFileSync(script, stdout)
    const run = promisify(execFile)
    const dry = await run(process.execPath, [script])
    expect(dry.stdout).toContain('would send')
    expect(await endOf(copies[1])).toBe(COUNT - 1)
    await run(process.execPath, [script, '--yes'])
    expect(await endOf(copies[1])).toBe(COUNT)

    expect(await handleOn(new Map([[12, COUNT]]), 10, 12)).toEqual([10, 11, 12])
    await settle(books)
    const report = await reportOf(books)
    expect(said(report, SHIP)).toEqual({ recovered: 3 })
    expect(said(report, MIRROR)).toEqual({ recovered: 3 })
    expect(said(report, BACKUP)).toEqual({ recovered: 1 })
    expect(said(report, 'shop → orders')).toEqual({})
    const none = await replay('--pipeline', 'line')
    expect([none.code, none.stdout, none.stderr]).toEqual([0, '', 'no loss is known there\n'])
  })
})
