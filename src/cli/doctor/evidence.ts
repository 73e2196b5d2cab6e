/** From the evidence in the store: who was heard, whose clocks disagree, what a sketch can name. Pure. */
import { formatCount, formatInstant, plural } from '../../base/words.ts'
import { durationText } from '../../config/duration-text.ts'
import type { EdgeVerdict } from '../../finding/verdict.ts'
import type { InstanceState } from '../../hop/evidence.ts'
import type { Pipeline } from '../../hop/pipeline.ts'
import { type ClockNote, clocksOf } from '../../objective/clocks.ts'
import type { HopSummary } from '../../objective/hop-coverage.ts'
import { type CheckResult, fail, ok, warn } from './check.ts'

/** A difference of so many ids is named id by id; see sketch/shape.ts. */
const NAMED_MAX = 650
/** Where a loss of so small a share cannot be named any more, windows are too large. */
const NAMED_SHARE_MIN = 0.001
/** More of one kind are counted. */
const LISTED_MAX = 20

export interface EvidenceFacts {
  readonly pipelines: readonly Pipeline[]
  readonly hops: readonly HopSummary[]
  readonly instances: readonly InstanceState[]
  readonly verdicts: readonly EdgeVerdict[]
}

export function checkEvidence(facts: EvidenceFacts): CheckResult[] {
  return [
    ...facts.hops.map(checkHop),
    ...checkWindows(facts),
    ...checkClocks(facts),
    ...checkSketch(facts),
  ]
}

function checkHop({ pipeline, hop, at, agents, agentCount }: HopSummary): CheckResult {
  const subject = `${pipeline}/${hop}`
  const [last] = agents
  if (last === undefined) {
    const message = `no agent was ever heard of ${at}`
    return warn(
      'agents',
      subject,
      message,
      'Start its agent: `audited(kafka, { service })`, or `quipu audit`.',
    )
  }
  const live = agents.filter((a) => a.state === 'live').length
  if (live > 0)
    return ok(
      'agents',
      subject,
      `${plural(live, 'agent')} of ${formatCount(agentCount)} heard lately`,
    )
  const heard = `last heard ${formatInstant(Date.parse(last.lastHeard))}`
  if (last.state === 'goodbye') return ok('agents', subject, `said goodbye, ${heard}`)
  const message = `its agents fell silent without a goodbye, ${heard}`
  return warn('agents', subject, message, 'Start them again, and look why they ended.')
}

/** Only like is compared with like: tallies of windows of another size say nothing here. */
function checkWindows({ pipelines, instances }: EvidenceFacts): CheckResult[] {
  const sizes = new Set(pipelines.map((p) => p.windowMs))
  if (sizes.size === 0) return []
  const wrong = instances.filter((i) => i.goodbye === null && !sizes.has(i.windowMs))
  const services = [
    ...new Set(wrong.map((i) => `${i.service} (${durationText(i.windowMs)})`)),
  ].sort()
  if (services.length === 0) return []
  const size = [...sizes].map(durationText).join(', ')
  const message = `count windows of another size than the file says (${size}), so nothing of theirs can be compared`
  const shown = services.slice(0, LISTED_MAX).join(', ')
  const todo = 'Give them the same file (QUIPU_CONFIG) and start them again.'
  return [fail('agent-windows', shown, message, todo)]
}

function checkClocks({ instances, pipelines }: EvidenceFacts): CheckResult[] {
  if (instances.length === 0) return []
  const notes = clocksOf(instances, [])
  if (notes.length === 0) {
    return [ok('clocks', plural(instances.length, 'agent'), 'no clock is known to be off')]
  }
  const latenessMs = Math.min(...pipelines.map((p) => p.latenessMs))
  return notes.slice(0, LISTED_MAX).flatMap((note) => checkClock(note, latenessMs))
}

function checkClock(note: ClockNote, latenessMs: number): CheckResult[] {
  const todo = 'Set the clocks of its hosts by NTP.'
  if (note.kind === 'ahead') {
    const message = `its clock was ahead of the auditor's by at least ${durationText(note.atLeastMs)}`
    // Births beyond the deadline of their own windows: what is late cannot be told from what is lost.
    const say = note.atLeastMs > latenessMs ? fail : warn
    return [say('clocks', note.service, message, todo)]
  }
  if (note.kind !== 'behind_or_slow') return []
  const message = `its clock is behind the auditor's by at most ${durationText(note.atMostMs)}, or all its frames were slow`
  return [warn('clocks', note.service, message, todo)]
}

/** A sketch takes any volume; the difference of two names so many ids, whatever the volume. */
function checkSketch({ verdicts }: EvidenceFacts): CheckResult[] {
  let most: EdgeVerdict | undefined
  for (const verdict of verdicts) {
    if (verdict.counts.expected > (most?.counts.expected ?? 0)) most = verdict
  }
  if (most === undefined) return []
  const { expected } = most.counts
  const subject = `${most.pipeline}: ${most.edge}`
  const volume = `up to ${plural(expected, 'message')} a window`
  if (expected <= NAMED_MAX) return [ok('sketch', subject, `${volume}: every loss is named by id`)]
  const share = Number(((100 * NAMED_MAX) / expected).toPrecision(2))
  const message = `${volume}: losses of up to ${share}% are named by id, larger ones estimated`
  if (NAMED_MAX / expected >= NAMED_SHARE_MIN) return [ok('sketch', subject, message)]
  return [warn('sketch', subject, message, 'Make `window` smaller, so that a window holds fewer.')]
}
