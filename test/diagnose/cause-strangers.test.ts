/** Why a topic has what its edge does not know, or what was taken back: the rules at their boundaries. */
import { describe, expect, it } from 'vitest'
import { causesOf } from '../../src/diagnose/cause.ts'
import type { CauseEvidence } from '../../src/diagnose/cause-evidence.ts'
import type { Finding } from '../../src/finding/finding.ts'
import { hopKey, producerHop } from '../../src/hop/hop.ts'
import type { EdgeDeclaration } from '../../src/hop/pipeline.ts'
import { DEADLINE, EDGES, HOPS, hex, id, ids, instance, tally, W } from '../reconcile/build.ts'
import { evidence, finding, found, HOST_7, log, mishap, TAG, told } from './cause-build.ts'

const { checkin, flights, enrich, enricher } = HOPS
const origin = { topic: 'flights', group: 'enrich' }

type Row = readonly [
  name: string,
  outcome: readonly string[],
  evidence: Partial<CauseEvidence> & { readonly findings?: readonly Finding[] },
]

function table(edge: EdgeDeclaration, of: Finding, rows: readonly Row[]): void {
  it.each(rows)('%s', (_, outcome, words) => {
    expect(told(causesOf(of, evidence(edge, words)))).toEqual(outcome)
  })
}

describe('of what was aborted and arrived', () => {
  const aborted = tally({ hop: checkin, ids: [id(1)], channel: 'withdrawn', range: null })
  /** As the topic's agent read it. */
  const read = tally({ hop: flights, ids: ids(0, 10) })
  const tallies = [aborted, read]
  const gone = log(flights, { 1: [] })
  const LIKELY = ['aborted_read 1 likely D9']
  table(EDGES.produce, finding('withdrawn_delivered', found(1)), [
    ['nobody searched the log', LIKELY, { tallies }],
    ['the log has no committed record of it', ['aborted_read 1 proven D9'], { tallies, log: gone }],
    // Another send of it was committed: by whom nobody tells.
    ['the log has it', ['unknown 1'], { tallies, log: log(flights, { 1: [4] }) }],
    [
      'the search was cut short',
      LIKELY,
      { tallies, log: log(flights, { 1: [] }, { isComplete: false }) },
    ],
    // What lay at offset 0 may have been deleted.
    [
      'the log begins above where the window was read',
      LIKELY,
      {
        tallies,
        log: log(flights, { 1: [] }, { partitions: [{ partition: 0, from: 1, to: 100 }] }),
      },
    ],
    ['where the window was read is pruned', LIKELY, { tallies: [aborted], log: gone }],
    [
      'the log was cut within the window',
      LIKELY,
      {
        tallies: [...tallies, tally({ hop: checkin, ids: ids(2, 9) })],
        log: gone,
        cuts: new Map([
          [hopKey(flights), [{ partition: 0, since: W, at: W + 1_000, was: 10, end: 5 }]],
        ]),
      },
    ],
    // Nothing of the window was acknowledged: where it lay only the topic's agent tells.
    [
      'the log was cut where it was read',
      LIKELY,
      {
        ...{ tallies, log: gone },
        cuts: new Map([
          [hopKey(flights), [{ partition: 0, since: W, at: W + 1_000, was: 10, end: 5 }]],
        ]),
      },
    ],
    [
      'the log was cut above where it was read',
      ['aborted_read 1 proven D9'],
      {
        ...{ tallies, log: gone },
        cuts: new Map([
          [hopKey(flights), [{ partition: 0, since: W, at: W + 1_000, was: 30, end: 20 }]],
        ]),
      },
    ],
    [
      'compaction has been there',
      LIKELY,
      { tallies, log: gone, findings: [finding('compacted', found(5))] },
    ],
    [
      'another send of it was refused, and perhaps landed',
      ['unknown 1'],
      { tallies: [...tallies, tally({ hop: checkin, ids: [id(1)], channel: 'rejected' })] },
    ],
    [
      'another one was aborted',
      ['unknown 1'],
      { tallies: [read, tally({ hop: checkin, ids: [id(2)], channel: 'withdrawn' })] },
    ],
  ])

  it('of a group one of whose members died may be another attempt', () => {
    const out = tally({ hop: enricher, ids: [id(1)], channel: 'withdrawn', range: null, origin })
    const dead = instance({ hops: [enrich], lastSentAt: W, lastHeardAt: W })
    const of = finding('withdrawn_delivered', found(1))
    const given = (words: Partial<CauseEvidence>): string[] =>
      told(causesOf(of, evidence(EDGES.transform, { tallies: [out], ...words })))
    expect(given({})).toEqual(LIKELY)
    expect(given({ instances: [dead] })).toEqual(['unknown 1'])
  })

  it('shows who aborted it', () => {
    const mishaps = [mishap(checkin, 'aborted', { id: hex(1), detail: 'TypeError' })]
    const given = evidence(EDGES.produce, { tallies, mishaps })
    const [cause] = causesOf(finding('withdrawn_delivered', found(1)), given)
    expect(cause?.proof.map(({ name }) => name)).toEqual(['sends', 'mishap'])
  })
})

describe('of what its edge does not know', () => {
  const UNEXPECTED = finding('unexpected', found(1))
  const kiosk = producerHop('default', 'flights', 'kiosk')
  const minted = (service: string): Pick<CauseEvidence, 'minters'> => ({
    minters: new Map([[TAG, { ...HOST_7, service }]]),
  })
  table(EDGES.produce, UNEXPECTED, [
    ['nothing is known', ['unknown 1'], {}],
    [
      'another producer sent it there',
      ['undeclared_producer 1 proven D11'],
      { tallies: [tally({ hop: kiosk, ids: [id(1)] })] },
    ],
    [
      'another producer sent another one there',
      ['unknown 1'],
      { tallies: [tally({ hop: kiosk, ids: [id(2)] })] },
    ],
    [
      'another producer sent it there, and was refused',
      ['unknown 1'],
      { tallies: [tally({ hop: kiosk, ids: [id(1)], channel: 'rejected' })] },
    ],
    [
      'another producer sent it elsewhere',
      ['unknown 1'],
      { tallies: [tally({ hop: producerHop('default', 'beside', 'kiosk'), ids: [id(1)] })] },
    ],
    [
      'another cluster has it from another producer',
      ['unknown 1'],
      { tallies: [tally({ hop: producerHop('eu', 'flights', 'kiosk'), ids: [id(1)] })] },
    ],
    // Perhaps for another topic, and copied.
    ['another producer minted it', ['undeclared_producer 1 likely D11'], minted('kiosk')],
    ['its own producer minted it', ['unknown 1'], minted('checkin')],
  ])

  it('of a group reads nothing into who wrote the topic', () => {
    const given = evidence(EDGES.consume, {
      ...minted('kiosk'),
      tallies: [tally({ hop: kiosk, ids: [id(1)] })],
    })
    expect(told(causesOf(UNEXPECTED, given))).toEqual(['unknown 1'])
  })

  describe('at the output of a group', () => {
    const ours = instance({ hops: [enrich], service: 'enrich', lastHeardAt: DEADLINE })
    const letters = producerHop('default', 'flights.enriched', 'letters')
    const others = { topic: 'orders', group: 'orders' }
    table(EDGES.transform, UNEXPECTED, [
      [
        'its service sent it with an id of its own',
        ['minted_anew 1 proven D10'],
        { instances: [ours], tallies: [tally({ hop: enricher, ids: [id(1)] })] },
      ],
      [
        'another service sent it',
        ['undeclared_producer 1 proven D11'],
        { tallies: [tally({ hop: letters, ids: [id(1)] })], instances: [ours] },
      ],
      // That is what the edge counts: why it is unexpected all the same nobody knows.
      [
        'its service sent it as an output of the group',
        ['unknown 1'],
        { instances: [ours], tallies: [tally({ hop: enricher, ids: [id(1)], origin })] },
      ],
      [
        'its service sent it, with copied headers',
        ['unknown 1'],
        {
          instances: [ours],
          tallies: [tally({ hop: enricher, ids: [id(1)], origin: { topic: '', group: '' } })],
        },
      ],
      [
        'its service sent it as an output of another group',
        ['unknown 1'],
        { instances: [ours], tallies: [tally({ hop: enricher, ids: [id(1)], origin: others })] },
      ],
      [
        'its service and another one sent it',
        ['unknown 1'],
        {
          instances: [ours],
          tallies: [tally({ hop: enricher, ids: [id(1)] }), tally({ hop: letters, ids: [id(1)] })],
        },
      ],
      [
        'its service minted it, and did not say that it sent it',
        ['unknown 1'],
        { instances: [ours], ...minted('enrich') },
      ],
    ])
  })

  it('is never proven of a sample', () => {
    const sampled = finding('unexpected', found(1), {
      ...{ count: 8, evidence: 'sampled' as const, args: { sampled: 1, oneIn: 8 } },
    })
    const given = evidence(EDGES.produce, { tallies: [tally({ hop: kiosk, ids: [id(1)] })] })
    expect(told(causesOf(sampled, given))).toEqual(['undeclared_producer 8 likely D11'])
  })
})
