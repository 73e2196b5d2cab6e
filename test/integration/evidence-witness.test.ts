/**
 * A producer that is killed before it could report what it sent. What it minted and what its topic does
 * not hold shows in the gaps of its numbering, and in nothing else.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Assessment, EdgeSummary } from '../../src/objective/summary.ts'
import {
  type Books,
  checkCode,
  edgeOf,
  findingOf,
  lossesOf,
  openBooks,
  pastMoment,
  reportOf,
  reportText,
  settle,
  WINDOW_MS,
} from '../support/books.ts'
import { type DyingPlan, SENT } from '../support/dying-plan.ts'
import { createTopic, sharedBrokers } from '../support/kafka.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-witness-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const COUNT = 100
/** In the middle of the first window, and at the beginning and in the middle of the second. */
const UNWRITTEN = {
  first: Array.from({ length: 20 }, (_, i) => 120 + i),
  second: [200, 201, 202, 203, 204, 250],
}

let books: Books
let report: Assessment
beforeAll(async () => {
  const topics = { broken: await newTopic(), whole: await newTopic() }
  const text = (name: keyof typeof topics): string => `  ${name}:
    hops:
      shop: { producer: ${topics[name]}, service: shop }
      orders: { topic: ${topics[name]} }
    edges:
      - { from: shop, to: orders }
`
  const pipelines = text('broken') + text('whole')
  books = await openBooks({ folder, name: 'witness', pipelines })
  const { auditTopic } = books
  // Both windows are over.
  const birth = pastMoment() - WINDOW_MS
  const brokers = sharedBrokers()
  const plan = { brokers, auditTopic, birth, windowMs: WINDOW_MS, count: COUNT }
  const unwritten = [...UNWRITTEN.first, ...UNWRITTEN.second]
  await Promise.all([
    sendAndDie({ ...plan, topic: topics.broken, unwritten }),
    sendAndDie({ ...plan, topic: topics.whole, unwritten: [] }),
  ])
  await settle(books)
  // Whether they are silent or only slow is known after three of their intervals.
  for (let look = 0; (await silentIn(books)) < 2 && look < 120; look++) await sleep(500)
  await settle(books)
  report = await reportOf(books)
  expect(report.coverage.agents?.find((a) => a.service === 'shop')?.silent).toBe(2)
})

it('says how many were minted and are not there, exactly', async () => {
  const edge = edgeOf(report, 'broken', 'shop → orders')
  const missing = UNWRITTEN.first.length + UNWRITTEN.second.length
  const finding = findingOf(edge, 'minted_not_here')
  expect([finding.count, finding.windows, finding.ids]).toEqual([missing, 2, []])
  expect(edge.counts.unconfirmed).toBe(missing)
  expect(await reportText(books)).toContain(`At least ${missing} messages were given an id`)
})

it('calls nothing lost, and nothing well', async () => {
  const edge = edgeOf(report, 'broken', 'shop → orders')
  expect(edge.standing).toBe('indeterminate')
  expect(edge.windows).toMatchObject({ judged: 2, indeterminate: 2 })
  expect(edge.unseen.map(({ hop, passage }) => [hop, passage])).toEqual([['shop', 'hole']])
  // Only what was reported is expected, and it is there.
  expect(edge.counts).toMatchObject({ expected: COUNT, delivered: COUNT, lost: 0, unexpected: 0 })
  expect(await lossesOf(books)).toEqual([])
  expect(await checkCode(books)).toBe(3)
})

it('says the same of a producer that wrote all, but for the number', () => {
  const whole = edgeOf(report, 'whole', 'shop → orders')
  expect(codesOf(whole)).toEqual(
    codesOf(edgeOf(report, 'broken', 'shop → orders')).filter((c) => c !== 'minted_not_here'),
  )
  expect(whole.standing).toBe('indeterminate')
  expect(whole.counts).toMatchObject({ expected: COUNT, delivered: COUNT, unconfirmed: 0 })
})

const codesOf = ({ findings }: EdgeSummary): string[] => findings.map(({ code }) => code)

const newTopic = (): Promise<string> => createTopic({ prefix: 'orders', partitions: 2 })

async function silentIn(of: Books): Promise<number> {
  const { agents } = (await reportOf(of)).coverage
  return agents?.find(({ service }) => service === 'shop')?.silent ?? 0
}

const SCRIPT = fileURLToPath(new URL('../support/dying-producer.ts', import.meta.url))
const TSX = fileURLToPath(import.meta.resolve('tsx'))

/** Killed without a chance to say goodbye, once all is sent. */
async function sendAndDie(plan: DyingPlan): Promise<void> {
  const child = spawn(process.execPath, ['--import', TSX, SCRIPT, JSON.stringify(plan)], {
    env: { ...process.env, QUIPU_CONFIG: books.file },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  let output = ''
  const onData = (chunk: Buffer): void => {
    output += chunk
    if (output.includes(SENT)) child.kill('SIGKILL')
  }
  child.stdout.on('data', onData)
  child.stderr.on('data', onData)
  const [, signal] = await ended
  expect(signal, output).toBe('SIGKILL')
}
