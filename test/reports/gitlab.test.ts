import { describe, expect, it } from 'vitest'
import { renderGitlab } from '../../reports/gitlab.ts'
import type { Report } from '../../src/objective/report.ts'
import { FLIGHTS } from './build.ts'
import { assessed, ciReport, ENRICH, HOSTILE } from './ci.ts'

interface Entry {
  readonly description: string
  readonly check_name: string
  readonly fingerprint: string
  readonly severity: string
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } }
}

const entries = (report: Report, options?: Parameters<typeof renderGitlab>[1]): Entry[] =>
  JSON.parse(renderGitlab(report, options)) as Entry[]

it('is an empty list where all is met', () => {
  expect(renderGitlab(ciReport({ objectives: [assessed('met')] }))).toBe('[]\n')
})

it('has what GitLab asks for: a description, a check, a fingerprint, a severity and a place', () => {
  const [only, ...rest] = entries(ciReport({ objectives: [assessed('breached')] }), {
    file: 'ops/quipu.yaml',
  })
  expect(rest).toEqual([])
  expect(only).toEqual({
    description: 'flights/no-loss breached: It is breached for a reason.',
    check_name: 'quipu/objective-breached',
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    severity: 'critical',
    location: { path: 'ops/quipu.yaml', lines: { begin: 18 } },
  })
})

it('puts an edge, which has no line, at the beginning of the file', () => {
  const [only, ...rest] = entries(ciReport())
  expect(rest).toEqual([])
  expect(only).toMatchObject({
    check_name: 'quipu/edge-breached',
    location: { path: 'quipu.yaml', lines: { begin: 1 } },
  })
  expect(only?.description).toContain(ENRICH)
})

it.each([
  { state: 'breached', of: 'page', severity: 'critical' },
  { state: 'breached', of: 'ticket', severity: 'major' },
  { state: 'at_risk', of: 'page', severity: 'minor' },
  { state: 'indeterminate', of: 'page', severity: 'minor' },
  { state: 'no_data', of: 'page', severity: 'info' },
] as const)('$state, which asks for a $of, is $severity', ({ state, of, severity }) => {
  const objectives = [assessed(state, { of: { severity: of } })]
  expect(entries(ciReport({ objectives })).map((e) => e.severity)).toEqual([severity])
})

it('shows what is at risk as breached where that fails, and no data not where it is allowed', () => {
  const objectives = [assessed('at_risk'), assessed('no_data', { of: { id: 'b' } })]
  const shown = entries(ciReport({ objectives }), { atRiskFails: true, noDataAllowed: true })
  expect(shown.map(({ severity, check_name }) => [severity, check_name])).toEqual([
    ['critical', 'quipu/objective-at-risk'],
  ])
})

describe('a fingerprint', () => {
  const print = (report: Report): string | undefined => entries(report)[0]?.fingerprint
  const before = print(ciReport({ objectives: [assessed('breached')] }))

  it('stays when counts, reasons, the line and the version change', () => {
    const objectives = [
      assessed('breached', {
        of: { place: { line: 99, column: 1 } },
        reasons: ['Something else.'],
        events: { good: 1, bad: 1, unknown: 0 },
      }),
    ]
    expect(print(ciReport({ objectives, version: '9.9.9' }))).toBe(before)
  })

  it.each([
    ['the objective', [assessed('breached', { of: { id: 'other' } })], FLIGHTS],
    ['the verdict', [assessed('indeterminate')], FLIGHTS],
    ['the pipeline', [assessed('breached', { pipeline: 'b' })], { ...FLIGHTS, name: 'b' }],
  ])('changes with %s', (_, objectives, pipeline) => {
    const report = ciReport({ objectives, pipelines: [pipeline], verdicts: [] })
    expect(print(report)).toMatch(/^[0-9a-f]{64}$/)
    expect(print(report)).not.toBe(before)
  })

  it('tells names apart that look the same when cut', () => {
    const objectives = ['a', 'b'].map((end) =>
      assessed('breached', { of: { id: 'x'.repeat(5_000) + end } }),
    )
    const [first, second] = entries(ciReport({ objectives }))
    expect(first?.description).toBe(second?.description)
    expect(first?.fingerprint).not.toBe(second?.fingerprint)
  })
})

it.each(HOSTILE)('is JSON that hides nothing whatever the names are: %j', (name) => {
  const objectives = [assessed('breached', { of: { id: name }, reasons: [name], pipeline: name })]
  const report = ciReport({ pipelines: [{ ...FLIGHTS, name }], verdicts: [], objectives })
  const text = renderGitlab(report)
  expect(JSON.parse(text)).toHaveLength(1)
  expect(text.replace(/\n/g, '')).not.toMatch(/\p{Cc}|\p{Cf}|\p{Cs}/u)
  expect(text.length).toBeLessThan(10_000)
})
