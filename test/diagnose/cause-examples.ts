/** An example of every cause, with evidence as agents give it: for sentences and the page about them. */

import {
  cutFact,
  deletedFact,
  droppedFact,
  hopFact,
  minterFact,
  mishapFact,
  outcomeFact,
  placeFact,
  rangesFact,
  silentFact,
  wentBackFact,
} from '../../src/diagnose/causes/facts.ts'
import type { Cause, CauseCode, CauseFact } from '../../src/finding/cause.ts'
import { topicHop } from '../../src/hop/hop.ts'
import { HOPS, hex, instance, W } from '../reconcile/build.ts'
import { HOST_7, mishap } from './cause-build.ts'

const { checkin, flights, enrich, enricher } = HOPS
const place = { topic: 'flights', partition: 2, offset: 18_211, timestamp: W }
const at = placeFact({ ...place, leaderEpoch: 14, traceId: '', spanId: '' })
const span = { partition: 2, from: 18_000, to: 18_212 }
const ofEnrich = (kind: Parameters<typeof mishap>[1], detail: string): CauseFact =>
  mishapFact(mishap(enrich, kind, { ...span, detail }))

const PROOF: Readonly<Record<CauseCode, readonly CauseFact[]>> = {
  client_unacknowledged: [minterFact(HOST_7), outcomeFact(checkin, 'unacknowledged', 1_000)],
  producer_died: [silentFact(instance({ hops: [checkin], lastSentAt: W }), HOST_7)],
  truncated: [
    minterFact(HOST_7),
    mishapFact(
      mishap(flights, 'epoch', { partition: 2, from: 18_000, to: 18_001, detail: '14>15', at: W }),
    ),
    rangesFact(flights, [{ partition: 2, low: 17_000, high: 18_211 }]),
  ],
  deleted_unread: [deletedFact(enrich, 2, 18_000, 18_212)],
  compacted: [],
  transaction_aborted: [outcomeFact(enricher, 'withdrawn', 1_000)],
  send_rejected: [outcomeFact(enricher, 'rejected', 1_000)],
  offset_reset: [ofEnrich('reset', 'forward')],
  consumer_skipped: [ofEnrich('sought', 'forward'), at],
  handler_threw: [
    mishapFact(
      mishap(enrich, 'handler_threw', { ...span, to: 18_001, detail: 'TypeError', count: 6 }),
    ),
  ],
  filtered_undeclared: [droppedFact('enrich → enriched', ['too old'])],
  dead_lettered: [hopFact('dead_letter', topicHop('default', 'letters'))],
  redelivered: [ofEnrich('redelivered', 'rebalance')],
  client_retried: [outcomeFact(checkin, 'passed', 1), at],
  sent_again: [outcomeFact(enricher, 'passed', 2)],
  range_replayed: [
    ofEnrich('sought', 'backward'),
    wentBackFact(enrich, 2, { from: 18_000, to: 18_212, at: W }),
  ],
  aborted_read: [outcomeFact(checkin, 'withdrawn', 1)],
  minted_anew: [outcomeFact(enricher, 'passed', 1)],
  undeclared_producer: [minterFact(HOST_7)],
  unknown: [],
}

const EXTRA: ReadonlySet<CauseCode> = new Set([
  'redelivered',
  'client_retried',
  'sent_again',
  'range_replayed',
  'aborted_read',
  'minted_anew',
  'undeclared_producer',
])

export const cutExample: CauseFact = cutFact(flights, {
  ...{ partition: 2, since: W - 5_000, at: W, was: 18_212, end: 18_000 },
})

export const threwExample = (error: string): CauseFact => ofEnrich('handler_threw', error)

export function causeExample(code: CauseCode, words: Partial<Cause> = {}): Cause {
  return {
    ...{ code, rule: 'C0', finding: EXTRA.has(code) ? 'duplicated' : 'lost', count: 1_000 },
    ids: [{ id: hex(1), times: 1 }],
    certainty: code === 'unknown' ? 'unknown' : code === 'compacted' ? 'likely' : 'proven',
    proof: PROOF[code],
    lacking: code === 'unknown' ? ['the log of flights was not searched'] : [],
    ...words,
  }
}
