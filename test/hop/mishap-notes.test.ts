import { describe, expect, it } from 'vitest'
import { consumerHop, type HopRef, producerHop } from '../../src/hop/hop.ts'
import { MISHAPS_MAX, MISHAPS_OF_KIND_MAX } from '../../src/hop/mishap.ts'
import { MishapNotes } from '../../src/hop/mishap-notes.ts'

const enrich = consumerHop('default', 'flights', 'enrich')
const checkin = producerHop('default', 'flights', 'checkin')
const ID = '018bcfe568007abc8123456789abcdef'
const TRACE = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }

function notes(): { readonly notes: MishapNotes; readonly dropped: [HopRef, string, number][] } {
  const dropped: [HopRef, string, number][] = []
  const onDropped = (hop: HopRef, name: string, count: number): void => {
    dropped.push([hop, name, count])
  }
  return { notes: new MishapNotes(onDropped), dropped }
}

const threw = (at: number, rest: object = {}) => ({
  ...{ hop: enrich, kind: 'handler_threw' as const, partition: 0, from: at, to: at + 1 },
  ...{ detail: 'TypeError', ...rest },
})

describe('what went wrong since the last frame', () => {
  it('is taken once, each with its place; what is not said is none', () => {
    const { notes: noted, dropped } = notes()
    noted.add({ ...threw(5), id: ID, ...TRACE }, 7)
    noted.add({ hop: checkin, kind: 'rejected' }, 8)
    expect(noted.take()).toEqual([
      { ...threw(5), at: 7, id: ID, ...TRACE, count: 1 },
      {
        ...{ hop: checkin, kind: 'rejected', at: 8, partition: -1, from: -1, to: -1, id: '' },
        ...{ traceId: '', spanId: '', detail: '', count: 1 },
      },
    ])
    expect(noted.take()).toEqual([])
    expect(dropped).toEqual([])
  })

  it('is one that came more often where it is the same at the same place; the first is kept', () => {
    const { notes: noted } = notes()
    for (let i = 0; i < 6; i++) noted.add(threw(5), i)
    noted.add(threw(6), 9)
    noted.add(threw(5, { partition: 1 }), 9)
    noted.add(threw(5, { detail: 'RangeError' }), 9)
    noted.add(threw(5, { kind: 'sought' }), 9)
    noted.add(threw(5, { hop: consumerHop('default', 'flights', 'other') }), 9)
    expect(noted.take().map(({ at, count }) => [at, count])).toEqual([
      [0, 6],
      ...new Array(5).fill([9, 1]),
    ])
  })

  it('is one of a longer span where a redelivery goes on, and nowhere else', () => {
    const { notes: noted } = notes()
    const again = (from: number, to: number, kind: 'redelivered' | 'sought') =>
      noted.add({ hop: enrich, kind, partition: 0, from, to, detail: 'rebalance' }, 1)
    for (const kind of ['redelivered', 'sought'] as const) {
      again(5, 8, kind)
      again(8, 12, kind)
      again(20, 21, kind)
    }
    expect(noted.take().map(({ kind, from, to, count }) => [kind, from, to, count])).toEqual([
      ['redelivered', 5, 12, 1],
      ['redelivered', 20, 21, 1],
      ['sought', 5, 8, 1],
      ['sought', 8, 12, 1],
      ['sought', 20, 21, 1],
    ])
  })

  it('is bounded of a kind at a hop: a like one counts what has no room, which is told', () => {
    const { notes: noted, dropped } = notes()
    for (let i = 0; i < MISHAPS_OF_KIND_MAX + 3; i++) noted.add(threw(i), i)
    noted.add(threw(0, { detail: 'RangeError', count: 4 }), 99)
    noted.add(threw(0, { kind: 'sought' }), 99)
    const taken = noted.take()
    expect(taken).toHaveLength(MISHAPS_OF_KIND_MAX + 1)
    expect(taken.at(-2)).toMatchObject({ from: MISHAPS_OF_KIND_MAX - 1, count: 4 })
    const told = [enrich, 'mishaps-dropped']
    expect(dropped).toEqual([...new Array(3).fill([...told, 1]), [...told, 4]])
    // And there is room again.
    noted.add(threw(0), 0)
    expect(noted.take()).toHaveLength(1)
  })

  it('is bounded in a frame, whatever the hops and kinds', () => {
    const { notes: noted, dropped } = notes()
    for (let i = 0; i < MISHAPS_MAX + 5; i++)
      noted.add(threw(0, { hop: consumerHop('default', 'flights', `g${i}`) }), 0)
    expect(noted.take()).toHaveLength(MISHAPS_MAX)
    expect(dropped).toHaveLength(5)
  })

  it.each<[string, object, object]>([
    ['half a span', { from: 3, to: -1 }, { from: -1, to: -1 }],
    ['a span that ends before it begins', { from: 3, to: 2 }, { from: -1, to: -1 }],
    [
      'no numbers',
      { from: Number.NaN, to: Number.NaN, partition: 0.5 },
      { from: -1, partition: -1 },
    ],
    ['a partition beyond all', { partition: 2 ** 31 }, { partition: -1 }],
    ['an id that is none', { id: 'abc' }, { id: '' }],
    ['a trace without its span', { ...TRACE, spanId: '' }, { traceId: '', spanId: '' }],
    ['a detail of any length', { detail: 'x'.repeat(500) }, { detail: 'x'.repeat(100) }],
    ['none of them', { count: 0 }, { count: 1 }],
    ['a time that is none', { at: Number.NaN }, { at: 0 }],
  ])('always fits a frame: %s', (_, rest, expected) => {
    const { notes: noted } = notes()
    noted.add(threw(5, rest), 7)
    expect(noted.take()).toMatchObject([expected])
  })
})
