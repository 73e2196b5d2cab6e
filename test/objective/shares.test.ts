/** Completeness and integrity: what is not known counts as bad and as good. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Counts, NO_COUNTS } from '../../src/finding/verdict.ts'
import { summarizeEdge } from '../../src/objective/edge.ts'
import { completenessOf, integrityOf } from '../../src/objective/shares.ts'
import { edge, finding, idOf, once, verdict } from '../reports/build.ts'

const PRESERVED = {
  ...edge(['enrich'], ['enriched', 'dlq']),
  preserve: { value: true, key: false, headers: [] },
}
const at = (n: number) => ({ low: n, high: n })

describe('an edge that promises to preserve', () => {
  const bad = verdict(PRESERVED.name, {
    verdict: 'breached',
    counts: { expected: 120, delivered: 88, altered: 12, lost: 20, unverified: 40 },
    findings: [finding('altered', { ids: Array.from({ length: 12 }, (_, n) => once(idOf(n))) })],
  })

  it('shows the altered as arrived, and integrity of those that arrived', () => {
    const { completeness, integrity, findings } = summarizeEdge('p', PRESERVED, [bad])
    expect(completeness).toEqual({ part: 100, best: 100, whole: 120 })
    // 88 delivered, 40 of them unverified; 12 altered.
    expect(integrity).toEqual({ part: 48, best: 88, whole: 100 })
    expect(findings.map((f) => [f.code, f.count, f.severity])).toEqual([['altered', 12, 'error']])
  })

  it.each([
    ['promises nothing', edge(['enrich'], ['enriched', 'dlq'])],
    ['is declared no more', null],
  ])('is not known for one that %s', (_, declared) => {
    expect(summarizeEdge('p', declared, [bad]).integrity).toBeNull()
  })

  it('is not known of an edge through which nothing came', () => {
    const lost = verdict(PRESERVED.name, { counts: { expected: 5, lost: 5 } })
    expect(summarizeEdge('p', PRESERVED, [lost]).integrity).toBeNull()
  })

  it('takes a store that knew no promises for one that promises nothing', () => {
    const { preserve: _, ...old } = PRESERVED
    expect(summarizeEdge('p', old as typeof PRESERVED, [bad]).integrity).toBeNull()
  })
})

it('shares lie between 0 and the whole, the bad end below the good one', () => {
  const names = Object.keys(NO_COUNTS)
  const counts: fc.Arbitrary<Counts> = fc
    .array(fc.nat(1_000), { minLength: names.length, maxLength: names.length })
    .map((list) => Object.fromEntries(names.map((n, i) => [n, list[i]])) as unknown as Counts)
  fc.assert(
    fc.property(counts, fc.nat(2_000), fc.nat(2_000), (c, low, more) => {
      for (const share of [completenessOf(c, at(low)), integrityOf(c, { low, high: low + more })]) {
        if (share === null) continue
        const { part, best, whole } = share
        expect(0 <= part && part <= best && best <= whole && whole > 0).toBe(true)
      }
    }),
  )
})
