import { expect, it } from 'vitest'
import type { DriftFinding } from '../../src/drift/finding.ts'
import type { Drift, ValidityCell } from '../../src/drift/judge.ts'
import { hopKey } from '../../src/hop/hop.ts'
import { driftSums, droppedSums } from '../../src/telemetry/hop-sums.ts'
import { FLIGHTS } from '../reports/build.ts'

const HOUR_MS = 3_600_000
const SPAN_MS = 6 * HOUR_MS
/** A beginning of six hours. */
const SIX = Math.floor(Date.UTC(2026, 10, 23) / SPAN_MS) * SPAN_MS
const NOW = SIX + 5 * HOUR_MS

const driftOf = (
  findings: readonly Partial<DriftFinding>[],
  cells: readonly Partial<ValidityCell>[] = [],
): Drift => ({
  ...{ pipeline: 'flights', versions: [] },
  findings: findings.map((parts) => ({
    ...({
      code: 'missing',
      severity: 'error',
      hop: 'flights',
      since: SIX,
    } as unknown as DriftFinding),
    ...parts,
  })),
  cells: cells.map((parts) => ({
    ...{ hop: 'flights', window: SIX, spanMs: 60_000, oneIn: 1 },
    ...{ looked: 9, invalid: 0, unknown: 0, tombstones: 0 },
    ...parts,
  })),
})

const sumsOf = (drift: Drift, now = NOW): unknown =>
  driftSums(FLIGHTS, drift, now).map(({ edge, window, sums }) => [edge, window, sums])

it('adds up the drift of six hours, so that what is put together later counts the same', () => {
  const apart = driftOf(
    [{ since: SIX + 60_000 }, { since: SIX + HOUR_MS }],
    [
      { window: SIX, invalid: 2 },
      { window: SIX + HOUR_MS, invalid: 3, oneIn: 4 },
    ],
  )
  expect(sumsOf(apart)).toEqual([['hop flights', SIX, { 'drift.missing': 2, invalid: 14 }]])
  const together = driftOf(
    [{ since: SIX }, { since: SIX }],
    [{ window: SIX, spanMs: SPAN_MS, invalid: 14 }],
  )
  expect(sumsOf(together)).toEqual(sumsOf(apart))
})

it('leaves out what is not over, what nobody has to know, and what is so old that pruning moves it', () => {
  const settled = NOW - FLIGHTS.windowMs - FLIGHTS.latenessMs
  expect(sumsOf(driftOf([{ since: settled + 1 }, { severity: 'info' }]))).toEqual([])
  expect(sumsOf(driftOf([{ since: settled }]))).toHaveLength(1)
  const week = 7 * 24 * HOUR_MS
  expect(
    sumsOf(driftOf([{ since: NOW - week - 1 }], [{ window: NOW - week - 1, invalid: 5 }])),
  ).toEqual([])
  expect(sumsOf(driftOf([{ since: NOW - week }]))).toHaveLength(1)
})

it('adds up evidence that was given up, of hops of the pipeline', () => {
  const [checkin] = FLIGHTS.hops
  if (checkin === undefined) throw new Error('no hop')
  const key = hopKey(checkin.hop)
  const gap = { key, reason: 'memory', count: 3, fromWindow: 0, toWindow: 60_000 }
  const gaps = [gap, { ...gap, reason: 'bounds', count: 4 }, { ...gap, toWindow: 0, count: 1 }]
  const names = new Map([[key, 'checkin']])
  expect(droppedSums('flights', gaps, names)).toEqual([
    { pipeline: 'flights', edge: 'hop checkin', window: 60_000, sums: { dropped: 7 } },
    { pipeline: 'flights', edge: 'hop checkin', window: 0, sums: { dropped: 1 } },
  ])
  expect(droppedSums('flights', gaps, new Map())).toEqual([])
})
