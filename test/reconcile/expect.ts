/** What every judgement must satisfy, and short readings of one. */
import { expect } from 'vitest'
import type { FindingCode } from '../../src/finding/finding.ts'
import type { Judgement } from '../../src/reconcile/judge-edge.ts'

/** The dispositions sum to `expected`, and none is negative. */
export function expectSums({ counts }: Pick<Judgement, 'counts'>): void {
  const { delivered, lost, altered, filtered, dead_lettered, in_flight, undetermined } = counts
  const parts = [delivered, lost, altered, filtered, dead_lettered, in_flight, undetermined]
  expect(Math.min(...parts)).toBeGreaterThanOrEqual(0)
  expect(parts.reduce((a, b) => a + b, 0)).toBe(counts.expected)
}

export const codesOf = (j: Judgement): FindingCode[] => j.findings.map((f) => f.code)

export const idsOf = (j: Judgement, code: FindingCode): string[] =>
  j.findings.filter((f) => f.code === code).flatMap((f) => f.ids.map((i) => i.id))
