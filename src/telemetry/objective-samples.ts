/** Objectives as gauges: what `quipu check` says of them, as numbers. Pure. */
import type { Promises } from '../objective/objective.ts'
import type { Bounds, ObjectiveAssessment, ObjectiveVerdict } from '../objective/report.ts'
import type { MetricName } from './catalogue.ts'
import type { Attributes, Sample } from './snapshot.ts'

const STATUSES: readonly ObjectiveVerdict[] = [
  'met',
  'at_risk',
  'breached',
  'no_data',
  'indeterminate',
]

/** @param wordOf writes a duration (ms) as exported rules do */
export function objectiveSamples(
  objectives: readonly ObjectiveAssessment[],
  promises: readonly Promises[],
  wordOf: (ms: number) => string,
): Sample[] {
  return objectives.flatMap((assessed) => {
    const { pipeline, objective, verdict, value, budget } = assessed
    const attributes = { 'quipu.pipeline.name': pipeline, 'quipu.objective.id': objective.id }
    const tiers = promises.find((p) => p.pipeline === pipeline)?.burnRates.tiers ?? []
    // Windows are named as they are written, whatever period they are scaled to.
    const burn = new Map<string, number>()
    assessed.burn.forEach(({ long, short }, i) => {
      const tier = tiers[i]
      if (tier === undefined) return
      for (const [ms, rate] of [
        [tier.longMs, long],
        [tier.shortMs, short],
      ] as const)
        if (rate !== null) burn.set(wordOf(ms), Math.max(rate, burn.get(wordOf(ms)) ?? 0))
    })
    return [
      ...bounds('quipu.objective.compliance', attributes, value),
      { metric: 'quipu.objective.target', attributes, value: objective.target },
      ...bounds('quipu.objective.budget.remaining', attributes, budget?.left ?? null),
      ...[...burn].map(
        ([window, rate]): Sample => ({
          metric: 'quipu.objective.burn_rate',
          attributes: { ...attributes, 'quipu.burn.window': window },
          value: rate,
        }),
      ),
      ...STATUSES.map(
        (status): Sample => ({
          metric: 'quipu.objective.status',
          attributes: { ...attributes, 'quipu.objective.status': status },
          value: status === verdict ? 1 : 0,
        }),
      ),
    ]
  })
}

function bounds(metric: MetricName, attributes: Attributes, value: Bounds | null): Sample[] {
  if (value === null) return []
  return [
    { metric, attributes: { ...attributes, 'quipu.bound': 'least' }, value: value.low },
    { metric, attributes: { ...attributes, 'quipu.bound': 'most' }, value: value.high },
  ]
}
