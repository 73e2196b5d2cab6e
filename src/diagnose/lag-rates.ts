/**
 * How fast a group, and the start and the end of its log, go: from the first sample to the last of a span.
 *
 * Not the median of the slopes between all pairs (Theil and Sen): positions only grow, so no sample is an
 * outlier, and a start that jumps twice a day rests between most pairs, of which the median would be 0.
 */
import type { LagSample } from './forecast.ts'

export interface LagRates {
  /** Offsets a second. */
  readonly reads: number
  readonly writes: number
  readonly deletes: number
  /** With the largest jump of the start less, and once more. */
  readonly deletesLow: number
  readonly deletesHigh: number
  /** ms of the shortest span a rate was taken over */
  readonly spanMs: number
}

/** ms: who stopped a quarter of an hour ago has stopped, however fast it went before. */
const LATELY_MS = 900_000
/** A span has as many samples at least, where there are as many. */
const LATELY_SAMPLES = 3

/** What was sampled since the log was made: one made anew begins lower. */
export function sinceAnew(samples: readonly LagSample[]): readonly LagSample[] {
  return sinceBack(samples, ({ low, high }, before) => low < before.low || high < before.high)
}

/** @param samples two or more of one log, ascending in time */
export function ratesOf(samples: readonly LagSample[]): LagRates {
  const lately = latelyOf(samples)
  // A group that was set back goes on from there.
  const going = sinceBack(lately, ({ committed }, before) => committed < before.committed)
  const jump = samples.reduce(
    (most, { low }, i) => Math.max(most, low - (samples[i - 1]?.low ?? low)),
    0,
  )
  const { span, by } = movement(samples, 'low')
  const perSecond = (offsets: number): number => (span === 0 ? 0 : (1_000 * offsets) / span)
  return {
    reads: rateOf(going, 'committed'),
    writes: rateOf(lately, 'high'),
    deletes: perSecond(by),
    deletesLow: perSecond(by - jump),
    deletesHigh: perSecond(by + jump),
    spanMs: Math.min(movement(lately, 'high').span, span),
  }
}

function latelyOf(samples: readonly LagSample[]): readonly LagSample[] {
  const since = (samples.at(-1)?.at ?? 0) - LATELY_MS
  const from = samples.findIndex(({ at }) => at >= since)
  return samples.slice(Math.max(0, Math.min(from, samples.length - LATELY_SAMPLES)))
}

function sinceBack(
  samples: readonly LagSample[],
  isBack: (sample: LagSample, before: LagSample) => boolean,
): readonly LagSample[] {
  const last = samples.findLastIndex((sample, i) => {
    const before = samples[i - 1]
    return before !== undefined && isBack(sample, before)
  })
  return last === -1 ? samples : samples.slice(last)
}

function rateOf(samples: readonly LagSample[], position: 'committed' | 'high'): number {
  const { span, by } = movement(samples, position)
  return span === 0 ? 0 : (1_000 * by) / span
}

function movement(
  samples: readonly LagSample[],
  position: 'low' | 'high' | 'committed',
): { readonly span: number; readonly by: number } {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined) return { span: 0, by: 0 }
  return { span: last.at - first.at, by: last[position] - first[position] }
}
