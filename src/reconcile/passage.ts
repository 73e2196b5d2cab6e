/**
 * Passage: when has a hop passed a window, and what is missing if not.
 *
 * Directional (law 1): `covers` says whether the hop would have seen what is known upstream, which is
 * what `lost` needs of `to`; `passed` says that nothing more will come, which `extra` needs of `from`.
 */
import { endOf, gaps, includes, type OffsetRange } from '../base/intervals.ts'
import { type InstanceState, isDead, isSilent, silenceMs } from '../hop/evidence.ts'
import { describeHop, type HopRef, hopKey } from '../hop/hop.ts'
import { producersInto, talliesOf, type WindowEvidence } from './evidence.ts'

/** Worst last: the passage of several hops is the greatest of theirs. */
export const passageOrder = ['passed', 'out_of_scope', 'behind', 'hole'] as const
export type PassageState = (typeof passageOrder)[number]

export interface Passage {
  readonly state: PassageState
  readonly why: readonly string[]
  /** Offsets of the window that no agent watched, and that the group has committed: handled, it says. */
  readonly committed?: number
  /** Offsets of the window that nobody read before they were deleted. */
  readonly deleted?: number
}

export const PASSED: Passage = { state: 'passed', why: [] }

export function worst(passages: readonly Passage[]): Passage {
  let state: PassageState = 'passed'
  let committed = 0
  let deleted = 0
  const why: string[] = []
  for (const p of passages) {
    if (passageOrder.indexOf(p.state) > passageOrder.indexOf(state)) state = p.state
    committed += p.committed ?? 0
    deleted += p.deleted ?? 0
    why.push(...p.why)
  }
  return {
    ...{ state, why },
    ...(committed > 0 ? { committed } : {}),
    ...(deleted > 0 ? { deleted } : {}),
  }
}

/** Evidence of this hop and window that is known to be lost: frames that never came, drops, strays. */
export function knownHoles(hop: HopRef, evidence: WindowEvidence): Passage {
  const key = hopKey(hop)
  const { window } = evidence
  const why: string[] = []
  for (const gap of evidence.gaps) {
    // The log that was cut is not the one in which the messages were found.
    if (evidence.isFound === true && gap.reason === LOG_CUT) continue
    if (gap.key === key && gap.fromWindow <= window && window <= gap.toWindow)
      why.push(`${gap.count} messages not counted: ${gap.reason}`)
  }
  for (const instance of evidence.instances) {
    if (!instance.hops.includes(key)) continue
    const frames = missingFrames(instance, window)
    if (frames.length > 0)
      why.push(`frames ${listed(frames)} of ${nameOf(instance)} have not arrived`)
  }
  return why.length === 0 ? PASSED : { state: 'hole', why }
}

/** Numbers of frames that are missing and may hold the window. */
function missingFrames(instance: InstanceState, window: number): number[] {
  const known = new Map(instance.missing.map((span) => [span.number, span]))
  const out: number[] = []
  // A known span says from > to when it holds no tally.
  for (const { number, from, to } of known.values())
    if (from <= window && window <= to && !includes(instance.seen, number)) out.push(number)
  // An unknown one may hold anything. Gaps can be as wide as numbers are: look at a few.
  if (window <= instance.unknownUntil)
    for (const [from, to] of gaps(instance.seen, 0, endOf(instance.seen) ?? 0))
      for (let number = from; number < to && out.length < NAMED_FRAMES_MAX; number++)
        if (!known.has(number)) out.push(number)
  return out
}

/** What a topic agent gives up when a log ends below what it has read. */
export const LOG_CUT = 'log-cut'

/** Missing frames named in one reason. */
const NAMED_FRAMES_MAX = 100

/** All instances that speak for a producer hop have sealed the window. */
export function producerPassage(hop: HopRef, evidence: WindowEvidence, windowMs: number): Passage {
  const key = hopKey(hop)
  const speakers = evidence.instances.filter((i) => i.hops.includes(key))
  if (speakers.length === 0)
    return { state: 'hole', why: [`no agent has reported for ${describeHop(hop)}`] }
  const passages = speakers.map((i) => instancePassage(i, hop, evidence, windowMs))
  return worst([knownHoles(hop, evidence), ...passages])
}

function instancePassage(
  instance: InstanceState,
  hop: HopRef,
  { window, now }: WindowEvidence,
  windowMs: number,
): Passage {
  const end = window + windowMs
  const key = hopKey(hop)
  const chainEnd = endOf(instance.seen) ?? 0
  // 1. Goodbye: its last frame is the end of the chain, and holds all there is.
  if (instance.goodbye !== null && instance.goodbye === chainEnd - 1) return PASSED
  const seal = instance.seals.find((s) => hopKey(s.hop) === key)
  const sealedUntil = seal?.sealedUntil ?? instance.firstSentAt
  const goneMs = silenceMs(instance)
  const gone = isSilent(instance, now)
  const opened = seal?.open.includes(window) === true
  // 2. Sealed: all sends begun before the window's end have resolved, and none of it is open.
  if (sealedUntil >= end && !opened) return PASSED
  // 3. Still heard: it will seal later.
  if (!gone) {
    const why = opened ? 'has sends of this window under way' : 'has not sealed this window yet'
    return { state: 'behind', why: [`${nameOf(instance)} ${why}`] }
  }
  // 4. Gone without goodbye: what it did after its last seal is not known, for three heartbeats.
  if (opened || window < sealedUntil + goneMs) {
    const at = new Date(sealedUntil).toISOString()
    return { state: 'hole', why: [`${nameOf(instance)} fell silent; sealed until ${at}`] }
  }
  // 5. The hole has ended: it sent nothing so much later.
  return PASSED
}

/** Sends into a topic that have not resolved may still bring ids of the window. */
export function openSends(topic: HopRef, { window, now, instances }: WindowEvidence): Passage {
  const why: string[] = []
  let state: PassageState = 'passed'
  for (const instance of instances) {
    const ended = instance.goodbye !== null
    for (const seal of instance.seals) {
      const here = seal.hop.topic === topic.topic && seal.hop.cluster === topic.cluster
      if (ended || !here || !seal.open.includes(window)) continue
      const gone = isSilent(instance, now)
      state = gone ? 'hole' : state === 'hole' ? 'hole' : 'behind'
      why.push(`${nameOf(instance)} ${gone ? 'fell silent with' : 'has'} sends of this window open`)
    }
  }
  return { state, why }
}

/**
 * Whether the frontier of a topic holds all that services sent while they handled what these groups
 * counted: their acknowledgements come in other tallies than what was handled, perhaps in other frames.
 */
export function acknowledged(
  topic: HopRef,
  groups: readonly HopRef[],
  evidence: WindowEvidence,
): boolean {
  const complete = (group: HopRef): boolean => {
    const counted = talliesOf(evidence, group).flatMap((t) => t.ranges)
    return reaches(group, counted, evidence).state === 'passed'
  }
  if (groups.length === 0) return true
  const whole = (hop: HopRef): boolean => knownHoles(hop, evidence).state === 'passed'
  return groups.every(complete) && producersInto(topic, evidence).every(whole)
}

/** Whether a hop has watched the offsets that were reported as counted: `extra` needs that. */
export function reaches(
  topic: HopRef,
  reported: readonly OffsetRange[],
  evidence: WindowEvidence,
): Passage {
  const covered = evidence.coverage.get(hopKey(topic))
  for (const { partition, low, high } of reported) {
    const [gap] = gaps(covered?.partitions.get(partition) ?? [], low, high + 1)
    if (gap !== undefined)
      return {
        state: 'behind',
        why: [`partition ${partition}: offset ${gap[0]} was read downstream, not yet here`],
      }
  }
  return PASSED
}

/**
 * Sinks and streams have no offsets: passed when something later was seen, or at the deadline. Only in
 * the order of what feeds them: the groups that do must have passed too.
 * @param mayHaveSeen whether an instance that died can have seen more of the window than it told
 */
export function arrivalPassage(
  hop: HopRef,
  evidence: WindowEvidence,
  deadline: number,
  mayHaveSeen: (instance: InstanceState) => boolean = (i) => i.hops.includes(hopKey(hop)),
): Passage {
  const key = hopKey(hop)
  const speakers = evidence.instances.filter((i) => i.hops.includes(key))
  if (speakers.length === 0)
    return { state: 'hole', why: [`no agent has reported for ${describeHop(hop)}`] }
  // One that died before the deadline may have seen more than it could say.
  const dead = evidence.instances.find((i) => {
    const gone = isDead(i, evidence.now)
    const late = i.lastSentAt < deadline && evidence.window < i.lastSentAt + silenceMs(i)
    return gone && late && mayHaveSeen(i)
  })
  if (dead !== undefined) return { state: 'hole', why: [`${nameOf(dead)} fell silent`] }
  if ((evidence.newestWindow.get(key) ?? 0) > evidence.window) return PASSED
  const alive = speakers.some((i) => !isDead(i, evidence.now))
  if (evidence.now >= deadline && alive) return PASSED
  return { state: 'behind', why: ['nothing later has arrived yet'] }
}

export function nameOf(instance: InstanceState): string {
  return `${instance.service} (${instance.instance.slice(0, 8)})`
}

function listed(numbers: readonly number[]): string {
  return numbers.length > 5 ? `${numbers.slice(0, 5).join(', ')}, …` : numbers.join(', ')
}
