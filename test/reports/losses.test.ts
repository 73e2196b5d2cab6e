import { expect, it } from 'vitest'
import { renderCheck } from '../../reports/check.ts'
import { renderLosses } from '../../reports/losses.ts'
import { checkCode } from '../../src/objective/check.ts'
import { lossRows } from '../../src/objective/losses.ts'
import { summarize } from '../../src/objective/summary.ts'
import {
  badRun,
  FLIGHTS,
  finding,
  goodRun,
  idOf,
  NOW,
  once,
  sampledVerdict,
  verdict,
} from './build.ts'

it('the list of losses names every id once, under its edge, kind and window', () => {
  const more = verdict('enrich → enriched + dlq', {
    w: 3,
    revision: 1,
    verdict: 'breached',
    findings: [
      finding('lost', { w: 3, count: 400, evidence: 'estimated', ids: [once(idOf(1, 3))] }),
    ],
  })
  const text = [...renderLosses(lossRows([...badRun(), more]))].join('')
  expect(text).toMatchInlineSnapshot(`
    "✗ lost  enrich → enriched + dlq  (flights)  2026-11-23 01:01:00Z – 01:02:00Z  exact
      01a205eb-a8e7-7000-82af-37bc00001c00  born 2026-11-23 01:01:00.007Z
      01a205eb-a8e8-7000-82af-37bc00002000  born 2026-11-23 01:01:00.008Z
      01a205eb-a8e9-7000-82af-37bc00002400  born 2026-11-23 01:01:00.009Z
    ✗ duplicated  enrich → enriched + dlq  (flights)  2026-11-23 01:01:00Z – 01:02:00Z  exact
      01a205eb-a8f4-7000-82af-37bc00005001 ×2  copy of 01a205eb-a8f4-7000-82af-37bc00005000
    ✗ lost  enrich → enriched + dlq  (flights)  2026-11-23 01:03:00Z – 01:04:00Z  estimated, revision 1
      01a205ed-7da1-7000-82af-37bc00000400  born 2026-11-23 01:03:00.001Z
      … at least 399 more that cannot be named
    "
  `)
})

it('the list of losses says what of a sample it cannot name, and lists the altered', () => {
  const lost = sampledVerdict('checkin → flights', {
    ...{ oneIn: 64, expected: 100, lost: [once(idOf(1))] },
  })
  const altered = verdict('enrich → enriched + dlq', {
    verdict: 'breached',
    findings: [finding('altered', { ids: [once(idOf(2))] })],
  })
  expect([...renderLosses(lossRows([lost, altered]))].join('')).toMatchInlineSnapshot(`
    "✗ lost  checkin → flights  (flights)  2026-11-23 01:00:00Z – 01:01:00Z  sampled
      01a205ea-be81-7000-82af-37bc00000400  born 2026-11-23 01:00:00.001Z
      … about 63 more that were not looked at (sampled)
    ✗ altered  enrich → enriched + dlq  (flights)  2026-11-23 01:00:00Z – 01:01:00Z  exact
      01a205ea-be82-7000-82af-37bc00000800  born 2026-11-23 01:00:00.002Z
    "
  `)
  expect([...lossRows([lost, altered], ['altered'])].map((r) => r.kind)).toEqual(['altered'])
})

it('the check of a sample is not all good', () => {
  const [first, ...others] = FLIGHTS.edges
  const verdicts = [
    sampledVerdict(first?.name ?? '', { oneIn: 64, expected: 100 }),
    ...others.map(({ name }) => verdict(name)),
  ]
  const assessment = summarize({ pipelines: [FLIGHTS], verdicts, now: NOW })
  expect(checkCode(assessment)).toBe(0)
  expect(renderCheck(assessment, 0)).toMatchInlineSnapshot(`
    "✓ met  flights  checkin → flights  about 6,400 of 6,400 delivered; sampled 1/64
    ✓ met  flights  flights → enrich  400 of 400 delivered
    ✓ met  flights  enrich → enriched + dlq  400 of 400 delivered
    ✓ met  flights  enriched → store  400 of 400 delivered
    All good in the sample: 1 of 4 edges not judged on every message.
    "
  `)
})

it('the check has one line per edge and says what it comes to', () => {
  const check = (verdicts: Parameters<typeof summarize>[0]['verdicts']): string => {
    const assessment = summarize({ pipelines: [FLIGHTS], verdicts, now: NOW })
    return renderCheck(assessment, checkCode(assessment))
  }
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
