/**
 * A log that was cut and written again: messages 0 to 9 were acknowledged at offsets 10 to 19, of which the
 * topic's agent has seen some, or none; the places are asked for, and the answer is judged.
 */
import { describe, expect, it } from 'vitest'
import { hopKey } from '../../src/hop/hop.ts'
import type { IdWords } from '../../src/message/id.ts'
import { type PlacesQuestion, placesQuestions } from '../../src/reconcile/cut-off.ts'
import type { WindowEvidence } from '../../src/reconcile/evidence.ts'
import type { Judgement } from '../../src/reconcile/judge-edge.ts'
import { judgeWindow } from '../../src/reconcile/judge-window.ts'
import {
  covered,
  DEADLINE,
  EDGES,
  evidence,
  HOPS,
  hex,
  ids,
  instance,
  PIPELINE,
  tally,
} from './build.ts'
import { codesOf, expectSums, idsOf } from './expect.ts'

const FLIGHTS = hopKey(HOPS.flights)
const SENT = ids(0, 10)
const pipeline = { ...PIPELINE, edges: [EDGES.produce, EDGES.consume] }

interface Known {
  readonly read?: readonly IdWords[]
  readonly handled?: readonly IdWords[]
  readonly range?: readonly [low: number, high: number] | null
}

const known = (
  { read = [], handled = [], range = [10, 19] }: Known,
  words: Partial<WindowEvidence> = {},
): WindowEvidence =>
  evidence({
    tallies: [
      tally({ hop: HOPS.checkin, ids: SENT, range }),
      tally({ hop: HOPS.flights, ids: read, range: [10, 19] }),
      tally({ hop: HOPS.enrich, ids: handled, range: [10, 19] }),
    ].filter((t) => t.count > 0),
    coverage: new Map([covered(HOPS.flights, [0, 25]), covered(HOPS.enrich, [0, 25])]),
    instances: [
      instance({ hops: [HOPS.checkin] }),
      instance({ hops: [HOPS.flights], instance: 'b'.repeat(32) }),
      instance({ hops: [HOPS.enrich], instance: 'c'.repeat(32) }),
    ],
    logEnds: new Map([[FLIGHTS, new Map([[0, 25]])]]),
    logTorn: new Map([[FLIGHTS, new Set([0])]]),
    uncompacted: new Set([FLIGHTS]),
    ...words,
  })

/** One of those that were sent, wherever it lies. */
const withPlaceless = (given: WindowEvidence): WindowEvidence => ({
  ...given,
  tallies: given.tallies.map((t) => (t.hop.role === 'producer' ? { ...t, placeless: 1 } : t)),
  // As far as the log goes all was watched.
  logStarts: new Map([[FLIGHTS, new Map([[0, 10]])]]),
})

function judged(given: WindowEvidence): readonly [produce: Judgement, consume: Judgement] {
  const [produce, consume] = judgeWindow(pipeline, given)
  if (produce === undefined || consume === undefined) throw new Error('two edges were expected')
  for (const each of [produce, consume]) expectSums(each)
  return [produce, consume]
}

const asked = (given: WindowEvidence): readonly PlacesQuestion[] =>
  placesQuestions(pipeline, given, judgeWindow(pipeline, given))

const cutOff = (from: number, to: number): Pick<WindowEvidence, 'cutOff'> => ({
  cutOff: new Map([[FLIGHTS, new Set(Array.from({ length: to - from }, (_, i) => hex(from + i)))]]),
})

describe('what is asked of the log', () => {
  it('is where all was acknowledged, and who is missing', () => {
    const [question, ...more] = asked(known({ read: ids(0, 4) }))
    expect(more).toEqual([])
    expect(question).toMatchObject({ topic: HOPS.flights, where: new Map([[0, [[10, 20]]]]) })
    expect([...(question?.ids ?? [])].sort()).toEqual([4, 5, 6, 7, 8, 9].map((n) => hex(n)).sort())
  })

  it('is asked with the ids as the pipeline finds them', () => {
    const byKey = { identity: { by: 'key' }, time: { by: 'timestamp' } } as const
    const into = EDGES.produce.to.map((d) => ({ ...d, identity: byKey }))
    const other = { ...pipeline, edges: [{ ...EDGES.produce, to: into }] }
    const carried = [pipeline, other].map((p) => {
      const [question] = placesQuestions(p, known({}), judgeWindow(p, known({})))
      return question?.carried.identity.by
    })
    expect(carried).toEqual(['stamp', 'key'])
  })

  it('goes as far as the log does: what was acknowledged above is gone', () => {
    const [question] = asked(known({}, { logTops: new Map([[FLIGHTS, new Map([[0, 15]])]]) }))
    expect(question?.where).toEqual(new Map([[0, [[10, 15]]]]))
  })

  it.each<[string, WindowEvidence]>([
    ['before the deadline', known({}, { now: DEADLINE - 1 })],
    ['of one log, which was watched', known({}, { logTorn: new Map() })],
    ['where all arrived', known({ read: SENT })],
    ['where nobody was acknowledged with an offset', known({ range: null })],
    ['where somebody was acknowledged without one', withPlaceless(known({}))],
    [
      'of a compacted topic',
      known({}, { compacted: new Map([[FLIGHTS, 0]]), uncompacted: new Set() }),
    ],
    ['of a topic that may be compacted', known({}, { uncompacted: new Set() })],
    [
      'where offsets were watched in neither log',
      known({}, { coverage: new Map([covered(HOPS.flights, [0, 12], [15, 25])]) }),
    ],
    [
      'while its producer may say more',
      known({}, { instances: [instance({ hops: [HOPS.checkin], seen: [[1, 10]] })] }),
    ],
  ])('is nothing %s', (_, given) => {
    expect(asked(given)).toEqual([])
  })
})

describe('messages that stand at none of their places', () => {
  it('are lost, and the edge is done', () => {
    const [produce] = judged(known({}, cutOff(0, 10)))
    expect(produce.verdict).toBe('breached')
    expect(codesOf(produce)).toEqual(['lost'])
    expect(idsOf(produce, 'lost')).toEqual(SENT.map((_, n) => hex(n)))
    expect([produce.final, produce.to.map(({ passage }) => passage)]).toEqual([true, ['passed']])
  })

  it('are lost alone: what was read before the cut arrived', () => {
    const [produce] = judged(known({ read: ids(0, 4) }, cutOff(4, 10)))
    expect([produce.counts.delivered, produce.counts.lost]).toEqual([4, 6])
    expect(idsOf(produce, 'lost')).toEqual([4, 5, 6, 7, 8, 9].map((n) => hex(n)))
  })

  it('are no proof for one that was not asked for', () => {
    const [produce] = judged(known({}, cutOff(0, 9)))
    expect([produce.verdict, produce.counts.undetermined]).toEqual(['indeterminate', 10])
  })

  it('say nothing of offsets that nobody watched', () => {
    const watched = new Map([covered(HOPS.flights, [0, 12], [15, 25])])
    const [produce] = judged(known({}, { coverage: watched, ...cutOff(0, 10) }))
    expect([produce.verdict, produce.counts.lost]).toEqual(['indeterminate', 0])
  })

  it('may have been read before they were cut off: nobody is accused behind the topic', () => {
    const [, consume] = judged(known({ handled: ids(0, 3) }, cutOff(0, 10)))
    expect(consume.verdict).toBe('indeterminate')
    expect(codesOf(consume)).toEqual(expect.arrayContaining(['undetermined_extra', 'hole']))
    expect(codesOf(consume)).not.toContain('unexpected')
  })
})
