/**
 * Membership: a filter that knows who never passed a hop whose windows are too large to be listed. The
 * same run is judged twice, once without asking it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import {
  hexOfWords,
  type IdParts,
  partsOfWords,
  wordsOfHex,
  wordsOfParts,
} from '../../src/message/id.ts'
import type { EdgeSummary } from '../../src/objective/summary.ts'
import { edgeOf, hexOf, openBooks, pastMoment, reportOf, settle } from '../support/books.ts'
import { writing } from '../support/faulty-clients.ts'
import { createTopic, kafkaClient } from '../support/kafka.ts'
import { makeLine, passOn, sendLine } from '../support/straight-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-membership-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Too many to be listed: then only the filter can say who was there. */
const IDS = 5_000
const COPIED = new Set(['10', '2500', '4990'])

it('tells strangers from copies, which nothing else does', async () => {
  const line = await makeLine()
  const next = await createTopic({ prefix: 'orders.paid', partitions: 2 })
  const text = (more: string): string => `  paying:
    hops:
      shop: { producer: ${line.topic}, service: shop }
      orders: { topic: ${line.topic} }
      pay: { consumer: ${line.topic}, group: ${line.group}${more} }
      paid: { topic: ${next} }
    edges:
      - { from: shop, to: orders }
      - { from: orders, to: pay }
      - { from: pay, to: paid }
`
  const pipelines = text(', membership: true')
  const books = await openBooks({ folder, name: 'filter', pipelines })
  const birth = pastMoment()
  const stamps = await sendLine(books, line, { count: IDS, clock: () => birth })
  await passOn(books, line, next, {
    count: IDS,
    kafka: writing(kafkaClient(), (key) => (COPIED.has(key) ? 2 : 1)),
  })
  const copies = [...COPIED].map((key) => stamps.get(key) as string).sort()
  // A stranger that nobody has heard of, and one that claims to be of the shop.
  const { tag } = partsOfWords(wordsOfHex(copies[0] as string))
  const unheard = stampsOf({ birth, tag: (tag + 1) % 2 ** 40, sequence: 7 })
  const forged = stampsOf({ birth, tag, sequence: IDS + 1_000 })
  await sendStamped(next, [...unheard, ...forged])

  await settle(books)
  const report = await reportOf(books)
  for (const edge of ['shop → orders', 'orders → pay'])
    expect(edgeOf(report, 'paying', edge)).toMatchObject({ standing: 'met', findings: [] })
  const known = edgeOf(report, 'paying', 'pay → paid')
  expect(known.standing).toBe('breached')
  expect(codesOf(known)).toEqual({
    unexpected: forged,
    extra: copies,
    unconfirmed: unheard,
  })
  expect(known.counts).toMatchObject({ expected: IDS, delivered: IDS, lost: 0, duplicated: 0 })

  // The same messages and the same frames, but nobody asks the filter.
  const { auditTopic } = books
  const without = await openBooks({ folder, name: 'bare', pipelines: text(''), auditTopic })
  await settle(without)
  const bare = edgeOf(await reportOf(without), 'paying', 'pay → paid')
  expect(codesOf(bare)).toEqual({ extra: [...copies, ...forged].sort(), unconfirmed: unheard })
  expect(bare.counts).toMatchObject({ expected: IDS, delivered: IDS, lost: 0, unexpected: 0 })
})

const codesOf = ({ findings }: EdgeSummary): Record<string, readonly string[]> =>
  Object.fromEntries(findings.map(({ code, ids }) => [code, ids.map(({ id }) => hexOf(id)).sort()]))

/** Three, with stamps that no agent gave. */
function stampsOf({ birth, tag, sequence }: Pick<IdParts, 'birth' | 'tag' | 'sequence'>): string[] {
  return [0, 1, 2].map((i) =>
    hexOfWords(wordsOfParts({ birth, version: 7, tag, sequence: sequence + i, ordinal: 0 })),
  )
}

async function sendStamped(topic: string, ids: readonly string[]): Promise<void> {
  const producer = kafkaClient().producer()
  await producer.connect()
  await producer.send({
    topic,
    messages: ids.map((id) => ({ value: id, headers: { quipu: Buffer.from(id, 'hex') } })),
  })
  await producer.disconnect()
}
