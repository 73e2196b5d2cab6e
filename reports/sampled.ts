/** Sampled counts in words: what is likely, how far it may be off, and that not all were looked at. */
import { formatCount } from '../src/base/words.ts'
import type { Counts } from '../src/finding/verdict.ts'
import type { Sampling } from '../src/objective/sampling.ts'
import type { EdgeSummary } from '../src/objective/summary.ts'

/** Counts that accuse. Of the others an interval is in the JSON. */
const HARMS = [
  ['altered', 'altered'],
  ['duplicated', 'doubled'],
  ['unexpected', 'unexpected'],
  ['extra', 'extra'],
] as const

export const oneInWords = (oneIn: number): string => `sampled 1/${formatCount(oneIn)}`

/** `95%: 306 to 1,177; sampled 1/64` */
export function intervalWords({ oneIn, counts }: Sampling, name: keyof Counts): string {
  return `${rangeWords(counts[name])}; ${oneInWords(oneIn)}`
}

/**
 * `about 640 lost (95%: 306 to 1,177; sampled 1/64), about 64 doubled (95%: 1 to 357)`. Where none is
 * missing in the sample, how many may be all the same. Null where every message was looked at, or where
 * there was nothing to look at.
 */
export function sampledWords({ sampling, counts }: EdgeSummary): string | null {
  if (sampling === null) return null
  const harms = HARMS.flatMap(([name, word]) =>
    counts[name] === 0
      ? []
      : [`about ${formatCount(counts[name])} ${word} (${rangeWords(sampling.counts[name])})`],
  )
  if (counts.expected === 0 && harms.length === 0) return null
  return [lostWords(sampling, counts), ...harms].join(', ')
}

function lostWords(sampling: Sampling, counts: Counts): string {
  if (counts.lost > 0) {
    return `about ${formatCount(counts.lost)} lost (${intervalWords(sampling, 'lost')})`
  }
  // Of those that nobody can judge no upper end is known.
  if (counts.undetermined + counts.in_flight > 0) {
    return `none lost in the sample so far as it can be told (${oneInWords(sampling.oneIn)})`
  }
  const most = formatCount(sampling.counts.lost.high)
  return `none lost in the sample: at most ${most} (95%; ${oneInWords(sampling.oneIn)})`
}

const rangeWords = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  `95%: ${formatCount(low)} to ${formatCount(high)}`
