/** The check in words, its exit code, and what counts beside a baseline. */
import { describe, expect, it } from 'vitest'
import { renderCheck } from '../../reports/check.ts'
import { type Baseline, baselineKey, worseThan } from '../../reports/ci/baseline.ts'
import { checkCode } from '../../reports/ci/exit-code.ts'
import { type CiOptions, outcomesOf } from '../../reports/ci/outcome.ts'
import { type OutcomeState, states } from '../../reports/ci/states.ts'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import type { ObjectiveVerdict } from '../../src/objective/report.ts'
import { badRun, FLIGHTS, goodRun, sampledVerdict, verdict } from './build.ts'
import { assessed, ciReport } from './ci.ts'

const check = (verdicts: readonly EdgeVerdict[], sampled = 0): string => {
  const outcomes = outcomesOf(ciReport({ verdicts }))
  return renderCheck(outcomes, { code: checkCode(outcomes), sampled })
}

it('has one line per edge and says what it comes to', () => {
  expect(check(goodRun())).toMatchInlineSnapshot(`
    "✓ met  flights  checkin → flights  800 of 800 delivered
    ✓ met  flights  flights → enrich  800 of 800 delivered
    ✓ met  flights  enrich → enriched + dlq  800 of 800 delivered
    ✓ met  flights  enriched → store  800 of 800 delivered
    All good!
    "
  `)
  expect(check(badRun())).toMatchInlineSnapshot(`
    "✓ met            flights  checkin → flights  1,200 of 1,200 delivered
    ✓ met            flights  flights → enrich  1,200 of 1,200 delivered
    ✗ breached       flights  enrich → enriched + dlq  1,192 of 1,200 delivered, 3 lost, 2 filtered, 3 …
    ? indeterminate  flights  enriched → store  1,100 of 1,200 delivered, 100 in flight
    Not good: 1 of 4 edges breached. See: quipu report
    "
  `)
  expect(check([verdict('checkin → flights')])).toMatchInlineSnapshot(`
    "✓ met      flights  checkin → flights  400 of 400 delivered
    ? no data  flights  flights → enrich  nothing expected
    ? no data  flights  enrich → enriched + dlq  nothing expected
    ? no data  flights  enriched → store  nothing expected
    Cannot judge: 3 edges without data. See: quipu report
    "
  `)
})

it('of a sample is not all good', () => {
  const [first, ...others] = FLIGHTS.edges
  const verdicts = [
    sampledVerdict(first?.name ?? '', { oneIn: 64, expected: 100 }),
    ...others.map(({ name }) => verdict(name)),
  ]
  expect(check(verdicts, 1)).toMatchInlineSnapshot(`
    "✓ met  flights  checkin → flights  about 6,400 of 6,400 delivered; sampled 1/64
    ✓ met  flights  flights → enrich  400 of 400 delivered
    ✓ met  flights  enrich → enriched + dlq  400 of 400 delivered
    ✓ met  flights  enriched → store  400 of 400 delivered
    All good in the sample: 1 edge not judged on every message.
    "
  `)
})

it('has one line per objective instead of its edges', () => {
  const objectives = [
    assessed('breached', {
      events: { good: 5_999_588, bad: 412, unknown: 0 },
      value: { low: 0.99993, high: 0.99993 },
      budget: {
        ...{ allowed: 300, spent: { low: 412, high: 412 } },
        ...{ left: { low: -0.37, high: -0.37 }, exhaustsInMs: null },
      },
      of: { target: 0.99995 },
      worst: [
        {
          edge: 'checkin → flights',
          start: '2026-11-23T00:59:00.000Z',
          end: '2026-11-23T01:00:00.000Z',
          bad: 400,
        },
      ],
    }),
    assessed('met', { of: { id: 'on-time', target: 0.99 } }),
  ]
  const outcomes = outcomesOf(ciReport({ objectives }))
  expect(renderCheck(outcomes, { code: checkCode(outcomes) })).toMatchInlineSnapshot(`
    "✗ breached  flights  no-loss  99.99300% of at least 99.995%, overspent by 37%
    ✓ met       flights  on-time  99.50% of at least 99%, overspent by 4,900%
    Not good: 1 of 2 objectives breached. See: quipu report
    "
  `)
})

describe('the exit code', () => {
  it.each<[string, readonly ObjectiveVerdict[], CiOptions, number]>([
    ['all met', ['met', 'met'], {}, 0],
    ['one breached', ['met', 'breached'], {}, 1],
    // What is proven stands above what is not known.
    ['breached beside indeterminate', ['indeterminate', 'breached'], {}, 1],
    ['indeterminate', ['met', 'indeterminate'], {}, 3],
    ['no data', ['met', 'no_data'], {}, 3],
    ['no data, allowed', ['met', 'no_data'], { noDataAllowed: true }, 0],
    ['at risk is met, still', ['at_risk'], {}, 0],
    ['at risk, asked to fail', ['at_risk'], { atRiskFails: true }, 1],
  ])('%s', (_, verdicts, options, code) => {
    const objectives = verdicts.map((v, i) => assessed(v, { of: { id: `o${i}` } }))
    expect(checkCode(outcomesOf(ciReport({ objectives })), options)).toBe(code)
  })
})

describe('beside a baseline', () => {
  const outcomeOf = (state: ObjectiveVerdict) => {
    const [outcome] = outcomesOf(ciReport({ objectives: [assessed(state)] }))
    if (outcome === undefined) throw new Error('no outcome')
    return outcome
  }
  const stood = (state: OutcomeState): Baseline =>
    new Map([[baselineKey('objective', 'flights', 'no-loss'), state]])

  it('only what stands worse counts', () => {
    const order = states.filter((s): s is ObjectiveVerdict => s !== 'open')
    for (const [i, was] of order.entries())
      for (const [j, is] of order.entries())
        expect(worseThan(outcomeOf(is), stood(was)), `${was} → ${is}`).toBe(j < i)
  })

  it('what is new has no excuse, whatever else has its name', () => {
    const other: Baseline = new Map([
      [baselineKey('edge', 'flights', 'no-loss'), 'breached'],
      [baselineKey('objective', 'orders', 'no-loss'), 'breached'],
    ])
    expect(worseThan(outcomeOf('breached'), other)).toBe(true)
  })

  it('what does not count is shown, and why', () => {
    const outcomes = outcomesOf(
      ciReport({ objectives: [assessed('breached'), assessed('met', { of: { id: 'on-time' } })] }),
    )
    const options = { baseline: stood('breached') }
    const code = checkCode(outcomes, options)
    expect(code).toBe(0)
    expect(renderCheck(outcomes, { code, options })).toMatchInlineSnapshot(`
      "✗ breached  flights  no-loss  99.5000% of at least 99.99%, overspe…  (no worse than in the baseline)
      ✓ met       flights  on-time  99.5000% of at least 99.99%, overspent by 4,900%
      Nothing is worse than in the baseline.
      "
    `)
  })
})
