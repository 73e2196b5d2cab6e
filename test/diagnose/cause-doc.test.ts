/** The page about causes has every cause, rule and limit, with the words that hold. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { causesOf, rulesOf } from '../../src/diagnose/cause.ts'
import { RETRY_MS_MAX } from '../../src/diagnose/causes/again.ts'
import { causeMeanings, explainCause } from '../../src/diagnose/explain-cause.ts'
import { SOUGHT_MAX } from '../../src/diagnose/log-search.ts'
import { CAUSE_FACTS_MAX, causeCodes } from '../../src/finding/cause.ts'
import { FINDING_IDS_MAX, type FindingCode, findingCodes } from '../../src/finding/finding.ts'
import { EDGES } from '../reconcile/build.ts'
import { evidence, finding, found } from './cause-build.ts'
import { causeExample } from './cause-examples.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/causes.md'), 'utf8')
/** However its lines are broken. */
const told = page.replace(/\s+/g, ' ')
const codes = Object.keys(findingCodes) as FindingCode[]

/** Rule and code, in the order in which rules are asked. */
function rulesAsked(): readonly string[] {
  const rows = new Map<string, string>()
  for (const code of codes)
    for (const rule of rulesOf(code)) rows.set(rule.name, `| ${rule.name} | \`${rule.code}\` |`)
  for (const code of ['lost', 'duplicated'] as const) {
    const [unknown] = causesOf(finding(code, found(1)), evidence(EDGES.consume))
    rows.set(unknown?.rule ?? '', `| ${unknown?.rule} | \`unknown\` |`)
  }
  const numberOf = (name: string): number =>
    Number(name.slice(1)) + (name.startsWith('D') ? 100 : 0)
  return [...rows].sort(([a], [b]) => numberOf(a) - numberOf(b)).map(([, row]) => row)
}

describe('docs/causes.md', () => {
  it.each(causeCodes)('says what %s means, and what to do', (code) => {
    const { next } = explainCause(causeExample(code), { edge: 'EDGE' })
    const words = (next ?? '')
      .replace(/trace [0-9a-f-]{36}/, 'trace ID')
      .replaceAll("'EDGE'", 'EDGE')
    expect(page).toContain(`| \`${code}\` | ${causeMeanings[code]} | ${words} |`)
  })

  it('has the rules, in their order, and no other', () => {
    const named = [...page.matchAll(/^\| [CD]\d+ \| `[a-z_]+` \|/gm)].map(([row]) => row)
    expect(named).toEqual(rulesAsked())
  })

  it('names no cause that there is not', () => {
    const named = [...page.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code)
    expect(named).toEqual([...causeCodes])
  })

  it('says never where a rule never answers so', () => {
    const row = (name: string): readonly string[] =>
      page.match(new RegExp(`^\\| ${name} \\|.*$`, 'm'))?.[0].split(' | ') ?? []
    for (const name of ['C11', 'C13', 'C14', 'D3', 'D8']) expect(row(name)[2]).toMatch(/^never/)
  })

  it('names every finding that has causes', () => {
    const [, after = ''] = told.split('## The rules')
    for (const code of codes.filter((c) => rulesOf(c).length > 0))
      expect(after).toContain(`\`${code}\``)
  })

  it('has the limits that hold', () => {
    expect(told).toContain(`written at most ${RETRY_MS_MAX / 60_000} minutes apart`)
    expect(told).toContain(`for at most ${SOUGHT_MAX.toLocaleString('en')} ids`)
    expect(told).toContain(
      `at most ${FINDING_IDS_MAX.toLocaleString('en')} messages and ${CAUSE_FACTS_MAX} facts`,
    )
  })

  it('quotes what is lacking as it is told', () => {
    const [unknown] = causesOf(finding('lost', found(1)), evidence(EDGES.consume))
    expect(told).toContain(`\`${unknown?.lacking[0]}\``)
  })
})
