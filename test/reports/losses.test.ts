import { expect, it } from 'vitest'
import { renderLosses } from '../../reports/losses.ts'
import { lossRows } from '../../src/objective/losses.ts'
import { badRun, finding, idOf, once, sampledVerdict, verdict } from './build.ts'

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
