/**
 * Whether hops have told all that they had seen at a time: without that, what they did not tell of is no
 * proof that it was not there. Nor is it if nobody listened: an agent that said goodbye, or died, may have
 * come back since the auditor heard anything at all.
 */
import { type InstanceState, isDead, silenceMs } from '../hop/evidence.ts'
import { type HopKey, type HopRef, hopKey, hopOfKey } from '../hop/hop.ts'
import type { HopDeclaration } from '../hop/pipeline.ts'

export interface Agents {
  readonly instances: readonly InstanceState[]
  /** ms */
  readonly now: number
}

export interface Tellers {
  /**
   * Each of their agents spoke after `at`, or said goodbye, or was dead before the first message of
   * interest was born. @param born ms: messages born before are of no interest
   */
  hasTold(born: number, at: number): boolean
  /** ms: up to when they have told; null: of some hop there is no agent but such as died. */
  readonly until: number | null
}

/** Of a hop without any known agent nothing was told, ever. */
export function tellersOf(hops: readonly HopDeclaration[], agents: Agents): Tellers {
  const { now } = agents
  const lists = hops.map(({ hop }) => speakersOf(hop, agents))
  const isKnown = lists.every((list) => list.length > 0)
  const left = [...new Set(lists.flat())].filter((i) => i.goodbye === null)
  const dead = left.filter((i) => isDead(i, now))
  const alive = left.filter((i) => !isDead(i, now))
  const heardAt = agents.instances.reduce((most, i) => Math.max(most, i.lastHeardAt), 0)
  const until = alive.reduce((least, i) => Math.min(least, i.lastSentAt), Math.min(now, heardAt))
  return {
    hasTold: (born, at) =>
      isKnown &&
      until >= at &&
      dead.every((i) => i.lastSentAt >= at || born >= i.lastSentAt + silenceMs(i)),
    until: lists.every((list) => list.some((i) => !isDead(i, now))) ? until : null,
  }
}

/** Into a topic those who send to it tell as well as who reads it. */
function speakersOf(hop: HopRef, { instances }: Agents): InstanceState[] {
  const key = hopKey(hop)
  const isOf = (other: HopKey): boolean => {
    if (other === key) return true
    if (hop.role !== 'topic') return false
    const { role, cluster, topic } = hopOfKey(other)
    return role === 'producer' && cluster === hop.cluster && topic === hop.topic
  }
  return instances.filter((i) => i.hops.some(isOf))
}
