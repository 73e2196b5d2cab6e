import { type SaxesAttributeNS, SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { renderJUnit } from '../../reports/junit.ts'
import type { Report } from '../../src/objective/report.ts'
import { FLIGHTS, idOf, verdict } from './build.ts'
import { assessed, ciReport, ENRICH, HOSTILE } from './ci.ts'

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
}

/** Strict: throws where the text is not well-formed XML 1.0. */
function parse(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  const parser = new SaxesParser({ xmlns: true })
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const values = Object.entries(attributes as Record<string, SaxesAttributeNS>)
    const element: Element = {
      name,
      attributes: Object.fromEntries(values.map(([key, { value }]) => [key, value])),
      children: [],
      text: '',
    }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => {
    open.pop()
  })
  parser.on('text', (text) => {
    const element = open.at(-1) as Element
    element.text += text
  })
  parser.write(xml).close()
  return root.children[0] as Element
}

const childrenOf = ({ children }: Element, name: string): Element[] =>
  children.filter((c) => c.name === name)

const casesOf = (root: Element): Element[] =>
  childrenOf(root, 'testsuite').flatMap((suite) => childrenOf(suite, 'testcase'))

/** What a case says: its results by element and type. */
const saysOf = (element: Element): string =>
  element.children
    .filter(({ name }) => name !== 'system-out')
    .map(({ name, attributes }) => [name, attributes.type].join(' ').trim())
    .join(', ') || 'passed'

const junit = (report: Report, options?: Parameters<typeof renderJUnit>[1]): Element =>
  parse(renderJUnit(report, options))

describe('a pipeline with objectives', () => {
  const worst = [
    { edge: ENRICH, start: '2026-11-23T01:00:00.000Z', end: '2026-11-23T01:01:00.000Z', bad: 2 },
  ]
  const objectives = [
    assessed('breached', { worst }),
    assessed('met', { of: { id: 'on-time', indicator: 'timeliness' } }),
  ]

  it('is a suite with one test for each of them, and none for its edges', () => {
    const root = junit(ciReport({ objectives }))
    expect(root.attributes).toEqual({
      ...{ name: 'quipu', tests: '2', failures: '1', errors: '0', skipped: '0', time: '0' },
    })
    const [suite] = childrenOf(root, 'testsuite') as [Element]
    expect(suite.attributes).toMatchObject({ name: 'flights', timestamp: '2026-11-23T01:10:00' })
    expect(casesOf(root).map((c) => [c.attributes.name, saysOf(c)])).toEqual([
      ['no-loss: Of the messages of 30 days at least 99.99% arrive.', 'failure breached'],
      ['on-time: Of the messages of 30 days at least 99.99% arrive.', 'passed'],
    ])
    expect(casesOf(root)[0]?.attributes.classname).toBe('flights.end to end')
  })

  it('says in a failure why, and beside it facts and the first ids of what it promises', () => {
    const [first] = casesOf(junit(ciReport({ objectives }))) as [Element]
    const [failure] = childrenOf(first, 'failure') as [Element]
    expect(failure.attributes.message).toBe('breached: It is breached for a reason.')
    expect(failure.text).toBe('It is breached for a reason.')
    const [out] = childrenOf(first, 'system-out') as [Element]
    expect(out.text.split('\n')).toEqual([
      'breached: It is breached for a reason.',
      '99.5000% of at least 99.99%',
      '2 bad of 400 messages',
      `worst window 2026-11-23 01:00:00Z on ${ENRICH}`,
      'overspent by 4,900%',
      'period 2026-10-24 01:00:00Z – 2026-11-23 01:00:00Z',
      // Of the lost ones. The one that was doubled is not what is promised here.
      `id ${uuid(idOf(1))}`,
      `id ${uuid(idOf(2))}`,
    ])
  })

  it('says no id in a summary', () => {
    expect(renderJUnit(ciReport({ objectives }))).toContain(uuid(idOf(1)))
    expect(renderJUnit(ciReport({ objectives, detail: 'summary' }))).not.toContain(uuid(idOf(1)))
  })

  it('names its owner and how the report was made', () => {
    const [suite] = childrenOf(junit(ciReport({ objectives })), 'testsuite') as [Element]
    const [properties] = childrenOf(suite, 'properties') as [Element]
    expect(properties.children.map(({ attributes: a }) => [a.name, a.value])).toEqual([
      ['quipu.version', '0.1.0'],
      ['quipu.detail', 'ids'],
      ['owner.team', 'network-ops'],
      ['owner.contact', '#flights'],
    ])
  })

  it.each([
    { state: 'met', says: 'passed', strict: 'passed', lenient: 'passed' },
    { state: 'at_risk', says: 'passed', strict: 'failure at_risk', lenient: 'passed' },
    {
      state: 'breached',
      says: 'failure breached',
      strict: 'failure breached',
      lenient: 'failure breached',
    },
    {
      state: 'indeterminate',
      says: 'error indeterminate',
      strict: 'error indeterminate',
      lenient: 'error indeterminate',
    },
    { state: 'no_data', says: 'error no_data', strict: 'error no_data', lenient: 'skipped' },
  ] as const)('$state is: $says', ({ state, says, strict, lenient }) => {
    const report = ciReport({ objectives: [assessed(state)] })
    const results = [{}, { atRiskFails: true }, { noDataAllowed: true }].map((options) => {
      const root = junit(report, options)
      const [only] = casesOf(root) as [Element]
      const said = saysOf(only)
      // The sums say the same as the cases.
      const { failures, errors, skipped } = root.attributes
      const sums = { failure: failures, error: errors, skipped }
      for (const [name, sum] of Object.entries(sums)) {
        expect(sum).toBe(said.startsWith(name) ? '1' : '0')
      }
      return said
    })
    expect(results).toEqual([says, strict, lenient])
  })
})

describe('a pipeline that promises nothing', () => {
  it('has one test for each edge', () => {
    const root = junit(ciReport())
    expect(casesOf(root).map((c) => [c.attributes.classname, saysOf(c)])).toEqual([
      ['flights.checkin → flights', 'passed'],
      ['flights.flights → enrich', 'passed'],
      [`flights.${ENRICH}`, 'failure breached'],
      ['flights.enriched → store', 'passed'],
    ])
  })

  it('has an error where an edge is open, saw nothing, or lacks evidence', () => {
    const [a, b, c, d] = FLIGHTS.edges.map((e) => e.name) as [string, string, string, string]
    const verdicts = [
      verdict(a),
      verdict(b, { state: 'open', verdict: 'indeterminate' }),
      verdict(c, { verdict: 'indeterminate' }),
      verdict(d, { verdict: 'no_data', counts: {} }),
    ]
    expect(casesOf(junit(ciReport({ verdicts }))).map(saysOf)).toEqual([
      ...['passed', 'error open', 'error indeterminate', 'error no_data'],
    ])
    const allowed = junit(ciReport({ verdicts }), { noDataAllowed: true })
    expect(casesOf(allowed).map(saysOf).at(-1)).toBe('skipped')
  })

  it('is an error where nothing at all was audited: silence is no success', () => {
    const root = junit(ciReport({ pipelines: [], verdicts: [] }))
    expect(root.attributes).toMatchObject({ tests: '1', errors: '1' })
    expect(casesOf(root).map(saysOf)).toEqual(['error no_data'])
  })
})

describe('whatever the names are', () => {
  it.each(HOSTILE)('the document is well-formed, and hides nothing: %j', (name) => {
    const objectives = [
      assessed('breached', { of: { id: name }, sentence: name, reasons: [name], pipeline: name }),
    ]
    const pipelines = [{ ...FLIGHTS, name, owner: { team: name } }]
    const report = ciReport({ pipelines, verdicts: [], objectives })
    const xml = renderJUnit(report)
    const [only] = casesOf(parse(xml)) as [Element]
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(xml).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2066\ufffe\uffff]/)
    expect(only.attributes.classname).toBeTruthy()
    expect(only.attributes.name).not.toContain('\n')
    expect(xml.length).toBeLessThan(20_000)
  })

  it('what is shown can be read back', () => {
    const name = `]]><script>&amp;"'`
    const objectives = [assessed('breached', { reasons: [name] })]
    const [only] = casesOf(junit(ciReport({ objectives }))) as [Element]
    expect(childrenOf(only, 'failure')[0]?.text).toBe(name)
    expect(childrenOf(only, 'failure')[0]?.attributes.message).toBe(`breached: ${name}`)
  })
})

it('keeps the worst of very many, and says how many are not there', () => {
  const objectives = Array.from({ length: 2_005 }, (_, i) =>
    assessed(i === 2_004 ? 'breached' : 'met', { of: { id: `o${i}` } }),
  )
  const root = junit(ciReport({ objectives }))
  expect(casesOf(root)).toHaveLength(2_000)
  expect(root.attributes.failures).toBe('1')
  expect(childrenOf(root, 'testsuite').at(-1)?.children[0]?.text).toMatch(/^5 more tests/)
})

it('gives the same bytes for the same report', () => {
  const objectives = [assessed('breached')]
  expect(renderJUnit(ciReport({ objectives }))).toBe(renderJUnit(ciReport({ objectives })))
})

function uuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
