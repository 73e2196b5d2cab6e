/** Puts what the auditor said beside what is true. Nothing of the auditor's own reasoning is used. */
import type { FindingCode } from '../../finding/finding.ts'
import type { EdgeVerdict } from '../../finding/verdict.ts'
import { type CauseComparison, compareCauses } from './compare-causes.ts'
import { compareDrift, type DriftComparison } from './compare-drift.ts'
import { type DrawnEdge, type GameDay, isSink, isTopic } from './day.ts'
import { hopsAbove, touches, untold } from './destroyed.ts'
import { Books, count, type EdgeTruth, type Multiset, total } from './edge-truth.ts'
import type { Played, Said } from './played.ts'
import { familyOf } from './truth.ts'

/** Numbered from 1: a failing day names the law that was broken. */
export const laws = [
  'the dispositions sum to what was expected',
  'nobody is accused who is innocent, in any verdict that was ever settled',
  'where nothing is open, all that is true is named, no more and no fewer',
  'where something is open, the truth lies within what is admitted',
  '`met` is said only where nothing is wrong',
  'what is open in the end is explained by evidence that was destroyed',
  'every window in which something passed has a verdict, and it is settled',
  'what is said of the shape of messages is what they say, since then, of whoever wrote it',
  'whatever their shape has wrong is found',
  'a cause that is told is the one that was injected; where none is, what is lacking is named',
] as const

export interface Mismatch {
  /** Its number among the laws. */
  readonly law: number
  readonly edge: string
  /** ms since 1970: where it starts. */
  readonly window: number
  readonly expected: string
  readonly found: string
}

export interface Comparison {
  readonly mismatches: readonly Mismatch[]
  /** Verdicts at the end, one for each edge and window. */
  readonly judged: number
  readonly indeterminate: number
  /** Of those, without destroyed evidence that could be the reason. */
  readonly unexplained: number
  /** What messages looked like. */
  readonly drift: DriftComparison
  /** Why findings are there. */
  readonly causes: CauseComparison
}

/** So many differences of one window can be named (DESIGN section 5), with room for bad luck. */
const NAMED_AT_LEAST = 400
/** A chance below which nobody calls it bad luck that no sampled message was among those lost. */
const LUCK = 1e-9

export function compare(day: GameDay, played: Played): Comparison {
  const books = new Books(day.edges, played.truth, played.windowMs)
  const deadEnds = new Set(day.hops.filter((h) => isTopic(h) && h.isDeadLetter).map((h) => h.name))
  // A sink is heard of when it first stores something: until then nobody knows that it is watched.
  const unheard = new Set(
    day.hops.filter((h) => isSink(h) && !played.truth.passed.has(h.name)).map((h) => h.name),
  )
  const mismatches: Mismatch[] = []
  let judged = 0
  let indeterminate = 0
  let unexplained = 0
  for (const edge of day.edges) {
    const said = sayingsOf(edge, played.said)
    const windows = new Set([...books.windows, ...said.keys()])
    const above = hopsAbove(day, edge)
    for (const window of [...windows].sort((a, b) => a - b)) {
      const wrong = (law: number, expected: string, found: string): void => {
        mismatches.push({ law, edge: edge.name, window, expected, found })
      }
      const isExplained =
        edge.to.some((hop) => unheard.has(hop)) ||
        played.truth.destroyed.some(
          (d) => above.has(d.hop) && touches(d, books, window, window + played.windowMs),
        )
      const truth = books.edge(edge, window, Number.POSITIVE_INFINITY)
      const sayings = said.get(window) ?? []
      const last = sayings.at(-1)?.verdict
      if (last === undefined) {
        const passed = truth.from.length + truth.to.length
        // Perhaps none of them is among those that are looked at.
        const isUnseen = day.oneIn > 1 && (1 - 1 / day.oneIn) ** passed > LUCK
        if (passed > 0 && !isUnseen && !isExplained)
          wrong(7, `a verdict on ${truth.from.length} messages`, 'none')
        continue
      }
      judged++
      if (last.state === 'open') wrong(7, 'settled', 'open')
      for (const { at, verdict } of sayings) {
        if (verdict.state === 'open') continue
        const then = books.edge(edge, window, at)
        checkAccusations(verdict, then, momentOf(books, edge, window, at, day, played), wrong)
      }
      if (last.verdict === 'indeterminate') indeterminate++
      // More differ than can be named: that is a limit, and it is said.
      const isTooMuch = last.evidence === 'estimated' && differing(truth) > NAMED_AT_LEAST
      if (isLeftOpen(last) && !isExplained && !isTooMuch) {
        if (last.verdict === 'indeterminate') unexplained++
        wrong(6, 'a reason among the evidence that was destroyed', reasonsOf(last))
      }
      const excused = {
        from: untold(edge.from, window, played.truth, books),
        to: untold(edge.to, window, played.truth, books),
      }
      const dead = edge.to
        .filter((hop) => deadEnds.has(hop))
        .reduce((n, hop) => n + books.passed(hop, window).length, 0)
      checkEnd(last, truth, isExplained, excused, dead, wrong)
    }
  }
  const drift = compareDrift(day, played, books, mismatches)
  const causes = compareCauses(day, played, (edge, window, expected, found) => {
    mismatches.push({ law: 10, edge, window, expected, found })
  })
  return { mismatches, judged, indeterminate, unexplained, drift, causes }
}

function sayingsOf(edge: DrawnEdge, said: readonly Said[]): Map<number, Said[]> {
  const out = new Map<number, Said[]>()
  for (const one of said) {
    if (one.verdict.edge !== edge.name) continue
    const { start } = one.verdict.window
    out.set(start, [...(out.get(start) ?? []), one])
  }
  return out
}

/**
 * The truth at the moment at which something was said. What arrived before the deadline must be known
 * by then, or known to be not known; what came after it may be on its way to the auditor.
 */
function momentOf(
  books: Books,
  edge: DrawnEdge,
  window: number,
  at: number,
  { latenessWindows }: GameDay,
  { windowMs, evidenceAgeMs }: Played,
): EdgeTruth {
  const deadline = window + windowMs * (1 + latenessWindows)
  return books.edge(edge, window, at, Math.min(at, Math.max(deadline, at - evidenceAgeMs)))
}

/** Something was proven perhaps, but not all is known. */
function isLeftOpen({ verdict, counts, findings }: EdgeVerdict): boolean {
  if (verdict === 'indeterminate' || counts.undetermined + counts.in_flight > 0) return true
  return findings.some(({ code }) => OPEN.has(code))
}

const OPEN: ReadonlySet<FindingCode> = new Set([
  'hole',
  'repetition_unknown',
  'undetermined_extra',
  'integrity_unknown',
  'minted_not_here',
])

type Wrong = (law: number, expected: string, found: string) => void

function named(verdict: EdgeVerdict, ...codes: FindingCode[]): Map<string, number> {
  const out = new Map<string, number>()
  for (const finding of verdict.findings)
    if (codes.includes(finding.code))
      for (const { id, times } of finding.ids) out.set(id, (out.get(id) ?? 0) + times)
  return out
}

const byFamily = (ids: Multiset): Multiset => {
  const out = new Map<string, number>()
  for (const [id, n] of ids) out.set(familyOf(id), (out.get(familyOf(id)) ?? 0) + n)
  return out
}

/** Of `a`, what is more than in `b`. */
function beyond(a: Multiset, b: Multiset): Map<string, number> {
  const out = new Map<string, number>()
  for (const [id, n] of a) if (n > (b.get(id) ?? 0)) out.set(id, n - (b.get(id) ?? 0))
  return out
}

/** Law 2. @param known the same without what arrived too late to be known yet */
function checkAccusations(
  verdict: EdgeVerdict,
  truth: EdgeTruth,
  known: EdgeTruth,
  wrong: Wrong,
): void {
  const when = `${verdict.state} ${verdict.revision}`
  const accuse = (what: string, accused: Multiset, guilty: Multiset): void => {
    const innocent = beyond(accused, guilty)
    if (innocent.size > 0) wrong(2, `no ${what} among ${list(innocent)}`, `${what} (${when})`)
  }
  accuse('loss', byFamily(named(verdict, 'lost', 'filtered_undeclared')), known.lostMost)
  const discarded = named(verdict, 'filtered_undeclared')
  accuse('undeclared drop', discarded, count(truth.discarded))
  const surplus = named(verdict, 'duplicated', 'unexpected', 'extra', 'withdrawn_delivered')
  accuse('surplus', surplus, truth.extra)
  const strangers = [...named(verdict, 'unexpected').keys()].filter((id) =>
    truth.fromFamilies.has(familyOf(id)),
  )
  if (strangers.length > 0) wrong(2, `copies: ${list(count(strangers))}`, `unexpected (${when})`)
  const copies = [...named(verdict, 'duplicated').keys()].filter(
    (id) => !truth.fromFamilies.has(familyOf(id)),
  )
  if (copies.length > 0) wrong(2, `strangers: ${list(count(copies))}`, `duplicated (${when})`)
  accuse('alteration', named(verdict, 'altered'), truth.alteredMost)
  const { counts, oneIn } = verdict
  if (oneIn > 1) return
  const more = (what: string, said: number, most: number): void => {
    if (said > most) wrong(2, `at most ${most} ${what}`, `${said} (${when})`)
  }
  more('lost', counts.lost, total(known.lostMost))
  more('surplus', counts.duplicated + counts.unexpected + counts.extra, total(truth.extra))
  more('altered', counts.altered, total(truth.alteredMost))
}

/** Laws 1, 3, 4 and 5, of what is said in the end. */
function checkEnd(
  verdict: EdgeVerdict,
  truth: EdgeTruth,
  isExplained: boolean,
  excused: Excused,
  deadLetters: number,
  wrong: Wrong,
): void {
  const { counts, oneIn } = verdict
  const parts =
    counts.delivered +
    counts.lost +
    counts.altered +
    counts.filtered +
    counts.dead_lettered +
    counts.in_flight +
    counts.undetermined
  if (parts !== counts.expected) wrong(1, `a sum of ${counts.expected}`, `${parts}`)

  const unnamed = {
    lost: beyond(truth.lostLeast, byFamily(named(verdict, 'lost', 'filtered_undeclared'))),
    extra: beyond(truth.extra, named(verdict, ...SURPLUS)),
    altered: beyond(truth.alteredLeast, named(verdict, 'altered')),
  }
  const hidden = total(unnamed.lost) + total(unnamed.extra) + total(unnamed.altered)
  if (oneIn > 1) {
    const isLuck = (1 - 1 / oneIn) ** hidden > LUCK
    if (verdict.verdict === 'met' && !isLuck) wrong(5, told(unnamed), 'met')
    return
  }
  const isOpen = isLeftOpen(verdict)
  const passages = [...verdict.from, ...verdict.to].map(({ passage }) => passage)
  if (verdict.evidence === 'estimated' && differing(truth) <= NAMED_AT_LEAST && !isExplained)
    wrong(3, `${differing(truth)} differences by name`, 'an estimate')
  const isPassed = passages.every((passage) => passage === 'passed')
  const isWhole = verdict.evidence === 'exact' && !isOpen && isPassed
  if (isWhole) {
    if (hidden > 0) wrong(verdict.verdict === 'met' ? 5 : 3, told(unnamed), brief(verdict))
    checkNumbers(verdict, truth, repeated(truth, excused.from), wrong)
    // An extra or altered dead letter is counted as that.
    const isPlain = total(truth.extra) + total(truth.alteredMost) === 0
    if (isPlain && counts.dead_lettered !== deadLetters)
      wrong(3, `${deadLetters} dead letters`, `${counts.dead_lettered}`)
    return
  }
  if (verdict.verdict === 'met') {
    if (hidden > 0) wrong(5, told(unnamed), 'met')
    return
  }
  // What a hop saw and could not tell is known to nobody; all else must be admitted.
  const room = counts.undetermined + counts.in_flight
  const lost = total(without(unnamed.lost, excused.from)) - unnamedLost(verdict)
  if (lost > room) wrong(4, `at most ${room} more that may be lost`, told(unnamed))
  const open = verdict.findings
    .filter(({ code }) => code === 'undetermined_extra' || code === 'unconfirmed')
    .reduce((n, finding) => n + finding.count, 0)
  const surplus = total(without(unnamed.extra, excused.to))
  if (verdict.evidence !== 'estimated' && surplus > open)
    wrong(4, `at most ${open} more that may be too many`, told(unnamed))
  // Contents of which either end could not tell are compared by nobody.
  const altered = without(without(unnamed.altered, excused.to), excused.from)
  if (total(altered) > counts.unverified + room)
    wrong(4, `altered: ${list(unnamed.altered)}`, brief(verdict))
  const most = truth.from.length
  if (counts.expected + counts.copies_removed > most)
    wrong(4, `at most ${most} expected`, `${counts.expected + counts.copies_removed}`)
}

/** Families whose passing at an end the run kept from being told. */
interface Excused {
  readonly from: ReadonlySet<string>
  readonly to: ReadonlySet<string>
}

function without(ids: Multiset, families: ReadonlySet<string>): Multiset {
  return new Map([...ids].filter(([id]) => !families.has(familyOf(id))))
}

/** Those called lost without a name. */
function unnamedLost(verdict: EdgeVerdict): number {
  return verdict.counts.lost - total(named(verdict, 'lost', 'filtered_undeclared'))
}

const SURPLUS = [
  'duplicated',
  'unexpected',
  'extra',
  'withdrawn_delivered',
  'landed_though_failed',
  'unconfirmed',
] as const

/** Messages that differ between the two ends. */
const differing = ({ missing, extra, alteredMost }: EdgeTruth): number =>
  total(missing) + total(extra) + 2 * total(alteredMost)

/** Records of these families that an end has handled more than once: how often, beside the first time. */
function repeated({ from }: EdgeTruth, families: ReadonlySet<string>): Multiset {
  const seen = new Set<string>()
  const again: string[] = []
  for (const { id, partition, offset } of from) {
    const family = familyOf(id)
    const record = `${id} ${partition} ${offset}`
    if (families.has(family) && offset !== undefined && seen.has(record)) again.push(family)
    seen.add(record)
  }
  return count(again)
}

/**
 * Law 3, of the numbers beside the names.
 * @param again handled once more and told by nobody, perhaps: in the books there may be fewer of them
 */
function checkNumbers(verdict: EdgeVerdict, truth: EdgeTruth, again: Multiset, wrong: Wrong): void {
  const { counts } = verdict
  const same = (what: string, said: number, is: number, fewer = 0): void => {
    if (said > is || said < is - fewer) wrong(3, `${is} ${what}`, `${said}`)
  }
  const removed = byFamily(named(verdict, 'copy_removed'))
  const gone = new Map(byFamily(named(verdict, 'lost', 'filtered_undeclared')))
  for (const [family, n] of removed) gone.set(family, n + (gone.get(family) ?? 0))
  const untold = new Map([...truth.missing].map(([id, n]) => [id, n - (again.get(id) ?? 0)]))
  const differ = [...beyond(gone, truth.missing), ...beyond(untold, gone)]
  if (differ.length > 0) wrong(3, `missing: ${list(truth.missing)}`, `missing: ${list(gone)}`)
  const fewer = total(again)
  const expected = counts.expected + counts.copies_removed
  same('expected or copies removed', expected, truth.from.length, fewer)
  same('lost or copies removed', counts.lost + counts.copies_removed, total(truth.missing), fewer)
  same('filtered', counts.filtered, truth.filtered.length)
}

function told(unnamed: Readonly<Record<string, Multiset>>): string {
  return Object.entries(unnamed)
    .filter(([, ids]) => ids.size > 0)
    .map(([what, ids]) => `${what}: ${list(ids)}`)
    .join('; ')
}

/** At most so many ids are told. */
const TOLD_MAX = 3

function list(ids: Multiset): string {
  const names = [...ids].map(([id, n]) => (n > 1 ? `${id} ×${n}` : id))
  const more = names.length > TOLD_MAX ? ` and ${names.length - TOLD_MAX} more` : ''
  return `${names.slice(0, TOLD_MAX).join(', ')}${more}`
}

function brief({ verdict, findings }: EdgeVerdict): string {
  return [verdict, ...findings.map(({ code, count: n }) => `${n} ${code}`)].join(', ')
}

function reasonsOf(verdict: EdgeVerdict): string {
  const why = [...verdict.from, ...verdict.to]
    .filter(({ passage }) => passage !== 'passed')
    .map((hop) => `${hop.hop} ${hop.passage}: ${hop.why.slice(0, 2).join('; ')}`)
  return [brief(verdict), ...why].join(' | ')
}
