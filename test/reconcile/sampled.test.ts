/** Edges with a sampled hop: judged on one message in n, said of all. */
import { describe, expect, it } from 'vitest'
import type { StoredTally } from '../../src/hop/evidence.ts'
import type { EdgeDeclaration } from '../../src/hop/pipeline.ts'
import type { IdWords } from '../../src/message/id.ts'
import type { Judgement } from '../../src/reconcile/judge-edge.ts'
import { isSampled } from '../../src/sketch/sample.ts'
import { DEFAULT_SEED } from '../../src/sketch/sketch.ts'
import { EDGES, HOPS, hex, ids, type TallyWords, tally } from './build.ts'
import { codesOf, idsOf } from './expect.ts'
import { judgeProduce } from './judge-produce.ts'

const ONE_IN = 4
const [checkin] = EDGES.produce.from
const [flights] = EDGES.produce.to
if (checkin === undefined || flights === undefined) throw new Error('an edge has two ends')
/** The topic is sampled, its producer is not. */
const EDGE: EdgeDeclaration = { ...EDGES.produce, to: [{ ...flights, oneIn: ONE_IN }] }

const kept = (list: readonly IdWords[]): IdWords[] =>
  list.filter((words) => isSampled(...words, DEFAULT_SEED, ONE_IN))
const sample = (words: TallyWords): StoredTally =>
  tally({ ...words, ids: kept(words.ids), oneIn: ONE_IN })

const judge = (tallies: readonly StoredTally[], edge = EDGE): Judgement =>
  judgeProduce(tallies, edge)

const all = ids(0, 400)
const [first, second] = kept(all)
const unkept = all.find((words) => !kept([words]).length)
if (first === undefined || second === undefined || unkept === undefined) throw new Error('unlikely')
const without = (...some: readonly IdWords[]): IdWords[] => all.filter((w) => !some.includes(w))
const sent = [tally({ hop: HOPS.checkin, ids: all }), sample({ hop: HOPS.checkin, ids: all })]

describe('an edge with a sampled hop', () => {
  it('is judged on the sample of both ends, counts scaled, and says so', () => {
    const j = judge([...sent, sample({ hop: HOPS.flights, ids: all })])
    expect(codesOf(j)).toEqual([])
    const expected = kept(all).length * ONE_IN
    expect(j).toMatchObject({ verdict: 'met', evidence: 'sampled', oneIn: ONE_IN })
    expect(j.counts).toMatchObject({ expected, delivered: expected })
    expect(j.from).toMatchObject([{ count: expected }])
  })

  it('names the lost of the sample, and scales their number', () => {
    const j = judge([...sent, sample({ hop: HOPS.flights, ids: without(first, second) })])
    expect(codesOf(j)).toEqual(['lost'])
    expect(idsOf(j, 'lost').sort()).toEqual(
      [first, second].map((w) => w.map((x) => x.toString(16).padStart(8, '0')).join('')).sort(),
    )
    expect(j.findings).toMatchObject([
      { count: 2 * ONE_IN, evidence: 'sampled', args: { sampled: 2, oneIn: ONE_IN } },
    ])
    expect(j.counts.lost).toBe(2 * ONE_IN)
  })

  it('sees nothing of a loss outside of the sample', () => {
    expect(judge([...sent, sample({ hop: HOPS.flights, ids: without(unkept) })]).verdict).toBe(
      'met',
    )
  })

  it('subtracts no sample from all messages: both parameters are named', () => {
    const j = judge([
      tally({ hop: HOPS.checkin, ids: all }),
      sample({ hop: HOPS.flights, ids: all }),
    ])
    expect(codesOf(j)).toEqual(['params_differ'])
    expect(j.findings[0]?.args).toEqual({ parameters: [`sampled one in: 1 and ${ONE_IN}`] })
    expect(j.verdict).toBe('indeterminate')
  })

  it('is no data where the hash chose nobody, not a loss of all that the exact side has', () => {
    const few = without(...kept(all)).slice(0, 3)
    const nobody = sample({ hop: HOPS.checkin, ids: few })
    const j = judge([tally({ hop: HOPS.checkin, ids: few }), nobody])
    expect(j).toMatchObject({ verdict: 'no_data', findings: [] })
  })
})

describe('an edge without one', () => {
  it('is judged on all messages, whatever samples its hops keep beside', () => {
    const j = judge(
      [
        ...sent,
        tally({ hop: HOPS.flights, ids: without(unkept) }),
        sample({ hop: HOPS.flights, ids: all }),
      ],
      EDGES.produce,
    )
    expect(idsOf(j, 'lost')).toEqual([hex(all.indexOf(unkept))])
    expect(j).toMatchObject({ evidence: 'exact', oneIn: 1, counts: { expected: 400, lost: 1 } })
  })
})
