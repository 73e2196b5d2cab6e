import { describe, expect, it } from 'vitest'
import { clockWords, durationWords, latencyWords } from '../../reports/latency.ts'
import type { LatencySummary } from '../../src/objective/latency.ts'

describe('a duration', () => {
  it.each([
    [0, '0 ms'],
    [-0.4, '0 ms'],
    [12.4, '12 ms'],
    [-12, '−12 ms'],
    [999.4, '999 ms'],
    // Rounded to whole ms first, then it is a second.
    [999.6, '1 s'],
    [1_149, '1.1 s'],
    [3_400, '3.4 s'],
    [9_949, '9.9 s'],
    [9_951, '10 s'],
    [80_400, '80 s'],
    [119_999, '120 s'],
    [120_000, '2 min'],
    [-600_000, '−10 min'],
    [7_200_000, '2 h'],
    [172_800_000, '2 d'],
  ])('of %d ms is %s', (ms, text) => {
    expect(durationWords(ms)).toBe(text)
  })

  it('is rounded towards what is proven', () => {
    expect(durationWords(1_199, Math.floor)).toBe('1.1 s')
    expect(durationWords(1_101, Math.ceil)).toBe('1.2 s')
    expect(durationWords(1_100, Math.ceil)).toBe('1.1 s')
  })
})

const summary = (parts: Partial<LatencySummary> = {}): LatencySummary => ({
  ...{ count: 10_000, minMs: 3, p50Ms: 12, p95Ms: 80, p99Ms: 1_200, maxMs: 3_412, within: [] },
  ...parts,
})
const within = (count: number, thresholdMs = 60_000) => ({
  ...{ thresholdMs, count, share: count / 10_000 },
})

describe('the latency of an edge', () => {
  it.each<readonly [string, Parameters<typeof latencyWords>[0], string]>([
    [
      'whole',
      {
        oneIn: 1,
        fromHop: summary(),
        fromBirth: summary({ p99Ms: 2_100, within: [within(9_998)] }),
      },
      'p50 12 ms  p95 80 ms  p99 1.2 s  max 3.4 s; since birth p99 2.1 s, 99.98% within 60 s',
    ],
    [
      'from the hop before only',
      { oneIn: 1, fromHop: summary({ within: [within(10_000)] }), fromBirth: null },
      'p50 12 ms  p95 80 ms  p99 1.2 s  max 3.4 s, 100% within 60 s',
    ],
    [
      'since birth only',
      { oneIn: 1, fromHop: null, fromBirth: summary() },
      'since birth p50 12 ms  p95 80 ms  p99 1.2 s  max 3.4 s',
    ],
    [
      'of clocks that disagree',
      { oneIn: 1, fromHop: summary({ minMs: -12 }), fromBirth: null },
      'min −12 ms  p50 12 ms  p95 80 ms  p99 1.2 s  max 3.4 s',
    ],
    [
      'of a sample',
      { oneIn: 64, fromHop: summary(), fromBirth: null },
      'p50 12 ms  p95 80 ms  p99 1.2 s  max 3.4 s (sampled 1/64)',
    ],
    ['unknown', { oneIn: 1, fromHop: null, fromBirth: null }, ''],
  ])('%s', (_, latency, text) => {
    expect(latencyWords(latency)).toBe(text)
  })

  it('names thresholds as they were declared, not rounded', () => {
    const list = [250, 1_500, 9_999, 90_000, 120_000, 121_000, 7_200_000, 259_200_000]
    const text = latencyWords({
      ...{ oneIn: 1, fromHop: null },
      fromBirth: summary({ within: list.map((ms) => within(10_000, ms)) }),
    })
    expect(text.match(/(?<=within )[^,]+/g)).toEqual([
      ...['250 ms', '1.5 s', '9.999 s', '90 s', '2 min', '121 s', '2 h', '3 d'],
    ])
  })

  it('is never 100% within where one was later', () => {
    const text = latencyWords({
      ...{ oneIn: 1, fromHop: null },
      fromBirth: summary({ count: 1e9, within: [within(1e9 - 1)] }),
    })
    expect(text).toContain('99.99% within 60 s')
  })
})

it.each<readonly [Parameters<typeof clockWords>[0], string]>([
  [
    { kind: 'ahead', service: 'checkin', instances: 1, atLeastMs: 3_299 },
    "checkin: clock ahead of the auditor's by at least 3.2 s",
  ],
  [
    { kind: 'ahead', service: 'checkin', instances: 2, atLeastMs: 3_299 },
    "checkin (2 agents): clock ahead of the auditor's by at least 3.2 s",
  ],
  [
    { kind: 'behind_or_slow', service: 'checkin', instances: 1, atMostMs: 12_001 },
    "checkin: clock behind the auditor's by up to 13 s, or its frames were slow",
  ],
  [
    { kind: 'edge_behind', pipeline: 'p', edge: 'a → b', atLeastMs: 2_500 },
    'a → b (p): negative latencies, so the clock at its end was behind the one at its beginning by at least 2.5 s',
  ],
])('%j is told', (note, text) => {
  expect(clockWords(note)).toBe(text)
})
