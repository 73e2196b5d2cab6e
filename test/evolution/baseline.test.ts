/** Findings of an earlier check fail nothing, and stay visible. */
import { describe, expect, it } from 'vitest'
import { renderJson } from '../../reports/evolution/json.ts'
import { baselineOf, withBaseline } from '../../src/evolution/baseline.ts'
import { schemaCheckCode } from '../../src/evolution/report.ts'
import { finding, report } from './found.ts'

const known = (...findings: ReturnType<typeof finding>[]): ReadonlySet<string> =>
  baselineOf(renderJson(report({ findings })), 'before.json')

describe('a baseline', () => {
  it('knows a finding again wherever it moved to, and fails on no more than what is new', () => {
    const moved = finding({
      place: { source: 'a.avsc', line: 99, column: 1 },
      against: 'v2',
      message: 'in other words',
    })
    const fresh = finding({ path: '/fields/7/type' })
    const told = withBaseline([moved, fresh], known(finding()))
    expect(told.map((f) => f.standing)).toEqual(['known', 'open'])
    expect(schemaCheckCode(report({ findings: told.slice(0, 1) }))).toBe(0)
    expect(schemaCheckCode(report({ findings: told }))).toBe(1)
  })

  it('does not know another rule, subject or path again', () => {
    const others = [
      finding({ rule: 'AVRO_NAME_MISMATCH' }),
      finding({ subject: 'users-value' }),
      finding({ path: '/fields/1/type' }),
    ]
    const told = withBaseline(others, known(finding()))
    expect(told.map((f) => f.standing)).toEqual(['open', 'open', 'open'])
  })

  it('never knows a problem: nothing was compared', () => {
    const problem = finding({ kind: 'problem', rule: 'SCHEMA_UNPARSABLE' })
    expect(withBaseline([problem], known(problem))).toEqual([problem])
    // Not even where its fingerprint is that of a finding.
    expect(withBaseline([problem], new Set([problem.fingerprint]))).toEqual([problem])
  })

  it('leaves what is suppressed to the suppression', () => {
    const suppressed = finding({ standing: 'suppressed', suppression: { reason: 'a', until: 'b' } })
    expect(withBaseline([suppressed], known(finding()))).toEqual([suppressed])
  })

  it.each([
    ['no JSON', '{', /it is no JSON/],
    ['another document', '{"schema":"quipu.check/v1"}', /does not say `quipu\.schema-check\/v1`/],
    ['a list', '[]', /does not say/],
  ])('is refused where it is %s', (_, text, message) => {
    expect(() => baselineOf(text, 'before.json')).toThrow(message)
  })
})
