/** What the books tell of where bad messages came from, and what records of the log add to it. */
import { describe, expect, test } from 'vitest'
import { concentrationOf, type Dimension, type Spread } from '../../src/diagnose/concentration.ts'
import {
  type BadMessages,
  badMessagesOf,
  type SpreadInput,
  spreadsOf,
} from '../../src/diagnose/spread.ts'
import { type SampledRecord, sampledOf, spreadsOfSample } from '../../src/diagnose/spread-sample.ts'
import { type HopRef, hopKey } from '../../src/hop/hop.ts'
import type { Minter } from '../../src/hop/mishap.ts'
import type { TagSpan } from '../../src/hop/tag-spans.ts'
import { hexOfWords, wordsOfParts } from '../../src/message/id.ts'
import { FLIGHTS, START } from '../reports/build.ts'

const TAGS = { one: 0x11, two: 0x22, foreign: 0x33 }
const MINTERS = new Map<number, Minter>([
  [TAGS.one, minter('1', 'host-1', 'checkin/1.4.2')],
  [TAGS.two, minter('2', 'host-2', 'checkin/1.4.2')],
])

function minter(digit: string, host: string, client: string): Minter {
  return { instance: digit.repeat(32), service: 'checkin', host, client }
}

function id(tag: number, sequence: number, ordinal = 0, version: 7 | 8 = 7): string {
  return hexOfWords(wordsOfParts({ birth: START + sequence, version, tag, sequence, ordinal }))
}

const hopOf = (name: string): HopRef =>
  FLIGHTS.hops.find((d) => d.name === name)?.hop ?? expect.fail(name)
const edgeOf = (name: string): SpreadInput['edge'] =>
  FLIGHTS.edges.find((e) => e.name === name) ?? expect.fail(name)

type Tally = SpreadInput['tallies'][number]

function tally(name: string, counts: Readonly<Record<number, number>> | null): Tally {
  const hop = hopOf(name)
  const spans = Object.entries(counts ?? {}).map(
    ([tag, count]): TagSpan => ({ tag: Number(tag), low: 0, high: count - 1, count }),
  )
  return {
    ...{ hop, key: hopKey(hop), channel: 'passed', origin: null, placeless: 0, ranges: [] },
    count: spans.reduce((sum, s) => sum + s.count, 0),
    tags: counts === null ? null : spans,
    params: { element: 'id' },
  }
}

const bad = (ids: readonly string[], unnamed = 0): BadMessages => ({ ids: new Set(ids), unnamed })

function input(edge: string, rest: Partial<SpreadInput>): SpreadInput {
  return {
    ...{ pipeline: FLIGHTS, edge: edgeOf(edge), bad: bad([]), tallies: [], minters: MINTERS },
    ...{ mishaps: [], ...rest },
  }
}

const find = (spreads: readonly Spread[], dimension: Dimension): Spread | undefined =>
  spreads.find((s) => s.dimension === dimension)
const rowsOf = (spread: Spread | undefined): Record<string, readonly [number, number]> =>
  Object.fromEntries((spread?.values ?? []).map((v) => [v.value, [v.bad, v.all]]))

describe('bad messages', () => {
  test('count once, whatever is made of them and however often they came', () => {
    const ids = [
      { id: id(TAGS.one, 1), times: 3 },
      { id: id(TAGS.one, 1, 5), times: 1 },
      { id: id(TAGS.one, 2), times: 1 },
    ]
    expect(badMessagesOf([{ count: 9, ids }])).toEqual(bad([id(TAGS.one, 1), id(TAGS.one, 2)], 4))
  })
})

describe('who minted them', () => {
  const ids = [1, 2, 3, 4].map((n) => id(TAGS.two, n))
  const tallies = [tally('flights', { [TAGS.one]: 600, [TAGS.two]: 400 })]

  test('is told by their tags, against what passed there', () => {
    const spreads = spreadsOf(input('flights → enrich', { bad: bad(ids), tallies }))
    expect(rowsOf(find(spreads, 'producer'))).toEqual({
      'checkin on host-1 (11111111)': [0, 600],
      'checkin on host-2 (22222222)': [4, 400],
    })
    expect(rowsOf(find(spreads, 'host'))).toEqual({ 'host-1': [0, 600], 'host-2': [4, 400] })
    // Both run the same: their counts add up.
    expect(rowsOf(find(spreads, 'client'))).toEqual({ 'checkin/1.4.2': [4, 1_000] })
    expect(find(spreads, 'partition')).toBeUndefined()
  })

  test('is counted further up, where the edge begins at a place that keeps no tags', () => {
    const above = [tally('checkin', { [TAGS.one]: 600, [TAGS.two]: 400 }), tally('enrich', null)]
    const spreads = spreadsOf(
      input('enrich → enriched + dlq', {
        bad: bad(ids),
        tallies: [...above, tally('flights', null)],
      }),
    )
    expect(rowsOf(find(spreads, 'host'))).toEqual({ 'host-1': [0, 600], 'host-2': [4, 400] })
  })

  test('is not told where one tally keeps no tags, and none further up does', () => {
    const torn = [...tallies, tally('flights', null)]
    expect(spreadsOf(input('flights → enrich', { bad: bad(ids), tallies: torn }))).toEqual([])
  })

  test('is unknown of foreign ids, of those without a name, and of who never said who it is', () => {
    const mixed = [...ids, id(TAGS.one, 9, 0, 8), id(TAGS.foreign, 1)]
    const spreads = spreadsOf(input('flights → enrich', { bad: bad(mixed, 7), tallies }))
    expect(find(spreads, 'host')?.badUnknown).toBe(9)
    expect(rowsOf(find(spreads, 'host'))['host-2']).toEqual([4, 400])
  })

  test('counts a bad message as a message where the place above never had it', () => {
    const few = [tally('flights', { [TAGS.one]: 600, [TAGS.two]: 2 })]
    const spreads = spreadsOf(input('flights → enrich', { bad: bad(ids), tallies: few }))
    expect(rowsOf(find(spreads, 'host'))['host-2']).toEqual([4, 4])
    expect(() => concentrationOf(spreads)).not.toThrow()
  })
})

describe('the partition, from the books', () => {
  const ranges = [
    { partition: 0, low: 0, high: 499 },
    { partition: 1, low: 0, high: 499 },
  ]
  const seen = { ...tally('flights', { [TAGS.one]: 1_000 }), ranges }
  const ids = [1, 2].map((n) => id(TAGS.one, n))
  const mishaps = ids.map((id) => ({ id, partition: 1, hop: hopOf('enrich') }))

  test('is told by mishaps that name message and partition', () => {
    const spreads = spreadsOf(
      input('flights → enrich', { bad: bad([...ids, id(TAGS.one, 3)]), tallies: [seen], mishaps }),
    )
    const found = find(spreads, 'partition')
    expect(rowsOf(found)).toEqual({ '0': [0, 500], '1': [2, 500] })
    expect(found?.badUnknown).toBe(1)
  })

  test('is no sign of anything where more bad ones are unknown than what was noted', () => {
    const noted = Array.from({ length: 20 }, (_, n) => id(TAGS.one, n))
    const of = (unknown: number) => {
      const spreads = spreadsOf(
        input('flights → enrich', {
          ...{ bad: bad(noted, unknown), tallies: [seen] },
          mishaps: noted.map((id) => ({ id, partition: 1, hop: hopOf('enrich') })),
        }),
      )
      const rows = concentrationOf(spreads.filter((s) => s.dimension === 'partition'))
      return rows.map(({ value, significant }) => [value, significant])
    }
    expect(of(0)).toEqual([['1', true]])
    expect(of(200)).toEqual([['1', false]])
    // More of them than there are messages in all: no draw, and no error.
    expect(of(2_000)).toEqual([['1', false]])
  })

  test('is not told by one in another topic', () => {
    const elsewhere = mishaps.map((m) => ({ ...m, hop: hopOf('dlq') }))
    const spreads = spreadsOf(
      input('flights → enrich', { bad: bad(ids), tallies: [seen], mishaps: elsewhere }),
    )
    expect(find(spreads, 'partition')).toBeUndefined()
  })

  test('is not told where the offsets hold much else', () => {
    const wide = { ...seen, ranges: [...ranges, { partition: 2, low: 0, high: 101 }] }
    const spreads = spreadsOf(
      input('flights → enrich', { bad: bad(ids), tallies: [wide], mishaps }),
    )
    expect(find(spreads, 'partition')).toBeUndefined()
  })
})

describe('records of the log', () => {
  const record = (n: number, rest: Partial<SampledRecord> = {}): SampledRecord => ({
    ...{ id: id(TAGS.one, n), partition: n % 2, schema: '', bucket: 'no key', ...rest },
  })

  test('say partition, schema and bucket; a copy counts once; an unread bad one is unknown', () => {
    const records = [
      ...[0, 1, 2, 3].map((n) => record(n, { schema: `confluent ${n < 2 ? 4 : 5}` })),
      record(3, { partition: 0 }),
      record(4),
    ]
    const badOnes = bad([id(TAGS.one, 1), id(TAGS.one, 3), id(TAGS.one, 77)], 2)
    const spreads = spreadsOfSample({ topic: 'flights', records, isWhole: true }, badOnes, null)
    expect(rowsOf(find(spreads, 'partition'))).toEqual({ '0': [0, 3], '1': [2, 2] })
    expect(rowsOf(find(spreads, 'schema'))).toEqual({
      'confluent 4': [1, 2],
      'confluent 5': [1, 2],
    })
    expect(rowsOf(find(spreads, 'key_bucket'))).toEqual({ 'no key': [2, 5] })
    expect(find(spreads, 'partition')).toMatchObject({
      ...{ badUnknown: 3, counted: 'all 5 messages of flights' },
    })
    expect(find(spreads, 'producer')).toBeUndefined()
  })

  test('say who minted them, where the books do not', () => {
    const records = [record(0), record(1), { ...record(2), id: id(TAGS.two, 2) }]
    const sample = { topic: 'flights', records, isWhole: false }
    const spreads = spreadsOfSample(sample, bad([id(TAGS.two, 2)]), MINTERS)
    expect(rowsOf(find(spreads, 'host'))).toEqual({ 'host-1': [0, 2], 'host-2': [1, 1] })
    expect(find(spreads, 'host')?.counted).toBe('3 of the messages of flights')
  })

  test('name the schema as the topic frames it, and fall into the same bucket by the same key', () => {
    const value = Buffer.from([0, 0, 0, 0, 17, 1, 2])
    const raw = { partition: 3, key: Buffer.from('LH454'), value, headers: {} }
    const one = sampledOf(id(TAGS.one, 1), raw, 'confluent')
    expect(one).toMatchObject({ partition: 3, schema: 'confluent 17' })
    expect(one.bucket).toMatch(/^bucket \d+ of 16$/)
    expect(sampledOf(id(TAGS.one, 2), raw, 'confluent').bucket).toBe(one.bucket)
    // Nobody said how it is framed: nothing is guessed. A tombstone has no schema, a null key a bucket.
    expect(sampledOf(id(TAGS.one, 1), raw, null).schema).toBe('')
    expect(
      sampledOf(id(TAGS.one, 1), { ...raw, key: null, value: null }, 'confluent'),
    ).toMatchObject({ schema: '', bucket: 'no key' })
  })
})

test('of more values than are held against each other the rarest are one', () => {
  const records = Array.from({ length: 1_203 }, (_, n): SampledRecord => {
    const partition = n < 200 ? 0 : n
    return { id: id(TAGS.one, n), partition, schema: '', bucket: 'no key' }
  })
  const sample = { topic: 'flights', records, isWhole: true }
  const found = find(spreadsOfSample(sample, bad([id(TAGS.one, 0)]), null), 'partition')
  expect(found?.values).toHaveLength(1_001)
  expect(found?.values.at(-1)).toEqual({ value: '4 others', bad: 0, all: 4 })
})
