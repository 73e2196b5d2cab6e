/** A message that lies in a topic of dead letters is not gone: the edge does not name the place. */
import type { CauseFact } from '../../finding/cause.ts'
import { type HopRef, hopKey } from '../../hop/hop.ts'
import { hopFact, placeFact } from './facts.ts'
import type { Ground } from './ground.ts'
import { summed } from './outcomes.ts'
import { type CauseRule, likely, proven } from './rule.ts'

// Rule C2 - it lies among dead letters. Above C3 to C6: how it got there is told there, and there it can be
// had again. Other groups read the topic too, and put what they cannot handle aside: that one of them did
// says nothing of this edge.
export const deadLettered: CauseRule = {
  name: 'C2',
  code: 'dead_lettered',
  of: ({ id }, ground) => {
    for (const topic of elsewhere(ground)) {
      const sent = sentBy(topic, id, ground)
      if (sent !== null) return proven(sent)
      const lies = liesIn(topic, id, ground)
      if (lies === null) continue
      const owners = feedersOf(topic, ground)
      const ours = owners.filter((key) => own(ground).some((hop) => hopKey(hop) === key))
      if (owners.length > 0 && ours.length === 0) continue
      const isOurs = ours.length > 0 && ours.length === owners.length
      return isOurs ? proven(lies) : likely(lies)
    }
    return undefined
  },
}

/** Topics of dead letters that the edge does not name. */
function elsewhere({ evidence }: Ground): readonly HopRef[] {
  const { pipeline, edge } = evidence
  const named = new Set(edge.to.map(({ hop }) => hopKey(hop)))
  return pipeline.hops
    .filter(({ hop, deadLetter }) => deadLetter && hop.role === 'topic' && !named.has(hopKey(hop)))
    .map(({ hop }) => hop)
}

/** Who handles the messages of this edge. */
const own = ({ groups, readers }: Ground): readonly HopRef[] => [...groups, ...readers.hops]

/** One of them sent it there, as its producer says. */
function sentBy(topic: HopRef, id: string, ground: Ground): CauseFact | null {
  const sends = ground.tallies.filter(
    ({ hop, channel, origin }) =>
      hop.role === 'producer' &&
      channel === 'passed' &&
      hop.cluster === topic.cluster &&
      hop.topic === topic.topic &&
      own(ground).some((g) => g.group === origin?.group && g.topic === origin.topic),
  )
  const { ids, hops } = summed(sends)
  const [hop] = hops
  return ids.has(id) && hop !== undefined ? hopFact('dead_letter', hop) : null
}

function liesIn(topic: HopRef, id: string, { search, tallies }: Ground): CauseFact | null {
  const [place] = search.placesIn(topic, id) ?? []
  if (place !== undefined) return placeFact(place)
  const key = hopKey(topic)
  const seen = summed(tallies.filter((t) => t.key === key && t.channel === 'passed'))
  return seen.ids.has(id) ? hopFact('dead_letter', topic) : null
}

function feedersOf(topic: HopRef, { evidence }: Ground): readonly string[] {
  const key = hopKey(topic)
  return evidence.pipeline.edges
    .filter((edge) => edge.to.some(({ hop }) => hopKey(hop) === key))
    .flatMap((edge) => edge.from.map(({ hop }) => hopKey(hop)))
}
