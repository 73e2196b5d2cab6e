/** The rules of causes one by one, at their boundaries. */
import { describe, expect, it } from 'vitest'
import { causesOf, rulesOf } from '../../src/diagnose/cause.ts'
import type { CauseEvidence, Overwritten } from '../../src/diagnose/cause-evidence.ts'
import { groundOf } from '../../src/diagnose/causes/ground.ts'
import type { Finding } from '../../src/finding/finding.ts'
import { hopKey, producerHop, sinkHop, topicHop } from '../../src/hop/hop.ts'
import type { StoredMishap } from '../../src/hop/mishap.ts'
import type { EdgeDeclaration, Pipeline } from '../../src/hop/pipeline.ts'
import {
  DEADLINE,
  EDGES,
  HOPS,
  hex,
  id,
  ids,
  instance,
  PIPELINE,
  tally,
  W,
} from '../reconcile/build.ts'
import { declare } from '../support/declare.ts'
import { evidence, finding, found, HOST_7, log, mishap, TAG, told } from './cause-build.ts'

/**
 * What each rule says of the finding's first message by itself: `C3!` proven, `C3?` likely; `C10~4` that it
 * may explain 4 at most of those of which only the number is known.
 */
function answers(finding: Finding, evidence: CauseEvidence): string {
  const ground = groundOf(finding, evidence)
  const [first] = finding.ids
  return rulesOf(finding.code)
    .flatMap((rule) => {
      const own = first === undefined ? undefined : rule.of?.(first, ground)
      const isOut = first !== undefined && rule.excludes?.(first, ground) === true
      const all = isOut ? undefined : rule.ofAll?.(ground)
      const answer = own ?? all
      const among = isOut ? undefined : rule.among?.(ground)
      return [
        ...(answer === undefined
          ? []
          : [`${rule.name}${answer.certainty === 'proven' ? '!' : '?'}`]),
        ...(among === undefined ? [] : [`${rule.name}~${among.most}`]),
      ]
    })
    .join(' ')
}

type Row = readonly [
  name: string,
  answers: string,
  outcome: readonly string[],
  evidence: Omit<Partial<CauseEvidence>, 'verdict'> & { readonly findings?: readonly Finding[] },
  finding?: Finding,
]

function table(edge: EdgeDeclaration, usual: Finding, rows: readonly Row[]): void {
  for (const [name, own, outcome, words, finding = usual] of rows)
    it(name, () => {
      const given = evidence(edge, words)
      expect(answers(finding, given)).toBe(own)
      expect(told(causesOf(finding, given))).toEqual(outcome)
    })
}

const { checkin, flights, enrich, enricher, enriched, dlq, warehouse } = HOPS
const origin = { topic: 'flights', group: 'enrich' }
const LOST = finding('lost', found(1))
const LOST_3 = finding('lost', found(1, 2, 3))

/** Ten messages, acknowledged at offsets 0 to 9. */
const sent = tally({ hop: checkin, ids: ids(0, 10) })
const FLIGHTS = hopKey(flights)
const cutAt = (end: number, at = W + 1_000): CauseEvidence['cuts'] =>
  new Map([[FLIGHTS, [{ partition: 0, since: at - 1_000, at, was: 10, end }]]])
const othersFrom = (
  from: number,
  at = W + 1_000,
  seen: Partial<Overwritten> = {},
): NonNullable<CauseEvidence['overwritten']> =>
  new Map([[FLIGHTS, [{ partition: 0, from, to: 10, epoch: 2, before: 0, at, ...seen }]]])
const epochAt = (from: number, at = W + 1_000): CauseEvidence['mishaps'] => [
  mishap(flights, 'epoch', { from, to: from + 1, detail: '14>15', at }),
]
const gone = log(flights, { 1: [], 2: [], 3: [] })

describe('of a message that a topic lacks', () => {
  const named = tally({ hop: checkin, ids: [id(1)], channel: 'unacknowledged', range: null })
  table(EDGES.produce, LOST, [
    ['nothing is known', '', ['unknown 1'], { tallies: [sent] }],
    [
      'its producer saw no answer for its partition',
      'C3!',
      ['client_unacknowledged 1 proven C3'],
      { tallies: [sent, named] },
    ],
    [
      'a mishap says the same, and the tally is pruned',
      'C3!',
      ['client_unacknowledged 1 proven C3'],
      { mishaps: [mishap(checkin, 'unacknowledged', { id: hex(1) })] },
    ],
    // Of another one: it says nothing of this.
    [
      'another one was not acknowledged',
      '',
      ['unknown 1'],
      { tallies: [sent, tally({ hop: checkin, ids: [id(2)], channel: 'unacknowledged' })] },
    ],
    [
      'another topic did not acknowledge it',
      '',
      ['unknown 1'],
      { mishaps: [mishap(enricher, 'unacknowledged', { id: hex(1) })] },
    ],
    // The end of the log came down to 9: of the window's offsets 0 to 9 that is one.
    [
      'the log was cut at its last offset',
      'C10~1',
      ['truncated 1 likely C10'],
      { tallies: [sent], cuts: cutAt(9) },
    ],
    ['the log was cut above it', '', ['unknown 1'], { tallies: [sent], cuts: cutAt(10) }],
    [
      'the log was cut when the window began',
      'C10~5',
      ['truncated 1 likely C10'],
      { tallies: [sent], cuts: cutAt(5, W) },
    ],
    [
      'the log was cut before the window began',
      '',
      ['unknown 1'],
      { tallies: [sent], cuts: cutAt(5, W - 1) },
    ],
    [
      'others stand at its last four offsets',
      'C10~4',
      ['truncated 1 likely C10'],
      { tallies: [sent], overwritten: othersFrom(6) },
    ],
    [
      'the same, and the log was searched',
      'C10~4',
      ['truncated 1 proven C10'],
      { tallies: [sent], overwritten: othersFrom(6), log: gone },
    ],
    [
      'others stood there before the window began',
      '',
      ['unknown 1'],
      { tallies: [sent], overwritten: othersFrom(6, W - 1) },
    ],
    // They may have come to other offsets since, and others may be missing for another reason.
    [
      'others stand at its first three offsets, as far as somebody looked',
      'C10~3',
      ['truncated 1 likely C10'],
      { tallies: [sent], overwritten: othersFrom(0, W + 1_000, { to: 3 }) },
    ],
    [
      'others stood there when windows before it were asked about, long after it',
      '',
      ['unknown 1'],
      { tallies: [sent], overwritten: othersFrom(6, W + 1_000, { until: W }) },
    ],
    [
      'others stood there when its window was asked about',
      'C10~4',
      ['truncated 1 likely C10'],
      { tallies: [sent], overwritten: othersFrom(6, W + 1_000, { until: W + 1 }) },
    ],
    [
      'a new leader began within the window',
      'C10~4',
      ['truncated 1 likely C10'],
      { tallies: [sent], mishaps: epochAt(6) },
    ],
    [
      'the same, and the log was searched',
      'C10~4',
      ['truncated 1 proven C10'],
      { tallies: [sent], mishaps: epochAt(6), log: gone },
    ],
    [
      'the same, and the search was cut short',
      'C10~4',
      ['truncated 1 likely C10'],
      {
        tallies: [sent],
        mishaps: epochAt(6),
        log: log(flights, { 1: [] }, { isComplete: false }),
      },
    ],
    [
      'the same, and nobody asked for this one',
      'C10~4',
      ['truncated 1 likely C10'],
      { tallies: [sent], mishaps: epochAt(6), log: log(flights, { 2: [] }) },
    ],
    // From offset 1 on: what lay at 0 may have been deleted before.
    [
      'the same, and the log begins within the window',
      'C10~4',
      ['truncated 1 likely C10'],
      {
        tallies: [sent],
        mishaps: epochAt(6),
        log: log(flights, { 1: [] }, { partitions: [{ partition: 0, from: 1, to: 100 }] }),
      },
    ],
    [
      'the same, and it is there',
      '',
      ['unknown 1'],
      { tallies: [sent], mishaps: epochAt(6), log: log(flights, { 1: [3] }) },
    ],
    [
      'the same, and compaction has been there',
      'C10~4',
      ['truncated 1 likely C10'],
      {
        tallies: [sent],
        mishaps: epochAt(6),
        log: gone,
        findings: [finding('compacted', found(5))],
      },
    ],
    // Sends without an offset were perhaps never written.
    [
      'the log was cut, and one send got no offset',
      '',
      ['unknown 1'],
      { tallies: [{ ...sent, placeless: 1 }], cuts: cutAt(5), log: gone },
    ],
    [
      'the log was cut, and the one without an offset was not acknowledged',
      'C10~4',
      ['truncated 1 proven C10'],
      {
        tallies: [
          { ...sent, placeless: 1 },
          tally({ hop: checkin, ids: [id(2)], channel: 'unacknowledged', range: null }),
        ],
        mishaps: epochAt(6),
        log: gone,
      },
    ],
    // Never acknowledged: so it was not cut off.
    [
      'the log was cut, and it was not acknowledged',
      'C3! C10~5',
      ['client_unacknowledged 1 proven C3'],
      { tallies: [sent, named], cuts: cutAt(5), log: gone },
    ],
  ])

  it('is one of more than the cut explains: the numbers do not agree', () => {
    const given = evidence(EDGES.produce, { tallies: [sent], cuts: cutAt(8) })
    expect(told(causesOf(LOST_3, given))).toEqual(['unknown 3'])
    expect(causesOf(LOST_3, given)[0]?.lacking).toContain('truncated explains 2 of 3 at most')
    // At the boundary: three offsets, three messages.
    const three = evidence(EDGES.produce, { tallies: [sent], cuts: cutAt(7) })
    expect(told(causesOf(LOST_3, three))).toEqual(['truncated 3 likely C10'])
  })

  it('is one of two logs of one name: in which it lies is not clear', () => {
    const both = { ...gone, searched: [...gone.searched, ...gone.searched] }
    const given = evidence(EDGES.produce, { tallies: [sent], mishaps: epochAt(6), log: both })
    expect(told(causesOf(LOST, given))).toEqual(['truncated 1 likely C10'])
  })
})

describe('of a message that a group lacks', () => {
  /** Ten messages at offsets 0 to 9. */
  const lies = tally({ hop: flights, ids: ids(0, 10) })
  const sought = (from: number, to: number): CauseEvidence['mishaps'][number] =>
    mishap(enrich, 'sought', { from, to, detail: 'forward' })
  const jumped = (from: number, to: number): CauseEvidence['mishaps'][number] =>
    mishap(enrich, 'reset', { from, to, detail: 'forward' })
  const ENRICH = hopKey(enrich)
  const deleted = (from: number, to: number): CauseEvidence['deleted'] =>
    new Map([[ENRICH, new Map([[0, [[from, to] as const]]])]])
  const at4 = log(flights, { 1: [4] })
  table(EDGES.consume, LOST, [
    ['nothing is known', '', ['unknown 1'], { tallies: [lies] }],
    [
      'others stand at places of the window, and nobody searched for it',
      '',
      ['unknown 1'],
      { tallies: [lies], overwritten: othersFrom(5) },
    ],
    [
      'others stand at places of the window, and it is gone',
      'C10~5',
      ['truncated 1 proven C10'],
      { tallies: [lies], overwritten: othersFrom(5), log: gone },
    ],
    [
      'the group sought past its place',
      'C8!',
      ['consumer_skipped 1 proven C8'],
      { mishaps: [sought(4, 5)], log: at4 },
    ],
    // Half-open: 5 is where it went on.
    [
      'the group sought up to its place',
      'C13?',
      ['consumer_skipped 1 likely C13'],
      { mishaps: [sought(0, 4)], log: at4 },
    ],
    [
      'the group sought back over its place',
      'C13?',
      ['consumer_skipped 1 likely C13'],
      { mishaps: [mishap(enrich, 'sought', { from: 0, to: 9, detail: 'backward' })], log: at4 },
    ],
    [
      'another group sought past its place',
      'C13?',
      ['consumer_skipped 1 likely C13'],
      {
        mishaps: [
          mishap({ ...enrich, group: 'bi' }, 'sought', { from: 4, to: 5, detail: 'forward' }),
        ],
        log: at4,
      },
    ],
    [
      'it sought past its place, and not all was noted',
      'C8?',
      ['consumer_skipped 1 likely C8'],
      { mishaps: [sought(4, 5)], log: at4, unnoted: new Set([ENRICH]) },
    ],
    [
      'it was reset past its place',
      'C7!',
      ['offset_reset 1 proven C7'],
      { mishaps: [jumped(4, 5)], log: at4 },
    ],
    // Either may have done it.
    [
      'it sought past its place, and was reset past it',
      '',
      ['unknown 1'],
      { mishaps: [jumped(4, 5), sought(4, 5)], log: at4 },
    ],
    [
      'it lies in the log, where nothing happened',
      'C13?',
      ['consumer_skipped 1 likely C13'],
      { log: at4 },
    ],
    [
      'it lies in the log, where nothing was noted',
      '',
      ['unknown 1'],
      { log: at4, unnoted: new Set([ENRICH]) },
    ],
    // All of the window lies there: nobody needs to know where this one lay.
    [
      'the group sought past the whole window',
      'C8! C8~10',
      ['consumer_skipped 1 proven C8'],
      { tallies: [lies], mishaps: [sought(0, 10)] },
    ],
    // One offset of the window is elsewhere, and all nine others should be missing.
    [
      'the group sought past nearly all of the window',
      'C8~9',
      ['unknown 1'],
      { tallies: [lies], mishaps: [sought(0, 9)] },
    ],
    [
      'the group sought past as many as are missing',
      'C8~1',
      ['consumer_skipped 1 likely C8'],
      { tallies: [lies], mishaps: [sought(9, 20)] },
    ],
    [
      'as many, and another leader began there: it did not read of a cut',
      'C8~1',
      ['consumer_skipped 1 likely C8'],
      { tallies: [lies], mishaps: [sought(9, 20), ...epochAt(9)] },
    ],
    [
      'the group sought past the whole window, and the log was cut within',
      'C8~10 C10~1',
      ['unknown 1'],
      { tallies: [lies], mishaps: [sought(0, 10)], cuts: cutAt(9) },
    ],
    [
      'retention deleted as many unread',
      'C9~1',
      ['deleted_unread 1 likely C9'],
      { tallies: [lies], deleted: deleted(0, 1) },
    ],
    [
      'retention deleted as many, and it is gone',
      'C9~1',
      ['deleted_unread 1 proven C9'],
      { tallies: [lies], deleted: deleted(0, 1), log: gone },
    ],
    [
      'retention deleted as many, and it is still there',
      'C13?',
      ['consumer_skipped 1 likely C13'],
      { tallies: [lies], deleted: deleted(0, 1), log: at4 },
    ],
    [
      'retention deleted the whole window unread',
      'C9! C9~10',
      ['deleted_unread 1 proven C9'],
      { tallies: [lies], deleted: deleted(0, 10) },
    ],
    [
      'retention deleted some, and the group was reset past others',
      'C7~1 C9~1',
      ['unknown 1'],
      { tallies: [lies], deleted: deleted(0, 1), mishaps: [jumped(1, 2)] },
    ],
    [
      'its handler threw',
      'C6!',
      ['handler_threw 1 proven C6'],
      { mishaps: [mishap(enrich, 'handler_threw', { id: hex(1), from: 4, to: 5 })] },
    ],
    [
      'its handler threw, and the group sought past it: that came of it',
      'C6! C8!',
      ['handler_threw 1 proven C6'],
      {
        mishaps: [mishap(enrich, 'handler_threw', { id: hex(1), from: 4, to: 5 }), sought(4, 5)],
        log: at4,
      },
    ],
    [
      'the handler of a batch stopped at its place',
      'C6? C13?',
      ['handler_threw 1 likely C6'],
      { mishaps: [mishap(enrich, 'handler_threw', { from: 4, to: 9 })], log: at4 },
    ],
    // Another one did it: this one only came after.
    [
      'the handler of a batch stopped before its place',
      'C13?',
      ['consumer_skipped 1 likely C13'],
      { mishaps: [mishap(enrich, 'handler_threw', { from: 3, to: 9 })], log: at4 },
    ],
    [
      'the log was cut before the group had read it',
      'C10~5',
      ['truncated 1 proven C10'],
      { tallies: [lies], cuts: cutAt(5), log: gone },
    ],
    [
      'a new leader began, and it is gone',
      'C10~5',
      ['truncated 1 proven C10'],
      { tallies: [lies], mishaps: epochAt(5), log: gone },
    ],
    [
      'one that may be compacted away',
      'C11?',
      ['compacted 1 likely C11'],
      { tallies: [lies] },
      finding('compacted', found(1)),
    ],
    [
      'one that may be compacted away, and is in the log',
      'C13?',
      ['consumer_skipped 1 likely C13'],
      { tallies: [lies], log: at4 },
      finding('compacted', found(1)),
    ],
    [
      'one that may be compacted away, where the log was cut',
      'C10~5',
      ['truncated 1 likely C10'],
      { tallies: [lies], cuts: cutAt(5) },
      finding('compacted', found(1)),
    ],
  ])

  it('is told apart by place: what was sought past, and what was reset past', () => {
    const mishaps = [sought(4, 6), jumped(6, 8)]
    const given = evidence(EDGES.consume, {
      mishaps,
      log: log(flights, { 1: [5], 2: [6], 3: [8] }),
    })
    expect(told(causesOf(LOST_3, given))).toEqual([
      'consumer_skipped 1 proven C8',
      'offset_reset 1 proven C7',
      'consumer_skipped 1 likely C13',
    ])
  })

  it('is counted where it has no name: all but what a place has told', () => {
    const given = evidence(EDGES.consume, {
      tallies: [lies],
      mishaps: [sought(7, 10)],
      log: log(flights, { 1: [7] }),
    })
    const three = finding('lost', found(1), { count: 3, evidence: 'estimated' })
    expect(told(causesOf(three, given))).toEqual([
      'consumer_skipped 1 proven C8',
      'consumer_skipped 2 likely C8',
    ])
    // One more than the jump passed over.
    expect(told(causesOf({ ...three, count: 4 }, given))).toEqual([
      'consumer_skipped 1 proven C8',
      'unknown 3',
    ])
  })

  it('of a sample, is likely at most', () => {
    const given = evidence(EDGES.consume, { mishaps: [sought(4, 5)], log: at4 })
    const sampled = finding('lost', found(1), {
      ...{ count: 8, evidence: 'sampled', args: { sampled: 1, oneIn: 8 } },
    })
    const [cause] = causesOf(sampled, given)
    expect(told(causesOf(sampled, given))).toEqual(['consumer_skipped 8 likely C8'])
    expect(cause?.lacking).toEqual(['one message in 8 was looked at'])
  })
})

describe('of a message that a service did not carry on', () => {
  const made = tally({ hop: enricher, ids: ids(2, 10), origin })
  const withdrawn = tally({ hop: enricher, ids: [id(1)], channel: 'withdrawn', origin })
  const refused = tally({ hop: enricher, ids: [id(1)], channel: 'rejected', origin })
  const letters = declare('letters', topicHop('default', 'letters'), true)
  const others = declare('other', { ...enrich, group: 'bi' })
  const withLetters = (...from: readonly ReturnType<typeof declare>[]): Pipeline => ({
    ...PIPELINE,
    hops: [...PIPELINE.hops, letters],
    edges:
      from.length === 0
        ? PIPELINE.edges
        : [
            ...PIPELINE.edges,
            {
              ...EDGES.transform,
              name: `${from.map((f) => f.name)} → letters`,
              from,
              to: [letters],
            },
          ],
  })
  const own = declare('enrich', enrich)
  const thrown = mishap(enrich, 'handler_threw', { id: hex(1), from: 4, to: 5 })
  table(EDGES.transform, LOST, [
    ['nothing is known', '', ['unknown 1'], { tallies: [made] }],
    [
      'its output was aborted',
      'C4!',
      ['transaction_aborted 1 proven C4'],
      { tallies: [made, withdrawn] },
    ],
    ['its output was refused', 'C5!', ['send_rejected 1 proven C5'], { tallies: [made, refused] }],
    [
      'a mishap says so',
      'C5!',
      ['send_rejected 1 proven C5'],
      { tallies: [made], mishaps: [mishap(enricher, 'rejected', { id: hex(1) })] },
    ],
    // Whether another attempt was acknowledged nobody can say any more.
    [
      'a mishap says so, and the window is pruned',
      'C5?',
      ['send_rejected 1 likely C5'],
      { mishaps: [mishap(enricher, 'rejected', { id: hex(1) })] },
    ],
    // Which of both attempts was the last nobody tells.
    [
      'one attempt was refused, and one aborted',
      'C4? C5?',
      ['transaction_aborted 1 likely C4'],
      { tallies: [made, withdrawn, refused] },
    ],
    [
      'one attempt was refused, and another acknowledged',
      '',
      ['unknown 1'],
      { tallies: [tally({ hop: enricher, ids: ids(1, 10), origin }), refused] },
    ],
    [
      'the output of another group was refused',
      '',
      ['unknown 1'],
      { tallies: [made, { ...refused, origin: { topic: 'flights', group: 'bi' } }] },
    ],
    [
      'one that the topic has of its own producers was refused',
      '',
      ['unknown 1'],
      { tallies: [made, { ...refused, origin: null }] },
    ],
    [
      'its handler threw before the attempt that counts',
      'C6?',
      ['handler_threw 1 likely C6'],
      { tallies: [made], mishaps: [thrown] },
    ],
    [
      'its handler threw when the send was refused',
      'C5! C6?',
      ['send_rejected 1 proven C5'],
      { tallies: [made, refused], mishaps: [thrown] },
    ],
    [
      'it lies among dead letters, where only this group puts any',
      'C2!',
      ['dead_lettered 1 proven C2'],
      { pipeline: withLetters(own), log: log(letters.hop, { 1: [3] }) },
    ],
    [
      'it lies among dead letters, where this and another group put some',
      'C2?',
      ['dead_lettered 1 likely C2'],
      { pipeline: withLetters(own, others), log: log(letters.hop, { 1: [3] }) },
    ],
    [
      'it lies among the dead letters of another group',
      '',
      ['unknown 1'],
      { pipeline: withLetters(others), log: log(letters.hop, { 1: [3] }) },
    ],
    [
      'it lies among dead letters, and nobody says whose',
      'C2?',
      ['dead_lettered 1 likely C2'],
      { pipeline: withLetters(), tallies: [tally({ hop: letters.hop, ids: [id(1)] })] },
    ],
    [
      'its service put it among dead letters',
      'C2!',
      ['dead_lettered 1 proven C2'],
      {
        pipeline: withLetters(),
        tallies: [
          tally({ hop: producerHop('default', 'letters', 'enrich'), ids: [id(1)], origin }),
        ],
      },
    ],
    [
      'it lies in the topic of dead letters that the edge does name',
      '',
      ['unknown 1'],
      { log: log(dlq, { 1: [3] }) },
    ],
    [
      'it was refused, and put among dead letters: there it is',
      'C2! C5!',
      ['dead_lettered 1 proven C2'],
      { pipeline: withLetters(own), log: log(letters.hop, { 1: [3] }), tallies: [refused] },
    ],
    [
      'the code dropped it',
      'C1!',
      ['filtered_undeclared 1 proven C1'],
      {},
      finding('filtered_undeclared', found(1), { args: { reasons: ['too old'] } }),
    ],
    // It was acknowledged: then it was in the log.
    [
      'its output was acknowledged, and cut off',
      'C10~4',
      ['truncated 1 likely C10'],
      {
        tallies: [tally({ hop: enricher, ids: ids(0, 10), origin })],
        mishaps: [mishap(enriched, 'epoch', { from: 6, to: 7, detail: '1>2' })],
      },
    ],
    [
      'its output was never acknowledged, and the log was cut',
      '',
      ['unknown 1'],
      {
        tallies: [made],
        mishaps: [mishap(enriched, 'epoch', { from: 6, to: 7, detail: '1>2' })],
      },
    ],
  ])

  it('has no name, and as many were dropped as are missing', () => {
    const dropped = tally({ hop: enrich, ids: ids(0, 4), channel: 'filtered', reason: 'too old' })
    const given = evidence(EDGES.transform, { tallies: [dropped] })
    const nameless = finding('lost', [], { count: 4, evidence: 'estimated' })
    expect(told(causesOf(nameless, given))).toEqual(['filtered_undeclared 4 likely C1'])
    expect(told(causesOf({ ...nameless, count: 5 }, given))).toEqual(['unknown 5'])
    const declared = evidence(EDGES.transform, { tallies: [{ ...dropped, reason: 'cancelled' }] })
    expect(told(causesOf(nameless, declared))).toEqual(['unknown 4'])
  })

  it('has no name, and more were refused than can be named', () => {
    const many = tally({ hop: enricher, ids: ids(0, 3_000), channel: 'rejected', origin })
    const given = evidence(EDGES.transform, { tallies: [many] })
    const nameless = finding('lost', [], { count: 3_000, evidence: 'estimated' })
    expect(told(causesOf(nameless, given))).toEqual(['send_rejected 3000 likely C5'])
    const aborted = { ...many, channel: 'withdrawn' as const }
    const both = evidence(EDGES.transform, { tallies: [many, aborted] })
    const [cause] = causesOf(nameless, both)
    expect(told(causesOf(nameless, both))).toEqual(['unknown 3000'])
    expect(cause?.lacking[0]).toBe(
      'transaction_aborted and send_rejected fit as well as each other',
    )
  })
})

describe('of a message whose producer fell silent', () => {
  const dead = instance({
    ...{ hops: [checkin], instance: HOST_7.instance, lastSentAt: W, lastHeardAt: W },
    seals: [{ hop: checkin, sealedUntil: W + 1, open: [], number: 9 }],
  })
  const minters = new Map([[TAG, HOST_7]])
  const unheard = finding('unconfirmed', found(1), { args: { unheard: true } })
  const minted = finding('minted_not_here', [], { count: 2 })
  /** Sequences 0, 1 and 4: two are missing between. */
  const here = tally({ hop: flights, ids: [id(0), id(1), id(4)], witness: true })
  table(EDGES.produce, unheard, [
    ['nobody knows who minted it', '', ['unknown 1'], { instances: [dead] }],
    [
      'it was minted when all before had been told, by one that is dead',
      'C12!',
      ['producer_died 1 proven C12'],
      { instances: [dead], minters },
    ],
    // Told of up to then, so its frame is what is missing.
    [
      'it was minted before that',
      '',
      ['unknown 1'],
      { instances: [dead], minters },
      finding('unconfirmed', found(0), { args: { unheard: true } }),
    ],
    [
      'its producer said goodbye',
      '',
      ['unknown 1'],
      { instances: [{ ...dead, goodbye: 3 }], minters },
    ],
    [
      'its producer has been silent for as long as it may',
      '',
      ['unknown 1'],
      { instances: [{ ...dead, lastHeardAt: DEADLINE - 15_000 }], minters },
    ],
    [
      'its producer did not know the outcome, and died',
      'C12?',
      ['producer_died 1 likely C12'],
      { instances: [dead], minters },
      finding('unconfirmed', found(1), { args: { landed: true } }),
    ],
    [
      'two numbers never came, of one that is dead',
      'C12?',
      ['producer_died 2 likely C12'],
      { instances: [dead], minters, tallies: [here] },
      minted,
    ],
    [
      'two numbers never came, of one that lives',
      '',
      ['unknown 2'],
      { instances: [{ ...dead, lastHeardAt: DEADLINE }], minters, tallies: [here] },
      minted,
    ],
    [
      'two numbers never came, and no tags were kept',
      '',
      ['unknown 2'],
      { instances: [dead], minters, tallies: [{ ...here, tags: null }] },
      minted,
    ],
    // The gap lies between two windows: the tag is all there is.
    [
      'two numbers never came, before the first that did',
      'C12?',
      ['producer_died 2 likely C12'],
      {
        instances: [dead],
        minters,
        tallies: [tally({ hop: flights, ids: [id(4)], witness: true })],
      },
      minted,
    ],
  ])

  it('is one of a living producer too: whose numbers are missing is not clear', () => {
    const other = { tag: 7, low: 0, high: 5, count: 3 }
    const both = { ...here, tags: [...(here.tags ?? []), other] }
    const living = { ...HOST_7, instance: 'ffffffffffffffffffffffffffffffff' }
    const given = {
      instances: [dead, instance({ hops: [checkin], instance: living.instance })],
      minters: new Map([...minters, [7, living]]),
      tallies: [both],
    }
    expect(told(causesOf(minted, evidence(EDGES.produce, given)))).toEqual(['unknown 2'])
    // Three sends of the living one were refused: that is all of its gap.
    const refused = {
      ...tally({ hop: checkin, ids: ids(20, 23), channel: 'rejected' }),
      tags: [{ tag: 7, low: 1, high: 3, count: 3 }],
    }
    const explained = evidence(EDGES.produce, { ...given, tallies: [both, refused] })
    expect(told(causesOf(minted, explained))).toEqual(['producer_died 2 likely C12'])
  })
})

describe('of an answer that was left out', () => {
  it('the client is the cause, of all of them', () => {
    const tallies = [sent, tally({ hop: checkin, ids: ids(0, 2), channel: 'unacknowledged' })]
    const given = evidence(EDGES.produce, { tallies })
    const many = finding('unacknowledged', found(0), { count: 2 })
    expect(told(causesOf(many, given))).toEqual(['client_unacknowledged 2 proven C3'])
  })
})

const DOUBLED = finding('duplicated', found(1))

describe('of a message that a group handled too often', () => {
  const lies = tally({ hop: flights, ids: ids(0, 10) })
  const back = mishap(enrich, 'sought', { from: 4, to: 6, detail: 'backward' })
  const again = (detail: string): CauseEvidence['mishaps'][number] =>
    mishap(enrich, 'redelivered', { from: 4, to: 6, detail })
  const at4 = log(flights, { 1: [4] })
  const at6 = log(flights, { 1: [6] })
  const regrouped = mishap(enrich, 'rebalanced', { detail: '1 of 2' })
  const deadMember = instance({ hops: [enrich], lastSentAt: W + 30_000, lastHeardAt: W + 30_000 })
  const wentBack = (
    at = W + 1,
    from = 4,
    to = 6,
    hop = enrich,
  ): NonNullable<CauseEvidence['wentBack']> =>
    new Map([[hopKey(hop), new Map([[0, [{ from, to, at }]]])]])
  table(EDGES.consume, DOUBLED, [
    ['nothing is known', '', ['unknown 1'], { tallies: [lies] }],
    ['it sought back to it', 'D1!', ['range_replayed 1 proven D1'], { mishaps: [back], log: at4 }],
    ['it sought back to before it', '', ['unknown 1'], { mishaps: [back], log: at6 }],
    [
      "the group's commit went back over it",
      'D1!',
      ['range_replayed 1 proven D1'],
      { wentBack: wentBack(), log: at4 },
    ],
    [
      'the commit went back, and its place is not known',
      'D1~2',
      ['range_replayed 1 likely D1'],
      { wentBack: wentBack(), tallies: [lies] },
    ],
    [
      'the commit went back over the whole window, and its place is not known',
      'D1? D1~10',
      ['range_replayed 1 likely D1'],
      { wentBack: wentBack(W + 1, 0, 10), tallies: [lies] },
    ],
    ['the commit went back to after it', '', ['unknown 1'], { wentBack: wentBack(), log: at6 }],
    [
      'the commit went back before the window began',
      '',
      ['unknown 1'],
      { wentBack: wentBack(W - 1), log: at4 },
    ],
    [
      'the commit of another group went back',
      '',
      ['unknown 1'],
      { wentBack: wentBack(W + 1, 4, 6, { ...enrich, group: 'bi' }), log: at4 },
    ],
    // The offsets are those of another log.
    [
      'the commit went back in a log that was cut',
      '',
      ['unknown 1'],
      { wentBack: wentBack(), log: at4, cuts: cutAt(5) },
    ],
    [
      'the commit went back once, and it is two too many',
      'D1?',
      ['range_replayed 2 likely D1'],
      { wentBack: wentBack(), log: at4 },
      finding('duplicated', [{ id: hex(1), times: 2 }]),
    ],
    [
      'the commit went back, and a member died',
      'D1? D3~1',
      ['range_replayed 1 likely D1'],
      { wentBack: wentBack(), log: at4, instances: [deadMember] },
    ],
    // What the rebalance left uncommitted was handed out again, and the commit set back later for a reason.
    [
      'the commit went back, and the group got other members while the window was handled',
      'D1? D3~1',
      ['range_replayed 1 likely D1'],
      { wentBack: wentBack(DEADLINE + 7_200_000), log: at4, mishaps: [regrouped] },
    ],
    [
      'the commit went back, and it was handed out again after a rebalance',
      '',
      ['unknown 1'],
      { wentBack: wentBack(), log: at4, mishaps: [again('rebalance')] },
    ],
    [
      'it sought back, and was handed it again for that',
      'D1!',
      ['range_replayed 1 proven D1'],
      { mishaps: [back, again('sought')], log: at4 },
    ],
    [
      'its position was set back',
      'D1!',
      ['range_replayed 1 proven D1'],
      { mishaps: [mishap(enrich, 'reset', { from: 0, to: 5, detail: 'backward' })], log: at4 },
    ],
    [
      'it was handed out again after a rebalance',
      'D2!',
      ['redelivered 1 proven D2'],
      { mishaps: [again('rebalance')], log: at4 },
    ],
    [
      'it was handed out again, and not all was noted',
      'D2?',
      ['redelivered 1 likely D2'],
      { mishaps: [again('rebalance')], log: at4, unnoted: new Set([hopKey(enrich)]) },
    ],
    [
      'it was handed out again by name',
      'D2!',
      ['redelivered 1 proven D2'],
      { mishaps: [mishap(enrich, 'redelivered', { id: hex(1), detail: 'rebalance' })] },
    ],
    // Either may have done it.
    [
      'it was handed out again after a rebalance, and after a jump back',
      '',
      ['unknown 1'],
      { mishaps: [again('rebalance'), back], log: at4 },
    ],
    [
      'as many were handed out again',
      'D2~2',
      ['redelivered 1 likely D2'],
      { mishaps: [again('failed attempt')], tallies: [lies] },
    ],
    [
      'all of the window was handed out again',
      'D1! D1~10',
      ['range_replayed 1 proven D1'],
      {
        mishaps: [mishap(enrich, 'sought', { from: 0, to: 10, detail: 'backward' })],
        tallies: [lies],
      },
    ],
    [
      'the group got other members',
      'D3~1',
      ['redelivered 1 likely D3'],
      { mishaps: [regrouped], tallies: [lies] },
    ],
    [
      'the group got other members, and not all was noted',
      '',
      ['unknown 1'],
      { mishaps: [regrouped], tallies: [lies], unnoted: new Set([hopKey(enrich)]) },
    ],
    [
      'the group got other members before the window',
      '',
      ['unknown 1'],
      { mishaps: [{ ...regrouped, at: W - 1 }], tallies: [lies] },
    ],
    [
      'the group got other members, and sought back',
      'D1~2 D3~1',
      ['unknown 1'],
      { mishaps: [regrouped, back], tallies: [lies] },
    ],
    ['a member died', 'D3~1', ['redelivered 1 likely D3'], { instances: [deadMember] }],
    [
      'a member of another group died',
      '',
      ['unknown 1'],
      { instances: [{ ...deadMember, hops: [hopKey(warehouse)] }] },
    ],
  ])
})

describe('of a message that a topic has too often', () => {
  const DERIVED = finding('duplicated', [{ id: hex(1, 1), times: 1, copyOf: hex(1) }])
  const handled = tally({ hop: enrich, ids: ids(0, 10) })
  const made = tally({ hop: enricher, ids: ids(0, 10), origin })
  const madeTwice = tally({ hop: enricher, ids: [...ids(0, 10), id(1)], origin })
  const refused = tally({ hop: enricher, ids: [id(1)], channel: 'rejected', origin })
  const thrown = mishap(enrich, 'handler_threw', { id: hex(1), from: 4, to: 5 })
  const twice = log(enriched, { 1: [4, 9] })
  const unnoted = new Set([hopKey(enrich)])
  const dying = instance({ hops: [enrich], lastSentAt: W, lastHeardAt: W })
  table(EDGES.transform, DOUBLED, [
    ['nothing is known', '', ['unknown 1'], { tallies: [handled] }],
    [
      'the service made two outputs of one input',
      'D4!',
      ['sent_again 1 proven D4'],
      { tallies: [handled, made] },
      DERIVED,
    ],
    [
      'the same, and what it handled cannot be listed',
      'D4?',
      ['sent_again 1 likely D4'],
      { tallies: [tally({ hop: enrich, ids: ids(0, 3_000) })] },
      DERIVED,
    ],
    // It came in as a derived one: its ordinal is from further up.
    [
      'it was handed in under that id',
      '',
      ['unknown 1'],
      { tallies: [tally({ hop: enrich, ids: [id(1, 1)] })] },
      DERIVED,
    ],
    [
      'an attempt failed after it had sent',
      'D5! D7!',
      ['redelivered 1 proven D5'],
      { tallies: [handled, madeTwice], mishaps: [thrown] },
    ],
    [
      'an attempt failed, and what was sent cannot be listed',
      'D5?',
      ['redelivered 1 likely D5'],
      { tallies: [handled], mishaps: [thrown] },
    ],
    [
      'an attempt failed when its send was refused, and was written',
      'D5? D7?',
      ['redelivered 1 likely D5'],
      { tallies: [handled, made, refused], mishaps: [thrown] },
    ],
    // Its one send was acknowledged: the attempt that failed sent nothing.
    [
      'an attempt failed, and one send is known',
      'D6!',
      ['client_retried 1 proven D6'],
      { tallies: [handled, made], mishaps: [thrown], log: twice },
    ],
    [
      'a batch failed at its place, and it was sent twice',
      'D5!',
      ['redelivered 1 proven D5'],
      {
        tallies: [handled, madeTwice],
        mishaps: [mishap(enrich, 'handler_threw', { from: 4, to: 9 })],
        log: log(flights, { 1: [4] }),
      },
    ],
    // Whether the batch had come so far nobody tells.
    [
      'a batch failed before its place, and it was sent twice',
      '',
      ['unknown 1'],
      {
        tallies: [handled, madeTwice],
        mishaps: [mishap(enrich, 'handler_threw', { from: 2, to: 9 })],
        log: log(flights, { 1: [4] }),
      },
    ],
    [
      'it lies at two places, and was acknowledged once',
      'D6!',
      ['client_retried 1 proven D6'],
      { tallies: [handled, made], log: twice },
    ],
    [
      'it was acknowledged once',
      'D6?',
      ['client_retried 1 likely D6'],
      { tallies: [handled, made] },
    ],
    [
      'it lies at two places, five minutes apart',
      'D6!',
      ['client_retried 1 proven D6'],
      { tallies: [handled, made], log: log(enriched, { 1: [4, 9] }, { times: [W, W + 300_000] }) },
    ],
    [
      'it lies at two places, further apart than a client goes on trying',
      '',
      ['unknown 1'],
      { tallies: [handled, made], log: log(enriched, { 1: [4, 9] }, { times: [W, W + 300_001] }) },
    ],
    [
      'it was acknowledged once, and a member died',
      '',
      ['unknown 1'],
      { tallies: [handled, made], instances: [dying] },
    ],
    [
      'it was acknowledged once, and failures were not all noted',
      'D6?',
      ['client_retried 1 likely D6'],
      { tallies: [handled, made], log: twice, unnoted },
    ],
    [
      'it was sent twice, and nothing failed',
      'D7!',
      ['sent_again 1 proven D7'],
      { tallies: [handled, madeTwice] },
    ],
    [
      'it was sent twice, and failures were not all noted',
      '',
      ['unknown 1'],
      { tallies: [handled, madeTwice], unnoted },
    ],
    // Whether it was among those that failed only its place would tell.
    [
      'it was sent twice, attempts failed, and where it lay is not known',
      '',
      ['unknown 1'],
      {
        tallies: [handled, madeTwice],
        mishaps: [mishap(enrich, 'handler_threw', { from: 2, to: 9 })],
      },
    ],
    [
      'it was sent twice, and attempts failed elsewhere',
      'D7!',
      ['sent_again 1 proven D7'],
      {
        tallies: [handled, madeTwice],
        mishaps: [mishap(enrich, 'handler_threw', { from: 2, to: 9 })],
        log: log(flights, { 1: [11] }),
      },
    ],
    [
      'it was refused, and sent again in the same handling',
      'D7?',
      ['sent_again 1 likely D7'],
      { tallies: [handled, made, refused] },
    ],
  ])

  // Game day 30: a topic that a group feeds back into, beside its own producer.
  it('has producers of its own beside the group', () => {
    const shop = producerHop('default', 'flights.enriched', 'shop')
    const from = [declare('shop', shop), declare('enrich', enrich)]
    const edge = { ...EDGES.transform, name: 'shop + enrich → enriched', from }
    const own = tally({ hop: shop, ids: [id(1)] })
    const causes = (...tallies: readonly ReturnType<typeof tally>[]): string[] =>
      told(causesOf(DOUBLED, evidence(edge, { tallies: [own, ...tallies] })))
    expect(causes()).toEqual(['client_retried 1 likely D6'])
    // Handled once, and sent on once: what is too many nobody sent.
    const once = tally({ hop: enrich, ids: [id(1)] })
    expect(causes(once, made)).toEqual(['client_retried 1 likely D6'])
    expect(causes(once, madeTwice)).toEqual(['sent_again 1 proven D7'])
  })

  it('is the same of what is extra, copy or not', () => {
    const given = evidence(EDGES.produce, {
      tallies: [sent],
      log: log(flights, { 1: [4, 9] }),
    })
    expect(told(causesOf(finding('extra', found(1)), given))).toEqual([
      'client_retried 1 proven D6',
    ])
  })
})

describe('a finding that calls nobody missing or one too many', () => {
  it.each(['in_flight', 'hole', 'undetermined', 'altered', 'copy_removed', 'committed'] as const)(
    'has no cause: %s',
    (code) => {
      expect(causesOf(finding(code, found(1)), evidence(EDGES.produce))).toEqual([])
    },
  )

  it('has none where it counts nobody', () => {
    expect(causesOf(finding('lost', []), evidence(EDGES.produce))).toEqual([])
  })
})

describe('what is lacking', () => {
  const lackingIn = (edge: EdgeDeclaration, words: Partial<CauseEvidence>): readonly string[] =>
    causesOf(LOST, evidence(edge, words))[0]?.lacking ?? []

  it('is the log, as long as nobody has searched it', () => {
    expect(lackingIn(EDGES.consume, {})).toEqual([
      'the log of flights was not searched: name brokers with --brokers',
    ])
  })

  it('is what the search could not see', () => {
    const part = log(flights, {}, { isComplete: false, why: ['retention has passed'] })
    expect(lackingIn(EDGES.produce, { log: part })).toEqual([
      'the log of flights was searched in part: retention has passed',
      'not all of them were looked for in the log of flights',
    ])
  })

  it('is what was not noted, or is pruned', () => {
    const { verdict } = evidence(EDGES.consume)
    const from = [{ hop: 'flights', declared: true, count: 3, passage: 'passed' as const, why: [] }]
    const words = { unnoted: new Set([hopKey(enrich)]), log: gone, verdict: { ...verdict, from } }
    expect(lackingIn(EDGES.consume, words)).toEqual([
      'mishaps of group enrich on flights were not all noted',
      'what was counted of the window is pruned',
    ])
  })

  it('is what a member did that died', () => {
    const instances = [instance({ hops: [enrich], lastSentAt: W, lastHeardAt: W })]
    const words = { log: gone, tallies: [tally({ hop: enrich, ids: [] })], instances }
    expect(lackingIn(EDGES.transform, words)).toContain(
      'a member of group enrich on flights died: what it did last nobody tells',
    )
  })

  it('is nothing that has a name, where all was looked at', () => {
    expect(lackingIn(EDGES.produce, { log: gone })).toEqual([
      'nothing that agents note explains it',
    ])
  })

  it('is an offset, where sends got none', () => {
    expect(lackingIn(EDGES.produce, { log: gone, tallies: [{ ...sent, placeless: 2 }] })).toEqual([
      '2 sends got no offset: acks 0, or no answer',
    ])
  })
})

it('names who sent what was cut off, where it is one', () => {
  const given = { tallies: [sent], mishaps: epochAt(6), log: gone }
  const facts = (minters: CauseEvidence['minters']): readonly string[] =>
    (causesOf(LOST, evidence(EDGES.produce, { ...given, minters }))[0]?.proof ?? []).map(
      (f) => f.name,
    )
  expect(facts(new Map([[TAG, HOST_7]]))).toEqual(['minted_by', 'mishap', 'offsets', 'searched'])
  expect(facts(new Map())).toEqual(['mishap', 'offsets', 'searched'])
})

describe('of what was deleted before a group had read it', () => {
  const lies = tally({ hop: flights, ids: ids(0, 10) })
  const sentOn = (to: number): StoredMishap =>
    mishap(enrich, 'reset', { from: 0, to, detail: 'forward' })
  const deleted = new Map([[hopKey(enrich), new Map([[0, [[0, 10] as const]]])]])
  table(EDGES.consume, LOST, [
    [
      'the group was sent on to where the log began: that is what came of it',
      'C9! C9~10',
      ['deleted_unread 1 proven C9'],
      { tallies: [lies], deleted, mishaps: [sentOn(10)] },
    ],
    [
      'nobody saw the deletion, only that the group was sent on',
      'C7! C7~10',
      ['offset_reset 1 proven C7'],
      { tallies: [lies], mishaps: [sentOn(10)] },
    ],
    [
      'the group was sent on further than that',
      'C7~4 C9~6',
      ['unknown 1'],
      {
        tallies: [lies],
        deleted: new Map([[hopKey(enrich), new Map([[0, [[0, 6] as const]]])]]),
        mishaps: [sentOn(10)],
      },
    ],
  ])
})

describe('of a message that a sink has too often', () => {
  const store = sinkHop('store')
  const edge: EdgeDeclaration = {
    ...{ name: 'enrich → store', from: [declare('enrich', enrich)] },
    ...{ to: [declare('store', store)], filter: [], preserve: null },
  }
  const handled = tally({ hop: enrich, ids: ids(0, 10) })
  const stored = tally({ hop: store, ids: [...ids(0, 10), id(1)], range: null })
  const thrown = mishap(enrich, 'handler_threw', { id: hex(1), from: 4, to: 5 })
  const alone = { ...PIPELINE, edges: [...PIPELINE.edges, edge] }
  // Who stored it, nobody tells: never proven.
  table(edge, DOUBLED, [
    [
      'it was stored twice, and nothing failed',
      'D7?',
      ['sent_again 1 likely D7'],
      { tallies: [handled, stored], pipeline: alone },
    ],
    [
      'it was stored as often as it was handled',
      '',
      ['unknown 1'],
      { tallies: [tally({ hop: enrich, ids: [...ids(0, 10), id(1)] }), stored], pipeline: alone },
    ],
    [
      'an attempt failed after it had stored',
      'D5? D7?',
      ['redelivered 1 likely D5'],
      { tallies: [handled, stored], mishaps: [thrown], pipeline: alone },
    ],
    [
      'failures were not all noted',
      '',
      ['unknown 1'],
      { tallies: [handled, stored], unnoted: new Set([hopKey(enrich)]), pipeline: alone },
    ],
    [
      'another edge leads to that sink',
      '',
      ['unknown 1'],
      {
        tallies: [handled, stored],
        pipeline: { ...alone, edges: [...alone.edges, { ...edge, name: 'warehouse → store' }] },
      },
    ],
  ])
})
