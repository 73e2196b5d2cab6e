/**
 * What an agent that was killed may have seen and never told.
 *
 * A consumer that dies between two frames has handled messages that nobody heard of. Those above the
 * group's commit are handled again by another member: twice in truth, once in the books. So for the
 * windows that such a death can touch nobody can say that each message was handled once. The hole ends:
 * it cannot have handled what was born so long after it was last heard, nor what lies below the offset
 * up to which it had told all.
 */
import { type InstanceState, isSilent, silenceMs } from '../hop/evidence.ts'
import { type HopRef, hopKey } from '../hop/hop.ts'
import type { WindowEvidence } from './evidence.ts'
import { frontierOf } from './frontier.ts'
import { nameOf } from './passage.ts'

/** Why messages of the window may have been handled here and not been told; empty: none was. */
export function untoldAt(hop: HopRef, evidence: WindowEvidence, windowMs: number): string[] {
  if (hop.role !== 'consumer') return []
  const key = hopKey(hop)
  const dead = evidence.instances.filter(
    (i) => i.goodbye === null && i.hops.includes(key) && isSilent(i, evidence.now),
  )
  if (dead.length === 0) return []
  const { partitions } = frontierOf(hop, hop, evidence)
  return dead.flatMap((instance) => {
    if (evidence.window >= instance.lastSentAt + silenceMs(instance)) return []
    const reach = new Map(
      instance.reach.filter((r) => r.key === key).map((r) => [r.partition, r.to]),
    )
    const touched = [...partitions].some(([partition, { high }]) => {
      const to = reach.get(partition)
      // A partition of which it never spoke it can have been given just before it died.
      return to === undefined ? isRecent(instance, evidence.window + windowMs) : to <= high
    })
    const at = new Date(instance.lastSentAt).toISOString()
    return touched ? [`${nameOf(instance)} fell silent; told until ${at}`] : []
  })
}

/** Whether messages born before `end` may have come to it after its last frame. */
function isRecent({ lastSentAt }: InstanceState, end: number): boolean {
  return end > lastSentAt
}
