/** Offsets of two logs told apart by counting: as many places as messages, or more, or they are torn. */
import { describe, expect, it } from 'vitest'
import { isTorn, type Places, placesOf } from '../../src/collect/places.ts'
import { hopKey } from '../../src/hop/hop.ts'
import { HOPS, id, tally } from '../reconcile/build.ts'

type Range = readonly [partition: number, from: number, to: number]

const places = (count: number, ...ranges: readonly Range[]): Places => {
  const within = new Map<number, [number, number][]>()
  for (const [partition, from, to] of ranges)
    within.set(partition, [...(within.get(partition) ?? []), [from, to]])
  return { count, within }
}

describe('a window', () => {
  it.each<[string, Places, readonly Places[], boolean]>([
    ['alone, a place for each message', places(5, [0, 0, 5]), [], false],
    ['alone, one message too many', places(6, [0, 0, 5]), [], true],
    ['alone, with room: others lie between', places(2, [0, 0, 5]), [], false],
    ['without any message', places(0), [places(3, [0, 0, 3])], false],
    ['beside another in the same log', places(5, [0, 0, 5]), [places(5, [0, 5, 10])], false],
    // Ends are exclusive: the last place of the one is the first of the other.
    [
      'that shares one place and has one to spare',
      places(4, [0, 0, 5]),
      [places(5, [0, 4, 9])],
      false,
    ],
    ['that shares one place and needs it', places(5, [0, 0, 5]), [places(5, [0, 4, 9])], true],
    ['in another partition', places(5, [0, 0, 5]), [places(5, [1, 0, 5])], false],
    ['written again from the start', places(5, [0, 0, 5]), [places(5, [0, 0, 5])], true],
    // One too many of three: no two of them are.
    [
      'between two that fill it together',
      places(4, [0, 0, 10]),
      [places(4, [0, 0, 5]), places(3, [0, 5, 10])],
      true,
    ],
    [
      'between two that leave room',
      places(3, [0, 0, 10]),
      [places(4, [0, 0, 5]), places(3, [0, 5, 10])],
      false,
    ],
  ])('%s', (_, own, others, torn) => {
    expect(isTorn(own, others)).toBe(torn)
  })
})

describe('the places of a window', () => {
  const topic = hopKey(HOPS.flights)
  const ids = [id(1), id(2), id(3)]

  it('are those that producers were given, without those that were given none', () => {
    const sent = { ...tally({ hop: HOPS.checkin, ids, range: [4, 6] }), placeless: 1 }
    expect(placesOf([sent]).get(topic)).toEqual(places(2, [0, 4, 7]))
  })

  it('are not counted twice, nor by those who only read', () => {
    const tallies = [
      tally({ hop: HOPS.checkin, ids, range: [4, 6] }),
      tally({ hop: HOPS.checkin, ids: [id(2)], range: [4, 6], oneIn: 4 }),
      tally({ hop: HOPS.flights, ids, range: [4, 6] }),
    ]
    expect(placesOf(tallies)).toEqual(new Map([[topic, places(3, [0, 4, 7])]]))
  })
})
