/** One edge, one window: passages → balance → difference → rules → counts that add up. Pure. */
import { type Evidence, type Finding, findingCodes } from '../finding/finding.ts'
import {
  type Counts,
  type EdgeVerdict,
  type HopPassage,
  NO_COUNTS,
  type WindowVerdict,
} from '../finding/verdict.ts'
import { describeHop, type HopKey, hopKey } from '../hop/hop.ts'
import { balanceOf, countOf, type Difference, differenceOf, type Side, unlike } from './balance.ts'
import { countUp } from './count-up.ts'
import { coveragePassage } from './coverage-passage.ts'
import { isAllCutOff, ofEitherLog } from './cut-off.ts'
import { untoldAt } from './deaths.ts'
import type { EdgeContext, Handled, Inherited } from './edge-context.ts'
import { type Find, finder, order } from './find.ts'
import { groundOf } from './ground.ts'
import { integrityOf } from './integrity.ts'
import { knownHoles, PASSED, type Passage, worst } from './passage.ts'
import { scaled } from './scale.ts'
import { sortOut } from './sort-out.ts'
import { fromPassage, isPlaceless, onward, reported, toPassage } from './standing.ts'
import { type EdgeView, viewOf } from './view.ts'
import { mintedNotHere } from './witness.ts'

export interface Judgement extends Omit<EdgeVerdict, 'state' | 'revision'> {
  /** All hops have passed the window: nothing can change but by a new frame. */
  readonly final: boolean
  /** Copies that this edge made or passed on, for the edges after it. */
  readonly copies: Inherited
  /** There may be more copies than those. */
  readonly copiesUnnamed: boolean
  /** What a group handled as its commit says, by name; null: not all can be named. */
  readonly handled: Handled | null
  /** A commit speaks for messages that nobody told of: they may be others, and may be copies. */
  readonly handledMore: boolean
  /** How each `to` hop stands for the edges after it. */
  readonly onward: ReadonlyMap<HopKey, Passage>
}

export function judgeEdge(context: EdgeContext): Judgement {
  const view = viewOf(context.edge, context.evidence)
  const judgement = judgeView({ ...context, evidence: view.evidence }, view)
  // What could not be compared was not sampled alike: its counts are whole already.
  const isStruck = judgement.findings.every((f) => f.code !== 'params_differ')
  return view.oneIn > 1 && isStruck ? scaled(judgement, view.oneIn) : judgement
}

function judgeView(context: EdgeContext, { oneIn, digests, mixed }: EdgeView): Judgement {
  const { pipeline, edge, evidence } = context
  const window = { start: evidence.window, end: evidence.window + pipeline.windowMs }
  const deadline = window.end + pipeline.latenessMs
  const due = evidence.now >= deadline
  const balance = balanceOf(edge, evidence, oneIn === 1 ? context.handled : undefined)

  const fromPassages = balance.from.map((side) => fromPassage(side, context, deadline))
  const from = worst([...fromPassages, ...reported(balance, evidence)])
  const differing = [...new Set([...unlike(balance), ...mixed])]
  const difference = differing.length > 0 ? null : differenceOf(balance, pipeline.seed)
  const lacking = difference?.peeled.ids.filter((i) => i.times > 0) ?? []
  const isAllThere = difference?.peeled.complete && lacking.length === 0
  // And who is not there is no longer in the log.
  const isCutOff =
    difference?.peeled.complete === true &&
    !isAllThere &&
    edge.to.every((d) => isAllCutOff(hopKey(d.hop), lacking, evidence))
  // A hop that holds every message of the window has watched the log in which they lie.
  const seen = isAllThere || isCutOff ? { ...context, evidence: ofEitherLog(evidence) } : context
  const toPassages = edge.to.map((d) => {
    const passage = toPassage(d, seen, deadline)
    // Without offsets nothing says how far it is, but all that can come has come.
    const isThere =
      isPlaceless(d.hop) && passage.state === 'behind' && from.state === 'passed' && isAllThere
    // A commit speaks for messages that an agent may still tell of.
    const early = !due && passage.committed !== undefined ? [UNTOLD_YET] : []
    return worst([knownHoles(d.hop, seen.evidence), ...(isThere ? [PASSED] : [passage]), ...early])
  })
  const to = worst(toPassages)
  const sides = {
    window,
    from: balance.from.map((s, i) => shown(s, fromPassages[i] as Passage)),
    to: balance.to.map((s, i) => shown(s, toPassages[i] as Passage)),
  }
  const base = { pipeline: pipeline.name, edge: edge.name, oneIn, ...sides }
  const find = finder(pipeline.name, edge.name, window)
  const onwards = new Map(
    edge.to.map((d, i) => {
      // Somebody may have read what was cut off before it was.
      const passage = isCutOff ? toPassage(d, context, deadline) : (toPassages[i] as Passage)
      const known = isCutOff ? evidence : seen.evidence
      return [hopKey(d.hop), onward(d.hop, from, passage, known)]
    }),
  )

  if (difference === null) {
    const expected = balance.from
      .flatMap((s) => s.tallies)
      .reduce((n, { count, params }) => n + count * params.oneIn, 0)
    return {
      ...base,
      oneIn: 1,
      verdict: 'indeterminate',
      evidence: 'exact',
      counts: { ...NO_COUNTS, expected, undetermined: expected },
      findings: [find('params_differ', expected, [], { parameters: differing })],
      final: false,
      copies: new Map(),
      copiesUnnamed: true,
      handled: to.committed === undefined ? new Map() : null,
      handledMore: to.committed !== undefined,
      onward: onwards,
    }
  }

  const byCommit =
    oneIn === 1 && edge.from.some((d) => (context.handled?.get(hopKey(d.hop))?.size ?? 0) > 0)
  const ground = groundOf(context, balance, difference, from, to, due)
  const sorted = sortOut(difference.peeled.ids, ground, context)
  const passed = from.state === 'passed' && to.state === 'passed'
  const findings: Finding[] = []
  const isWhole = difference.peeled.complete
  const missing = difference.peeled.ids.reduce((n, { times }) => n + Math.max(0, times), 0)
  const integrity = integrityOf(context, balance, digests, isWhole ? missing : null)
  const judging = { from, to, due, find, findings, integrity, ground }
  const counted = countUp(context, balance, difference, sorted, judging)
  const { counts } = counted
  // What a sample does not show may have been handled too.
  const handled = oneIn > 1 && to.committed !== undefined ? null : counted.handled
  const unseen = from.state === 'hole' && due && isWhole ? unseenMinted(context, difference) : 0
  if (unseen > 0) findings.push(find('minted_not_here', unseen, [], {}))
  const repeats = edge.to.flatMap((d) => untoldAt(d.hop, evidence, pipeline.windowMs))
  if (repeats.length > 0) findings.push(find('repetition_unknown', 0, [], { why: repeats }))
  reportHoles(find, findings, base.from, 'from')
  reportHoles(find, findings, base.to, 'to')
  for (const side of balance.from)
    if (!side.declared && countOf([side]) > 0)
      findings.push(find('undeclared_producer', countOf([side]), [], { hop: side.name }))
  return {
    ...base,
    verdict: verdictOf(counts, findings, passed, from, to),
    evidence: isWhole ? weakest(findings, byCommit) : 'estimated',
    counts: { ...counts, unconfirmed: counts.unconfirmed + unseen },
    findings: findings.sort((a, b) => order(a) - order(b)),
    // Who fell silent may speak again, and a frame on its way may tell of what a commit speaks for.
    final: passed && counts.in_flight === 0 && repeats.length === 0 && to.committed === undefined,
    copies: sorted.copies,
    copiesUnnamed: ground.copiesUnnamed || !isWhole,
    handled,
    handledMore: to.committed !== undefined,
    onward: onwards,
  }
}

const UNTOLD_YET: Passage = {
  state: 'behind',
  why: ['committed by the group, but not told by an agent yet'],
}

/** @param byCommit messages are expected here that only a commit has shown */
function weakest(findings: readonly Finding[], byCommit: boolean): Evidence {
  if (findings.some((f) => f.evidence === 'estimated')) return 'estimated'
  return byCommit || findings.some((f) => f.evidence === 'committed') ? 'committed' : 'exact'
}

/** What a producer minted and could not report, as far as its topic proves it. */
function unseenMinted(context: EdgeContext, { peeled }: Difference): number {
  const { edge, evidence } = context
  const isRead = edge.to.every(({ hop }) => {
    // The frontier does not know of sends that were never reported: only the log's end will do.
    const read = coveragePassage(hop, evidence, true)
    return hop.role === 'topic' && read.state === 'passed'
  })
  return isRead ? mintedNotHere(context, peeled.ids) : 0
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
    code === 'integrity_unknown' ||
    code === 'minted_not_here' ||
    code === 'repetition_unknown' ||
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

function shown(side: Side, { state, why }: Passage): HopPassage {
  return {
    hop: side.declared ? side.name : describeHop(side.hop),
    declared: side.declared,
    count: countOf([side]),
    passage: state,
    why,
  }
}
