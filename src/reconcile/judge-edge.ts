/** One edge, one window: passages → balance → difference → rules → counts that add up. Pure. */

import {
  FINDING_IDS_MAX,
  type Finding,
  type FindingArg,
  type FindingCode,
  type FoundId,
  findingCodes,
} from '../finding/finding.ts'
import type { Counts, EdgeVerdict, HopPassage, WindowVerdict } from '../finding/verdict.ts'
import type { StoredTally } from '../hop/evidence.ts'
import { describeHop, type HopKey, type HopRef, hopKey, hopOfKey } from '../hop/hop.ts'
import type { EdgeDeclaration, HopDeclaration, Pipeline } from '../hop/pipeline.ts'
import type { PeeledId } from '../sketch/sketch.ts'
import {
  type Balance,
  balanceOf,
  type Difference,
  differenceOf,
  type Side,
  unlike,
} from './balance.ts'
import { producersInto, topicKeyOf, type WindowEvidence } from './evidence.ts'
import {
  acknowledged,
  arrivalPassage,
  coveragePassage,
  knownHoles,
  openSends,
  PASSED,
  type Passage,
  producerPassage,
  reaches,
  worst,
} from './passage.ts'
import { extraRules, type Ground, meaningOf, missingRules, parentOf } from './rules.ts'

/** Copies found so far further up: by the id they are copies of, how many. */
export type Inherited = ReadonlyMap<string, number>

export interface Judgement extends Omit<EdgeVerdict, 'state' | 'revision'> {
  /** All hops have passed the window: nothing can change but by a new frame. */
  readonly final: boolean
  /** Copies that this edge made or passed on, for the edges after it. */
  readonly copies: Inherited
  /** There may be more copies than those. */
  readonly copiesUnnamed: boolean
  /** How each `to` hop stands for the edges after it. */
  readonly onward: ReadonlyMap<HopKey, Passage>
}

export interface EdgeContext {
  readonly pipeline: Pipeline
  readonly edge: EdgeDeclaration
  readonly evidence: WindowEvidence
  /** Passages of hops judged before, as `to` of an earlier edge. */
  readonly passages: ReadonlyMap<HopKey, Passage>
  readonly inherited: Inherited
  /** Edges before could not name all copies that they found. */
  readonly copiesUnnamed?: boolean
}

export function judgeEdge(context: EdgeContext): Judgement {
  const { pipeline, edge, evidence } = context
  const window = { start: evidence.window, end: evidence.window + pipeline.windowMs }
  const deadline = window.end + pipeline.latenessMs
  const due = evidence.now >= deadline
  const balance = balanceOf(edge, evidence)
  const holes = (side: { hop: Side['hop'] }): Passage =>
    knownHoles(side.hop, evidence, pipeline.windowMs)

  const fromPassages = balance.from.map((side) => fromPassage(side, context, deadline))
  const from = worst([...fromPassages, ...reported(balance, evidence)])
  const differing = unlike(balance)
  const difference = differing.length > 0 ? null : differenceOf(balance, pipeline.seed)
  const isAllThere = difference?.peeled.complete && !difference.peeled.ids.some((i) => i.times > 0)
  const toPassages = edge.to.map((d) => {
    const passage = toPassage(d, context, deadline)
    // Without offsets nothing says how far it is, but all that can come has come.
    const isThere =
      isPlaceless(d.hop) && passage.state === 'behind' && from.state === 'passed' && isAllThere
    return worst([holes(d), isThere ? PASSED : passage])
  })
  const to = worst(toPassages)
  const sides = {
    window,
    from: balance.from.map((s, i) => shown(s, fromPassages[i] as Passage)),
    to: balance.to.map((s, i) => shown(s, toPassages[i] as Passage)),
  }
  const base = { pipeline: pipeline.name, edge: edge.name, ...sides }
  const find = finder(pipeline.name, edge.name, window)
  const onwards = new Map(
    edge.to.map(({ hop }, i) => [
      hopKey(hop),
      onward(hop, from, toPassages[i] as Passage, evidence),
    ]),
  )

  if (difference === null) {
    const expected = countOf(balance.from)
    return {
      ...base,
      verdict: 'indeterminate',
      evidence: 'exact',
      counts: { ...NO_COUNTS, expected, undetermined: expected },
      findings: [find('params_differ', expected, [], { parameters: differing })],
      final: false,
      copies: new Map(),
      copiesUnnamed: true,
      onward: onwards,
    }
  }

  const ground = groundOf(context, balance, difference, from, to, due)
  const sorted = sortOut(difference.peeled.ids, ground, context)
  const passed = from.state === 'passed' && to.state === 'passed'
  const findings: Finding[] = []
  const counts = countUp(context, balance, difference, sorted, { from, to, due, find, findings })
  reportHoles(find, findings, base.from, 'from')
  reportHoles(find, findings, base.to, 'to')
  for (const side of balance.from)
    if (!side.declared && countOf([side]) > 0)
      findings.push(find('undeclared_producer', countOf([side]), [], { hop: side.name }))
  return {
    ...base,
    verdict: verdictOf(counts, findings, passed, from, to),
    evidence: difference.peeled.complete ? 'exact' : 'estimated',
    counts,
    findings: findings.sort((a, b) => order(a) - order(b)),
    final: passed,
    copies: sorted.copies,
    copiesUnnamed: ground.copiesUnnamed || !difference.peeled.complete,
    onward: onwards,
  }
}

const NO_COUNTS: Counts = {
  expected: 0,
  delivered: 0,
  lost: 0,
  altered: 0,
  filtered: 0,
  dead_lettered: 0,
  in_flight: 0,
  undetermined: 0,
  duplicated: 0,
  unexpected: 0,
  extra: 0,
  copies_removed: 0,
  landed_though_failed: 0,
  withdrawn: 0,
  withdrawn_delivered: 0,
  unacknowledged: 0,
  unconfirmed: 0,
  unidentified: 0,
  recovered: 0,
}

function fromPassage(side: Side, context: EdgeContext, deadline: number): Passage {
  const { evidence, pipeline } = context
  if (side.hop.role === 'producer') return producerPassage(side.hop, evidence, pipeline.windowMs)
  const known = context.passages.get(hopKey(side.hop))
  if (known !== undefined) return known
  // Nothing declared feeds it: it stands at the head of the pipeline and is judged by itself.
  return worst([
    knownHoles(side.hop, evidence, pipeline.windowMs),
    headPassage(side.hop, context, deadline),
  ])
}

function headPassage(hop: HopRef, { evidence, pipeline }: EdgeContext, deadline: number): Passage {
  if (hop.role === 'consumer') return coveragePassage(hop, evidence)
  if (hop.role !== 'topic') return arrivalPassage(hop, evidence, deadline)
  // Those who write to it may write more of the window; else only the end of its log says it is over.
  const sealed = producersInto(hop, evidence).every(
    (p) => producerPassage(p, evidence, pipeline.windowMs).state === 'passed',
  )
  return worst([openSends(hop, evidence), coveragePassage(hop, evidence, !sealed)])
}

function toPassage({ hop }: HopDeclaration, context: EdgeContext, deadline: number): Passage {
  const { edge, evidence, pipeline } = context
  const groups = edge.from.map((d) => d.hop).filter((h) => h.role === 'consumer')
  switch (hop.role) {
    case 'topic': {
      const known = acknowledged(hop, groups, evidence, pipeline.windowMs)
      return worst([openSends(hop, evidence), coveragePassage(hop, evidence, !known)])
    }
    case 'consumer':
      return coveragePassage(hop, evidence)
    case 'producer':
      return PASSED
    default:
      return worst([...feederPassages(hop, context), arrivalPassage(hop, evidence, deadline)])
  }
}

const isPlaceless = ({ role }: HopRef): boolean => role === 'sink' || role === 'stream'

/** What comes to a sink or stream from a topic comes through a group: how that one stands. */
function feederPassages(hop: HopRef, { edge, evidence, passages }: EdgeContext): Passage[] {
  const standing = (group: HopRef): Passage =>
    passages.get(hopKey(group)) ?? coveragePassage(group, evidence)
  const key = hopKey(hop)
  const heard = evidence.instances.filter((i) => i.hops.includes(key)).flatMap((i) => i.hops)
  const readers = [...new Set(heard)].map(hopOfKey).filter((h) => h.role === 'consumer')
  return edge.from.flatMap(({ hop: from }) => {
    if (from.role === 'consumer') return [standing(from)]
    if (from.role !== 'topic') return []
    const groups = readers.filter((h) => topicKeyOf(h) === topicKeyOf(from))
    if (groups.length > 0) return groups.map(standing)
    const why = `no group is heard that reads ${describeHop(from)} for ${describeHop(hop)}`
    return [{ state: 'behind' as const, why: [why] }]
  })
}

/** How a `to` hop stands for the edges after it. */
function onward(hop: HopRef, from: Passage, to: Passage, evidence: WindowEvidence): Passage {
  // 1. Nothing more comes from upstream: it has passed what it covers.
  if (from.state === 'passed') return to
  // 2. Upstream is still at work, and may bring more of this window.
  if (from.state === 'behind') return worst([from, to])
  // 3. Upstream cannot say what there is. A topic says it itself, once it is read to a polled end;
  // a consumer counted all that it covers. A hole touches its own edge, not those after it.
  return hop.role === 'topic' ? worst([to, coveragePassage(hop, evidence, true)]) : to
}

/** A topic's own count is complete only as far as it has read what its readers report. */
function reported({ from, to }: Balance, evidence: WindowEvidence): Passage[] {
  const ranges = to
    .filter((s) => s.hop.role === 'consumer')
    .flatMap((s) => s.tallies.flatMap((t) => t.ranges))
  return from.filter((s) => s.hop.role === 'topic').map((s) => reaches(s.hop, ranges, evidence))
}

function groundOf(
  { edge, evidence, inherited, copiesUnnamed = false }: EdgeContext,
  balance: Balance,
  { fromIds, toIds, peeled }: Difference,
  from: Passage,
  to: Passage,
  due: boolean,
): Ground {
  const topics = edge.to.filter((d) => d.hop.role === 'topic').map((d) => topicKeyOf(d.hop))
  let outcomesUnlisted = false
  const bySender = (channel: StoredTally['channel']): Set<string> => {
    const out = new Set<string>()
    for (const t of evidence.tallies) {
      if (t.channel !== channel || t.hop.role !== 'producer') continue
      if (!topics.includes(topicKeyOf(t.hop))) continue
      const { complete, ids } = t.sketch.peel()
      if (!complete) outcomesUnlisted = true
      for (const { hex } of ids) out.add(hex)
    }
    return out
  }
  const groups = new Set(
    balance.from.filter((s) => s.hop.role === 'consumer').map((s) => hopKey(s.hop)),
  )
  const filteredUndeclared = new Map<string, string>()
  for (const t of evidence.tallies) {
    if (t.channel !== 'filtered' || !groups.has(t.key) || edge.filter.includes(t.reason)) continue
    for (const { hex } of t.sketch.peel().ids) filteredUndeclared.set(hex, t.reason)
  }
  const [rejected, withdrawn, unconfirmed] = [
    bySender('rejected'),
    bySender('withdrawn'),
    bySender('unconfirmed'),
  ]
  return {
    toCovers: to.state,
    fromPassed: from.state,
    due,
    copiesMissing: copiesMissing(peeled.ids, inherited, toIds),
    copiesUnnamed,
    rejected,
    withdrawn,
    unconfirmed,
    outcomesUnlisted,
    filteredUndeclared,
    fromIds,
    toIds,
    toTopic: topics.length > 0,
  }
}

/**
 * Of what is missing, how many of each id are copies: one of every message is the message itself.
 * Where what arrived can be listed it says so for any id that we minted; copies made further up are
 * known by what they are copies of, and are no more than were counted there.
 */
function copiesMissing(
  ids: readonly PeeledId[],
  inherited: Inherited,
  toIds: Difference['toIds'],
): ReadonlyMap<string, number> {
  const arrived = new Set([...(toIds?.keys() ?? [])].map(parentOf))
  const room = new Map<string, number>()
  for (const { hex, times } of ids) {
    const parent = parentOf(hex)
    if (times > 0) room.set(parent, (room.get(parent) ?? (arrived.has(parent) ? 0 : -1)) + times)
  }
  const left = new Map(inherited)
  const out = new Map<string, number>()
  for (const { hex, times } of ids) {
    if (times <= 0) continue
    const parent = parentOf(hex)
    const above = left.get(parent) ?? 0
    const most = toIds === null ? times : Math.min(times, room.get(parent) ?? 0)
    const known = Math.min(most, above)
    left.set(parent, above - known)
    room.set(parent, (room.get(parent) ?? 0) - known)
    const repeated = toIds !== null && isMinted(hex) ? times - (toIds.has(hex) ? 0 : 1) : 0
    out.set(hex, Math.max(known, repeated))
  }
  return out
}

/** Foreign ids may repeat without being copies: keys do. */
function isMinted(id: string): boolean {
  return id[12] === '7'
}

interface Sorted {
  readonly missing: ReadonlyMap<string, readonly FoundId[]>
  readonly extra: ReadonlyMap<string, readonly FoundId[]>
  readonly copies: Inherited
}

/** Gives each remaining id its meaning. A missing id whose own copy came instead has arrived. */
function sortOut(
  ids: readonly PeeledId[],
  ground: Ground,
  { edge, inherited }: EdgeContext,
): Sorted {
  const times = new Map(ids.map(({ hex, times }) => [hex, times]))
  // Ids are derived in services; between a topic and who writes or reads it they stay what they are.
  const derives = edge.from.some(({ hop }) => hop.role !== 'producer' && hop.role !== 'topic')
  for (const [id, n] of times) {
    const parent = parentOf(id)
    const lacking = parent === id || !derives ? 0 : (times.get(parent) ?? 0)
    if (n >= 0 || lacking <= 0) continue
    const instead = Math.min(-n, lacking)
    times.set(id, n + instead)
    times.set(parent, lacking - instead)
  }
  const missing = new Map<string, FoundId[]>()
  const extra = new Map<string, FoundId[]>()
  const copies = new Map<string, number>(inherited)
  for (const [id, n] of [...times].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const parent = parentOf(id)
    if (n > 0) {
      let rest = n
      if (meaningOf(missingRules, id, ground) === 'copy_removed') {
        const removed = Math.min(rest, ground.copiesMissing.get(id) ?? 0)
        push(missing, 'copy_removed', { id, times: removed })
        copies.set(parent, Math.max(0, (copies.get(parent) ?? 0) - removed))
        rest -= removed
      }
      if (rest > 0) {
        const message = { ...ground, copiesMissing: NONE }
        push(missing, meaningOf(missingRules, id, message), { id, times: rest })
      }
    } else if (n < 0) {
      const meaning = meaningOf(extraRules, id, ground)
      push(extra, meaning, parent === id ? { id, times: -n } : { id, times: -n, copyOf: parent })
      if (meaning === 'duplicated' || meaning === 'extra')
        copies.set(parent, (copies.get(parent) ?? 0) - n)
    }
  }
  return { missing, extra, copies }
}

const NONE: ReadonlyMap<string, number> = new Map()

function push(map: Map<string, FoundId[]>, key: string, id: FoundId): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [id])
  else list.push(id)
}

interface Judging {
  readonly from: Passage
  readonly to: Passage
  readonly due: boolean
  readonly find: Find
  readonly findings: Finding[]
}

function countUp(
  context: EdgeContext,
  balance: Balance,
  difference: Difference,
  sorted: Sorted,
  { to, due, find, findings }: Judging,
): Counts {
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

  // Outputs that a service minted instead of forwarding: its inputs cannot be found by name.
  const notCarried = Math.min(missing('lost'), mintedInstead(context, balance))
  let lostIds = sorted.missing.get('lost') ?? []
  if (notCarried > 0) {
    lost -= notCarried
    undetermined += notCarried
    findings.push(
      find('identity_not_carried', notCarried, notCarried === total(lostIds) ? lostIds : [], {
        of: total(lostIds),
      }),
    )
    // Which of them were lost and which were sent under another id cannot be told.
    lostIds = []
  }

  const deadLettered = countOf(balance.to.filter((s) => s.deadLetter))
  let evidence: Finding['evidence'] = 'exact'
  if (!peeled.complete) {
    // More differences than can be named. `net` is exact; nobody else is acquitted (issue: estimates).
    evidence = 'estimated'
    const net = Math.min(Math.max(0, peeled.net), expected)
    // A shortage is loss only if no copies can be short.
    if (to.state === 'passed' && due) lost = context.copiesUnnamed ? lost : Math.max(lost, net)
    else if (to.state === 'behind' || !due) inFlight = Math.max(inFlight, net)
    undetermined = Math.max(0, expected - lost - inFlight - difference.filteredCount)
    findings.push(find('undecodable', Math.abs(peeled.net), [], { net: peeled.net }))
  }
  const filtered = Math.max(
    0,
    Math.min(difference.filteredCount, expected - lost - inFlight - undetermined),
  )
  const rest = expected - lost - inFlight - undetermined - filtered
  const dead = Math.min(deadLettered, rest)

  if (lost > missing('filtered_undeclared'))
    findings.push({
      ...find('lost', lost - missing('filtered_undeclared'), lostIds, {
        unacknowledged: unacknowledgedAmong(context, lostIds),
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
  list('unconfirmed', sorted.extra.get('unconfirmed'), { landed: true })
  list('unconfirmed', sorted.extra.get('unheard'), { unheard: true })

  const sent = senders(context)
  const unacknowledged = sent.filter((t) => t.channel === 'unacknowledged')
  if (unacknowledged.length > 0) {
    const ids = unacknowledged.flatMap((t) =>
      t.sketch.peel().ids.map(({ hex, times }) => ({ id: hex, times })),
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

  return {
    ...NO_COUNTS,
    expected,
    lost,
    filtered,
    dead_lettered: dead,
    in_flight: inFlight,
    undetermined,
    delivered: rest - dead,
    duplicated: extra('duplicated'),
    unexpected: extra('unexpected'),
    extra: extra('extra'),
    copies_removed: copiesRemoved,
    landed_though_failed: extra('landed_though_failed'),
    withdrawn: sum(sent.filter((t) => t.channel === 'withdrawn')),
    withdrawn_delivered: extra('withdrawn_delivered'),
    unacknowledged: sum(unacknowledged),
    unconfirmed: sum(sent.filter((t) => t.channel === 'unconfirmed')) + extra('unheard'),
    unidentified: sum(unidentified),
  }
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
      .flatMap((t) => t.sketch.peel().ids.map(({ hex }) => hex)),
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

function verdictOf(
  counts: Counts,
  findings: readonly Finding[],
  passed: boolean,
  from: Passage,
  to: Passage,
): WindowVerdict {
  // 1. Something is proven, whatever else is missing.
  if (findings.some((f) => findingCodes[f.code] === 'error')) return 'breached'
  // 2. The audit had not begun: neither praise nor blame.
  if (from.state === 'out_of_scope' || to.state === 'out_of_scope') return 'no_data'
  // 3. "All well" needs both ends complete and every message accounted for.
  if (!passed || counts.in_flight > 0 || counts.undetermined > 0) return 'indeterminate'
  if (findings.some(isOpen)) return 'indeterminate'
  // 4. Nothing expected, nothing came: not 100%.
  if (counts.expected === 0) return 'no_data'
  return 'met'
}

/** Something came that nobody can place: who sent it has not told all. */
function isOpen({ code, args }: Finding): boolean {
  return (
    code === 'undecodable' ||
    code === 'undetermined_extra' ||
    (code === 'unconfirmed' && args.unheard === true)
  )
}

function reportHoles(
  find: Find,
  findings: Finding[],
  hops: readonly HopPassage[],
  end: 'from' | 'to',
): void {
  for (const { hop, passage, why } of hops)
    if (passage === 'hole') findings.push(find('hole', 0, [], { hop, end, why }))
}

type Find = (
  code: FindingCode,
  count: number,
  ids: readonly FoundId[],
  args: Readonly<Record<string, FindingArg>>,
) => Finding

function finder(pipeline: string, edge: string, window: EdgeVerdict['window']): Find {
  return (code, count, ids, args) => ({
    code,
    pipeline,
    edge,
    window,
    count,
    ids: ids.slice(0, FINDING_IDS_MAX),
    evidence: 'exact',
    args,
  })
}

const CODES = Object.keys(findingCodes)

function order(finding: Finding): number {
  return CODES.indexOf(finding.code)
}

function shown(side: Side, { state, why }: Passage): HopPassage {
  return {
    hop: side.declared ? side.name : describeHop(side.hop),
    declared: side.declared,
    count: countOf([side]),
    passage: state,
    why,
  }
}

function countOf(sides: readonly Side[]): number {
  return sides.reduce((n, side) => n + sum(side.tallies), 0)
}

function sum(tallies: readonly StoredTally[]): number {
  return tallies.reduce((n, t) => n + t.count, 0)
}

function total(ids: readonly FoundId[] | undefined): number {
  return (ids ?? []).reduce((n, { times }) => n + times, 0)
}
