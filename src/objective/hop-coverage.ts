/**
 * What the audit could see of each declared hop: windows, offsets, agents, and what is missing. Pure.
 *
 * Law: nothing is called whole for want of news. A hop of which nobody spoke, whose last speaker fell
 * silent, or of which no window has been judged is not whole.
 */
import { sizeOf } from '../base/intervals.ts'
import type { EdgeVerdict, HopPassage } from '../finding/verdict.ts'
import { type HopCoverage, type HopGap, type InstanceState, isSilent } from '../hop/evidence.ts'
import { describeHop, type HopKey, type HopRole, hopKey } from '../hop/hop.ts'
import type { HopDeclaration, Pipeline } from '../hop/pipeline.ts'
import { type PassageState, passageOrder } from '../reconcile/passage.ts'
import { type AuditCoverage, droppedBy, missingFramesOf } from './audit-coverage.ts'
import { isoOf } from './iso.ts'
import { type OffsetHole, offsetCoverageOf, type PartitionSummary } from './offset-coverage.ts'

/**
 * ms: asked for is one day, if nobody says more. A hole that has ended is told for so long, and no longer:
 * else one bad hour would be called missing for ever.
 */
export const ASKED_MS = 86_400_000

/** Holes, runs, agents and reasons listed of one hop; beyond that they are counted. */
const LISTED_MAX = 100

/**
 * `unseen`: no agent ever reported on it. `hole`: evidence is missing. `silent`: the agent heard last
 * fell silent. `behind`: a window is past its deadline and not read to its end. `open`: no window has
 * been judged. `whole`: none of these.
 */
export type HopStanding = 'unseen' | 'hole' | 'silent' | 'behind' | 'open' | 'whole'

export interface Speaker {
  readonly service: string
  readonly instance: string
  readonly state: 'live' | 'silent' | 'goodbye'
  /** ISO 8601, by the collector's clock */
  readonly lastHeard: string
  /** Numbers received of its chain of frames. */
  readonly frames: number
  /** Numbers that lower and higher ones prove, and that never came. */
  readonly missingFrames: number
  /** ISO 8601: all sends begun before have resolved; null: it has sealed nothing here. */
  readonly sealedUntil: string | null
}

/** Windows in a row that the hop stands to alike. */
export interface WindowRun {
  readonly state: PassageState | 'open'
  /** ISO 8601: the start of the first, and the end of the last. */
  readonly from: string
  readonly to: string
  readonly windows: number
}

export interface HopSummary {
  readonly pipeline: string
  readonly hop: string
  readonly role: HopRole
  /** Its coordinates in words. */
  readonly at: string
  readonly standing: HopStanding
  /** ISO 8601: since when it has not been whole; null: it is, or nobody knows. */
  readonly since: string | null
  /** ISO 8601: the end of the newest window that it passed. */
  readonly passedUntil: string | null
  /** Windows by passage, the worst over the edges; before the deadline those not settled are open. */
  readonly windows: Readonly<Record<PassageState | 'open', number>>
  /** The same in their order, the newest ones. */
  readonly runs: readonly WindowRun[]
  readonly runCount: number
  /** Why it has not passed the newest window that it has not. */
  readonly why: readonly string[]
  readonly partitions: readonly PartitionSummary[]
  /**
   * Offsets that nobody watched in the time asked for, the hole that ended last first; then those of
   * unknown times, which are only told.
   */
  readonly holes: readonly OffsetHole[]
  readonly holeCount: number
  /** Holes that ended before that time, or began after it. */
  readonly otherHoleCount: number
  /** The one heard last comes first. */
  readonly agents: readonly Speaker[]
  readonly agentCount: number
  /** Evidence that agents gave up: messages by reason. */
  readonly dropped: AuditCoverage['dropped']
}

export interface HopCoverageInput {
  readonly pipelines: readonly Pipeline[]
  readonly verdicts: readonly EdgeVerdict[]
  readonly coverage: readonly HopCoverage[]
  readonly instances: readonly InstanceState[]
  readonly gaps: readonly HopGap[]
  /** ms */
  readonly now: number
  /** ms: asked for are windows that start in `[since, until)`, and holes that were open then. */
  readonly since: number
  readonly until?: number | undefined
}

/** One of each declared hop, in the order of declaration. */
export function summarizeHops(input: HopCoverageInput): HopSummary[] {
  const covered = new Map(input.coverage.map((c) => [c.key, c.spans]))
  return input.pipelines.flatMap((pipeline) => {
    const passages = passagesOf(pipeline, input)
    return pipeline.hops.map((hop) =>
      hopOf(pipeline.name, hop, passages.get(hop.name) ?? new Map(), covered, input),
    )
  })
}

/** 0 every declared hop is seen whole; 3 one is not, or there is none. */
export function coverageCode(hops: readonly HopSummary[]): 0 | 3 {
  return hops.length > 0 && hops.every((h) => h.standing === 'whole') ? 0 : 3
}

interface WindowPassage {
  readonly end: number
  readonly state: PassageState | 'open'
  readonly why: readonly string[]
}

/** By hop, then by start of window. */
type Passages = Map<string, Map<number, WindowPassage>>

function passagesOf(
  { name, latenessMs }: Pipeline,
  { verdicts, now }: Pick<HopCoverageInput, 'verdicts' | 'now'>,
): Passages {
  const hops: Passages = new Map()
  for (const { pipeline, window, state, from, to } of verdicts) {
    if (pipeline !== name) continue
    // Still open after its deadline: the auditor may be gone, so what it last knew stands.
    const open = state === 'open' && now < window.end + latenessMs
    for (const end of [...from, ...to]) {
      if (!end.declared) continue
      const windows = hops.get(end.hop) ?? new Map<number, WindowPassage>()
      hops.set(end.hop, windows)
      const next = open ? OPEN : end
      const before = windows.get(window.start)
      if (before !== undefined && rankOf(before.state) >= rankOf(next.passage)) continue
      windows.set(window.start, { end: window.end, state: next.passage, why: next.why })
    }
  }
  return hops
}

/** What is not due yet is neither seen nor missing: any judgement of another edge says more. */
const OPEN: { readonly passage: 'open'; readonly why: HopPassage['why'] } = {
  passage: 'open',
  why: [],
}
const rankOf = (state: PassageState | 'open'): number =>
  state === 'open' ? -1 : passageOrder.indexOf(state)

function hopOf(
  pipeline: string,
  { name, hop }: HopDeclaration,
  passages: ReadonlyMap<number, WindowPassage>,
  coverage: ReadonlyMap<HopKey, HopCoverage['spans']>,
  input: HopCoverageInput,
): HopSummary {
  const key = hopKey(hop)
  const windows = [...passages].sort(([a], [b]) => a - b)
  const count = { passed: 0, out_of_scope: 0, behind: 0, hole: 0, open: 0 }
  for (const [, { state }] of windows) count[state]++
  const { since, until = Number.MAX_SAFE_INTEGER } = input
  const offsets = offsetCoverageOf(coverage.get(key) ?? new Map(), since, until)
  const holes = [...offsets.holes, ...offsets.timeless]
  const speakers = input.instances
    .filter((i) => i.hops.includes(key))
    .sort((a, b) => b.lastHeardAt - a.lastHeardAt)
  const silentSince = silentSinceOf(speakers, input)
  // Worst first, first hit wins.
  const standing = ((): HopStanding => {
    if (speakers.length === 0) return 'unseen'
    if (count.hole > 0 || offsets.holes.length > 0) return 'hole'
    if (silentSince !== null) return 'silent'
    if (count.behind > 0) return 'behind'
    return count.passed === 0 ? 'open' : 'whole'
  })()
  const begun = [runStart(windows), silentSince, offsets.firstAt].filter((at) => at !== null)
  const runs = runsOf(windows)
  const passed = windows.filter(([, { state }]) => state === 'passed').at(-1)
  return {
    ...{ pipeline, hop: name, role: hop.role, at: describeHop(hop), standing },
    since: begun.length === 0 ? null : isoOf(Math.min(...begun)),
    passedUntil: passed === undefined ? null : isoOf(passed[1].end),
    windows: count,
    runs: runs.slice(-LISTED_MAX),
    runCount: runs.length,
    why: [...new Set(windows.filter(isMissing).at(-1)?.[1].why)].slice(0, LISTED_MAX),
    partitions: offsets.partitions,
    holes: holes.slice(0, LISTED_MAX),
    holeCount: holes.length,
    otherHoleCount: offsets.others,
    agents: speakers.slice(0, LISTED_MAX).map((i) => speakerOf(i, key, input.now)),
    agentCount: speakers.length,
    dropped: droppedOf(key, input),
  }
}

const isMissing = ([, { state }]: readonly [number, WindowPassage]): boolean =>
  state === 'behind' || state === 'hole'

function runsOf(windows: readonly (readonly [number, WindowPassage])[]): WindowRun[] {
  const runs: WindowRun[] = []
  for (const [start, { state, end }] of windows) {
    const last = runs.at(-1)
    if (last?.state === state)
      runs[runs.length - 1] = { ...last, to: isoOf(end), windows: last.windows + 1 }
    else runs.push({ state, from: isoOf(start), to: isoOf(end), windows: 1 })
  }
  return runs
}

/** Start of the first window of the present run of those not passed; null: the newest one was passed. */
function runStart(windows: readonly (readonly [number, WindowPassage])[]): number | null {
  let start: number | null = null
  for (const entry of windows) {
    if (isMissing(entry)) start ??= entry[0]
    else if (entry[1].state === 'passed') start = null
  }
  return start
}

function stateOf(instance: InstanceState, now: number): Speaker['state'] {
  if (instance.goodbye !== null) return 'goodbye'
  return isSilent(instance, now) ? 'silent' : 'live'
}

/**
 * When the last speaker was heard, if it fell silent and nobody took over; null otherwise. One heard
 * beyond the windows asked for has spoken for them. @param speakers the one heard last comes first
 */
function silentSinceOf(
  speakers: readonly InstanceState[],
  { now, until }: HopCoverageInput,
): number | null {
  const [last] = speakers
  if (last === undefined || stateOf(last, now) !== 'silent') return null
  if (speakers.some((i) => stateOf(i, now) === 'live')) return null
  return until !== undefined && last.lastHeardAt >= until ? null : last.lastHeardAt
}

function speakerOf(instance: InstanceState, key: HopKey, now: number): Speaker {
  const { service, seen, seals, lastHeardAt } = instance
  const seal = seals.find((s) => hopKey(s.hop) === key)
  return {
    service,
    instance: instance.instance,
    state: stateOf(instance, now),
    lastHeard: isoOf(lastHeardAt),
    frames: sizeOf(seen),
    missingFrames: missingFramesOf(instance),
    sealedUntil: seal === undefined ? null : isoOf(seal.sealedUntil),
  }
}

/** Of gaps that touch the windows asked for. */
function droppedOf(
  key: HopKey,
  { gaps: all, since, until = Number.MAX_SAFE_INTEGER }: HopCoverageInput,
): HopSummary['dropped'] {
  return droppedBy(
    all.filter((gap) => gap.key === key && gap.toWindow >= since && gap.fromWindow < until),
  )
}
