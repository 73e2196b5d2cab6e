/**
 * Findings that somebody answers for: by rule, subject and path, with a reason and a last day.
 *
 * Laws: what is suppressed is shown as such and fails nothing; what could not be read cannot be
 * suppressed; an entry past its day hides nothing; one that matches nothing is told, but only where
 * every subject it may speak of was judged.
 */
import { fingerprintOf, type Place } from './finding.ts'
import { generalRules, SUPPRESSION_EXPIRED, SUPPRESSION_STALE } from './general-rules.ts'
import { matchesGlob } from './glob.ts'
import type { ReportedFinding, SubjectReport } from './report.ts'

export interface Suppression {
  readonly rule: string
  /** Patterns; null: any. */
  readonly subject: string | null
  readonly path: string | null
  readonly reason: string
  /** The last day on which it holds, UTC: `2027-01-31`. */
  readonly until: string
  /** Where it is written; null: not known. */
  readonly place: Place | null
}

export interface SuppressOptions {
  /** UTC: `2026-11-23`. */
  readonly today: string
  readonly subjects: readonly Pick<SubjectReport, 'subject' | 'status'>[]
  /** Only some subjects were asked for, so silence about others proves nothing. */
  readonly isPartial: boolean
}

/** The findings, those of suppressions behind them. */
export function suppress(
  findings: readonly ReportedFinding[],
  suppressions: readonly Suppression[],
  { today, subjects, isPartial }: SuppressOptions,
): ReportedFinding[] {
  const holding = suppressions.filter((s) => s.until >= today)
  const used = new Set<Suppression>()
  const out = findings.map((finding): ReportedFinding => {
    // Each that matches is of use, though the first is enough.
    const matching = holding.filter((s) => covers(s, finding))
    for (const one of matching) used.add(one)
    const [first] = matching
    if (first === undefined) return finding
    const { reason, until } = first
    return { ...finding, standing: 'suppressed', suppression: { reason, until } }
  })
  for (const suppression of suppressions) {
    if (suppression.until < today) out.push(expired(suppression))
    else if (!used.has(suppression) && isJudged(suppression, subjects, isPartial)) {
      out.push(stale(suppression))
    }
  }
  return out
}

function covers({ rule, subject, path }: Suppression, finding: ReportedFinding): boolean {
  if (finding.kind === 'problem' || finding.rule !== rule) return false
  if (subject !== null && !matchesGlob(subject, finding.subject ?? '')) return false
  return path === null || path === finding.path || matchesGlob(path, finding.path)
}

/** Whether silence proves that there is nothing to suppress. */
function isJudged(
  { subject }: Suppression,
  subjects: SuppressOptions['subjects'],
  isPartial: boolean,
): boolean {
  const meant = subjects.filter((s) => subject === null || matchesGlob(subject, s.subject))
  if (meant.some((s) => s.status === 'unknown')) return false
  return !isPartial || (subject !== null && !/[*?]/.test(subject) && meant.length > 0)
}

const expired = (suppression: Suppression): ReportedFinding =>
  findingOf(
    SUPPRESSION_EXPIRED,
    suppression,
    `the suppression of ${wordsOf(suppression)} held until ${suppression.until}: it hides nothing any more`,
  )

const stale = (suppression: Suppression): ReportedFinding =>
  findingOf(
    SUPPRESSION_STALE,
    suppression,
    `nothing is found that the suppression of ${wordsOf(suppression)} would hide`,
  )

const wordsOf = ({ rule, subject, path }: Suppression): string =>
  [
    rule,
    ...(subject === null ? [] : [`of ${subject}`]),
    ...(path === null ? [] : [`at ${path}`]),
  ].join(' ')

function findingOf(
  id: string,
  { rule, subject, path, reason, until, place }: Suppression,
  message: string,
): ReportedFinding {
  const { severity, fix } = generalRules.find((r) => r.id === id) as (typeof generalRules)[number]
  return {
    ...{ subject: null, format: null, kind: 'upkeep', rule: id, severity, direction: null },
    ...{ against: null, path: '', message, fix, place, placeBefore: null },
    ...{ before: null, after: null, counterexample: null },
    args: { rule, subject, path, reason, until },
    fingerprint: fingerprintOf(id, rule, subject, path),
    ...{ standing: 'open', suppression: null },
  }
}
