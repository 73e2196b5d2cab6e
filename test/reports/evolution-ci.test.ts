/** A check of schemas for servers: JUnit, SARIF, GitHub, GitLab. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { renderGithub } from '../../reports/evolution/github.ts'
import { renderGitlab } from '../../reports/evolution/gitlab.ts'
import { renderJUnit } from '../../reports/evolution/junit.ts'
import { renderSarif } from '../../reports/evolution/sarif.ts'
import { generalRules } from '../../src/evolution/general-rules.ts'
import type { SchemaCheckReport } from '../../src/evolution/report.ts'
import { finding, report, subject } from '../evolution/found.ts'

const HOSTILE = 'a\u202e\u001b[2J\u0000]]>&"\n::error::%0A,b'
const hostile = finding({ subject: HOSTILE, message: HOSTILE, before: HOSTILE, path: HOSTILE })
const suppressed = finding({
  ...{ standing: 'suppressed', path: '/fields/8' },
  suppression: { reason: 'nobody reads it', until: '2026-12-31' },
})
const known = finding({ standing: 'known', path: '/fields/9' })
const warning = finding({ kind: 'risk', severity: 'warning', direction: null, path: '/fields/2' })
const problem = finding({ kind: 'problem', rule: 'SCHEMA_UNPARSABLE', subject: 'users-value' })
const nothing = report({ subjects: [] })

const all = (): SchemaCheckReport =>
  report({
    subjects: [
      subject('orders-value', { status: 'incompatible' }),
      subject('users-value', { status: 'unknown', comparisons: 0, versions: 0 }),
      subject('none', { mode: 'NONE', status: 'not_compared', comparisons: 0, versions: 0 }),
      subject('fine'),
      subject(HOSTILE, { status: 'incompatible' }),
    ],
    findings: [finding(), warning, suppressed, known, problem, hostile],
  })

/** `element attributes`, in order. Throws where the text is not well-formed. */
function tagsOf(xml: string): string[] {
  const tags: string[] = []
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const { tests, failures, errors, skipped } = attributes
    const counts = tests === undefined ? '' : ` ${tests} ${failures} ${errors} ${skipped}`
    tags.push(`${name}${counts}`)
  })
  parser.write(xml).close()
  return tags
}

describe('JUnit', () => {
  it('is well-formed, with a test for each subject', () => {
    const tags = tagsOf(renderJUnit(all()))
    // tests, failures, errors, skipped
    expect(tags.slice(0, 2)).toEqual(['testsuites 5 2 1 1', 'testsuite 5 2 1 1'])
    expect(tags.filter((tag) => ['failure', 'error', 'skipped'].includes(tag))).toEqual([
      'failure',
      'error',
      'skipped',
      'failure',
    ])
  })

  it.each<[string, SchemaCheckReport, string]>([
    ['warnings pass', report({ findings: [warning] }), 'testsuites 1 0 0 0'],
    ['unless they fail', report({ findings: [warning], failOn: 'warning' }), 'testsuites 1 1 0 0'],
    ['what is suppressed passes', report({ findings: [suppressed] }), 'testsuites 1 0 0 0'],
    ['nothing compared is an error', nothing, 'testsuites 1 0 1 0'],
  ])('%s', (_, of, expected) => {
    expect(tagsOf(renderJUnit(of))[0]).toBe(expected)
  })
})

const SCHEMA = '../../node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'

/** By the schema that OASIS published; see sarif.test.ts. */
function mistakesOf(log: unknown): readonly unknown[] {
  const text = readFileSync(join(import.meta.dirname, SCHEMA), 'utf8')
  const { $schema: _, id: __, ...schema } = JSON.parse(text) as Record<string, unknown>
  const ajv = new Ajv({
    ...{ strict: false, unicodeRegExp: false },
    formats: {
      uri: (uri) => URL.canParse(uri),
      'uri-reference': (uri) => /^[!-~]*$/.test(uri),
      'date-time': (time) => !Number.isNaN(Date.parse(time)),
    },
  })
  return ajv.validate(schema, log) ? [] : (ajv.errors ?? [])
}

describe('SARIF', () => {
  const logOf = (of: SchemaCheckReport) => JSON.parse(renderSarif(of, generalRules))

  it.each([
    ['of findings', all()],
    ['of nothing', nothing],
  ])('%s is valid', (_, of) => {
    expect(mistakesOf(logOf(of))).toEqual([])
  })

  it('has a result for each finding, the worst first, and marks what fails nothing', () => {
    const [run] = logOf(all()).runs
    const marks = run.results.map((r: Record<string, unknown>) =>
      [r.level, ...(r.suppressions ? ['suppressed'] : []), r.baselineState ?? ''].join(' ').trim(),
    )
    expect(marks).toEqual([
      ...['error', 'error suppressed', 'error unchanged', 'error', 'error', 'warning'],
    ])
  })

  it('did not succeed where nothing was compared', () => {
    const successful = (of: SchemaCheckReport) =>
      logOf(of).runs[0].invocations[0].executionSuccessful
    expect([successful(nothing), successful(report())]).toEqual([false, true])
  })

  it('a fingerprint stays when the line moves', () => {
    const moved = finding({ place: { source: 'schemas/orders-value.avsc', line: 77, column: 1 } })
    const printOf = (one: typeof moved) =>
      logOf(report({ findings: [one] })).runs[0].results[0].partialFingerprints
    expect(printOf(moved)).toEqual(printOf(finding()))
    expect(printOf(warning)).not.toEqual(printOf(finding()))
  })
})

describe('GitHub', () => {
  it('annotates the line of each open finding, and ends with the last line', () => {
    const lines = renderGithub(report({ findings: [finding(), suppressed, known] })).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(
      /^::error file=schemas\/orders-value\.avsc,line=5,endLine=5,col=29,title=AVRO_TYPE_MISMATCH::orders-value: /,
    )
    expect(lines[1]).toBe(
      '1 error in 1 subject; compared: 1 subject, 1 version, BACKWARD; 1 known before; 1 suppressed',
    )
  })

  it('no text of others is a command', () => {
    const text = renderGithub(report({ findings: [hostile] }))
    expect(text.split('\n').filter((line) => line.startsWith('::'))).toHaveLength(1)
    expect(text).not.toContain('\u202e')
  })

  it('shows ten of a level, and says how many more there are', () => {
    const findings = Array.from({ length: 12 }, (_, i) => finding({ path: `/fields/${i}` }))
    const lines = renderGithub(report({ findings })).split('\n')
    expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(10)
    expect(lines[9]).toContain('and 2 more findings of this level')
    expect(lines[8]).not.toContain('more findings')
  })

  it('nothing compared is an error', () => {
    expect(renderGithub(nothing)).toMatch(/^::error .*nothing was compared/)
  })
})

describe('GitLab', () => {
  const entriesOf = (of: SchemaCheckReport) =>
    JSON.parse(renderGitlab(of)) as Record<string, unknown>[]

  it('has an entry for each open finding, told once for all versions', () => {
    const again = finding({ against: 'v0' })
    const of = report({ findings: [warning, finding(), again, suppressed, known] })
    expect(entriesOf(of).map((e) => [e.check_name, e.severity])).toEqual([
      ['quipu/AVRO_TYPE_MISMATCH', 'critical'],
      ['quipu/AVRO_TYPE_MISMATCH', 'minor'],
    ])
  })

  it('names a file for all, and no two have one fingerprint', () => {
    const bare = finding({ place: null, placeBefore: null, path: '' })
    const entries = entriesOf({ ...all(), findings: [...all().findings, bare] })
    expect(entries.every((e) => (e.location as { path: string }).path !== '')).toBe(true)
    expect(new Set(entries.map((e) => e.fingerprint)).size).toBe(entries.length)
  })

  it('nothing compared is an entry', () => {
    expect(entriesOf(nothing).map((e) => e.check_name)).toEqual(['quipu/nothing-compared'])
  })
})
