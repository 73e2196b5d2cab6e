/** Exported rules as Prometheus itself reads and evaluates them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { exportPrometheusRules } from '../../src/export/prometheus-rules.ts'
import { preparePromtool, promtool } from '../../src/testbed/promtool.ts'
import { ALL, NO_LOSS, promisedOf } from '../export/promised.ts'
import { isPromtoolMissing } from '../support/promtool.ts'

type Series = Readonly<Record<string, string>>

interface Alert {
  readonly alert: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quipu-promtool-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

const edge = (from: string, to: string): string =>
  `quipu_pipeline_name="flights",quipu_edge_from="${from}",quipu_edge_to="${to}"`

const EDGES: readonly (readonly [string, string])[] = [
  ['checkin', 'flights'],
  ['flights', 'enrich'],
  ['enrich', 'enriched + dlq'],
  ['enriched', 'store'],
]

/** Counters of the four edges: 1,000 messages a minute, of which some are lost on the third. */
const traffic = (lost: string, expected = '0+1000x120'): Series[] =>
  EDGES.flatMap(([from, to]) => [
    { series: `quipu_messages_expected_total{${edge(from, to)}}`, values: expected },
    {
      series: `quipu_messages_lost_total{${edge(from, to)}}`,
      values: from === 'enrich' ? lost : '0x120',
    },
  ])

const status = (id: string, of: string, value = 1): Series => ({
  series: `quipu_objective_status_ratio{quipu_pipeline_name="flights",quipu_objective_id="${id}",quipu_objective_status="${of}"}`,
  values: `${value}x120`,
})

const rendered = (texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(texts).map(([k, t]) => [k, t.replaceAll('{{"{{"}}', '{{')]))

/** `no-loss ErrorBudgetBurn page quick` */
const nameOf = ({ alert, labels }: Alert): string =>
  [labels.quipu_objective_id, alert.replace('Quipu', ''), labels.severity, labels.quipu_burn_speed]
    .filter(Boolean)
    .join(' ')

/**
 * What promtool says to a claim of which alerts fire, all others being silent; empty: it agrees. It
 * compares whole sets, with all labels and texts, so there is one claim only with which it does.
 */
async function objectionsTo(
  fired: readonly string[],
  { objectives, series, minutes, path = { quipu_objective_path: 'checkin to store' } }: Scene,
): Promise<string> {
  const folder = folderOf()
  const { text } = exportPrometheusRules([promisedOf({ objectives })])
  const { groups } = parse(text) as { groups: { rules: Alert[] }[] }
  const alerts = groups.flatMap((g) => g.rules).filter((r) => r.alert !== undefined)
  expect(alerts.map(nameOf)).toEqual(expect.arrayContaining([...fired]))
  const test = {
    rule_files: ['rules.yaml'],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: series,
        alert_rule_test: [...new Set(alerts.map((a) => a.alert))].map((alertname) => ({
          eval_time: `${minutes}m`,
          alertname,
          exp_alerts: alerts
            .filter((a) => a.alert === alertname && fired.includes(nameOf(a)))
            .map(({ labels, annotations }) => ({
              exp_labels: alertname === 'QuipuErrorBudgetBurn' ? { ...path, ...labels } : labels,
              exp_annotations: rendered(annotations),
            })),
        })),
      },
    ],
  }
  writeFileSync(join(folder, 'rules.yaml'), text)
  writeFileSync(join(folder, 'test.yaml'), stringify(test))
  const { code, output } = await promtool(['test', 'rules', 'test.yaml'], folder)
  return code === 0 ? '' : output || 'no word'
}

interface Scene {
  readonly objectives: readonly string[]
  readonly series: readonly Series[]
  readonly minutes: number
  /** Labels of the rates that alerts inherit. */
  readonly path?: Readonly<Record<string, string>>
}

/** One in twenty: 500 times what 99.99% can bear. */
const LOSSY: Scene = {
  objectives: [NO_LOSS],
  series: [...traffic('0+50x120'), status('no-loss', 'met')],
  minutes: 90,
}
const BURNS = ['page quick', 'page slow', 'ticket quick', 'ticket slow'].map(
  (which) => `no-loss ErrorBudgetBurn ${which}`,
)

describe.skipIf(isPromtoolMissing)('promtool', () => {
  it('takes the rules of every kind of objective, whatever texts are in them', async () => {
    const folder = folderOf()
    const words = JSON.stringify('{{ $x }}\\" ]]> \u202e\n #: &a *a')
    const hostile = NO_LOSS.replace(' }', () => `, description: ${words} }`)
    const objectives = [
      hostile,
      ...ALL.slice(1),
      'überfällig: { indicator: uniqueness, target: 9% }',
    ]
    const { text } = exportPrometheusRules([promisedOf({ objectives, fork: true })])
    writeFileSync(join(folder, 'rules.yaml'), text)
    const { code, output } = await promtool(['check', 'rules', 'rules.yaml'], folder)
    expect([code, output]).toEqual([0, expect.stringContaining('SUCCESS')])

    // That is no matter of course.
    writeFileSync(join(folder, 'rules.yaml'), text.replace('sum(increase(', 'sum(('))
    expect((await promtool(['check', 'rules', 'rules.yaml'], folder)).code).not.toBe(0)
  })

  it('is no yes-sayer: one alert more or less, and it objects', async () => {
    expect(await objectionsTo(BURNS.slice(1), LOSSY)).toContain('page')
    const calm = { ...LOSSY, series: [...traffic('0x120'), status('no-loss', 'met')] }
    expect(await objectionsTo(BURNS.slice(0, 1), calm)).toContain('page')
  })

  it('computes the rates that one counts by hand', async () => {
    // Every minute: 1,000 are sent, 40 of them dropped and 10 lost on the third edge; 950 go on, of
    // which 19 are lost on the last one and 1 came late after all; 931 arrive, 7 of them altered and
    // 12 twice, 900 in time.
    const counters: readonly (readonly [counter: string, edge: number, aMinute: number])[] = [
      ...([0, 1, 2].map((e) => ['expected', e, 1_000]) as [string, number, number][]),
      ...([
        ['filtered', 2, 40],
        ['lost', 2, 10],
        ['expected', 3, 950],
      ] as const),
      ...([
        ['lost', 3, 19],
        ['recovered', 3, 1],
        ['delivered', 3, 924],
      ] as const),
      ...([
        ['altered', 3, 7],
        ['altered', 0, 3],
        ['duplicated', 3, 12],
      ] as const),
      ...([
        ['delivered', 0, 997],
        ['duplicated', 1, 8],
      ] as const),
    ]
    const series = counters.map(([counter, e, aMinute]) => {
      const [from, to] = EDGES[e] as readonly [string, string]
      return {
        series: `quipu_messages_${counter}_total{${edge(from, to)}}`,
        values: `0+${aMinute}x60`,
      }
    })
    const last = edge('enriched', 'store')
    series.push({
      series: `quipu_edge_latency_seconds_bucket{${last},quipu_latency_kind="full",le="60.0"}`,
      values: '0+900x60',
    })
    const bad = 1 / 960
    const rates = {
      lost: { says: 'indicator: completeness', rate: 29 * bad },
      'lost-for-good': { says: 'indicator: completeness, refundLate: true', rate: 28 * bad },
      late: { says: 'indicator: timeliness, threshold: 60s', rate: 60 * bad },
      twice: { says: 'indicator: uniqueness', rate: 20 / (924 + 7 + 12) },
      altered: {
        says: 'indicator: integrity, scope: { edge: checkin -> flights }',
        rate: 3 / 1_000,
      },
    }
    const objectives = Object.entries(rates).map(
      ([id, { says }]) => `${id}: { ${says}, target: 90%, period: 30d }`,
    )
    const { text } = exportPrometheusRules([promisedOf({ objectives })])
    const folder = folderOf()
    writeFileSync(join(folder, 'rules.yaml'), text)
    const record = 'quipu:objective_burn_rate:ratio_rate2h'
    const test = {
      rule_files: ['rules.yaml'],
      tests: [
        {
          interval: '1m',
          input_series: series,
          promql_expr_test: Object.entries(rates).map(([id, { rate }]) => ({
            // One tenth is allowed. Rounded: Prometheus compares floats to the last bit.
            expr: `round(sum(${record}{quipu_objective_id="${id}"}) / 10, 0.000001)`,
            eval_time: '60m',
            exp_samples: [{ labels: '{}', value: Math.round(rate * 1e6) / 1e6 }],
          })),
        },
      ],
    }
    writeFileSync(join(folder, 'test.yaml'), stringify(test))
    const { code, output } = await promtool(['test', 'rules', 'test.yaml'], folder)
    expect([code, output]).toEqual([0, expect.stringContaining('SUCCESS')])
  })

  it.each<{ readonly what: string; readonly scene: Scene; readonly fired: readonly string[] }>([
    { what: 'messages are lost all the time', scene: LOSSY, fired: BURNS },
    {
      what: 'nothing is lost',
      scene: { ...LOSSY, series: [...traffic('0x120'), status('no-loss', 'met')] },
      fired: [],
    },
    {
      // 1 in 20,000: half of what the budget bears.
      what: 'no more is lost than the budget bears',
      scene: {
        ...LOSSY,
        series: [...traffic('0+1x120', '0+20000x120'), status('no-loss', 'met')],
      },
      fired: [],
    },
    {
      what: 'it was over a quarter of an hour ago: nobody is called for the last five minutes',
      scene: {
        ...LOSSY,
        series: [...traffic('0+50x60 3000x60'), status('no-loss', 'met')],
        minutes: 75,
      },
      fired: BURNS.slice(1),
    },
    {
      what: 'there were fewer messages than say anything',
      scene: { ...LOSSY, objectives: [NO_LOSS.replace(' }', ', minEvents: 1000000 }')] },
      fired: [],
    },
    {
      what: 'there were just enough of them',
      scene: { ...LOSSY, objectives: [NO_LOSS.replace(' }', ', minEvents: 80000 }')] },
      fired: BURNS,
    },
    {
      what: 'nobody speaks of the objective any more',
      scene: { ...LOSSY, series: traffic('0x120') },
      fired: ['no-loss ObjectiveUnknown ticket'],
    },
    {
      what: 'it cannot be judged',
      scene: { ...LOSSY, series: [...traffic('0x120'), status('no-loss', 'indeterminate')] },
      fired: ['no-loss ObjectiveUnknown ticket'],
    },
    {
      what: 'nobody speaks yet, and the auditor may only be starting',
      scene: { ...LOSSY, series: [], minutes: 10 },
      fired: [],
    },
    {
      what: 'a promise that allows nothing is broken',
      scene: {
        objectives: ['exact: { indicator: completeness, target: 100%, severity: page }'],
        series: [status('exact', 'breached')],
        minutes: 5,
      },
      fired: ['exact ObjectiveBreached page'],
    },
    {
      what: 'a promise that allows nothing is kept',
      scene: {
        objectives: ['exact: { indicator: completeness, target: 100%, severity: page }'],
        series: [status('exact', 'breached', 0), status('exact', 'met')],
        minutes: 5,
      },
      fired: [],
    },
    {
      what: 'a burn rate is the own one of the auditor, and its description looks like a template',
      scene: {
        objectives: [
          'flowing: { indicator: freshness, threshold: 5m, target: 99%, description: "{{ $value }}" }',
        ],
        series: [
          ...(['1d', '2h'] as const).map((window) => ({
            series: `quipu_objective_burn_rate_ratio{quipu_pipeline_name="flights",quipu_objective_id="flowing",quipu_burn_window="${window}"}`,
            values: '4x120',
          })),
          status('flowing', 'at_risk'),
        ],
        minutes: 20,
        path: {},
      },
      fired: ['flowing ErrorBudgetBurn ticket quick'],
    },
  ])('fires what it must and nothing else: $what', async ({ scene, fired }) => {
    expect(await objectionsTo(fired, scene)).toBe('')
  })
})

describe('a promtool that is missing', () => {
  it('is named, with what to do', async () => {
    onTestFinished(() => void vi.unstubAllEnvs())
    vi.stubEnv('PROMTOOL', '/nowhere/promtool')
    await expect(preparePromtool()).rejects.toMatchObject({
      code: 'MISSING_PART',
      hint: 'Set PROMTOOL to the program: /nowhere/promtool is not.',
    })
    vi.stubEnv('PROMTOOL', '')
    vi.stubEnv('PATH', '/nowhere')
    await expect(preparePromtool()).rejects.toMatchObject({
      hint: expect.stringContaining('apt-get install prometheus'),
    })
  })
})
