/** A message that lies in a topic of dead letters is not gone: the edge does not name the place. */
import { type HopKey, type HopRef, hopKey } from '../../hop/hop.ts'
import { hopFact, placeFact } from './facts.ts'
import type { Ground } from './ground.ts'
import { type Outcome, summed } from './outcomes.ts'
import { type CauseRule, likely, proven } from './rule.ts'

// Rule C2 - it lies among dead letters. Above C3 to C6: how it got there is told there, and there it can be
// had again. Other groups read the topic too, and put what they cannot handle aside: that one of them did
// says nothing of this edge.
export const deadLettered: CauseRule = {
  name: 'C2',
  code: 'dead_lettered',
  of: ({ id }, ground) => {
    for (const { topic, sent, seen, isOurs, isTheirs } of ground.once(deadLettersOf)) {
      const [by] = sent.hops
      if (sent.ids.has(id) && by !== undefined) return proven(hopFact('dead_letter', by))
      const [place] = ground.search.placesIn(topic, id) ?? []
      const lies = place === undefined ? hopFact('dead_letter', topic) : placeFact(place)
      if ((place === undefined && !seen.ids.has(id)) || isTheirs) continue
      return isOurs ? proven(lies) : likely(lies)
    }
    return undefined
  },
}

interface DeadLetters {
  readonly topic: HopRef
  /** Whoever handles the messages of this edge sent these there, as the producer says. */
  readonly sent: Outcome
  readonly seen: Outcome
  /** Nobody else puts any there. */
  readonly isOurs: boolean
  /** Others do, and nobody of this edge. */
  readonly isTheirs: boolean
}

function deadLettersOf(ground: Ground): readonly DeadLetters[] {
  const { groups, readers, tallies } = ground
  const own = [...groups, ...readers.hops]
  const ownKeys = new Set(own.map(hopKey))
  return elsewhere(ground).map((topic) => {
    const key = hopKey(topic)
    const sent = tallies.filter(
      ({ hop, channel, origin }) =>
        hop.role === 'producer' &&
        channel === 'passed' &&
        hop.cluster === topic.cluster &&
        hop.topic === topic.topic &&
        own.some((g) => g.group === origin?.group && g.topic === origin.topic),
    )
    const feeders = feedersOf(topic, ground)
    const ours = feeders.filter((feeder) => ownKeys.has(feeder))
    return {
      topic,
      sent: summed(sent),
      seen: summed(tallies.filter((t) => t.key === key && t.channel === 'passed')),
      isOurs: ours.length > 0 && ours.length === feeders.length,
      isTheirs: feeders.length > 0 && ours.length === 0,
    }
  })
}

/** Topics of dead letters that the edge does not name. */
function elsewhere({ evidence }: Ground): readonly HopRef[] {
  const { pipeline, edge } = evidence
  const named = new Set(edge.to.map(({ hop }) => hopKey(hop)))
  return pipeline.hops
    .filter(({ hop, deadLetter }) => deadLetter && hop.role === 'topic' && !named.has(hopKey(hop)))
    .map(({ hop }) => hop)
}

function feedersOf(topic: HopRef, { evidence }: Ground): readonly HopKey[] {
  const key = hopKey(topic)
  return evidence.pipeline.edges
    .filter((edge) => edge.to.some(({ hop }) => hopKey(hop) === key))
    .flatMap((edge) => edge.from.map(({ hop }) => hopKey(hop)))
}
