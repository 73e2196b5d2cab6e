/** Words of the report: what stands for a verdict, and the counts of an edge as sums. */
import { formatCount, formatPercent, plural } from '../src/base/words.ts'
import type { Severity } from '../src/finding/finding.ts'
import type { EdgeSummary, PipelineSummary, Standing } from '../src/objective/summary.ts'

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
  return `${formatCount(edge.counts.expected)} expected${sum}`
}

export const besidesOf = (edge: EdgeSummary): string => some(edge, BESIDES).join(', ')

/** `1,195 of 1,200 delivered, 3 lost; 2 doubled`: one line of the graph. */
export function shortCounts(edge: EdgeSummary): string {
  const { expected, delivered } = edge.counts
  const besides = some(edge, BESIDES)
  if (expected === 0) return ['nothing expected', ...besides].join('; ')
  const parts = [
    `${formatCount(delivered)} of ${formatCount(expected)} delivered`,
    ...some(edge, DISPOSITIONS.slice(1)),
  ].join(', ')
  return besides.length === 0 ? parts : `${parts}; ${besides.join(', ')}`
}

/** `99.75% arrived`; where that is not known, from the bad to the good end. */
export function arrivedOf({ completeness, evidence }: EdgeSummary): string | null {
  if (completeness === null) return null
  const { part, best, whole } = completeness
  const low = formatPercent(part, whole)
  const high = formatPercent(best, whole)
  const share = part === best ? low : `${low} to ${high}`
  return `${evidence === 'estimated' && part === best ? 'about ' : ''}${share} arrived`
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

/** The first thing to read: is the data whole, and if not, how bad is it and where. */
export function verdictSentence({ pipeline, standing, edges }: PipelineSummary): string {
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
      return `${pipeline}: all well. Every message arrived, once, on ${edges.length === 1 ? 'its edge' : `all ${edges.length} edges`} (${plural(windows, 'window')}).`
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

function harmWords(edge: EdgeSummary): string {
  const { counts, evidence } = edge
  const least = evidence === 'estimated' ? 'at least ' : ''
  const rest = some(edge, [['altered', 'altered'], ...BESIDES.slice(0, 4)])
  const lost =
    counts.lost === 0
      ? []
      : [`${least}${formatCount(counts.lost)} of ${plural(counts.expected, 'message')} lost`]
  const [first, ...others] = [...lost, ...rest]
  if (first === undefined) return 'findings'
  return [counts.lost === 0 ? first.replace(/ (?=\D)/, ' messages ') : first, ...others]
    .join(', ')
    .replace(/^1 messages/, '1 message')
}
