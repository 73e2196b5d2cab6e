import { expect, it } from 'vitest'
import { whyNotReady } from '../../src/telemetry/readiness.ts'

const NOW = 1_000_000
const GOOD = { isCaughtUp: true, seenUntil: NOW - 60_000, storedAt: NOW }

it.each([
  ['all is fresh', GOOD, []],
  [
    'it reads what was there before',
    { ...GOOD, isCaughtUp: false },
    ['It has not read yet what was in the topics when it started.'],
  ],
  [
    'the audit topic answers no more',
    { ...GOOD, seenUntil: NOW - 61_000 },
    ['The audit topic was last read to its end 61 s ago; expected within 60 s.'],
  ],
  [
    'the store takes nothing',
    { ...GOOD, storedAt: null },
    ['The store last took something not yet; expected within 60 s.'],
  ],
] as const)('%s', (_, condition, reasons) => {
  expect(whyNotReady(condition, NOW)).toEqual(reasons)
})
