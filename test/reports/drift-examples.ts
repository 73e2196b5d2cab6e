/** One finding of each code, for the page that explains them to owners. */
import type { DriftCode, DriftFinding } from '../../src/drift/finding.ts'
import { START } from './build.ts'
import { driftFinding, producer } from './drift.ts'

const MINUTE = 60_000
const WHOLE = { path: '', schema: 'version 3 (id 7)' } as const
const BARE = { path: '', schema: '' } as const

const parts: Readonly<Record<DriftCode, Partial<DriftFinding>>> = {
  unregistered_schema: { path: '', schema: 'id 4711' },
  foreign_schema: { path: '', schema: 'version 1 (id 9)', args: { came: ['bookings-value'] } },
  retired_version: { ...WHOLE, args: { why: 'not_allowed', allowed: ['4', '5'] } },
  undecodable_value: { ...WHOLE, args: { came: 'cut short' } },
  unframed_value: { ...BARE, args: { expected: 'confluent' } },
  empty_value: BARE,
  missing_field: { path: '/origin' },
  type_changed: { path: '/delay', args: { expected: 'integer', came: 'string' } },
  unseen_value: { path: '/status', args: { expected: 'one of 3 values' } },
  out_of_bounds: { path: '/delay', args: { expected: 'at most 2880' } },
  field_dropped: {
    ...{ path: '/origin', hop: 'enriched', topic: 'flights.enriched', schema: '' },
    ...{ edge: 'enrich → enriched', args: { from: 'enrich' } },
  },
  unknown_field: { path: '/gate' },
  ambiguous_framing: BARE,
  old_version: { ...WHOLE, args: { newer: 'version 4 (id 8)', newerSince: START } },
  writer_differs: {
    ...{ path: '', schema: 'version 4 (id 8)', hop: 'flights', edge: 'checkin → flights' },
    args: { from: 'checkin', before: ['version 3 (id 7)'] },
  },
  null_rate: { path: '/gate', schema: '', args: { before: 0.01, after: 0.1, sigmas: 6 } },
  presence_rate: { path: '/gate', schema: '', args: { before: 0.98, after: 0.4, sigmas: 12 } },
  cardinality: { path: '/carrier', schema: '', args: { before: 14, after: 900, sigmas: 9 } },
  length: { path: '/remark', schema: '', args: { before: 24, after: 3_000, sigmas: 20 } },
  new_type: {
    ...{ path: '/delay', schema: '' },
    args: { before: ['number'], messages: 52_000, came: ['string'] },
  },
  new_version: { path: '', schema: 'version 4 (id 8)', args: { before: 'version 3 (id 7)' } },
  unread: { path: '', schema: 'id 12', args: { came: ['unreachable'] } },
}

/** Of one message in 64, since 01:02, by one producer. */
export const driftExample = (code: DriftCode): DriftFinding =>
  driftFinding(code, {
    ...{ since: START + 2 * MINUTE, count: 384, of: 12_400 },
    producers: [producer({ instance: '5f2c9a10'.padEnd(32, '0') })],
    ...parts[code],
  })
