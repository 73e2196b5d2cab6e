/** Groups that will lose messages before long, if they go on as they do. */
import { formatCount, plural } from '../../base/words.ts'
import type { Condition } from '../condition.ts'
import { type Foretold, type Known, ownerOf } from '../known.ts'
import { factsOf, spanText, summaryOf } from '../words.ts'

/** Whether a condition was looked at: a group of which nothing can be foretold now is not saved by that. */
export function isForetold(
  { kind, key }: Pick<Condition, 'kind' | 'key'>,
  forecasts: readonly Foretold[],
): boolean {
  if (kind !== 'forecast') return true
  const of = forecasts.find(({ pipeline, hop }) => key === keyOf(pipeline, hop))
  return of === undefined || of.forecast.lossInMs !== null || of.forecast.isWhole
}

const keyOf = (pipeline: string, hop: string): string => `${pipeline}/${hop}/forecast`

export function forecastConditions(known: Known): Condition[] {
  const { severity, withinMs } = known.alerting.forecast
  if (severity === 'off') return []
  return known.forecasts.flatMap((foretold) => {
    const { lossInMs } = foretold.forecast
    if (lossInMs === null || lossInMs > withinMs) return []
    return [{ ...conditionOf(foretold, lossInMs, known), severity }]
  })
}

function conditionOf(
  { pipeline, hop, forecast }: Foretold,
  lossInMs: number,
  known: Known,
): Omit<Condition, 'severity'> {
  const { group, lag, willLose, partitions, spanMs } = forecast
  const lost =
    willLose === null
      ? null
      : willLose.low === willLose.high
        ? formatCount(willLose.low)
        : `${formatCount(willLose.low)} to ${formatCount(willLose.high)}`
  const when = lossInMs <= 0 ? 'is losing messages now' : `loses messages in ${spanText(lossInMs)}`
  const soonest = partitions
    .filter((p) => p.lossInMs !== null)
    .sort((a, b) => (a.lossInMs ?? 0) - (b.lossInMs ?? 0))
  return {
    ...{ key: keyOf(pipeline, hop), kind: 'forecast' },
    ...{ pipeline, objective: null, edge: null },
    ...ownerOf(known, pipeline),
    since: forecast.at ?? known.now,
    windows: null,
    summary: summaryOf(`${pipeline}, ${hop}: group ${group.group} ${when}, unread and deleted`),
    facts: factsOf([
      ['topic', group.topic],
      ['lag', plural(lag, 'message')],
      ['within an hour after that', lost === null ? null : `${lost} messages`],
      ['partitions', soonest.length === 0 ? null : soonest.map((p) => p.partition).join(', ')],
      ['by rates of the last', spanText(spanMs)],
    ]),
    ...{ samples: [], evidence: 'estimated', isGoingOn: true, tally: null },
    next: 'quipu forecast',
    forMs: 0,
  }
}
