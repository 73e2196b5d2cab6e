import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { skewOf, skewOfLatency } from '../../src/hop/clock-skew.ts'

const fine = { kind: 'fine' }

describe('the frames of an agent', () => {
  test.each([
    // Ahead: from one second proven, and one of the ms seen may be rounding.
    [-600_000, 5_000, { kind: 'ahead', atLeastMs: 599_999 }],
    [-1_002, 5_000, { kind: 'ahead', atLeastMs: 1_001 }],
    [-1_001, 5_000, { kind: 'ahead', atLeastMs: 1_000 }],
    [-1_000, 5_000, fine],
    [-1, 5_000, fine],
    [0, 5_000, fine],
    [20, 5_000, fine],
    // Behind or slow: beyond one second and one flush interval.
    [6_000, 5_000, fine],
    [6_001, 5_000, { kind: 'behind-or-slow', atMostMs: 6_002 }],
    [6_001, 10_000, fine],
    [3_600_000, 5_000, { kind: 'behind-or-slow', atMostMs: 3_600_001 }],
    // How often it flushes proves nothing of a clock that is ahead.
    [-1_001, 0, { kind: 'ahead', atLeastMs: 1_000 }],
    [-1_001, 3_600_000, { kind: 'ahead', atLeastMs: 1_000 }],
    [1_000, 0, fine],
    [1_001, 0, { kind: 'behind-or-slow', atMostMs: 1_002 }],
  ])('heard at least %i ms after they were sent, one each %i ms', (minDelayMs, flushMs, skew) => {
    expect(skewOf({ minDelayMs, flushMs })).toEqual(skew)
  })

  test('are never said to prove more than is true of the clocks, however they are read', () => {
    // True times and clocks have fractions; what is written down is whole ms.
    const offset = fc.integer({ min: -500_000, max: 500_000 }).map((n) => n / 10)
    const delays = fc.array(
      fc.tuple(
        fc.nat(10_000_000).map((n) => n / 10),
        fc.nat(300_000).map((n) => n / 10),
      ),
      { minLength: 1, maxLength: 20 },
    )
    let ahead = 0
    let behind = 0
    fc.assert(
      fc.property(offset, delays, (agentAheadMs, frames) => {
        const differences = frames.map(
          ([sent, delay]) => Math.floor(sent + delay) - Math.floor(sent + agentAheadMs),
        )
        const skew = skewOf({ minDelayMs: Math.min(...differences), flushMs: 1_000 })
        if (skew.kind === 'ahead') {
          ahead++
          expect(agentAheadMs).toBeGreaterThanOrEqual(skew.atLeastMs)
        }
        if (skew.kind === 'behind-or-slow') {
          behind++
          expect(-agentAheadMs).toBeLessThanOrEqual(skew.atMostMs)
        }
      }),
    )
    expect(ahead).toBeGreaterThan(0)
    expect(behind).toBeGreaterThan(0)
  })
})

describe('the least latency of an edge', () => {
  test.each([
    [-60_001, { kind: 'behind', atLeastMs: 60_000 }],
    [-1_001, { kind: 'behind', atLeastMs: 1_000 }],
    [-1_000, fine],
    [-1, fine],
    [0, fine],
    [86_400_000, fine],
    [null, fine],
  ])('%s ms', (minLatencyMs, skew) => {
    expect(skewOfLatency(minLatencyMs)).toEqual(skew)
  })
})
