/**
 * What one edge says of one message: the worst that names it first, then what the log shows, then what the
 * verdict of its window says of all messages. Numbered rules, the first that holds wins. Pure.
 *
 * A verdict that is met speaks for a message only if there is such a message: an id that nobody knows is
 * in no finding either.
 */
import type { Finding } from '../finding/finding.ts'
import { findingCodes } from '../finding/finding.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { TraceEdge } from './trace.ts'

export interface EdgeEvidence {
  readonly edge: string
  /** Of the message's window; null: none. */
  readonly verdict: EdgeVerdict | null
  /** 32 hex digits: the message, and copies of it that were found. */
  readonly ids: ReadonlySet<string>
  /** It came as far as where the edge begins. */
  readonly isReached: boolean
  /** Something says that there is such a message. */
  readonly isKnown: boolean
  /** It lies in a topic in which the edge ends. */
  readonly isThere: boolean
  /** It lies in none of them, and all that may hold it was read; false too where no topic ends it. */
  readonly isAbsent: boolean
  /** Groups at its end have committed past it, all of them. */
  readonly isCommitted: boolean
  /** Why there is no verdict, in words. */
  readonly unjudged: string
}

export function edgeOf(evidence: EdgeEvidence): TraceEdge {
  const { edge, verdict } = evidence
  const findings = verdict === null ? [] : namedIn(verdict.findings, evidence.ids)
  const says = (word: TraceEdge['says'], ...why: readonly string[]): TraceEdge => ({
    ...{ edge, says: word, findings, why },
    verdict: verdict?.verdict ?? null,
    state: verdict?.state ?? null,
    evidence: verdict?.evidence ?? null,
  })
  const worst = findings.map(({ severity }) => severity)
  // Rule 1: what names it is proven of it, whatever else holds.
  if (worst.includes('error')) return says('wrong')
  // Rule 2: what lies there has come; above the verdict, which may be older than the log.
  if (evidence.isThere) return says(worst.includes('warning') ? 'doubtful' : 'passed')
  if (worst.includes('warning')) return says('doubtful')
  if (findings.some(({ code }) => code === 'in_flight')) return says('open')
  if (worst.includes('info')) return says('noted')
  // Rule 3: what ended further up is not missing here as well.
  if (!evidence.isReached) return says('not_reached')
  // Rule 4: committed is not handled, so a verdict says more; it is above having none.
  if (verdict === null)
    return evidence.isCommitted ? says('committed') : says('unjudged', evidence.unjudged)
  if (!evidence.isKnown) return says('unknown', 'nothing says that there is such a message')
  if (verdict.state === 'open') return says('open')
  if (verdict.verdict === 'indeterminate' || verdict.verdict === 'no_data')
    return says('unknown', ...whyNot(verdict))
  // Rule 5: one in n was looked at, and nobody says whether it is among them.
  if (verdict.oneIn > 1) return says('unknown', `only one message in ${verdict.oneIn} is audited`)
  // Rule 6: without names anybody may be meant.
  const unnamed = verdict.findings.filter(isUnnamed)
  if (unnamed.length > 0)
    return says('perhaps', ...unnamed.map(({ code, count }) => `${count} ${code}, not all named`))
  // Rule 7: all of the window passed. Those that the log does not hold were filtered.
  const { filtered, dead_lettered } = verdict.counts
  if (!evidence.isAbsent) return says('passed')
  if (filtered + dead_lettered > 0) return says('filtered')
  return says('unknown', 'all of its window passed, and the log does not hold it')
}

function namedIn(findings: readonly Finding[], ids: ReadonlySet<string>): TraceEdge['findings'] {
  return findings.flatMap((finding) => {
    const found = finding.ids.filter(
      ({ id, copyOf }) => ids.has(id) || (copyOf !== undefined && ids.has(copyOf)),
    )
    if (found.length === 0) return []
    const times = found.reduce((sum, one) => sum + one.times, 0)
    return [{ code: finding.code, severity: findingCodes[finding.code], times }]
  })
}

/** Counts messages that it does not name. */
function isUnnamed({ code, count, ids }: Finding): boolean {
  if (findingCodes[code] === 'info' && code !== 'in_flight') return false
  return count > ids.reduce((sum, { times }) => sum + times, 0)
}

function whyNot({ verdict, from, to, findings }: EdgeVerdict): readonly string[] {
  if (verdict === 'no_data') return ['nothing was seen in its window']
  const missing = [...from, ...to].flatMap((hop) =>
    hop.passage === 'passed' ? [] : [`${hop.hop}: ${[hop.passage, ...hop.why].join(', ')}`],
  )
  const doubts = findings.filter(({ code }) => findingCodes[code] === 'warning')
  const why = [...missing, ...new Set(doubts.map(({ code }) => code))]
  return why.length > 0 ? why : ['its window cannot be judged']
}
