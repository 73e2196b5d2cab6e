/**
 * How long messages took, on a real broker: who measured it, exact counts within thresholds, and clocks
 * that disagree. The clocks of the services are the test's own, so nothing depends on the machine.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LatencySummary } from '../../src/objective/latency.ts'
import type { Assessment } from '../../src/objective/summary.ts'
import {
  type Books,
  checkCode,
  edgeOf,
  openBooks,
  pastMoment,
  reportOf,
  reportText,
  settle,
} from '../support/books.ts'
import { slowed } from '../support/faulty-clients.ts'
import { kafkaClient } from '../support/kafka.ts'
import { lineText, makeLine, readLine, sendLine } from '../support/straight-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-latency-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const COUNT = 340
/** Keys below are held back by their handler. */
const HELD = 40
const SEND_MS = 50
const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const BEHIND_MS = 10 * MINUTE_MS

let books: Books
let report: Assessment
beforeAll(async () => {
  const lines = {
    created: await makeLine(),
    appended: await makeLine({ config: { 'message.timestamp.type': 'LogAppendTime' } }),
    behind: await makeLine(),
  }
  const pipelines = Object.entries(lines)
    .map(([name, line]) => lineText(name, line))
    .join('')
  books = await openBooks({ folder, name: 'latency', pipelines })
  const birth = pastMoment() - MINUTE_MS
  const isHeld = (key: string): boolean => Number(key) < HELD
  const send = async (name: keyof typeof lines, timestamp?: number): Promise<void> => {
    let now = birth
    const kafka = slowed(kafkaClient(), lines[name].topic, () => {
      now += SEND_MS
    })
    const time = timestamp === undefined ? {} : { timestamp }
    await sendLine(books, lines[name], { count: COUNT, clock: () => now, kafka, ...time })
  }

  const sentAt = birth + 100
  await send('created', sentAt)
  let now = sentAt + SEND_MS
  await readLine(books, lines.created, {
    count: COUNT,
    clock: () => now,
    handle: (key) => {
      now = sentAt + (isHeld(key) ? 3_000 : SECOND_MS)
    },
  })
  await send('appended')
  let heldMs = 0
  await readLine(books, lines.appended, {
    count: COUNT,
    clock: () => Date.now() + heldMs,
    handle: (key) => {
      heldMs = isHeld(key) ? 2 * MINUTE_MS : 0
    },
  })
  await send('behind')
  await readLine(books, lines.behind, { count: COUNT, clock: () => Date.now() - BEHIND_MS })
  await settle(books)
  report = await reportOf(books)
})

type Name = 'created' | 'appended' | 'behind'

/** In this order each is at most the next one. */
const ranks = ({ minMs, p50Ms, p95Ms, p99Ms, maxMs }: LatencySummary): readonly number[] => [
  minMs,
  p50Ms,
  p95Ms,
  p99Ms,
  maxMs,
]

function latencyOf(name: Name, edge: string, part: 'fromHop' | 'fromBirth'): LatencySummary {
  const found = edgeOf(report, name, edge).latency?.[part]
  if (found === undefined || found === null) throw new Error(`${name}: no ${part} of ${edge}`)
  expect(found.count).toBe(COUNT)
  expect([...ranks(found)].sort((a, b) => a - b)).toEqual(ranks(found))
  return found
}

const within = (latency: LatencySummary): readonly (readonly number[])[] =>
  latency.within.map(({ thresholdMs, count }) => [thresholdMs, count])

describe('a topic that keeps the time of its producers', () => {
  it('to the consumer: from the time of the record until it was handled, exact at thresholds', () => {
    const hop = latencyOf('created', 'orders → ship', 'fromHop')
    // Exactly at the threshold is within it.
    expect([hop.minMs, hop.maxMs]).toEqual([SECOND_MS, 3_000])
    expect(hop.p50Ms).toBeLessThanOrEqual(1.01 * SECOND_MS)
    expect(within(hop)).toEqual([
      [SECOND_MS, COUNT - HELD],
      [MINUTE_MS, COUNT],
    ])
    const birth = latencyOf('created', 'orders → ship', 'fromBirth')
    expect([birth.minMs, birth.maxMs]).toEqual([SECOND_MS + 100, 3_100])
    expect(within(birth)).toEqual([
      [SECOND_MS, 0],
      [MINUTE_MS, COUNT],
    ])
  })

  it('into the topic: until the producer has its answer, since its log says nothing', () => {
    for (const part of ['fromHop', 'fromBirth'] as const) {
      const latency = latencyOf('created', 'shop → orders', part)
      expect(ranks(latency)).toEqual(Array.from({ length: 5 }, () => SEND_MS))
    }
  })
})

describe('a topic that notes when it wrote', () => {
  it('since birth: as its log says, more than a minute; the send as its producer says', () => {
    expect(ranks(latencyOf('appended', 'shop → orders', 'fromHop'))).toEqual(
      Array.from({ length: 5 }, () => SEND_MS),
    )
    const birth = latencyOf('appended', 'shop → orders', 'fromBirth')
    expect(birth.minMs).toBeGreaterThan(MINUTE_MS)
    expect(within(birth)).toEqual([
      [SECOND_MS, 0],
      [MINUTE_MS, 0],
    ])
  })

  it('to the consumer: from when it was written, exact at thresholds', () => {
    const hop = latencyOf('appended', 'orders → ship', 'fromHop')
    expect(within(hop)[1]).toEqual([MINUTE_MS, COUNT - HELD])
    expect(hop.p50Ms).toBeLessThan(MINUTE_MS)
    expect(hop.p95Ms).toBeGreaterThan(MINUTE_MS)
    expect(hop.maxMs).toBeGreaterThanOrEqual(2 * MINUTE_MS)
  })
})

describe('a service whose clock is ten minutes behind', () => {
  it('its latencies are kept as they are, below 0', () => {
    const hop = latencyOf('behind', 'orders → ship', 'fromHop')
    expect(hop.minMs).toBeGreaterThanOrEqual(-BEHIND_MS)
    expect(hop.p50Ms).toBeLessThan(0)
    expect(within(hop)).toEqual([
      [SECOND_MS, COUNT],
      [MINUTE_MS, COUNT],
    ])
  })

  it('is told of, and no other', async () => {
    const edges = report.coverage.clocks.filter(({ kind }) => kind === 'edge_behind')
    expect(edges).toEqual([
      {
        kind: 'edge_behind',
        pipeline: 'behind',
        edge: 'orders → ship',
        atLeastMs: -latencyOf('behind', 'orders → ship', 'fromHop').minMs - 1,
      },
    ])
    const text = await reportText(books)
    expect(text).toContain('orders → ship (behind): negative latencies')
  })

  it('changes nothing else: the verdict is that of a service with a right clock', async () => {
    const verdict = (name: Name): unknown =>
      ['shop → orders', 'orders → ship']
        .map((edge) => edgeOf(report, name, edge))
        .map(({ standing, evidence, counts, completeness, findings, unseen }) => ({
          ...{ standing, evidence, counts, completeness, findings, unseen },
        }))
    expect(verdict('behind')).toEqual(verdict('created'))
    expect(edgeOf(report, 'behind', 'orders → ship')).toMatchObject({
      standing: 'met',
      counts: { expected: COUNT, delivered: COUNT },
    })
    expect(await checkCode(books)).toBe(0)
  })
})
