/** What a pipeline promises, and what is said where it cannot. */
import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { issuesText } from '../../src/config/load.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { shareProblem } from '../../src/config/share.ts'
import { BURN_RATES_DEFAULT } from '../../src/objective/objective.ts'
import { bad, beyondSchema, env, fileOf } from './corpus.ts'

function configOf(text: string): Config {
  const result = parseConfig(text, 'quipu.yaml', env)
  if (!result.ok) throw new Error(issuesText(result.issues, 'q'))
  return result.config
}

function mistakes(text: string): string {
  const result = parseConfig(text, 'quipu.yaml', env)
  return result.ok ? '' : issuesText(result.issues, 'q').split('\n').slice(1).join('\n')
}

/** The only objective of the pipeline `flights`. */
const objectiveOf = (keys: string, top = '') =>
  configOf(fileOf({ top, more: `objectives:\n  one: { ${keys} }` })).promises[0]?.objectives[0]

describe('an objective', () => {
  it('is what the file says, with the place of its name', () => {
    expect(
      objectiveOf(
        'indicator: completeness, scope: { edge: enrich -> enriched+dlq }, target: 99.99%, period: 7d, ' +
          'budget: windows, windowTarget: 99%, severity: page, minEvents: 100, refundLate: true, description: why',
      ),
    ).toEqual({
      id: 'one',
      indicator: 'completeness',
      scope: { kind: 'edge', edge: 'enrich → enriched + dlq' },
      target: 0.9999,
      period: { kind: 'rolling', ms: 7 * 86_400_000 },
      thresholdMs: null,
      volume: null,
      budget: 'windows',
      windowTarget: 0.99,
      severity: 'page',
      minEvents: 100,
      refundLate: true,
      description: 'why',
      place: { line: 17, column: 7 },
    })
  })

  it('has defaults for everything but its indicator and its target', () => {
    expect(objectiveOf('indicator: uniqueness, target: 1')).toMatchObject({
      ...{ scope: { kind: 'end-to-end' }, target: 1, period: { kind: 'rolling', ms: 2_592e6 } },
      ...{ budget: 'messages', windowTarget: null, severity: 'ticket', minEvents: 0 },
      ...{ refundLate: false, description: null, thresholdMs: null, volume: null },
    })
  })

  it.each([
    ['freshness, threshold: 5m', 'windows'],
    ['volume, volume: { min: 1 }', 'windows'],
    ['audit-coverage', 'windows'],
    ['timeliness, threshold: 5m', 'messages'],
    ['completeness', 'messages'],
  ])('of %s counts %s', (indicator, budget) => {
    expect(objectiveOf(`indicator: ${indicator}, target: 99%`)).toMatchObject({
      ...{ budget, windowTarget: null },
    })
  })

  it.each([
    ['flights..enrich', 'flights → enrich'],
    ['flights -> enrich', 'flights → enrich'],
    ['flights→enrich', 'flights → enrich'],
    [' flights .. enrich ', 'flights → enrich'],
    ['enrich..enriched + dlq', 'enrich → enriched + dlq'],
    ['enrich→enriched+dlq', 'enrich → enriched + dlq'],
  ])('over the edge `%s` is over %s', (text, edge) => {
    const objective = objectiveOf(
      `indicator: completeness, target: 99%, scope: { edge: "${text}" }`,
    )
    expect(objective?.scope).toEqual({ kind: 'edge', edge })
  })

  it('finds its edge where names of hops hold dots', () => {
    const text = fileOf({
      hops: 'a..b: { sink: ab }\nb..c: { sink: bc }\na: { stream: a }\nc: { stream: c }',
      edges: '- { from: a..b, to: c }\n- { from: a, to: b..c }',
      more: 'objectives: { one: { indicator: completeness, target: 99%, scope: { edge: a..b..c } } }',
    })
    // `a..b..c` could be either; the first one that reads so is meant, and the arrow says which.
    expect(configOf(text).promises[0]?.objectives[0]?.scope).toEqual({
      kind: 'edge',
      edge: 'a..b → c',
    })
    expect(
      configOf(text.replace('a..b..c', 'a -> b..c')).promises[0]?.objectives[0]?.scope,
    ).toEqual({ kind: 'edge', edge: 'a → b..c' })
  })

  it('is kept over a calendar of the time zone', () => {
    const keys = 'indicator: completeness, target: 99%, period: { calendar: quarter }'
    expect(objectiveOf(keys)?.period).toEqual({
      ...{ kind: 'calendar', unit: 'quarter', timeZone: 'UTC' },
    })
    expect(objectiveOf(keys, 'timezone: America/New_York')?.period).toMatchObject({
      timeZone: 'America/New_York',
    })
  })

  it('of the amount has bounds', () => {
    const volume = (text: string) =>
      objectiveOf(`indicator: volume, target: 99%, volume: ${text}`)?.volume
    expect(volume('{ min: 5, max: 9 }')).toEqual({ min: 5, max: 9 })
    expect(volume('{ min: 5 }')).toEqual({ min: 5, max: null })
    expect(volume('{ max: 9 }')).toEqual({ min: 0, max: 9 })
  })
})

describe('a share', () => {
  it.each([
    ['99.99%', 0.9999],
    ['99.5 %', 0.995],
    ['100%', 1],
    ['0.000000001%', 1e-11],
    [0.9999, 0.9999],
    [1, 1],
  ])('%s is %s', (text, share) => {
    expect(objectiveOf(`indicator: completeness, target: ${text}`)?.target).toBe(share)
  })

  it.each([
    [99.99, 'expected `99.99%` in percent, or a number of at most 1'],
    ['99.99', 'expected `99.99%` in percent, or a number of at most 1'],
    [100, 'expected `100%` in percent, or a number of at most 1'],
    // 1 is all, as the number that it is.
    [1, null],
    ['1%', null],
    [0, expect.stringContaining('above 0')],
    ['0%', expect.stringContaining('above 0')],
    ['100.1%', expect.stringContaining('at most 1')],
    [101, expect.stringContaining('at most 1')],
    [-0.5, expect.stringContaining('above 0')],
    ['99,9%', expect.stringContaining('`99.9%`')],
    [Number.NaN, expect.stringContaining('above 0')],
  ])('of %s: %s', (value, problem) => {
    expect(shareProblem(value)).toEqual(problem)
  })
})

describe('thresholds', () => {
  const promised = (thresholds: readonly string[]): string =>
    `objectives:\n${thresholds
      .map((t, i) => `  o${i}: { indicator: timeliness, threshold: ${t}, target: 99% }`)
      .join('\n')}`

  it('of timeliness are counted beside those of the file, in every pipeline', () => {
    const config = configOf(
      fileOf({ top: 'thresholds: [1s]', more: promised(['60s', '1s', '5s']) }),
    )
    expect(config.thresholdsMs).toEqual([1_000, 5_000, 60_000])
    expect(config.pipelines[0]?.thresholdsMs).toEqual([1_000, 5_000, 60_000])
  })

  it('of freshness are not: it is judged by the clock', () => {
    const more = 'objectives: { one: { indicator: freshness, threshold: 60s, target: 99% } }'
    expect(configOf(fileOf({ more })).thresholdsMs).toEqual([])
  })

  it('may be eight together; the ninth is named, with all of them', () => {
    const eight = ['1s', '2s', '3s', '4s', '5s', '6s', '7s', '1m']
    expect(configOf(fileOf({ more: promised(eight) })).thresholdsMs).toHaveLength(8)
    expect(mistakes(fileOf({ more: promised([...eight, '90s', '1h']) }))).toMatchInlineSnapshot(
      `"  q:25:47 latencies are counted up to at most 8 thresholds, those of \`thresholds\` and of all objectives together; with this one they are \`1s\`, \`2s\`, \`3s\`, \`4s\`, \`5s\`, \`6s\`, \`7s\`, \`1m\`, \`90s\`"`,
    )
  })
})

describe('an agreement', () => {
  it('promises objectives to consumers', () => {
    const more = `objectives: { one: { indicator: completeness, target: 99% } }
agreement: { consumers: [{ name: bi, contact: "#bi" }, { name: ops }], promises: one, driver: regulatory, review: 2027-01-31, consequence: a call }`
    expect(configOf(fileOf({ more })).promises[0]?.agreement).toEqual({
      consumers: [
        { name: 'bi', contact: '#bi' },
        { name: 'ops', contact: null },
      ],
      ...{ promises: ['one'], driver: 'regulatory', review: '2027-01-31', consequence: 'a call' },
    })
  })

  it('is none where nothing is said', () => {
    expect(configOf(fileOf({})).promises).toEqual([
      {
        pipeline: 'flights',
        objectives: [],
        agreement: null,
        burnRates: BURN_RATES_DEFAULT,
      },
    ])
  })

  it('suggests the objective that was meant', () => {
    const more = `objectives: { no-loss: { indicator: completeness, target: 99% } }
agreement: { consumers: [{ name: bi }], promises: [no-los] }`
    expect(mistakes(fileOf({ more }))).toBe(
      '  q:17:56 there is no objective `no-los`; did you mean `no-loss`?',
    )
  })
})

describe('burn rates', () => {
  it('replace what they name, and leave the rest', () => {
    const top =
      'alerting: { burnRate: { page: { quick: { budget: 5%, long: 2h, short: 10m } }, for: 28d } }'
    const rates = configOf(fileOf({ top })).promises[0]?.burnRates
    expect(rates?.forMs).toBe(28 * 86_400_000)
    expect(rates?.tiers[0]).toEqual({
      ...{ severity: 'page', speed: 'quick', budget: 0.05, longMs: 7_200_000, shortMs: 600_000 },
    })
    expect(rates?.tiers.slice(1)).toEqual(BURN_RATES_DEFAULT.tiers.slice(1))
  })
})

describe('every mistake is told with its place, and what would do', () => {
  const about = [...bad, ...beyondSchema].filter(({ text }) =>
    /objectives:|alerting:|timezone:/.test(text),
  )
  it.each(about)('$name', ({ text }) => {
    expect(mistakes(text)).toMatchSnapshot()
  })
})
