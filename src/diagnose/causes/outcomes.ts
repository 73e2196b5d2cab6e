/** How sends into the edge's topics ended, as their producers counted them: by name as far as it goes. */
import type { StoredTally } from '../../hop/evidence.ts'
import type { Channel } from '../../hop/frame.ts'
import type { HopRef } from '../../hop/hop.ts'

export interface Outcome {
  /** Messages, with repetitions. */
  readonly count: number
  /** Id → how often; those that can be named. */
  readonly ids: ReadonlyMap<string, number>
  /** All of them are named: an id that is not in it is none of them. */
  readonly isListed: boolean
  readonly hops: readonly HopRef[]
}

export type Outcomes = (channel: Channel) => Outcome

/**
 * @param tallies one for each hop, channel, origin and reason
 * @param isPruned what was counted is gone: that nothing is there says nothing
 */
export function outcomesOf(tallies: readonly StoredTally[], isPruned: boolean): Outcomes {
  const known = new Map<Channel, Outcome>()
  return (channel) => {
    let outcome = known.get(channel)
    if (outcome === undefined) {
      const sum = summed(tallies.filter((t) => t.channel === channel))
      outcome = isPruned ? { ...sum, isListed: false } : sum
      known.set(channel, outcome)
    }
    return outcome
  }
}

export function summed(tallies: readonly StoredTally[]): Outcome {
  const ids = new Map<string, number>()
  let isListed = true
  for (const { sketch, params } of tallies) {
    const named = sketch.names()
    // A sample does not name those that were not chosen.
    if (!named.complete || params.oneIn > 1) isListed = false
    for (const { hex, times } of named.ids) ids.set(hex, (ids.get(hex) ?? 0) + times)
  }
  const hops = new Map(tallies.map((t) => [t.key, t.hop]))
  const count = tallies.reduce((n, t) => n + t.count * t.params.oneIn, 0)
  return { count, ids, isListed, hops: [...hops.values()] }
}
