import { describe, expect, it } from 'vitest'
import type { StoredMembership, StoredTally } from '../../src/hop/evidence.ts'
import { type HopRef, hopKey } from '../../src/hop/hop.ts'
import { hexOfWords, type IdWords, wordsOfParts } from '../../src/message/id.ts'
import type { Side } from '../../src/reconcile/balance.ts'
import { type End, type Heard, heardIn, membersOf } from '../../src/reconcile/members.ts'
import { Membership } from '../../src/sketch/membership.ts'
import { DEFAULT_SEED } from '../../src/sketch/sketch.ts'
import { evidence, HOPS, hex, id, ids, type TallyWords, tally, W } from './build.ts'

const side = (hop: HopRef, ...tallies: StoredTally[]): Side => ({
  name: hop.role,
  hop,
  declared: true,
  deadLetter: false,
  tallies,
})
const end = (sides: readonly Side[], more: Partial<End> = {}): End => ({
  sides,
  ids: null,
  memberships: [],
  isOpen: false,
  heard: () => null,
  ...more,
})
const sent = (words: Partial<TallyWords>): Side =>
  side(HOPS.checkin, tally({ hop: HOPS.checkin, ids: [], witness: true, ...words }))
const stranger = hexOfWords(wordsOfParts({ birth: W, version: 7, tag: 1, sequence: 5, ordinal: 0 }))

describe('a list of ids', () => {
  const listed = new Map([[hex(1), 1]])
  it('answers for all', () => {
    const has = membersOf(end([side(HOPS.enrich)], { ids: listed }))
    expect([has(hex(1)), has(hex(2))]).toEqual(['yes', 'no'])
  })
  it('does not answer for producers that were never heard', () => {
    const has = membersOf(end([side(HOPS.enrich)], { ids: listed, isOpen: true }))
    expect([has(hex(1)), has(hex(2))]).toEqual(['yes', 'unheard'])
  })
  it('denies what a producer that is heard did not send', () => {
    const heard: Heard = (asked) => asked !== stranger
    const has = membersOf(end([side(HOPS.enrich)], { ids: listed, isOpen: true, heard }))
    expect([has(hex(1)), has(hex(2)), has(stranger)]).toEqual(['yes', 'no', 'unheard'])
  })
})

describe("a tag's complete chain", () => {
  it.each<[string, string, readonly IdWords[], string]>([
    ['yes', 'within a span without a gap', ids(10, 20), hex(15)],
    ['yes', 'at its low end', ids(10, 20), hex(10)],
    ['yes', 'at its high end', ids(10, 20), hex(19)],
    ['no', 'below it', ids(10, 20), hex(9)],
    ['no', 'above it', ids(10, 20), hex(20)],
    ['maybe', 'within a span with a gap', [id(10), id(19)], hex(15)],
    ['maybe', 'derived: no sequence of its own', ids(10, 20), hex(15, 1)],
    ['no', 'of a tag that nobody reported', ids(10, 20), stranger],
  ])('says %s of an id %s', (answer, _, list, asked) => {
    expect(membersOf(end([sent({ ids: list })]))(asked)).toBe(answer)
  })

  it.each<[string, readonly Side[]]>([
    [
      'one tally does not witness',
      [sent({ ids: ids(10, 20) }), sent({ ids: [id(30)], witness: false })],
    ],
    ['an end is no producer', [sent({ ids: ids(10, 20) }), side(HOPS.enrich)]],
    ['nobody sent anything', [side(HOPS.checkin)]],
  ])('says nothing where %s', (_, sides) => {
    const has = membersOf(end(sides))
    expect([has(hex(9)), has(stranger)]).toEqual(['maybe', 'maybe'])
  })
})

describe('who is heard', () => {
  const of = (...sides: readonly Side[]): Heard =>
    heardIn(evidence({ tallies: sides.flatMap((s) => s.tallies) }))
  it('is told by the tags of all that producers minted', () => {
    const heard = of(sent({ ids: [id(1)] }))
    expect([heard(hex(99)), heard(stranger)]).toEqual([true, false])
  })
  it('cannot be told where one of them does not witness, nor of foreign ids', () => {
    const heard = of(sent({ ids: [id(1)] }), sent({ ids: [id(2)], witness: false }))
    expect([heard(hex(99)), heard(stranger)]).toEqual([true, null])
    expect(of()(stranger)).toBeNull()
    const foreign = wordsOfParts({ birth: W, version: 8, tag: 1, sequence: 5, ordinal: 0 })
    expect(of(sent({ ids: [id(1)] }))(hexOfWords(foreign))).toBeNull()
  })
})

describe('a membership filter', () => {
  const stored = (list: readonly IdWords[], count = list.length): StoredMembership => {
    const filter = new Membership(DEFAULT_SEED, 1_000)
    for (const words of list) filter.add(...words)
    return { key: hopKey(HOPS.enrich), window: W, count, filter }
  }
  const handled = side(HOPS.enrich, tally({ hop: HOPS.enrich, ids: ids(0, 50) }))

  it('proves by its no; its yes leaves doubt', () => {
    const has = membersOf(end([handled], { memberships: [stored(ids(0, 50))] }))
    expect([has(hex(7)), has(hex(70))]).toEqual(['maybe', 'no'])
  })

  it('answers only where it holds all that passed, at every hop of the end', () => {
    const ask = (sides: readonly Side[], memberships: readonly StoredMembership[]): string =>
      membersOf(end(sides, { memberships }))(hex(70))
    expect(ask([handled], [stored(ids(0, 49))])).toBe('maybe')
    expect(ask([handled], [])).toBe('maybe')
    const other = side(HOPS.warehouse, tally({ hop: HOPS.warehouse, ids: [id(70)] }))
    expect(ask([handled, other], [stored(ids(0, 50))])).toBe('maybe')
    // A hop that counted nothing needs no filter.
    expect(ask([handled, side(HOPS.warehouse)], [stored(ids(0, 50))])).toBe('no')
    const byPlace = tally({ hop: HOPS.enrich, ids: [id(70)], channel: 'unidentified' })
    expect(ask([side(HOPS.enrich, ...handled.tallies, byPlace)], [stored(ids(0, 50))])).toBe(
      'maybe',
    )
  })
})
