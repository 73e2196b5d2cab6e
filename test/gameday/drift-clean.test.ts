/** Real data on which nothing went wrong: nothing is found; and what is then done to it is. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dataset } from '../support/drift-datasets.ts'
import { flights, schemaText } from '../support/drift-schemas.ts'
import { judgeStream, STREAM_EPOCH, STREAM_WINDOW_MS } from '../support/drift-stream.ts'
import { flightRecords, flightType } from '../support/flights/records.ts'

const FLIGHTS = 250_000
const PER_WINDOW = 1_000
/** Several times what it takes on a machine that does nothing else. */
const TIMEOUT_MS = 180_000

const folder = mkdtempSync(join(tmpdir(), 'quipu-drift-clean-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function promised(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

async function flightsInAvro(count: number): Promise<Buffer[]> {
  const values: Buffer[] = []
  for await (const block of flightRecords(count)) values.push(...block)
  return values
}

async function flightsInJson(count: number): Promise<string[]> {
  return (await flightsInAvro(count)).map((value) => JSON.stringify(flightType.fromBuffer(value)))
}

describe('nothing is found', () => {
  it(
    `in ${FLIGHTS} flights in Avro, as they are promised`,
    async () => {
      const file = promised('flights.avsc', schemaText('avro', flights.promised))
      const values = await flightsInAvro(FLIGHTS)
      const plan = { file, framing: 'none' } as const
      const { findings, cells } = await judgeStream({ plan, perWindow: PER_WINDOW, values })
      expect(findings).toEqual([])
      const of = { looked: PER_WINDOW, invalid: 0, unknown: 0 }
      expect(cells).toHaveLength((2 * FLIGHTS) / PER_WINDOW)
      for (const cell of cells) expect(cell).toMatchObject(of)
    },
    TIMEOUT_MS,
  )

  it(
    `in ${FLIGHTS} flights in JSON, of which nobody promised anything`,
    async () => {
      const values = await flightsInJson(FLIGHTS)
      const { findings } = await judgeStream({ plan: {}, perWindow: PER_WINDOW, values })
      expect(findings).toEqual([])
    },
    TIMEOUT_MS,
  )

  it.each([
    ['birdstrikes.csv', 100],
    ['zipcodes.csv', 500],
    ['movies.json', 50],
    ['species.csv', 100],
  ])('in %s, %i messages a window', async (file, perWindow) => {
    const values = await dataset(file)
    const { findings, cells } = await judgeStream({ plan: {}, perWindow, values })
    expect(findings).toEqual([])
    const sure = cells.reduce((n, { looked, unknown }) => n + looked - unknown, 0)
    expect(sure).toBe(2 * values.length)
  })
})

describe('in the same flights, found is what is done to them', () => {
  const COUNT = 60_000
  const FROM = 40_000

  it.each([
    ['a field that is null in one of five', 'null_rate', (i: number) => i % 5 === 0, null],
    ['a field that one of five lacks', 'presence_rate', (i: number) => i % 5 === 0, undefined],
    ['one value for all', 'cardinality', () => true, 'JFK'],
    ['texts that are longer', 'length', () => true, 'John F. Kennedy'],
  ] as const)('%s: %s', async (_, code, isHit, origin) => {
    const values = (await flightsInJson(COUNT)).map((value, i) => {
      if (i < FROM || !isHit(i)) return value
      const flight = JSON.parse(value)
      const other = code === 'length' ? `${origin} (${flight.origin})` : origin
      return JSON.stringify({ ...flight, origin: other })
    })
    const { findings } = await judgeStream({ plan: {}, perWindow: PER_WINDOW, values })
    expect(findings.map((finding) => `${finding.code} ${finding.path}`)).toEqual([
      `${code} /origin`,
    ])
    const since = STREAM_EPOCH + (FROM / PER_WINDOW) * STREAM_WINDOW_MS
    expect(findings[0]).toMatchObject({ since, hop: 'feed', hops: ['feed', 'topic'] })
    expect(findings[0]?.producers.map(({ service }) => service)).toEqual(['feed'])
  })
})
