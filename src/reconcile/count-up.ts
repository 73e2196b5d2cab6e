/** From meanings to counts that add up, and to the findings that explain them. */
import type { Evidence, Finding, FindingCode, FoundId } from '../finding/finding.ts'
import { type Counts, NO_COUNTS } from '../finding/verdict.ts'
import type { StoredTally } from '../hop/evidence.ts'
import { hopKey } from '../hop/hop.ts'
import type { Interval } from '../sketch/estimate.ts'
import { type Balance, countOf, type Difference, sum } from './balance.ts'
import type { EdgeContext, Handled } from './edge-context.ts'
import { talliesOf, topicKeyOf } from './evidence.ts'
import type { Find } from './find.ts'
import { frontierOf } from './frontier.ts'
import type { Integrity } from './integrity.ts'
import type { Passage } from './passage.ts'
import type { Ground } from './rules.ts'
import type { Sorted } from './sort-out.ts'

interface Judging {
  readonly from: Passage
  readonly to: Passage
  readonly due: boolean
  readonly find: Find
  readonly findings: Finding[]
  readonly integrity: Integrity | null
  readonly ground: Ground
}

interface Excused {
  readonly count: number
  /** By name, where all can be named. */
  readonly ids: readonly FoundId[]
}

export interface Counted {
  readonly counts: Counts
  /** What the group's commit excuses, by name; null: not all can be named. */
  readonly handled: Handled | null
}

export function countUp(
  context: EdgeContext,
  balance: Balance,
  difference: Difference,
  sorted: Sorted,
  judging: Judging,
): Counted {
  const { to, due, find, findings } = judging
  const { peeled } = difference
  const missing = (meaning: string): number => total(sorted.missing.get(meaning))
  const extra = (meaning: string): number => total(sorted.extra.get(meaning))
  const list = (code: FindingCode, ids: readonly FoundId[] | undefined, args = {}): void => {
    if (ids !== undefined && ids.length > 0) findings.push(find(code, total(ids), ids, args))
  }

  const copiesRemoved = missing('copy_removed')
  const expected = difference.fromCount - copiesRemoved
  let lost = missing('lost') + missing('filtered_undeclared')
  let inFlight = missing('in_flight')
  let undetermined = missing('undetermined')

  const deadLettered = countOf(balance.to.filter((s) => s.deadLetter))
  let evidence: Evidence = 'exact'
  let unnamedExtra = 0
  if (!peeled.complete) {
    // More differences than can be named: `net` is exact, the rest is estimated.
    evidence = 'estimated'
    const { missing: lacking, extra: surplus } = rangesOf(peeled)
    const room = Math.max(0, expected - difference.filteredCount)
    // A shortage is loss only if no copies can be short, neither those with a name nor others.
    const copies = copiesRemoved + [...context.inherited.values()].reduce((a, b) => a + b, 0)
    const least = Math.min(Math.max(0, lacking.low - copies), room)
    if (to.state === 'passed' && due) lost = context.copiesUnnamed ? lost : Math.max(lost, least)
    else if (to.state === 'behind' || !due) inFlight = Math.max(inFlight, least)
    // Who may be missing is not acquitted.
    undetermined = Math.max(0, Math.min(lacking.high, room) - lost - inFlight)
    unnamedExtra = surplusOf(surplus.low, sorted, judging.ground)
    findings.push(find('undecodable', Math.abs(peeled.net), [], argsOf(peeled)))
  }

  const undeclaredDrops = missing('filtered_undeclared')
  let lostIds = sorted.missing.get('lost') ?? []
  /** Takes up to `most` off what is lost. Which of more these are cannot be told: then nobody is named. */
  const excuse = (code: FindingCode, most: number, args: Finding['args'] = {}): Excused => {
    const of = lost - undeclaredDrops
    const count = Math.min(of, most)
    if (count <= 0) return { count: 0, ids: [] }
    lost -= count
    const ids = count === total(lostIds) ? lostIds : []
    // Below the estimate: what it accuses is no better known.
    const found = find(code, count, ids, { of, ...args })
    findings.push({ ...found, evidence: certaintyOf(code, evidence) })
    lostIds = []
    return { count, ids }
  }
  // Handled, as the group's commit says: no agent watched these offsets. Of those that may as well have
  // been deleted unread nobody knows.
  const offsets = to.committed ?? 0
  const unread = Math.min(lost - undeclaredDrops, to.deleted ?? 0)
  const handled = excuse('committed', Math.min(offsets, lost - undeclaredDrops - unread))
  const doubtful = excuse('undetermined', offsets - handled.count, { why: EITHER })
  // Compaction may have removed as many as there are empty offsets.
  const compacted = excuse('compacted', compactedIn(context))
  undetermined += doubtful.count + compacted.count
  // Outputs that a service minted instead of forwarding: its inputs cannot be found by name.
  undetermined += excuse('identity_not_carried', mintedInstead(context, balance)).count

  const filtered = Math.max(
    0,
    Math.min(difference.filteredCount, expected - lost - inFlight - undetermined),
  )
  const rest = expected - lost - inFlight - undetermined - filtered
  // A dead letter may be altered like any other.
  const untold = handled.count + sum(balance.handled)
  const { altered, unclear } = alteredOf(judging, rest, untold)
  const dead = Math.min(deadLettered, rest - altered)
  const delivered = rest - dead - altered

  if (lost > undeclaredDrops)
    findings.push({
      ...find('lost', lost - undeclaredDrops, lostIds, {
        unacknowledged: unacknowledgedAmong(context, lostIds),
        ...(to.deleted === undefined ? {} : { deletedUnread: to.deleted }),
      }),
      evidence,
    })
  list('filtered_undeclared', sorted.missing.get('filtered_undeclared'), {
    reasons: undeclaredReasons(context, balance),
  })
  list('in_flight', sorted.missing.get('in_flight'), { why: to.why })
  list('undetermined', sorted.missing.get('undetermined'), { why: to.why })
  list('copy_removed', sorted.missing.get('copy_removed'))
  for (const code of [
    'withdrawn_delivered',
    'landed_though_failed',
    'duplicated',
    'undetermined_extra',
    'unexpected',
    'extra',
  ] as const)
    list(code, sorted.extra.get(code))
  if (unnamedExtra > 0) {
    const code = isFromKnown(judging) ? 'extra' : 'undetermined_extra'
    findings.push({ ...find(code, unnamedExtra, [], { unnamed: true }), evidence: 'estimated' })
  }
  list('unconfirmed', sorted.extra.get('unconfirmed'), { landed: true })
  list('unconfirmed', sorted.extra.get('unheard'), { unheard: true })

  const sent = senders(context)
  const unacknowledged = sent.filter((t) => t.channel === 'unacknowledged')
  if (unacknowledged.length > 0) {
    const ids = unacknowledged.flatMap((t) =>
      t.sketch.names().ids.map(({ hex, times }) => ({ id: hex, times })),
    )
    findings.push(find('unacknowledged', sum(unacknowledged), ids, { settled: due }))
  }
  const unidentified = balance.to
    .filter((s) => s.hop.role === 'topic')
    .flatMap((s) =>
      context.evidence.tallies.filter(
        (t) => t.key === hopKey(s.hop) && t.channel === 'unidentified',
      ),
    )
  if (unidentified.length > 0) findings.push(find('unidentified', sum(unidentified), [], {}))

  const counts: Counts = {
    ...NO_COUNTS,
    expected,
    lost,
    filtered,
    dead_lettered: dead,
    in_flight: inFlight,
    undetermined,
    altered,
    delivered,
    unverified: Math.min(unclear, delivered),
    duplicated: extra('duplicated'),
    unexpected: extra('unexpected'),
    extra: extra('extra') + (isFromKnown(judging) ? unnamedExtra : 0),
    copies_removed: copiesRemoved,
    landed_though_failed: extra('landed_though_failed'),
    withdrawn: sum(sent.filter((t) => t.channel === 'withdrawn')),
    withdrawn_delivered: extra('withdrawn_delivered'),
    unacknowledged: sum(unacknowledged),
    unconfirmed: sum(sent.filter((t) => t.channel === 'unconfirmed')) + extra('unheard'),
    unidentified: sum(unidentified),
  }
  return { counts, handled: handledOf(judging, sorted, handled, peeled.complete) }
}

/**
 * What the edges after this one must expect besides what was told. Nothing, where no commit speaks for
 * untold messages; else by name, or not at all: what is missing here for another reason may be handled
 * too.
 */
function handledOf(
  { to }: Judging,
  { missing }: Sorted,
  { count, ids }: Excused,
  isWhole: boolean,
): Handled | null {
  if (to.committed === undefined) return new Map()
  const all = [...missing.values()].reduce((n, list) => n + total(list), 0)
  if (!isWhole || all !== count || total(ids) !== count) return null
  return new Map(ids.map(({ id, times }) => [id, times]))
}

const EITHER = ['some offsets were deleted unread, others are committed: which, nobody knows']

/** Only what is exact else becomes weaker by it. */
function certaintyOf(code: FindingCode, evidence: Evidence): Evidence {
  return code === 'committed' && evidence === 'exact' ? 'committed' : evidence
}

/**
 * Of what a compacted topic lacks, so many may have been removed before they were read: no more than
 * there are offsets of the window at which nothing of it was counted, and no more than its agent found
 * empty. An agent of a group does not count those.
 */
function compactedIn({ edge, evidence }: EdgeContext): number {
  return edge.to.reduce((n, { hop }) => {
    const empty = evidence.compacted.get(topicKeyOf(hop))
    if (empty === undefined || (hop.role !== 'topic' && hop.role !== 'consumer')) return n
    const { partitions, placelessFrom } = frontierOf(hop, hop, evidence)
    const places = [...partitions.values()].reduce((sum, { low, high }) => sum + high - low + 1, 0)
    const counted = sum(talliesOf(evidence, hop).filter((t) => t.channel === 'passed'))
    const room = placelessFrom === null ? Math.max(0, places - counted) : Number.POSITIVE_INFINITY
    return n + Math.min(room, hop.role === 'topic' ? empty : Number.POSITIVE_INFINITY)
  }, 0)
}

/** Nothing can come, or have come from elsewhere, that explains what is extra and has no name. */
function isFromKnown({ from, ground }: Judging): boolean {
  return from.state === 'passed' && !ground.outcomesUnlisted && !ground.isOpen
}

/** Extra messages that have no name, at least: those with one, and those it may yet be, taken off. */
function surplusOf(least: number, { extra }: Sorted, ground: Ground): number {
  const named = [...extra.values()].reduce((n, ids) => n + total(ids), 0)
  const { rejected, withdrawn, unconfirmed } = ground
  return Math.max(0, least - named - rejected.size - withdrawn.size - unconfirmed.size)
}

/** Missing and extra where not all are named: estimated, or at least what `net` proves. */
function rangesOf({ net, estimate }: Difference['peeled']): Record<'missing' | 'extra', Interval> {
  if (estimate !== null) return estimate
  const high = Number.POSITIVE_INFINITY
  return { missing: { low: Math.max(0, net), high }, extra: { low: Math.max(0, -net), high } }
}

/** Of an endless range only its low end is told. */
function argsOf(peeled: Difference['peeled']): Finding['args'] {
  const { missing, extra } = rangesOf(peeled)
  const isBounded = Number.isFinite(missing.high)
  return {
    net: peeled.net,
    missingLow: missing.low,
    extraLow: extra.low,
    ...(isBounded ? { missingHigh: missing.high, extraHigh: extra.high } : {}),
  }
}

/**
 * Of `most` that arrived: how many are altered, and of how many that cannot be told.
 * @param untold arrived or left as a commit says: nobody took their digests
 */
function alteredOf(
  { from, to, due, find, findings, integrity }: Judging,
  most: number,
  untold: number,
): { readonly altered: number; readonly unclear: number } {
  if (integrity === null) return { altered: 0, unclear: 0 }
  const { altered: ids, range, lacking, unsure } = integrity
  const least = Math.min(most, range?.low ?? total(ids))
  // Of what `to` did not watch, one may be as it was sent; of what is yet to be reported, one like it.
  const isWatched = to.state === 'passed' && to.committed === undefined
  const isProven = isWatched && (from.state === 'passed' || due)
  const altered = isProven ? least : 0
  if (altered > 0) {
    const finding = find('altered', altered, ids, {})
    findings.push(range === null ? finding : { ...finding, evidence: 'estimated' })
  }
  // A digest that was never taken acquits nobody.
  const high = lacking.length > 0 ? most : Math.min(most, (range?.high ?? least) + untold + unsure)
  const unclear = high - altered
  if (unclear > 0) {
    const args = { hops: lacking, untold, ...(unsure > 0 ? { copies: unsure } : {}) }
    findings.push(find('integrity_unknown', unclear, [], args))
  }
  return { altered, unclear }
}

/** Producer tallies into the edge's topics. */
function senders({ edge, evidence }: EdgeContext): StoredTally[] {
  const topics = edge.to.filter((d) => d.hop.role === 'topic').map((d) => topicKeyOf(d.hop))
  return evidence.tallies.filter(
    (t) => t.hop.role === 'producer' && topics.includes(topicKeyOf(t.hop)),
  )
}

/** Ids that services of the edge's groups minted into its topics, and no declared producer explains. */
function mintedInstead({ pipeline, edge, evidence }: EdgeContext, balance: Balance): number {
  const groups = balance.from.filter((s) => s.hop.role === 'consumer').map((s) => hopKey(s.hop))
  if (groups.length === 0) return 0
  const services = new Set(
    evidence.instances
      .filter((i) => i.hops.some((key) => groups.includes(key)))
      .map((i) => i.service),
  )
  const topics = edge.to.filter((d) => d.hop.role === 'topic').map((d) => topicKeyOf(d.hop))
  const declared = new Set(pipeline.hops.map((d) => hopKey(d.hop)))
  let count = 0
  for (const instance of evidence.instances) {
    for (const seal of instance.seals) {
      const { hop } = seal
      if (!services.has(hop.name) || !topics.includes(topicKeyOf(hop))) continue
      if (declared.has(hopKey(hop))) continue
      count = Math.max(count, evidence.minted.get(hopKey(hop)) ?? 0)
    }
  }
  return count
}

function unacknowledgedAmong(context: EdgeContext, ids: readonly FoundId[]): number {
  const unacknowledged = new Set(
    senders(context)
      .filter((t) => t.channel === 'unacknowledged')
      .flatMap((t) => t.sketch.names().ids.map(({ hex }) => hex)),
  )
  return ids.filter(({ id }) => unacknowledged.has(id)).length
}

function undeclaredReasons({ edge, evidence }: EdgeContext, balance: Balance): string[] {
  const groups = balance.from.map((s) => hopKey(s.hop))
  const reasons = evidence.tallies
    .filter((t) => t.channel === 'filtered' && groups.includes(t.key))
    .map((t) => t.reason)
  return [...new Set(reasons)].filter((r) => !edge.filter.includes(r))
}

function total(ids: readonly FoundId[] | undefined): number {
  return (ids ?? []).reduce((n, { times }) => n + times, 0)
}
