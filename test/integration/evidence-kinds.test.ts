/**
 * Evidence that is less than every id: a sample of them, or an estimate of how many there are. On a real
 * broker, found = injected, as far as each can say.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wordsOfHex } from '../../src/message/id.ts'
import type { LossRow } from '../../src/objective/losses.ts'
import type { Assessment } from '../../src/objective/summary.ts'
import { isSampled } from '../../src/sketch/sample.ts'
import { DEFAULT_SEED } from '../../src/sketch/sketch.ts'
import {
  type Books,
  checkCode,
  edgeOf,
  findingOf,
  hexOf,
  lossesOf,
  openBooks,
  pastMoment,
  reportOf,
  reportText,
  settle,
} from '../support/books.ts'
import { skipping } from '../support/faulty-clients.ts'
import { kafkaClient } from '../support/kafka.ts'
import type { Stamps } from '../support/stamps.ts'
import { lineText, makeLine, readLine, sendLine } from '../support/straight-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-evidence-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const COUNT = 20_000

describe('a topic that is sampled 1/16', () => {
  const ONE_IN = 16
  const LOST = 400
  /** Of 400 the hash chooses 25 on the average; 16 is the least for which 95% speak of 400. */
  const CHOSEN = 16
  const isChosen = (hex: string): boolean => isSampled(...wordsOfHex(hex), DEFAULT_SEED, ONE_IN)
  const chosenOf = (stamps: Stamps): number => [...stamps.values()].filter(isChosen).length

  let books: Books
  let report: Assessment
  let lossy: Stamps
  let healthy: Stamps
  let lost: readonly string[]
  beforeAll(async () => {
    const lines = { lossy: await makeLine(), healthy: await makeLine(), unlike: await makeLine() }
    const pipelines = Object.entries(lines)
      .map(([name, line]) => lineText(name, line, ', sample: 1/16'))
      .join('')
    books = await openBooks({ folder, name: 'sampled', pipelines })
    const birth = pastMoment()
    const clock = (): number => birth

    lossy = await sendLine(books, lines.lossy, { count: COUNT, clock })
    // None of the last ones: what nothing follows is not passed over yet.
    const keys = [...lossy.keys()].slice(0, COUNT - 1_000)
    const of = (chosen: boolean): string[] =>
      keys.filter((key) => isChosen(lossy.get(key) as string) === chosen)
    const skipped = new Set([...of(true).slice(0, CHOSEN), ...of(false).slice(0, LOST - CHOSEN)])
    lost = [...skipped].map((key) => lossy.get(key) as string)
    await readLine(books, lines.lossy, {
      count: COUNT - LOST,
      kafka: skipping(kafkaClient(), (key) => skipped.has(key)),
    })
    healthy = await sendLine(books, lines.healthy, { count: COUNT, clock })
    await readLine(books, lines.healthy, { count: COUNT })
    await sendLine(books, lines.unlike, { count: 2_000, clock, hasFile: false })
    await readLine(books, lines.unlike, { count: 2_000 })
    await settle(books)
    report = await reportOf(books)
  })

  it('names the losses that the hash chooses, and no others', async () => {
    const rows = await lossesOf(books)
    const named = rows.filter(({ id }) => id !== null)
    expect(lost).toHaveLength(LOST)
    expect(named.map(({ id }) => hexOf(id)).sort()).toEqual(lost.filter(isChosen).sort())
    expect(new Set(rows.map(placeOf))).toEqual(new Set(['lossy orders → ship: lost, sampled']))
    // Those without a name make up the scaled count.
    expect(rows.reduce((sum, { times }) => sum + times, 0)).toBe(ONE_IN * CHOSEN)
    expect(await checkCode(books)).toBe(1)
  })

  it('scales them up, within an interval that holds the truth', async () => {
    const edge = edgeOf(report, 'lossy', 'orders → ship')
    expect([edge.standing, edge.evidence]).toEqual(['breached', 'sampled'])
    const expected = ONE_IN * chosenOf(lossy)
    expect(edge.counts).toMatchObject({
      expected,
      lost: ONE_IN * CHOSEN,
      delivered: expected - ONE_IN * CHOSEN,
      undetermined: 0,
      in_flight: 0,
    })
    const { likely, low, high } = edge.sampling?.counts.lost ?? { likely: 0, low: 0, high: 0 }
    expect(likely).toBe(ONE_IN * CHOSEN)
    expect(low).toBeGreaterThanOrEqual(CHOSEN)
    expect(low).toBeLessThan(likely)
    expect(high).toBeGreaterThanOrEqual(LOST)
    expect(high).toBeLessThan(2 * LOST)
    expect(findingOf(edge, 'lost').args).toMatchObject({
      sampled: CHOSEN,
      oneIn: ONE_IN,
      low,
      high,
    })
    const text = await reportText(books)
    expect(text).toContain('about 256 of ')
    expect(text).toContain('sampled 1/16')
  })

  it('accuses nobody else', () => {
    const edges = [
      edgeOf(report, 'lossy', 'shop → orders'),
      edgeOf(report, 'healthy', 'shop → orders'),
      edgeOf(report, 'healthy', 'orders → ship'),
    ]
    expect(edges.map(({ findings }) => findings)).toEqual([[], [], []])
    const [whole, all] = [ONE_IN * chosenOf(lossy), ONE_IN * chosenOf(healthy)]
    expect(
      edges.map((e) => [e.standing, e.evidence, e.sampling?.oneIn, e.counts.delivered]),
    ).toEqual([whole, all, all].map((n) => ['met', 'sampled', ONE_IN, n]))
  })

  it('where the producer has no such tally it judges nothing, and says why', () => {
    const edge = edgeOf(report, 'unlike', 'shop → orders')
    expect([edge.standing, edge.findings.map((f) => f.code)]).toEqual([
      'indeterminate',
      ['params_differ'],
    ])
    expect(findingOf(edge, 'params_differ').args.parameters).toEqual(['sampled one in: 1 and 16'])
    expect(edge.counts).toMatchObject({ expected: 2_000, undetermined: 2_000, lost: 0 })
    // The other edge has both.
    expect(edgeOf(report, 'unlike', 'orders → ship')).toMatchObject({
      standing: 'met',
      findings: [],
    })
  })
})

describe('more losses than can be named', () => {
  const LOST = 5_000

  it('are proven in number, and bounded', async () => {
    const line = await makeLine()
    const books = await openBooks({ folder, name: 'many', pipelines: lineText('many', line) })
    const birth = pastMoment()
    const stamps = await sendLine(books, line, { count: COUNT, clock: () => birth })
    const isLost = (key: string): boolean => Number(key) % 3 === 1 && Number(key) < 3 * LOST
    await readLine(books, line, { count: COUNT - LOST, kafka: skipping(kafkaClient(), isLost) })
    await settle(books)

    const report = await reportOf(books)
    expect(edgeOf(report, 'many', 'shop → orders')).toMatchObject({ standing: 'met' })
    const edge = edgeOf(report, 'many', 'orders → ship')
    expect([edge.standing, edge.evidence]).toEqual(['breached', 'estimated'])
    expect(edge.windows).toMatchObject({ judged: 1, breached: 1 })
    const { counts } = edge
    expect(counts).toMatchObject({ expected: COUNT, in_flight: 0, duplicated: 0, extra: 0 })
    expect(counts.delivered + counts.lost + counts.undetermined).toBe(COUNT)
    const { net, missingLow, missingHigh } = findingOf(edge, 'undecodable').args
    // Of a thousand such differences one has no upper end: then anybody may be missing.
    const high = Math.min(COUNT, Number(missingHigh ?? COUNT))
    expect(net).toBe(LOST)
    expect(missingLow).toBe(LOST)
    expect(high).toBeGreaterThanOrEqual(LOST)
    // Accused is what is proven; who may be missing too is not acquitted.
    expect(counts).toMatchObject({ lost: LOST, undetermined: high - LOST })

    const rows = await lossesOf(books)
    expect(rows.reduce((sum, { times }) => sum + times, 0)).toBe(counts.lost)
    const truth = new Set([...stamps].filter(([key]) => isLost(key)).map(([, hex]) => hex))
    const named = rows.filter(({ id }) => id !== null)
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter(({ id }) => !truth.has(hexOf(id)))).toEqual([])
    expect(new Set(rows.map(placeOf))).toEqual(new Set(['many orders → ship: lost, estimated']))
  })
})

const placeOf = ({ pipeline, edge, kind, evidence }: LossRow): string =>
  `${pipeline} ${edge}: ${kind}, ${evidence}`
