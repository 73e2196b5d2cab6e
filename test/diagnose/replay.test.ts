/** Who repairs what: by the kind of edge, and lost messages at adjoining offsets as one range. */
import { describe, expect, test } from 'vitest'
import {
  type EdgeReplay,
  type LostAt,
  rangesOf,
  replayCode,
  wayOf,
} from '../../src/diagnose/replay.ts'
import { consumerHop, type HopRef, producerHop, sinkHop, topicHop } from '../../src/hop/hop.ts'
import type { EdgeDeclaration } from '../../src/hop/pipeline.ts'
import { declare } from '../support/declare.ts'

const T = 'default'
const FLIGHTS = topicHop(T, 'flights')
const ENRICHED = topicHop(T, 'enriched')
const MIRROR = topicHop('eu', 'mirror')
const ENRICH = consumerHop(T, 'flights', 'enrich')
const STORE = consumerHop(T, 'flights', 'store')
const CHECKIN = producerHop(T, 'flights', 'checkin')
const VALUE = { value: true, key: false, headers: [] }
const KEY = { value: false, key: true, headers: [] }

const edge = (
  from: readonly HopRef[],
  to: readonly HopRef[],
  preserve: EdgeDeclaration['preserve'] = null,
  dead: HopRef | null = null,
): EdgeDeclaration => ({
  ...{ name: 'edge', filter: [], preserve },
  from: from.map((hop) => declare('from', hop)),
  to: [
    ...to.map((hop) => declare('to', hop)),
    ...(dead === null ? [] : [{ ...declare('dead', dead), deadLetter: true }]),
  ],
})

describe('a loss is repaired', () => {
  test.each<[what: string, EdgeDeclaration, repair: object, sources: readonly string[]]>([
    ['by who sent it', edge([CHECKIN], [FLIGHTS]), { by: 'producer', services: ['checkin'] }, []],
    [
      'by the group that did not read it',
      edge([FLIGHTS], [ENRICH]),
      { by: 'seek', group: 'enrich' },
      ['flights'],
    ],
    [
      'by the group that made nothing of it',
      edge([ENRICH], [ENRICHED], VALUE),
      { by: 'seek', group: 'enrich' },
      ['flights'],
    ],
    [
      'by the group that did not write it down',
      edge([ENRICH], [sinkHop('warehouse')]),
      { by: 'seek', group: 'enrich' },
      ['flights'],
    ],
    [
      'by a copy, where values stay',
      edge([FLIGHTS], [MIRROR], VALUE),
      { by: 'produce', cluster: 'eu', topic: 'mirror' },
      ['flights'],
    ],
    [
      'by a copy, not into dead letters',
      edge([FLIGHTS], [MIRROR], VALUE, ENRICHED),
      { by: 'produce', topic: 'mirror' },
      ['flights'],
    ],
    ['by hand where values may change', edge([FLIGHTS], [MIRROR]), { by: 'hand' }, ['flights']],
    ['by hand where only keys stay', edge([FLIGHTS], [MIRROR], KEY), { by: 'hand' }, ['flights']],
    [
      'by hand where it may belong in either topic',
      edge([FLIGHTS], [MIRROR, ENRICHED], VALUE),
      { by: 'hand' },
      ['flights'],
    ],
    [
      'by hand where either group may have had it',
      edge([FLIGHTS], [ENRICH, STORE]),
      { by: 'hand' },
      ['flights'],
    ],
    [
      'by hand behind a topic',
      edge([FLIGHTS], [sinkHop('warehouse')]),
      { by: 'hand' },
      ['flights'],
    ],
    ['by hand behind a sink', edge([sinkHop('a')], [sinkHop('b')]), { by: 'hand' }, []],
  ])('%s', (_what, declared, repair, sources) => {
    const way = wayOf(declared)
    expect(way.repair).toMatchObject(repair)
    expect(way.sources.map(({ topic }) => topic)).toEqual(sources)
  })

  test('never by sending it into the topic where it lies', () => {
    const hops = [FLIGHTS, ENRICHED, MIRROR, ENRICH, STORE, CHECKIN, sinkHop('warehouse')]
    for (const from of hops)
      for (const to of hops) {
        if (from === to) continue
        const { repair, sources } = wayOf(edge([from], [to], VALUE))
        if (repair.by !== 'produce') continue
        expect(sources.map(({ topic }) => topic)).not.toContain(repair.topic)
      }
  })
})

describe('ranges', () => {
  const at = (id: string, partition: number, offset: number, topic = 'a'): LostAt => ({
    ...{ id, cluster: T, topic, partition, offset },
  })

  test('are of adjoining offsets of one partition, in their order', () => {
    const places = [at('d', 1, 7), at('b', 0, 6), at('a', 0, 5), at('c', 0, 8), at('e', 0, 7, 'b')]
    expect(
      rangesOf(places).map(({ topic, partition, low, high, ids }) => [
        topic,
        partition,
        low,
        high,
        ids,
      ]),
    ).toEqual([
      ['a', 0, 5, 6, ['a', 'b']],
      ['a', 0, 8, 8, ['c']],
      ['a', 1, 7, 7, ['d']],
      ['b', 0, 7, 7, ['e']],
    ])
  })

  test('hold one id for each offset', () => {
    const places = Array.from({ length: 50 }, (_, i) => at(String(i), 0, (i * 37) % 50))
    for (const { low, high, ids } of rangesOf(places)) expect(ids).toHaveLength(high - low + 1)
  })

  test('of nothing are none', () => expect(rangesOf([])).toEqual([]))
})

test('what is in no log, was not found or cannot be named is left open', () => {
  const found: EdgeReplay = {
    ...{ pipeline: 'p', edge: 'e', repair: { by: 'seek', cluster: T, group: 'g' } },
    ranges: [{ cluster: T, topic: 'a', partition: 0, low: 1, high: 1, ids: ['x'] }],
    ...{ resends: [], notFound: [], unnamed: 0 },
  }
  const lost = { id: 'x', born: 0 }
  expect(replayCode([])).toBe(0)
  expect(replayCode([found])).toBe(0)
  expect(replayCode([found, { ...found, unnamed: 1 }])).toBe(3)
  expect(replayCode([{ ...found, notFound: [{ ...lost, why: '' }] }])).toBe(3)
  const resend = { ...lost, topic: 'a', instance: null, service: null }
  expect(replayCode([{ ...found, resends: [resend] }])).toBe(3)
})
