/** What is told of what: of real assessments of verdicts, each flaw makes one condition, and nothing else. */
import { describe, expect, it } from 'vitest'
import { behindConditions } from '../../src/alert/conditions/coverage.ts'
import { isForetold } from '../../src/alert/conditions/forecasts.ts'
import { conditionsOf, isLookedAt } from '../../src/alert/conditions.ts'
import { ALERTING_DEFAULT } from '../../src/config/alerting.ts'
import type { GroupForecast } from '../../src/diagnose/forecast.ts'
import { consumerHop } from '../../src/hop/hop.ts'
import { uuidOfHex } from '../../src/message/id.ts'
import type { HopSummary } from '../../src/objective/hop-coverage.ts'
import { badRun, finding, goodRun, idOf, NOW, once, START, verdict } from '../reports/build.ts'
import { drifted } from '../reports/drift.ts'
import { condition, known, objective } from './build.ts'

const ENRICH = 'enrich → enriched + dlq'
const MINUTE = 60_000
const strict = objective({ target: 1, period: { kind: 'rolling', ms: 86_400_000 } })
const keys = (parts: Parameters<typeof known>[0]): string[] =>
  conditionsOf(known(parts)).map(({ key, severity }) => `${key} ${severity}`)

/** Windows that cannot be judged: evidence is missing. */
const blind = [0, 1].map((w) =>
  verdict(ENRICH, {
    ...{ w, verdict: 'indeterminate', counts: { expected: 400, delivered: 390, undetermined: 10 } },
    findings: [finding('undetermined', { w, count: 10 })],
  }),
)

describe('nothing is told', () => {
  it('of what is well', () => {
    expect(keys({ verdicts: goodRun(), objectives: [strict] })).toEqual([])
  })

  it('of a consumer that is only behind', () => {
    const behind = badRun().filter(({ edge }) => edge === 'enriched → store')
    expect(keys({ verdicts: behind })).toEqual([])
  })

  it('of what is switched off', () => {
    const off = { incident: 'off', noData: 'off', coverage: 'off', drift: 'off' } as const
    const alerting = { ...off, forecast: { withinMs: 1, severity: 'off' as const } }
    const verdicts = [...badRun(), ...blind]
    expect(keys({ verdicts, drift: [drifted()], foreign: 3, alerting })).toEqual([])
    expect(keys({ objectives: [strict], alerting })).toEqual([])
    expect(behindConditions({ ...ALERTING_DEFAULT, coverage: 'off' }, 1e9, NOW)).toEqual([])
  })
})

describe('loss', () => {
  it('without an objective is an incident of its edge, for a ticket', () => {
    const [found, ...others] = conditionsOf(known({ verdicts: badRun() }))
    expect(others).toEqual([])
    expect(found).toMatchObject({
      ...{ key: `flights/${ENRICH}/incident`, kind: 'incident', severity: 'ticket' },
      ...{ pipeline: 'flights', edge: ENRICH, isGoingOn: false, evidence: 'exact' },
      tally: { bad: 5, until: START + 2 * MINUTE },
      owner: { team: 'network-ops', contact: '#flights' },
      facts: [
        { label: 'lost', value: '3' },
        { label: 'duplicated', value: '2' },
        expect.anything(),
        expect.anything(),
        { label: 'still going on', value: 'no' },
      ],
    })
    expect(found?.samples).toHaveLength(4)
  })

  it('pages at its first message where an objective is strict, as that objective', () => {
    const lost = verdict(ENRICH, {
      ...{ verdict: 'breached', counts: { expected: 400, delivered: 399, lost: 1 } },
      findings: [finding('lost', { ids: [once(idOf(1))] })],
    })
    const [found, ...others] = conditionsOf(known({ verdicts: [lost], objectives: [strict] }))
    expect(others).toEqual([])
    expect(found).toMatchObject({
      ...{ key: 'flights/no-loss', kind: 'objective', severity: 'page', isGoingOn: false },
      ...{ objective: 'no-loss', tally: { bad: 1, until: START + MINUTE } },
    })
    expect(found?.samples).toHaveLength(1)
  })

  it('of several incidents of an edge is one alert: counts add up, the newest are shown first', () => {
    const lost = (w: number, count: number) =>
      verdict(ENRICH, {
        ...{
          w,
          verdict: 'breached',
          counts: { expected: 400, delivered: 400 - count, lost: count },
        },
        findings: [finding('lost', { w, count, ids: [once(idOf(1, w))] })],
      })
    const verdicts = [lost(0, 2), verdict(ENRICH, { w: 1 }), lost(2, 3), verdict(ENRICH, { w: 3 })]
    const [found, ...others] = conditionsOf(known({ verdicts }))
    expect(others).toEqual([])
    expect(found?.facts.filter(({ label }) => label === 'lost')).toEqual([
      { label: 'lost', value: '5' },
    ])
    expect(found).toMatchObject({ tally: { bad: 5 }, windows: { count: 2 } })
    const shown = (w: number) => uuidOfHex(idOf(1, w))
    expect(found?.samples.map(({ id }) => id)).toEqual([shown(2), shown(0)])
  })

  it('is told once: what an objective covers is no incident, what it does not is', () => {
    expect(keys({ verdicts: badRun(), objectives: [strict] })).toEqual([
      'flights/no-loss page',
      `flights/${ENRICH}/incident ticket`,
    ])
    const unique = objective({ id: 'once', indicator: 'uniqueness', target: 1 })
    expect(keys({ verdicts: badRun(), objectives: [strict, unique] })).toEqual([
      'flights/no-loss page',
      'flights/once page',
    ])
  })

  it('that a budget allows is not told, unless it burns too fast', () => {
    const lenient = objective({ target: 0.5 })
    expect(keys({ verdicts: badRun(), objectives: [lenient] })).toEqual([
      `flights/${ENRICH}/incident ticket`,
    ])
    const fast = objective({ target: 0.9999 })
    const [found] = conditionsOf(known({ verdicts: badRun(), objectives: [fast] }))
    expect(found).toMatchObject({ key: 'flights/no-loss', severity: 'page', isGoingOn: true })
    const desk = objective({ target: 0.9999, severity: 'ticket' })
    expect(keys({ verdicts: badRun(), objectives: [desk] })[0]).toBe('flights/no-loss ticket')
  })

  it('of one edge is the same alert, however many windows apart', () => {
    const at = (w: number) =>
      verdict(ENRICH, {
        ...{ w, verdict: 'breached', counts: { expected: 400, delivered: 399, lost: 1 } },
        findings: [finding('lost', { w, ids: [once(idOf(1, w))] })],
      })
    const verdicts = [at(0), verdict(ENRICH, { w: 1 }), at(2)]
    const [found, ...others] = conditionsOf(known({ verdicts }))
    expect(others).toEqual([])
    expect(found).toMatchObject({
      ...{ isGoingOn: true, tally: { bad: 2, until: START + 3 * MINUTE } },
      windows: { first: '2026-11-23T01:00:00.000Z', last: '2026-11-23T01:03:00.000Z', count: 2 },
    })
  })
})

describe('what cannot be judged', () => {
  it('is never told as loss, whatever is promised', () => {
    const found = conditionsOf(known({ verdicts: blind, objectives: [strict] }))
    expect(found.map(({ key, kind, severity }) => [key, kind, severity])).toEqual([
      ['flights/coverage', 'coverage', 'ticket'],
    ])
    expect(found[0]?.facts).toEqual([{ label: ENRICH, value: '2 windows not judged' }])
  })

  it('is one alert of its pipeline, naming the hops that nobody sees', () => {
    const hop = (name: string, standing: HopSummary['standing']) =>
      ({
        ...{ pipeline: 'flights', hop: name, standing, at: `topic ${name}` },
        since: '2026-11-23T01:02:00.000Z',
      }) as HopSummary
    const hops = [hop('checkin', 'silent'), hop('enrich', 'hole'), hop('store', 'behind')]
    const [found, ...others] = conditionsOf(
      known({ verdicts: blind, hops, alerting: { coverage: 'page' } }),
    )
    expect(others).toEqual([])
    expect(found).toMatchObject({ key: 'flights/coverage', severity: 'page', isGoingOn: true })
    expect(found?.facts.map(({ label }) => label)).toEqual(['checkin', 'enrich', ENRICH])
    expect(found?.summary).toMatch(/checkin: its agent fell silent; enrich: evidence is missing/)
    expect(found?.forMs).toBeGreaterThan(0)
  })

  it('includes an objective that nothing came for, as an alert of its own', () => {
    const found = conditionsOf(known({ objectives: [strict] }))
    expect(found.map(({ key, kind }) => [key, kind])).toEqual([
      ['flights/no-loss/no_data', 'no_data'],
    ])
  })

  it('includes strange records, when there are more of them', () => {
    const [found] = conditionsOf(known({ verdicts: goodRun(), foreign: 3 }))
    expect(found).toMatchObject({ key: 'audit-topic/foreign', tally: { bad: 3 }, isGoingOn: false })
  })

  it('includes an auditor that does not keep up, after a while', () => {
    expect(behindConditions(ALERTING_DEFAULT, 119_999, NOW)).toEqual([])
    expect(behindConditions(ALERTING_DEFAULT, 120_000, NOW)).toMatchObject([
      { key: 'auditor/behind', kind: 'coverage', severity: 'ticket', since: NOW - 120_000 },
    ])
  })
})

describe('drift', () => {
  it('is one alert of its topic, for errors only', () => {
    const [found, ...others] = conditionsOf(known({ verdicts: goodRun(), drift: [drifted()] }))
    expect(others).toEqual([])
    expect(found).toMatchObject({ key: 'flights/flights/drift', kind: 'drift', isGoingOn: true })
    expect(found?.tally?.bad).toBe(384)
  })
})

describe('a forecast', () => {
  const forecast = (lossInMs: number | null): GroupForecast => ({
    ...{ group: consumerHop('default', 'flights', 'enrich'), at: NOW, spanMs: 600_000 },
    ...{ partitions: [], lag: 5_000, lossInMs, why: null, isWhole: true },
    willLose: { low: 100, high: 250 },
  })
  const foretold = (lossInMs: number | null): string[] =>
    keys({ forecasts: [{ pipeline: 'flights', hop: 'enrich', forecast: forecast(lossInMs) }] })

  it('that cannot be made now is no good news', () => {
    const told = { kind: 'forecast', key: 'flights/enrich/forecast' } as const
    const of = (lossInMs: number | null, isWhole: boolean): boolean =>
      isForetold(told, [
        { pipeline: 'flights', hop: 'enrich', forecast: { ...forecast(lossInMs), isWhole } },
      ])
    expect([of(null, true), of(null, false), of(1, false)]).toEqual([true, false, true])
    expect(isForetold(told, [])).toBe(true)
    expect(isForetold({ kind: 'coverage', key: told.key }, [])).toBe(true)
  })

  it('is told when it is near enough', () => {
    expect(foretold(null)).toEqual([])
    expect(foretold(24 * 3_600_000 + 1)).toEqual([])
    expect(foretold(24 * 3_600_000)).toEqual(['flights/enrich/forecast ticket'])
    expect(foretold(0)).toEqual(['flights/enrich/forecast ticket'])
  })
})

it('has one line of bounded texts, whatever names there are', () => {
  const pipeline = `a\n\u001b[2J${'é'.repeat(500)}`
  const of = known({ verdicts: badRun().map((v) => ({ ...v, pipeline })) })
  for (const found of conditionsOf({
    ...of,
    pipelines: of.pipelines.map((p) => ({ ...p, name: pipeline })),
  })) {
    expect(found.summary.length).toBeLessThanOrEqual(150)
    expect(found.facts.length).toBeLessThanOrEqual(8)
    expect(found.samples.length).toBeLessThanOrEqual(5)
    expect(`${found.summary} ${found.next}`).not.toMatch(/\p{Cc}/u)
  }
})

describe('more than is told at once', () => {
  it('leaves it unknown whether all else is well', () => {
    const many = Array.from({ length: 500 }, (_, i) => condition({ key: `k${i}` }))
    expect(isLookedAt(condition(), many.slice(1), [])).toBe(true)
    expect(isLookedAt(condition(), many, [])).toBe(false)
  })
})
