import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { renderSarif } from '../../reports/sarif.ts'
import { findingCodes } from '../../src/finding/finding.ts'
import type { ObjectiveVerdict, Report } from '../../src/objective/report.ts'
import { FLIGHTS, finding, idOf, once, verdict } from './build.ts'
import { assessed, ciReport, ENRICH, HOSTILE, lossy } from './ci.ts'

const SCHEMA = '../../node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'

/** The schema that OASIS published. Of draft 4, which differs from later ones in its `id` only. */
function validatorOf(): (log: unknown) => readonly unknown[] {
  const text = readFileSync(join(import.meta.dirname, SCHEMA), 'utf8')
  const { $schema: _, id: __, ...schema } = JSON.parse(text) as Record<string, unknown>
  const isUri = (uri: string): boolean => URL.canParse(uri)
  const ajv = new Ajv({
    strict: false,
    // Some of its patterns are none under the flag `u`.
    unicodeRegExp: false,
    formats: {
      uri: isUri,
      'uri-reference': (uri) => isUri(`file:///${uri}`) && /^[!-~]*$/.test(uri),
      'date-time': (time) => !Number.isNaN(Date.parse(time)),
    },
  })
  const validate = ajv.compile(schema)
  return (log) => (validate(log) ? [] : (validate.errors ?? []))
}

const mistakesOf = validatorOf()

interface Result {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly level: string
  readonly message: { readonly text: string }
  readonly locations: readonly Record<string, unknown>[]
  readonly partialFingerprints: { readonly 'quipu/v1': string }
  readonly properties: Readonly<Record<string, unknown>>
}

interface Run {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
  readonly invocations: readonly unknown[]
  readonly results: readonly Result[]
}

/** Every log that a test reads is valid. */
function runOf(report: Report, options?: Parameters<typeof renderSarif>[1]): Run {
  const log = JSON.parse(renderSarif(report, options)) as { readonly runs: readonly [Run] }
  expect(mistakesOf(log)).toEqual([])
  return log.runs[0]
}

const resultsOf = (...args: Parameters<typeof runOf>): readonly Result[] => runOf(...args).results

const FILE = { file: 'ops/my quipu#1.yaml' }

it('is checked by a schema that refuses what is wrong', () => {
  const log = () => JSON.parse(renderSarif(ciReport(), FILE))
  expect(mistakesOf(log())).toEqual([])
  const flaws: ((l: ReturnType<typeof JSON.parse>) => unknown)[] = [
    (l) => delete l.runs[0].results[0].message,
    (l) => Object.assign(l.runs[0].results[0], { level: 'grave' }),
    (l) => Object.assign(l.runs[0].results[0].locations[0], { region: 1 }),
    (l) => Object.assign(l.runs[0].tool.driver, { name: 1 }),
    (l) => Object.assign(l, { version: '2.0' }),
  ]
  for (const flaw of flaws) {
    const bad = log()
    flaw(bad)
    expect(mistakesOf(bad)).not.toEqual([])
  }
})

it('has no result where all is met', () => {
  const verdicts = FLIGHTS.edges.map(({ name }) => verdict(name))
  expect(resultsOf(ciReport({ verdicts, objectives: [assessed('met')] }))).toEqual([])
  expect(resultsOf(ciReport({ verdicts }))).toEqual([])
})

it('has one for the objective, and one for each finding, at its place in the file', () => {
  const results = resultsOf(ciReport({ objectives: [assessed('breached')] }), FILE)
  expect(results.map(({ ruleId, level }) => [level, ruleId])).toEqual([
    ['error', 'objective-breached'],
    ['error', 'lost'],
    // No objective speaks of copies.
    ['error', 'duplicated'],
  ])
  const [first, lost, doubled] = results as [Result, Result, Result]
  const artifactLocation = { uri: 'ops/my%20quipu%231.yaml', uriBaseId: '%SRCROOT%' }
  const at = { artifactLocation, region: { startLine: 18, startColumn: 7 } }
  expect(first.locations).toEqual([
    { physicalLocation: at, logicalLocations: [{ fullyQualifiedName: 'flights/no-loss' }] },
  ])
  expect(lost.locations).toEqual([
    { physicalLocation: at, logicalLocations: [{ fullyQualifiedName: `flights/${ENRICH}` }] },
  ])
  expect(doubled.locations[0]).toMatchObject({ physicalLocation: { artifactLocation } })
  expect(doubled.locations[0]).not.toHaveProperty('physicalLocation.region')
  expect(first.message.text).toContain('It is breached for a reason.')
  expect(lost.properties).toMatchObject({ count: 2, windows: 1, evidence: 'exact' })
  expect(lost.properties.ids).toHaveLength(2)
})

it('names no file that it was not told', () => {
  for (const { locations } of resultsOf(ciReport({ objectives: [assessed('breached')] }))) {
    expect(Object.keys(locations[0] as object)).toEqual(['logicalLocations'])
  }
})

it('lets a finding be a warning where the objective that speaks of it bears it', () => {
  const levels = (state: ObjectiveVerdict): string[] =>
    resultsOf(ciReport({ objectives: [assessed(state)] })).map((r) => `${r.level} ${r.ruleId}`)
  expect(levels('met')).toEqual(['error duplicated', 'warning lost'])
  expect(levels('breached')).toContain('error lost')
})

it('says why an edge is bad by its findings, and by its standing where it has none', () => {
  expect(resultsOf(ciReport()).map((r) => r.ruleId)).toEqual(['lost', 'duplicated'])
  const [a, ...others] = FLIGHTS.edges.map(({ name }) => name) as [string, ...string[]]
  const verdicts = [
    verdict(a, { verdict: 'no_data', counts: {} }),
    ...others.map((n) => verdict(n)),
  ]
  const shown = resultsOf(ciReport({ verdicts }))
  expect(shown.map((r) => [r.level, r.ruleId])).toEqual([['note', 'edge-no-data']])
  expect(resultsOf(ciReport({ verdicts }), { noDataAllowed: true })).toEqual([])
})

it('has a result where nothing was audited', () => {
  const results = resultsOf(ciReport({ pipelines: [], verdicts: [] }))
  expect(results.map((r) => r.ruleId)).toEqual(['pipeline-no-data'])
})

it('has a rule with a description for every kind, and results point at theirs', () => {
  const codes = Object.entries(findingCodes).filter(([, severity]) => severity !== 'info')
  const findings = codes.map(([code]) => finding(code as 'lost', { count: 1 }))
  const states = ['breached', 'at_risk', 'indeterminate', 'no_data', 'met'] as const
  const { tool, results } = runOf(
    ciReport({
      verdicts: [verdict(ENRICH, { verdict: 'breached', findings })],
      objectives: states.map((state) => assessed(state, { of: { id: state } })),
    }),
  )
  const { rules } = tool.driver
  expect(rules.map(({ id }) => id)).toEqual(
    [
      ...codes.map(([code]) => code),
      ...[
        'objective-breached',
        'objective-at-risk',
        'objective-indeterminate',
        'objective-no-data',
      ],
    ].sort(),
  )
  expect(results).toHaveLength(rules.length)
  for (const { ruleId, ruleIndex } of results) expect(rules[ruleIndex]?.id).toBe(ruleId)
  for (const rule of rules) {
    expect(rule).toMatchObject({ shortDescription: { text: expect.stringMatching(/^[A-Z].*\.$/) } })
  }
})

describe('fingerprints', () => {
  const prints = (report: Report): string[] =>
    resultsOf(report).map((r) => r.partialFingerprints['quipu/v1'])

  it('stay when counts, windows, the line and the version change', () => {
    const more = [finding('lost', { w: 3, ids: [once(idOf(9, 3))] }), finding('duplicated')]
    const verdicts = [...lossy(), verdict(ENRICH, { w: 3, verdict: 'breached', findings: more })]
    const moved = assessed('breached', { of: { place: { line: 99, column: 1 } } })
    expect(prints(ciReport({ verdicts, objectives: [moved], version: '9.9.9' }))).toEqual(
      prints(ciReport({ objectives: [assessed('breached')] })),
    )
  })

  it('differ by rule, edge, objective, and by what tells findings of a kind apart', () => {
    const findings = [
      finding('hole', { args: { hop: 'a' } }),
      finding('hole', { args: { hop: 'b' } }),
      finding('lost'),
    ]
    const [, a, b] = FLIGHTS.edges.map(({ name }) => name) as [string, string, string]
    const verdicts = [a, b].map((name) => verdict(name, { verdict: 'breached', findings }))
    const objectives = ['x', 'y'].map((id) => assessed('breached', { of: { id } }))
    const all = prints(ciReport({ verdicts, objectives }))
    expect(all).toHaveLength(8)
    expect(new Set(all).size).toBe(8)
  })
})

it('keeps the worst of very many, and says how many are not there', () => {
  const objectives = Array.from({ length: 5_002 }, (_, i) =>
    assessed(i === 5_001 ? 'breached' : 'indeterminate', { of: { id: `o${i}` } }),
  )
  const verdicts = FLIGHTS.edges.map(({ name }) => verdict(name))
  const { results, invocations } = runOf(ciReport({ verdicts, objectives }))
  expect(results).toHaveLength(5_000)
  expect(results[0]).toMatchObject({ level: 'error' })
  expect(invocations).toMatchObject([
    {
      toolExecutionNotifications: [{ message: { text: expect.stringMatching(/^2 more results/) } }],
    },
  ])
})

it('says no id in a summary', () => {
  const ids = (detail: Report['detail']): unknown[] =>
    resultsOf(ciReport({ detail })).map(({ properties }) => properties.ids)
  expect(ids('ids')).toEqual([[expect.any(String), expect.any(String)], [expect.any(String)]])
  expect(ids('summary')).toEqual([[], []])
})

it.each(HOSTILE)('is valid, and hides nothing whatever the names are: %j', (name) => {
  const objectives = [assessed('breached', { of: { id: name }, reasons: [name], pipeline: name })]
  const report = ciReport({ pipelines: [{ ...FLIGHTS, name }], verdicts: [], objectives })
  expect(resultsOf(report, FILE)).toHaveLength(1)
  const text = renderSarif(report, FILE)
  expect(text.replace(/\n/g, '')).not.toMatch(/\p{Cc}|\p{Cf}|\p{Cs}/u)
  expect(text.length).toBeLessThan(10_000)
})
