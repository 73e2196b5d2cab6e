/** What a sample says of all: intervals over the span, wider where it knows less. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NO_COUNTS } from '../../src/finding/verdict.ts'
import { summarizeEdge } from '../../src/objective/edge.ts'
import { samplingOf } from '../../src/objective/sampling.ts'
import { finding, idOf, once, sampledVerdict, verdict } from '../reports/build.ts'

const EDGE = 'enrich → enriched + dlq'
const some = (n: number, w = 0) => Array.from({ length: n }, (_, i) => once(idOf(i, w)))
const sampled = (parts: Parameters<typeof sampledVerdict>[1]) => sampledVerdict(EDGE, parts)

describe('the interval of a sampled count', () => {
  it('is of all windows together', () => {
    const verdicts = [4, 6].map((n, w) => sampled({ w, oneIn: 64, expected: 60, lost: some(n, w) }))
    expect(samplingOf(verdicts)).toMatchObject({
      oneIn: 64,
      // Poisson limits of 10: 4.795 and 18.390.
      counts: { lost: { likely: 640, low: 306, high: 1_177 }, altered: { likely: 0, low: 0 } },
    })
  })

  it('of none ends at what the sample would show', () => {
    expect(samplingOf([sampled({ oneIn: 64, expected: 100 })])?.counts.lost).toEqual({
      likely: 0,
      low: 0,
      // 64 times the mean at which a sample shows nothing with 2.5%: ln 40.
      high: Math.ceil(64 * Math.log(40)),
    })
  })

  it('is nothing where every message was looked at', () => {
    expect(samplingOf([verdict(EDGE)])).toBeNull()
    expect(samplingOf([])).toBeNull()
  })

  it('of a span in which the rate changed holds both', () => {
    const exact = verdict(EDGE, { w: 2, counts: { expected: 9, delivered: 2, lost: 7 } })
    const found = samplingOf([
      sampled({ w: 0, oneIn: 64, expected: 100, lost: some(10) }),
      sampled({ w: 1, oneIn: 16, expected: 100, lost: some(10, 1) }),
      exact,
    ])
    // 306.8 and 1,177 of one in 64; 76.7 and 294.2 of one in 16; 7 of all.
    expect(found).toMatchObject({
      oneIn: 64,
      counts: { lost: { likely: 640 + 160 + 7, low: 306 + 76 + 7, high: 1_177 + 295 + 7 } },
    })
  })

  it('is wider where ids come in clumps: copies of one original are in the sample together', () => {
    const of = (lost: Parameters<typeof sampledVerdict>[1]['lost']) =>
      samplingOf([sampled({ oneIn: 64, expected: 100, lost: lost ?? [] })])?.counts.lost
    const clumped = of([{ id: idOf(1), times: 4 }, once(idOf(1, 0, 1)), { id: idOf(2), times: 5 }])
    const alone = of(some(10))
    expect(clumped?.likely).toBe(alone?.likely)
    expect(clumped?.low).toBeLessThan(alone?.low ?? 0)
    expect(clumped?.high).toBeGreaterThan(alone?.high ?? 0)
    // Two clumps of 5: limits of 2 are 0.2422 and 7.2247.
    expect(clumped).toMatchObject({ low: 5 * 15, high: 5 * 463 })
  })

  it('has no end below what is undetermined, where not even the sample could be named', () => {
    const bad = verdict(EDGE, {
      ...{ oneIn: 64, evidence: 'sampled', verdict: 'breached' },
      counts: { expected: 64_000, delivered: 57_600, lost: 3_200, undetermined: 3_200 },
      findings: [
        finding('undecodable', { args: { net: 50, missingLow: 50, sampled: 50, oneIn: 64 } }),
      ],
    })
    expect(samplingOf([bad])?.counts.lost.high).toBeGreaterThan(6_400)
  })

  it('holds the count, and what the sample proves, whatever the sample', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ lost: fc.nat(30), oneIn: fc.integer({ min: 2, max: 1_024 }) }), {
          minLength: 1,
          maxLength: 8,
        }),
        (windows) => {
          const verdicts = windows.map(({ lost, oneIn }, w) =>
            sampled({ w, oneIn, expected: 40, lost: some(lost, w) }),
          )
          const { counts, sampling, completeness } = summarizeEdge('p', null, verdicts)
          for (const name of Object.keys(NO_COUNTS) as (keyof typeof NO_COUNTS)[]) {
            const interval = sampling?.counts[name]
            expect(interval?.likely).toBe(counts[name])
            expect(interval?.low).toBeLessThanOrEqual(counts[name])
            expect(interval?.high).toBeGreaterThanOrEqual(counts[name])
          }
          const proven = windows.reduce((n, { lost }) => n + lost, 0)
          expect(sampling?.counts.lost.low).toBeGreaterThanOrEqual(proven)
          const { part, best, whole } = completeness ?? { part: -1, best: -1, whole: -1 }
          expect(0 <= part && part < best && best <= whole).toBe(true)
        },
      ),
    )
  })
})

describe('shares of a sampled edge', () => {
  it('take the bad and the good end of the interval', () => {
    const { completeness } = summarizeEdge('p', null, [
      sampled({ oneIn: 64, expected: 100, lost: some(10) }),
    ])
    expect(completeness).toEqual({ part: 6_400 - 1_177, best: 6_400 - 306, whole: 6_400 })
  })

  it('are not 100% for sure, though nothing is lost in the sample', () => {
    const { completeness } = summarizeEdge('p', null, [sampled({ oneIn: 64, expected: 100 })])
    expect(completeness).toEqual({ part: 6_400 - 237, best: 6_400, whole: 6_400 })
  })
})

describe('findings of samples', () => {
  it('have the interval of all their windows, and keep the rate', () => {
    const verdicts = [4, 6].map((n, w) => sampled({ w, oneIn: 64, expected: 60, lost: some(n, w) }))
    const [found] = summarizeEdge('p', null, verdicts).findings
    expect(found).toMatchObject({
      ...{ code: 'lost', evidence: 'sampled', count: 640, windows: 2 },
      args: { sampled: 10, oneIn: 64, low: 306, high: 1_177 },
    })
    expect(found?.certainty).toBe(
      'Scaled up from one message in 64: 10 found there, 306 to 1,177 in all (95%).',
    )
  })

  it('of different rates are told apart', () => {
    const verdicts = [16, 64].map((oneIn, w) =>
      sampled({ w, oneIn, expected: 60, lost: some(2, w) }),
    )
    expect(
      summarizeEdge('p', null, verdicts).findings.map(({ count, args }) => [count, args.oneIn]),
    ).toEqual([
      [32, 16],
      [128, 64],
    ])
  })
})

describe('ranges of findings that cannot be named', () => {
  const undecodable = (w: number, args: Record<string, number>) =>
    verdict(EDGE, {
      ...{ w, verdict: 'breached', evidence: 'estimated' },
      findings: [finding('undecodable', { w, args })],
    })
  const first = { net: 5, missingLow: 10, missingHigh: 12, extraLow: 5, extraHigh: 7 }

  it('add up', () => {
    const { findings } = summarizeEdge('p', null, [undecodable(0, first), undecodable(1, first)])
    expect(findings[0]?.args).toEqual({
      ...{ net: 10, missingLow: 20, missingHigh: 24, extraLow: 10, extraHigh: 14 },
    })
  })

  it.each([
    ['the first', [{ net: 5, missingLow: 5, extraLow: 0 }, first]],
    ['the last', [first, { net: 5, missingLow: 5, extraLow: 0 }]],
  ])('have no end where %s window has none', (_, list) => {
    const { findings } = summarizeEdge(
      'p',
      null,
      list.map((args, w) => undecodable(w, args)),
    )
    expect(findings[0]?.args).toEqual({ net: 10, missingLow: 15, extraLow: 5 })
    expect(findings[0]?.sentence).toContain(': at least 15 missing, at least 5 extra.')
  })
})
