/** Words of the report: what stands for a verdict, and the counts of an edge as sums. */
import type { OffsetRange } from '../src/base/intervals.ts'
import { formatCount, formatPercent, plural } from '../src/base/words.ts'
import type { Severity } from '../src/finding/finding.ts'
import type { Share } from '../src/objective/shares.ts'
import type { EdgeSummary, PipelineSummary, Standing } from '../src/objective/summary.ts'
import { intervalWords, oneInWords } from './sampled.ts'

/** `partition 3: offsets 120–450` */
export const rangeWords = ({ partition, low, high }: OffsetRange): string =>
  `partition ${partition}: ${low === high ? `offset ${low}` : `offsets ${low}–${high}`}`

/** Never colour alone: a glyph and a word. */
export const marks: Readonly<Record<Standing, { readonly glyph: string; readonly word: string }>> =
  {
    met: { glyph: '✓', word: 'met' },
    breached: { glyph: '✗', word: 'breached' },
    indeterminate: { glyph: '?', word: 'indeterminate' },
    open: { glyph: '…', word: 'open' },
    no_data: { glyph: '?', word: 'no data' },
  }

export const severityGlyphs: Readonly<Record<Severity, string>> = {
  error: '✗',
  warning: '!',
  info: '·',
}

const DISPOSITIONS = [
  ['delivered', 'delivered'],
  ['lost', 'lost'],
  ['altered', 'altered'],
  ['filtered', 'filtered'],
  ['dead_lettered', 'dead-lettered'],
  ['in_flight', 'in flight'],
  ['undetermined', 'undetermined'],
] as const

const BESIDES = [
  ['duplicated', 'doubled'],
  ['unexpected', 'unexpected'],
  ['extra', 'extra'],
  ['withdrawn_delivered', 'aborted yet delivered'],
  ['landed_though_failed', 'landed though failed'],
  ['unverified', 'unverified'],
  ['unacknowledged', 'unacknowledged'],
  ['unconfirmed', 'unconfirmed'],
  ['unidentified', 'without an id'],
  ['withdrawn', 'withdrawn'],
  ['copies_removed', 'copies removed'],
  ['recovered', 'recovered'],
] as const

type Named = readonly (readonly [keyof EdgeSummary['counts'], string])[]

const some = ({ counts }: EdgeSummary, names: Named): string[] =>
  names.flatMap(([name, word]) =>
    counts[name] > 0 ? [`${formatCount(counts[name])} ${word}`] : [],
  )

/** `1,200 expected = 1,195 delivered + 3 lost + 2 filtered` */
export function sumOf(edge: EdgeSummary): string {
  const parts = some(edge, DISPOSITIONS)
  const sum = parts.length === 0 ? '' : ` = ${parts.join(' + ')}`
  const about = edge.sampling === null ? '' : 'about '
  return `${about}${formatCount(edge.counts.expected)} expected${sum}`
}

export const besidesOf = (edge: EdgeSummary): string => some(edge, BESIDES).join(', ')

/** `1,195 of 1,200 delivered, 3 lost; 2 doubled`: one line of the graph. */
export function shortCounts(edge: EdgeSummary): string {
  const { expected, delivered } = edge.counts
  const besides = some(edge, BESIDES)
  const about = edge.sampling === null ? '' : 'about '
  const sampled = edge.sampling === null ? [] : [oneInWords(edge.sampling.oneIn)]
  if (expected === 0) return ['nothing expected', ...besides, ...sampled].join('; ')
  const parts = [
    `${about}${formatCount(delivered)} of ${formatCount(expected)} delivered`,
    ...some(edge, DISPOSITIONS.slice(1)),
  ].join(', ')
  return [parts, ...(besides.length === 0 ? [] : [besides.join(', ')]), ...sampled].join('; ')
}

/** `99.75% arrived`, and `98.00% unaltered` where that is promised. */
export function sharesOf({ completeness, integrity, evidence }: EdgeSummary): string[] {
  return [
    ...(completeness === null ? [] : [`${shareWords(completeness, evidence)} arrived`]),
    ...(integrity === null ? [] : [`${shareWords(integrity, evidence)} unaltered`]),
  ]
}

/** Where it is not known, from the bad to the good end. */
function shareWords({ part, best, whole }: Share, evidence: EdgeSummary['evidence']): string {
  const low = formatPercent(part, whole)
  if (part !== best) return `${low} to ${formatPercent(best, whole)}`
  return `${evidence === 'estimated' ? 'about ' : ''}${low}`
}

export function windowsOf({ windows: w }: EdgeSummary): string {
  const kinds = (
    [
      [w.met, 'met'],
      [w.breached, 'breached'],
      [w.indeterminate, 'indeterminate'],
      [w.no_data, 'without data'],
      [w.revised, 'revised'],
    ] as const
  ).flatMap(([n, word]) => (n > 0 ? [`${formatCount(n)} ${word}`] : []))
  const judged = `${plural(w.judged, 'window')} judged`
  const detail = kinds.length === 0 ? '' : ` (${kinds.join(', ')})`
  return `${judged}${detail}${w.open > 0 ? `, ${formatCount(w.open)} open` : ''}`
}

/**
 * The first thing to read: is the data whole, and if not, how bad is it and where.
 *
 * @param drifts messages are not what was promised: then that they arrived is not all well
 */
export function verdictSentence(
  { pipeline, standing, edges }: PipelineSummary,
  drifts = false,
): string {
  const bad = edges.filter((e) => e.standing === 'breached')
  const windows = Math.max(0, ...edges.map((e) => e.windows.judged))
  switch (standing) {
    case 'breached': {
      const [worst] = [...bad].sort((a, b) => harmOf(b) - harmOf(a)) as [EdgeSummary]
      const others = bad.length - 1
      const more = others === 0 ? '' : `; ${plural(others, 'more edge')} breached`
      const dark = edges.filter((e) => e.standing === 'indeterminate' || e.standing === 'no_data')
      const unknown = dark.length === 0 ? '' : `; ${plural(dark.length, 'edge')} cannot be judged`
      return `${pipeline}: ${harmWords(worst)} on ${worst.edge}${more}${unknown}.`
    }
    case 'met':
      return `${pipeline}: ${wellWords(edges, drifts)} (${plural(windows, 'window')})${sampledEdges(edges)}.`
    case 'open':
      return `${pipeline}: not settled yet. Nothing is proven, good or bad.`
    case 'no_data':
      if (edges.every((e) => e.span === null)) {
        return `${pipeline}: no data. None of its messages has been counted yet: does an agent report?`
      }
      return `${pipeline}: no data. Nothing was expected and nothing came; that is not the same as all well.`
    case 'indeterminate': {
      const lacking = edges.filter((e) => e.standing !== 'met')
      return `${pipeline}: cannot be judged. Evidence is missing on ${lacking.length} of ${plural(edges.length, 'edge')}; no fault is proven.`
    }
  }
}

const harmOf = ({ counts: c }: EdgeSummary): number =>
  c.lost + c.altered + c.duplicated + c.unexpected + c.extra + c.withdrawn_delivered

/** What was not looked at is not said to be well. */
function wellWords(edges: readonly EdgeSummary[], drifts: boolean): string {
  const on = edges.length === 1 ? 'its edge' : `all ${edges.length} edges`
  if (edges.every((e) => e.sampling === null)) {
    return `${drifts ? 'every' : 'all well. Every'} message arrived, once, on ${on}`
  }
  const start = drifts ? 'every' : 'all well in the sample. Every'
  return `${start} message looked at arrived, once, on ${on}`
}

/** `; 1 of 4 edges is judged on one message in 64` */
function sampledEdges(edges: readonly EdgeSummary[]): string {
  const rates = edges.flatMap((e) => (e.sampling === null ? [] : [e.sampling.oneIn]))
  if (rates.length === 0) return ''
  const most = Math.max(...rates)
  const least = rates.every((rate) => rate === most) ? '' : ' at least'
  const of = edges.length === 1 ? 'it' : `${rates.length} of ${plural(edges.length, 'edge')}`
  const are = rates.length === 1 ? 'is' : 'are'
  return `; ${of} ${are} judged on one message in ${formatCount(most)}${least}`
}

/** `3 of 1,200 messages lost`; estimated: `4,000 to 4,600 of …`; sampled: with its interval. */
function lostWords({ counts, evidence, sampling }: EdgeSummary): string {
  const { lost, undetermined, expected } = counts
  const of = `${formatCount(lost)} of ${plural(expected, 'message')} lost`
  if (sampling !== null) return `about ${of} (${intervalWords(sampling, 'lost')})`
  if (evidence !== 'estimated') return of
  // Whoever is not acquitted may be lost; where that is everybody, the upper end says nothing.
  const high = lost + undetermined
  return high > lost && high < expected
    ? `${formatCount(lost)} to ${formatCount(high)} of ${plural(expected, 'message')} lost`
    : `at least ${of}`
}

function harmWords(edge: EdgeSummary): string {
  const { counts, sampling } = edge
  const about = sampling === null ? '' : 'about '
  const rest = some(edge, [['altered', 'altered'], ...BESIDES.slice(0, 4)]).map((t) => about + t)
  const lost = counts.lost === 0 ? [] : [lostWords(edge)]
  const [first, ...others] = [...lost, ...rest]
  if (first === undefined) return 'findings'
  return [counts.lost === 0 ? first.replace(/ (?=\D)/, ' messages ') : first, ...others]
    .join(', ')
    .replace(/^1 messages/, '1 message')
}
