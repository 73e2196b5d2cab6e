/** Make the flaw, then demand the finding: altered messages, and digests that are not known. */
import { describe, expect, it } from 'vitest'
import type { StoredTally } from '../../src/hop/evidence.ts'
import type { EdgeDeclaration } from '../../src/hop/pipeline.ts'
import { preserveName } from '../../src/message/digest.ts'
import type { IdWords } from '../../src/message/id.ts'
import { type Judgement, judgeEdge } from '../../src/reconcile/judge-edge.ts'
import {
  covered,
  EDGES,
  evidence,
  HOPS,
  hex,
  id,
  ids,
  instance,
  PIPELINE,
  type TallyWords,
  tally,
} from './build.ts'
import { codesOf, idsOf } from './expect.ts'
import { judgeProduce } from './judge-produce.ts'

const PRESERVE = { value: true, key: false, headers: [] }
const ELEMENT = preserveName(PRESERVE)
const EDGE: EdgeDeclaration = { ...EDGES.produce, preserve: PRESERVE }

/** The digest of message n, unless it is altered. */
const intact = (words: IdWords): number => (words[3] ^ 0x5bd1e995) >>> 0
const alteredIn =
  (some: readonly IdWords[]) =>
  (words: IdWords): number =>
    some.some((other) => other.every((w, i) => w === words[i])) ? 7 : intact(words)

function both(words: TallyWords, digest = intact): StoredTally[] {
  return [tally(words), tally({ ...words, element: ELEMENT, digest })]
}

const judge = (tallies: readonly StoredTally[], edge = EDGE): Judgement =>
  judgeProduce(tallies, edge)

const sent = (list: readonly IdWords[]): StoredTally[] => both({ hop: HOPS.checkin, ids: list })
const read = (list: readonly IdWords[], altered: readonly IdWords[] = []): StoredTally[] =>
  both({ hop: HOPS.flights, ids: list }, alteredIn(altered))

describe('an edge that promises to preserve the value', () => {
  it('is met where every id came with its digest', () => {
    const j = judge([...sent(ids(0, 100)), ...read(ids(0, 100))])
    expect(codesOf(j)).toEqual([])
    expect(j).toMatchObject({ verdict: 'met', counts: { delivered: 100, altered: 0 } })
  })

  it('names an altered message once, as altered: neither lost nor extra', () => {
    const j = judge([...sent(ids(0, 100)), ...read(ids(0, 100), [id(3), id(8)])])
    expect(codesOf(j)).toEqual(['altered'])
    expect(idsOf(j, 'altered')).toEqual([hex(3), hex(8)])
    expect(j).toMatchObject({
      verdict: 'breached',
      evidence: 'exact',
      counts: { expected: 100, delivered: 98, altered: 2, lost: 0, duplicated: 0 },
    })
  })

  it('tells lost, doubled and altered apart in one window', () => {
    const came = [...ids(0, 50), ...ids(51, 100), id(9)]
    const j = judge([...sent(ids(0, 100)), ...read(came, [id(3)])])
    expect(codesOf(j)).toEqual(['lost', 'altered', 'duplicated'])
    expect(idsOf(j, 'lost')).toEqual([hex(50)])
    expect(idsOf(j, 'altered')).toEqual([hex(3)])
    expect(idsOf(j, 'duplicated')).toEqual([hex(9)])
  })

  it('tells an altered copy beside the whole message apart from an altered message', () => {
    const one = tally({ hop: HOPS.flights, ids: ids(0, 10), element: ELEMENT, digest: intact })
    one.sketch.add(...id(4), 1, 7)
    const j = judge([
      ...sent(ids(0, 10)),
      tally({ hop: HOPS.flights, ids: [...ids(0, 10), id(4)] }),
      { ...one, count: 11 },
    ])
    expect(codesOf(j)).toEqual(['duplicated'])
  })

  it('counts as many as were altered of a message that was sent three times', () => {
    const thrice = [id(1), id(1), id(1)]
    const came = tally({ hop: HOPS.flights, ids: [id(1)], element: ELEMENT, digest: intact })
    came.sketch.add(...id(1), 2, 7)
    const j = judge([
      ...sent(thrice),
      tally({ hop: HOPS.flights, ids: thrice }),
      { ...came, count: 3 },
    ])
    expect(j.findings).toMatchObject([{ code: 'altered', count: 2, ids: [{ times: 2 }] }])
  })

  it('acquits nobody where one end took no digests, and still names what is lost', () => {
    const j = judge([...sent(ids(0, 10)), tally({ hop: HOPS.flights, ids: ids(0, 9) })])
    expect(codesOf(j)).toEqual(['lost', 'integrity_unknown'])
    expect(j.findings[1]).toMatchObject({ count: 9, args: { hops: ['topic flights'] } })
    expect(j.counts).toMatchObject({ lost: 1, altered: 0, delivered: 9, unverified: 9 })
    const whole = judge([...sent(ids(0, 10)), tally({ hop: HOPS.flights, ids: ids(0, 10) })])
    expect(whole.verdict).toBe('indeterminate')
  })

  it('names what is altered among the messages whose digests are known', () => {
    const half = tally({
      hop: HOPS.flights,
      ids: ids(0, 5),
      element: ELEMENT,
      digest: alteredIn([id(2)]),
    })
    const j = judge([...sent(ids(0, 10)), tally({ hop: HOPS.flights, ids: ids(0, 10) }), half])
    expect(idsOf(j, 'altered')).toEqual([hex(2)])
    expect(j.counts).toMatchObject({ altered: 1, delivered: 9, unverified: 9 })
  })

  it('tells two unequal copies that came as they left apart from an altered one', () => {
    /** @param digests of one message, as they left or came; of more messages than digests some are missing */
    const copies = (hop: TallyWords['hop'], count: number, digests: readonly number[]) => {
      let next = 0
      const of = digests.map(() => id(1))
      const some = { hop, ids: of, element: ELEMENT, digest: () => digests[next++] as number }
      return [tally({ hop, ids: Array<IdWords>(count).fill(id(1)) }), tally(some)]
    }
    const judged = (left: readonly number[], came: readonly number[], count = 2): Judgement =>
      judge([...copies(HOPS.checkin, count, left), ...copies(HOPS.flights, count, came)])
    // The digest of the other is missing at either end.
    expect(codesOf(judged([7], [8]))).toEqual(['integrity_unknown'])
    expect(codesOf(judged([7, 8], [8]))).toEqual(['integrity_unknown'])
    // Whatever else came, 9 did not leave.
    expect(judged([7, 8], [9]).findings).toMatchObject([
      { code: 'altered', count: 1, ids: [{ id: hex(1), times: 1 }] },
      { code: 'integrity_unknown', count: 1 },
    ])
    expect(codesOf(judged([7, 8], [8, 7]))).toEqual([])
    expect(codesOf(judged([7, 8], [9, 7]))).toEqual(['altered'])
    // One came twice, and the other may be where nobody knows of it.
    expect(judged([7, 8], [8, 8])).toMatchObject({
      verdict: 'indeterminate',
      counts: { altered: 0, delivered: 2, unverified: 1 },
      findings: [{ code: 'integrity_unknown', count: 1, args: { hops: [], copies: 1 } }],
    })
    expect(judged([7, 7, 8], [8, 8, 9], 3).counts).toMatchObject({ altered: 1, unverified: 1 })
  })

  it('does not accuse one of very many that was copied before, or of which digests are missing', () => {
    const many = 9_000
    const spoilt = [...sent(ids(0, many)), ...read(ids(0, many), [id(3), id(8)])]
    expect(idsOf(judge(spoilt), 'altered')).toEqual([hex(3), hex(8)])
    const copied = judgeProduce(spoilt, EDGE, new Map([[hex(8), 1]]))
    expect(idsOf(copied, 'altered')).toEqual([hex(3)])
    expect(copied.counts).toMatchObject({ altered: 1, unverified: 1 })
    const some = { hop: HOPS.flights, ids: ids(0, many - 1), element: ELEMENT }
    const lacking = judge([
      ...sent(ids(0, many)),
      tally({ hop: HOPS.flights, ids: ids(0, many) }),
      tally({ ...some, digest: alteredIn([id(3)]) }),
    ])
    expect(lacking.counts).toMatchObject({ altered: 0, unverified: many })
  })

  it('compares what has no id by its place, and asks for its digest too', () => {
    const unidentified = (hop: TallyWords['hop'], digest = intact): StoredTally[] =>
      both({ hop, ids: ids(0, 5), channel: 'unidentified' }, digest)
    const consume = (came: readonly StoredTally[]): Judgement =>
      judgeEdge({
        pipeline: PIPELINE,
        edge: { ...EDGES.consume, preserve: PRESERVE },
        evidence: evidence({
          tallies: [...unidentified(HOPS.flights), ...came],
          coverage: new Map([covered(HOPS.flights, [0, 5]), covered(HOPS.enrich, [0, 5])]),
          instances: [instance({ hops: [HOPS.flights] }), instance({ hops: [HOPS.enrich] })],
        }),
        passages: new Map(),
        inherited: new Map(),
      })
    expect(consume(unidentified(HOPS.enrich)).counts).toMatchObject({ altered: 0, unverified: 0 })
    const spoilt = consume(unidentified(HOPS.enrich, alteredIn([id(3)])))
    expect(idsOf(spoilt, 'altered')).toEqual([hex(3)])
    const [bare] = unidentified(HOPS.enrich) as [StoredTally]
    expect(consume([bare]).counts).toMatchObject({ altered: 0, unverified: 5 })
  })

  it('compares no digest with one of other parts', () => {
    const other = preserveName({ value: true, key: true, headers: [] })
    const j = judge([
      ...sent(ids(0, 10)),
      tally({ hop: HOPS.flights, ids: ids(0, 10) }),
      tally({ hop: HOPS.flights, ids: ids(0, 10), element: other, digest: alteredIn(ids(0, 10)) }),
    ])
    expect(codesOf(j)).toEqual(['integrity_unknown'])
  })

  it('says at least how many where there are too many to name, and acquits none it cannot', () => {
    const j = judge([...sent(ids(0, 9_000)), ...read(ids(0, 9_000), ids(0, 4_000))])
    expect(j).toMatchObject({ verdict: 'breached', evidence: 'estimated', counts: { lost: 0 } })
    expect(j.counts.altered).toBeGreaterThan(3_000)
    expect(j.counts.altered).toBeLessThanOrEqual(4_000)
    expect(j.counts.altered + j.counts.unverified).toBeGreaterThanOrEqual(4_000)
  })

  it('asks nothing of an edge that does not promise it', () => {
    const tallies = [...sent(ids(0, 10)), ...read(ids(0, 10), [id(2)])]
    expect(judge(tallies, { ...EDGE, preserve: null })).toMatchObject({
      verdict: 'met',
      findings: [],
    })
  })
})
