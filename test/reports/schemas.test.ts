/** What the commands print as JSON is what its schema promises: no less, and no more. */
import { describe, expect, it } from 'vitest'
import { renderJson } from '../../reports/json.ts'
import type { Report } from '../../src/objective/report.ts'
import { reportOf } from '../../src/objective/report-of.ts'
import { errorsOf } from '../support/json-schemas.ts'
import { badRun, FLIGHTS, goodRun, instance, NOW, START, sampledVerdict } from './build.ts'
import { assessed, ciReport } from './ci.ts'
import { drifted } from './drift.ts'
import { states } from './support/reports.ts'

const printed = (report: Report): Record<string, unknown> =>
  JSON.parse(renderJson(report)) as Record<string, unknown>

describe('the report as JSON', () => {
  const real = (verdicts: Parameters<typeof reportOf>[0]['verdicts']): Report =>
    reportOf({
      ...{ pipelines: [FLIGHTS], promises: [], verdicts, instances: [instance('checkin')] },
      ...{ now: NOW, since: START, detail: 'ids', version: '0.1.0' },
    })

  it.each<[string, () => Report]>([
    ['of a good run', () => real(goodRun())],
    ['of a bad run', () => real(badRun())],
    ['of nothing', () => real([])],
    [
      'of a sample',
      () => real([sampledVerdict('checkin → flights', { oneIn: 64, expected: 100 })]),
    ],
    [
      'with drift',
      () =>
        reportOf({
          ...{ pipelines: [FLIGHTS], promises: [], verdicts: goodRun(), drift: [drifted()] },
          ...{ now: NOW, detail: 'ids', version: '0.1.0' },
        }),
    ],
    ['with objectives', () => ciReport({ objectives: [assessed('breached'), assessed('met')] })],
    ...Object.entries(states).map(
      ([name, make]) => [`support: ${name}`, make] as [string, () => Report],
    ),
  ])('%s', (_, make) => {
    expect(errorsOf('report', printed(make()))).toEqual([])
  })

  it('is refused where anything is missing, added, or of another kind', () => {
    const good = printed(real(badRun()))
    const { headline: _, ...missing } = good
    for (const bad of [missing, { ...good, more: 1 }, { ...good, standing: 'fine' }])
      expect(errorsOf('report', bad)).not.toEqual([])
  })
})
