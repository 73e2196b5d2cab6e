/** A check of schemas as text and JSON: what is said of each finding, and the line that is always there. */
import { describe, expect, it } from 'vitest'
import { renderJson } from '../../reports/evolution/json.ts'
import { renderMarkdown } from '../../reports/evolution/markdown.ts'
import { summaryOf } from '../../reports/evolution/summary.ts'
import { renderText } from '../../reports/evolution/text.ts'
import type { SchemaCheckReport } from '../../src/evolution/report.ts'
import { finding, report, subject } from '../evolution/found.ts'
import { errorsOf } from '../support/json-schemas.ts'

const counterexample = { text: '{"id":8589934592}', refusal: 'cannot read "long" as "string"' }
const broken = (): SchemaCheckReport =>
  report({
    subjects: [subject('orders-value', { status: 'incompatible' }), subject('users-value')],
    findings: [
      finding({ counterexample }),
      finding({ rule: 'AVRO_DEFAULT_CHANGED', kind: 'risk', severity: 'warning', direction: null }),
    ],
  })

const problem = finding({
  ...{ kind: 'problem', rule: 'SCHEMA_UNPARSABLE', direction: null, against: null, path: '' },
})

const HOSTILE = 'a\u202e\u001b[2J\n::error::|<b>@all`'

describe('the last line', () => {
  const fresh = subject('new', { status: 'new', versions: 0, comparisons: 0 })
  const none = subject('none', {
    ...{ mode: 'NONE', status: 'not_compared', versions: 0, comparisons: 0 },
  })
  const warned = finding({ kind: 'risk', severity: 'warning' })
  it.each<[string, Partial<SchemaCheckReport>, string]>([
    ['nothing found', {}, 'ok: 1 subject, 1 version, BACKWARD'],
    [
      'several modes and versions',
      { subjects: [subject('a', { versions: 30 }), subject('b', { mode: 'FULL' })] },
      'ok: 2 subjects, 31 versions, BACKWARD and FULL',
    ],
    ['warnings only', { findings: [warned] }, 'ok: 1 subject, 1 version, BACKWARD; 1 warning'],
    [
      'what fails nothing',
      {
        findings: [
          finding({ standing: 'known' }),
          finding({ standing: 'suppressed', suppression: { reason: 'a', until: 'b' } }),
        ],
      },
      'ok: 1 subject, 1 version, BACKWARD; 1 known before; 1 suppressed',
    ],
    [
      'a new subject beside another',
      { subjects: [subject('a'), fresh] },
      'ok: 1 subject, 1 version, BACKWARD; 1 new subject',
    ],
    ['new subjects only', { subjects: [fresh] }, 'ok: nothing to compare with; 1 new subject'],
    [
      'a finding',
      { findings: [finding(), warned] },
      '1 error, 1 warning in 1 subject; compared: 1 subject, 1 version, BACKWARD',
    ],
    [
      'a schema that cannot be read',
      {
        subjects: [subject('a'), subject('b', { status: 'unknown', versions: 0, comparisons: 0 })],
        findings: [problem],
      },
      'could not check 1 of 2 subjects; compared: 1 subject, 1 version, BACKWARD',
    ],
    ['no subject', { subjects: [] }, 'nothing was compared: no schema was found, here or in main'],
    [
      'mode NONE alone',
      { subjects: [none] },
      'nothing was compared: the mode of 1 subject is NONE; 1 not compared (NONE)',
    ],
  ])('%s', (_, parts, expected) => {
    expect(summaryOf(report(parts))).toBe(expected)
    expect(renderText(report(parts)).trimEnd().split('\n').at(-1)).toBe(expected)
  })
})

describe('the text', () => {
  it('names the place, both sides, the proof and what to do', () => {
    expect(renderText(broken())).toMatchInlineSnapshot(`
      "schemas/orders-value.avsc:5:29 error AVRO_TYPE_MISMATCH orders-value: expected a long, got a string
          the new schema cannot read what v1 wrote
          at /fields/0/type
          - "long"  (main:schemas/orders-value.avsc:4:29)
          + "string"
          the old schema writes: {"id":8589934592}
          the new schema refuses it: cannot read "long" as "string"
          fix: Keep the type.

      schemas/orders-value.avsc:5:29 warning AVRO_DEFAULT_CHANGED orders-value: expected a long, got a string
          against v1
          at /fields/0/type
          - "long"  (main:schemas/orders-value.avsc:4:29)
          + "string"
          fix: Keep the type.

      1 error, 1 warning in 1 subject; compared: 2 subjects, 2 versions, BACKWARD
      "
    `)
  })

  it('tells what is found against several versions once', () => {
    const findings = ['v3', 'v2', 'v1'].map((against) => finding({ against }))
    const text = renderText(report({ findings }))
    expect(text.match(/AVRO_TYPE_MISMATCH/g)).toHaveLength(1)
    expect(text).toContain('the new schema cannot read what v3, v2, v1 wrote')
  })

  it('says who cannot read what, in the other direction', () => {
    const text = renderText(
      report({ findings: [finding({ direction: 'forward', counterexample })] }),
    )
    expect(text).toContain('v1 cannot read what the new schema writes')
    expect(text).toContain('the new schema writes: {"id":8589934592}')
    expect(text).toContain('the old schema refuses it: ')
  })

  it('leaves out what was known, and shows what is suppressed, with its reason', () => {
    const suppression = { reason: 'nobody reads it', until: '2026-12-31' }
    const findings = [
      finding({ standing: 'known', message: 'known before' }),
      finding({ standing: 'suppressed', suppression, path: '/fields/1' }),
    ]
    const text = renderText(report({ findings }))
    expect(text).not.toContain('known before:')
    expect(text).toContain('suppressed until 2026-12-31: nobody reads it')
  })

  it('is bounded, and says what it left out', () => {
    const findings = Array.from({ length: 501 }, (_, i) => finding({ path: `/fields/${i}` }))
    const text = renderText(report({ findings }))
    expect(text.match(/AVRO_TYPE_MISMATCH/g)).toHaveLength(500)
    expect(text).toContain('1 more finding not shown: see --json')
  })

  it.each([
    ['text', renderText],
    ['markdown', renderMarkdown],
  ])('%s hides nothing, and lets nothing of others act', (_, render) => {
    const text = render(
      report({
        subjects: [subject(HOSTILE)],
        findings: [
          finding({ subject: HOSTILE, message: HOSTILE, before: HOSTILE, against: HOSTILE }),
        ],
      }),
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(text).not.toMatch(/[\u202e\u001b]|^::error/m)
  })
})

describe('markdown', () => {
  it('begins with the last line', () => {
    const [first] = renderMarkdown(broken()).split('\n')
    expect(first).toBe(
      '## ✗ Schemas: 1 error, 1 warning in 1 subject; compared: 2 subjects, 2 versions, BACKWARD',
    )
  })

  it('stays below what a comment takes, and says what it left out', () => {
    const findings = Array.from({ length: 2_000 }, (_, i) => finding({ path: `/fields/${i}` }))
    const text = renderMarkdown(report({ findings }))
    expect(text.length).toBeLessThan(65_536)
    expect(text).toMatch(/[\d,]+ findings left out/)
  })

  it('no text of others ends its fence', () => {
    const text = renderMarkdown(report({ findings: [finding({ before: '```\n# a' })] }))
    expect(text.match(/^```/gm)).toHaveLength(2)
  })
})

describe('JSON', () => {
  it.each<[string, SchemaCheckReport]>([
    ['of findings', broken()],
    ['of nothing', report({ subjects: [] })],
    ['of a problem', report({ findings: [problem] })],
    [
      'of a suppression',
      report({
        findings: [
          finding({ standing: 'suppressed', suppression: { reason: 'a', until: '2026-12-31' } }),
          finding({ subject: null, format: null, kind: 'upkeep', place: null, placeBefore: null }),
        ],
      }),
    ],
  ])('%s is what the published schema says', (_, of) => {
    expect(errorsOf('schema-check', JSON.parse(renderJson(of)))).toEqual([])
  })

  it('is refused where anything is missing, added, or of another kind', () => {
    const good = JSON.parse(renderJson(broken())) as Record<string, unknown>
    const { summary: _, ...missing } = good
    for (const bad of [missing, { ...good, more: 1 }, { ...good, exitCode: 2 }])
      expect(errorsOf('schema-check', bad)).not.toEqual([])
  })

  it('counts what it holds', () => {
    expect(JSON.parse(renderJson(broken()))).toMatchObject({
      exitCode: 1,
      counts: { subjects: 2, compared: 2, versions: 2, error: 1, warning: 1, info: 0, known: 0 },
    })
  })
})
