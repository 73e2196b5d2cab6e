/** What a killed member leaves unknown, at the boundaries in time and offsets. */
import { describe, expect, it } from 'vitest'
import type { InstanceState } from '../../src/hop/evidence.ts'
import { type HopRef, hopKey } from '../../src/hop/hop.ts'
import { untoldAt } from '../../src/reconcile/deaths.ts'
import { DEADLINE, evidence, HOPS, ids, instance, tally, W, WINDOW_MS } from './build.ts'

type Words = Omit<Partial<InstanceState>, 'hops'>

/** Three heartbeats of 5 s. */
const SILENCE_MS = 15_000
/** In the middle of the window. */
const DIED = W + 30_000

const reach = (to: number, partition = 0): InstanceState['reach'] => [
  { key: hopKey(HOPS.enrich), partition, to },
]

/** Killed in the window, whose messages lie at offsets 0 to 9; it told of the first five. */
const killed = (words: Words, hop: HopRef = HOPS.enrich): InstanceState =>
  instance({ hops: [hop], lastSentAt: DIED, lastHeardAt: DIED, reach: reach(5), ...words })

const untold = (...instances: readonly InstanceState[]): string[] => {
  const tallies = [tally({ hop: HOPS.flights, ids: ids(0, 10) })]
  return untoldAt(HOPS.enrich, evidence({ tallies, instances }), WINDOW_MS)
}

describe('a member of a group that handled messages and did not tell', () => {
  it.each<[boolean, string, Words]>([
    [true, 'killed half way through the window', {}],
    [false, 'it said goodbye', { goodbye: 9 }],
    [false, 'it is heard', { lastHeardAt: DEADLINE }],
    [false, 'silent for three heartbeats, not longer', { lastHeardAt: DEADLINE - SILENCE_MS }],
    [true, 'silent for 1 ms longer', { lastHeardAt: DEADLINE - SILENCE_MS - 1 }],
    // How far it told: one past the last.
    [true, 'it told of all but the last message', { reach: reach(9) }],
    [false, 'it told of the last message', { reach: reach(10) }],
    [false, 'it told of more than that', { reach: reach(11) }],
    // When the hole ends.
    [true, 'the window began 1 ms before three heartbeats were over', { lastSentAt: W - 14_999 }],
    [false, 'the window began when they were over', { lastSentAt: W - SILENCE_MS }],
    [
      false,
      'the same in a partition of which it never spoke',
      { lastSentAt: W - SILENCE_MS, reach: [] },
    ],
    // Partitions of which it never spoke.
    [true, 'it never spoke of this partition', { reach: [] }],
    [true, 'it told all of another partition', { reach: reach(10, 1) }],
    [true, 'the window ended 1 ms after it was last heard', { reach: [], lastSentAt: W + 59_999 }],
  ])('%s: %s', (is, _, words) => {
    expect(untold(killed(words)).length > 0).toBe(is)
  })

  it('is no member of another group, and no producer', () => {
    expect(untold(killed({ reach: [] }, HOPS.warehouse))).toEqual([])
    const producer = killed({}, HOPS.checkin)
    const known = evidence({
      tallies: [tally({ hop: HOPS.flights, ids: ids(0, 10) })],
      instances: [producer],
    })
    for (const hop of [HOPS.checkin, HOPS.flights])
      expect(untoldAt(hop, known, WINDOW_MS)).toEqual([])
  })

  it('is named with the time until which it told, as is each of several', () => {
    const other = killed({ instance: 'f'.repeat(32), service: 'batch', lastSentAt: DIED + 1 })
    const alive = killed({ instance: 'e'.repeat(32), lastHeardAt: DEADLINE })
    const at = (ms: number): string => new Date(ms).toISOString()
    expect(untold(killed({ service: 'enrich' }), other, alive)).toEqual([
      `enrich (01234567) fell silent; told until ${at(DIED)}`,
      `batch (ffffffff) fell silent; told until ${at(DIED + 1)}`,
    ])
  })

  it('touches no window of which nothing lies in the log', () => {
    expect(
      untoldAt(HOPS.enrich, evidence({ instances: [killed({ reach: [] })] }), WINDOW_MS),
    ).toEqual([])
  })

  it('had told of one partition, not of the other one', () => {
    const both = tally({ hop: HOPS.flights, ids: ids(0, 10) })
    const ranges = [
      { partition: 0, low: 0, high: 4 },
      { partition: 1, low: 0, high: 4 },
    ]
    const ask = (to: number): number => {
      const dead = killed({ reach: [...reach(5), ...reach(to, 1)] })
      const known = evidence({ tallies: [{ ...both, ranges }], instances: [dead] })
      return untoldAt(HOPS.enrich, known, WINDOW_MS).length
    }
    expect([ask(4), ask(5)]).toEqual([1, 0])
  })
})
