/** The shape of messages in each output: what drifted, since when, by whom, what changed, and what fails. */
import { describe, expect, it } from 'vitest'
import { renderCheck } from '../../reports/check.ts'
import { baselineKey } from '../../reports/ci/baseline.ts'
import { checkCode } from '../../reports/ci/exit-code.ts'
import { outcomesOf } from '../../reports/ci/outcome.ts'
import { driftRules } from '../../reports/ci/rules.ts'
import { renderGithub } from '../../reports/github.ts'
import { renderGitlab } from '../../reports/gitlab.ts'
import { renderHtml } from '../../reports/html.ts'
import { renderJUnit } from '../../reports/junit.ts'
import { renderMarkdown } from '../../reports/markdown.ts'
import { renderSarif } from '../../reports/sarif.ts'
import { changeWords, lookedWords } from '../../reports/shape-words.ts'
import { renderText } from '../../reports/text.ts'
import { type DriftCode, driftCodes } from '../../src/drift/finding.ts'
import type { Report } from '../../src/objective/report.ts'
import { goodRun, START } from './build.ts'
import { assessed, ciReport } from './ci.ts'
import { drifted, driftFinding, shapesIn } from './drift.ts'

const report = (parts: Parameters<typeof ciReport>[0] = {}): Report =>
  ciReport({ verdicts: goodRun(), drift: shapesIn(), ...parts })

const only = (...findings: readonly ReturnType<typeof driftFinding>[]): Report =>
  report({ drift: shapesIn(drifted({ findings, versions: [] })) })

const validity = { id: 'shape', indicator: 'validity' } as const

describe('as text', () => {
  const shapeOf = (text: string): string =>
    text.slice(text.indexOf('Shape\n'), text.indexOf('\nAudit coverage'))

  it('stands first, and in a section of its own', () => {
    const text = renderText(report())
    expect(text.split('\n').slice(0, 2).join('\n')).toMatchInlineSnapshot(`
      "✓ flights: every message arrived, once, on all 4 edges (2 windows).
      ✗ flights: messages of flights are not what was promised (1 finding)."
    `)
    expect(shapeOf(text)).toMatchInlineSnapshot(`
      "Shape
        ✗ So many messages: type changed. It is known how sure.
          2026-11-23 01:02:00Z – 01:05:00Z, 3 windows, still open; at checkin, flights, enrich
          01a205ea-be87-7000-82af-37bc00001c00
          → Do something.
        ! So many messages: unknown field. It is known how sure.
          2026-11-23 01:02:00Z – 01:05:00Z, 3 windows, still open; at checkin, flights, enrich
          01a205ea-be88-7000-82af-37bc00002000
          → Do something.
        · So many messages: new version. It is known how sure.
          2026-11-23 01:02:00Z – 01:05:00Z, 3 windows, still open; at checkin, flights, enrich
          01a205ea-be89-7000-82af-37bc00002400
          → Do something.
        Versions of flights, each with its share while it was seen
          version 3 (id 7)   72.58%  2026-11-23 01:00:00Z – 01:06:00Z  written by checkin; read by enrich
          version 4 (id 8)   27.41%  2026-11-23 01:02:00Z – 01:10:00Z  written by checkin; read by enrich
            + /gate: string
            ~ /delay: int → string
      "
    `)
  })

  it('is not there where nobody looked', () => {
    expect(renderText(report({ drift: { findings: [], versions: [] } }))).not.toContain('Shape')
  })

  it('accuses nobody for a warning', () => {
    expect(renderText(only(driftFinding('unknown_field')))).not.toContain('not what was promised')
  })
})

it('as Markdown', () => {
  const text = renderMarkdown(report())
  expect(text.split('\n')[0]).toMatch(/^## ✗ breached: /)
  expect(
    text.slice(text.indexOf('### Shape'), text.indexOf('### Versions')),
  ).toMatchInlineSnapshot(`
    "### Shape of messages

    - ✗ **type changed**: /delay of flights, 2026-11-23 01:02:00Z – 01:05:00Z, 3 windows, still open; at checkin, flights, enrich
      - So many messages: type changed. It is known how sure. Do something.
    - ! **unknown field**: /gate of flights, 2026-11-23 01:02:00Z – 01:05:00Z, 3 windows, still open; at checkin, flights, enrich
      - So many messages: unknown field. It is known how sure. Do something.
    - · **new version**: flights, 2026-11-23 01:02:00Z – 01:05:00Z, 3 windows, still open; at checkin, flights, enrich
      - So many messages: new version. It is known how sure. Do something.

    "
  `)
  expect(text.slice(text.indexOf('### Versions'))).toMatchInlineSnapshot(`
    "### Versions of schemas

    | Topic | Version | Share while seen | First seen | Last seen | Written by | Read by |
    | :-- | :-- | --: | :-- | :-- | :-- | :-- |
    | flights | version 3 (id 7) | 72.58% | 2026-11-23 01:00:00Z | 2026-11-23 01:06:00Z | checkin | enrich |
    | flights | version 4 (id 8) | 27.41% | 2026-11-23 01:02:00Z | 2026-11-23 01:10:00Z | checkin | enrich |

    \`\`\`diff
    @@ version 4 (id 8) of flights @@
    + /gate: string
    ~ /delay: int → string
    \`\`\`

    Made by Quipu 0.1.0. All times are UTC.
    "
  `)
})

it('as Markdown of several pipelines, each by its name', () => {
  const { pipelines, ...rest } = report()
  const [flights] = pipelines as [(typeof pipelines)[0]]
  const text = renderMarkdown({
    ...rest,
    pipelines: [flights, { ...flights, pipeline: 'baggage' }],
  })
  expect(text).toContain('**type changed**: flights: /delay of flights, 2026-11-23')
})

describe('as a page', () => {
  const section = (of: Report): string => {
    const html = renderHtml(of)
    const start = html.indexOf('<section id="shape"')
    return start < 0 ? '' : html.slice(start, html.indexOf('</section>', start))
  }

  it('has findings, a bar for each version, and what changed', () => {
    const html = section(report())
    expect(html).toContain('So many messages: type changed.')
    expect(html).toContain('→ Do something.')
    // Of ten minutes version 3 was seen in the first six, version 4 from the third on.
    expect([...html.matchAll(/<path d="([^"]*)"/g)].map(([, d]) => d)).toEqual([
      ...['M0 12h720', 'M240 12h960'],
    ])
    expect(html).toContain('What changed in flights with version 4 (id 8): 2 fields')
    expect(html).toContain('<td>int</td><td>string</td>')
    expect(html).toContain(`<code>${'a'.repeat(32)}</code>`)
  })

  it('is not there where nobody looked', () => {
    expect(section(report({ drift: { findings: [], versions: [] } }))).toBe('')
  })

  it('says of each of several pipelines that its messages arrived, and are not as promised', () => {
    const { pipelines, ...rest } = report()
    const [flights] = pipelines as [(typeof pipelines)[0]]
    const baggage = { ...flights, pipeline: 'baggage' }
    const html = renderHtml({ ...rest, pipelines: [flights, baggage] })
    expect(html).toContain('flights: every message arrived, once, on all 4 edges')
    expect(html).toContain('flights: messages of flights are not what was promised (1 finding).')
    expect(html).toContain('baggage: all well. Every message arrived')
    expect(html).not.toContain('baggage: messages of')
  })

  it('is breached at its head where an error stands on its own', () => {
    const mark = (of: Report): string =>
      /class="verdict">(.*?)<\/p>/.exec(renderHtml(of))?.[1] ?? ''
    expect(mark(report())).toContain('breached')
    expect(mark(only(driftFinding('unknown_field')))).toContain('met')
  })
})

describe('a check', () => {
  it('fails for an error, by code, topic, schema and field', () => {
    const outcomes = outcomesOf(report())
    const code = checkCode(outcomes)
    expect(code).toBe(1)
    expect(renderCheck(outcomes, { code })).toMatchInlineSnapshot(`
      "✓ met       flights  checkin → flights  800 of 800 delivered
      ✓ met       flights  flights → enrich  800 of 800 delivered
      ✓ met       flights  enrich → enriched + dlq  800 of 800 delivered
      ✓ met       flights  enriched → store  800 of 800 delivered
      ✗ breached  flights  type_changed flights version 3 (id 7) /delay  3.09% of 12,400 looked at (1 in …
      Not good: 1 of 5 promises breached. See: quipu report
      "
    `)
  })

  it.each(Object.keys(driftCodes) as DriftCode[])(
    '%s fails if it is an error, and only then',
    (code) => {
      const expected = driftCodes[code] === 'error' ? 1 : 0
      expect(checkCode(outcomesOf(only(driftFinding(code))))).toBe(expected)
    },
  )

  it('leaves it to an objective of validity that is not breached', () => {
    const met = report({ objectives: [assessed('met', { of: validity })] })
    expect(outcomesOf(met).map(({ of }) => of)).toEqual(['objective'])
    expect(checkCode(outcomesOf(met))).toBe(0)
    for (const state of ['breached', 'no_data'] as const) {
      const other = report({ objectives: [assessed(state, { of: validity })] })
      expect(outcomesOf(other).map(({ of }) => of)).toEqual(['objective', 'shape'])
    }
    // It promises nothing of the shape.
    const loss = report({ objectives: [assessed('met')] })
    expect(checkCode(outcomesOf(loss))).toBe(1)
    // The edge lies behind those where the drift shows.
    const scope = { kind: 'edge', edge: 'enriched → store' } as const
    const behind = report({ objectives: [assessed('met', { of: { ...validity, scope } })] })
    expect(checkCode(outcomesOf(behind))).toBe(1)
  })

  it('does not leave to it what is no event of it', () => {
    const objectives = [assessed('met', { of: validity })]
    const drift = shapesIn(drifted({ findings: [driftFinding('field_dropped')] }))
    expect(checkCode(outcomesOf(report({ objectives, drift })))).toBe(1)
  })

  it('names the drift behind an objective of validity', () => {
    const [outcome] = outcomesOf(report({ objectives: [assessed('breached', { of: validity })] }))
    expect(outcome?.reasons).toEqual([
      ...['It is breached for a reason.', 'So many messages: type changed.'],
    ])
    expect(outcome?.ids).toHaveLength(1)
  })

  it('fails only for what is new beside a baseline, whatever the counts and times', () => {
    const before = outcomesOf(report())
    const baseline = new Map(
      before.map(({ of, key, state }) => [baselineKey(of, ...key), state] as const),
    )
    const later = { since: START + 600_000, until: START + 900_000, count: 9_000 }
    expect(checkCode(outcomesOf(only(driftFinding('type_changed', later))), { baseline })).toBe(0)
    for (const other of [
      driftFinding('missing_field'),
      driftFinding('type_changed', { path: '/gate' }),
      driftFinding('type_changed', { schema: 'version 4 (id 8)' }),
      driftFinding('type_changed', { topic: 'flights.enriched' }),
    ]) {
      expect(checkCode(outcomesOf(only(other)), { baseline })).toBe(1)
    }
  })
})

describe('for builds', () => {
  it('JUnit has a test for each error', () => {
    const xml = renderJUnit(report())
    expect(xml).toContain('tests="5" failures="1"')
    expect(xml).toContain(
      '<testcase classname="flights.flights" name="type_changed flights version 3 (id 7) /delay: Messages have the shape that was promised."',
    )
  })

  it('SARIF has a rule for each code, and a result for each that is no note', () => {
    const run = JSON.parse(renderSarif(report())).runs[0]
    const results = run.results as { ruleId: string; level: string; partialFingerprints: object }[]
    expect(results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['type_changed', 'error'],
      ['unknown_field', 'warning'],
    ])
    expect(run.tool.driver.rules[0]).toEqual({
      ...{ id: 'type_changed', shortDescription: { text: driftRules.type_changed } },
    })
    // The same drift later on.
    const later = only(driftFinding('type_changed', { count: 1, until: START + 900_000 }))
    const again = JSON.parse(renderSarif(later)).runs[0].results[0]
    expect(again.partialFingerprints).toEqual(results[0]?.partialFingerprints)
  })

  it('SARIF warns of what an objective bears', () => {
    const borne = report({ objectives: [assessed('met', { of: validity })] })
    const [first] = JSON.parse(renderSarif(borne)).runs[0].results
    expect(first).toMatchObject({ ruleId: 'type_changed', level: 'warning' })
    // It is told where the objective stands.
    expect(JSON.parse(renderSarif(borne, { file: 'q.yaml' })).runs[0].results[0]).toMatchObject({
      locations: [{ physicalLocation: { region: { startLine: 18 } } }],
    })
  })

  it('GitHub and GitLab name the error', () => {
    expect(renderGithub(report()).split('\n')[0]).toContain(
      '::error title=flights/type_changed flights version 3 (id 7) /delay::breached: So many messages',
    )
    expect(JSON.parse(renderGitlab(report()))).toMatchObject([
      { check_name: 'quipu/shape-breached', severity: 'critical' },
    ])
  })

  it.each(Object.keys(driftCodes) as DriftCode[])('%s has a rule in words', (code) => {
    expect(driftRules[code]).toMatch(/^[A-Z].*\.$/)
  })
})

describe('words', () => {
  it('never divide by nothing', () => {
    expect(lookedWords({ count: 3, of: 0, oneIn: 1 })).toBe('3 of 0 looked at')
    expect(lookedWords({ count: 3, of: 400, oneIn: 1 })).toBe('0.75% of 400 looked at')
  })

  it('of changes', () => {
    const at = { path: '/gate', before: 'int', after: 'string' }
    expect(changeWords({ ...at, change: 'added' })).toBe('+ /gate: string')
    expect(changeWords({ ...at, change: 'removed' })).toBe('- /gate: int')
    expect(changeWords({ ...at, change: 'changed' })).toBe('~ /gate: int → string')
    expect(changeWords({ ...at, change: 'removed', before: '' })).toBe('- /gate')
  })
})
