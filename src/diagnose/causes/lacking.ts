/** What would have told more, by name. */
import { formatCount, plural } from '../../base/words.ts'
import { describeHop, hopKey } from '../../hop/hop.ts'
import { deadAt } from './again.ts'
import type { Ground } from './ground.ts'
import type { Message } from './messages.ts'
import { unitOf } from './messages.ts'
import { isNoted } from './readers.ts'

/** More than this nobody reads. */
const LACKING_MAX = 8

export interface Untold {
  readonly named: readonly Message[]
  readonly nameless: number
  /** What the rules found that was not enough. */
  readonly notes: readonly string[]
}

export function lackingOf(ground: Ground, untold: Untold): readonly string[] {
  const parts = [
    ...untold.notes,
    ...sampled(ground),
    ...logs(ground, untold),
    ...mishaps(ground),
    ...deaths(ground),
    ...counts(ground),
    ...(untold.nameless > 0
      ? [`${formatCount(untold.nameless)} of them are not known by name`]
      : []),
  ]
  return [...new Set(parts)].slice(0, LACKING_MAX)
}

function sampled({ finding }: Ground): readonly string[] {
  const oneIn = unitOf(finding)
  return oneIn > 1 ? [`one message in ${formatCount(oneIn)} was looked at`] : []
}

function logs({ topics, search, evidence }: Ground, { named }: Untold): readonly string[] {
  return topics.flatMap((topic) => {
    const searched = search.of(topic)
    if (searched === null) {
      const isUnclear = evidence.log?.searched.some((s) => s.topic === topic.topic) === true
      return isUnclear
        ? [`which log of ${topic.topic} was searched is not clear: several clusters have one`]
        : [`the log of ${topic.topic} was not searched: name brokers with --brokers`]
    }
    const unasked = named.some(({ found }) => search.placesIn(topic, found.id) === null)
    return [
      ...(searched.isComplete
        ? []
        : [`the log of ${topic.topic} was searched in part${why(searched.why)}`]),
      ...(unasked ? [`not all of them were looked for in the log of ${topic.topic}`] : []),
    ]
  })
}

const why = ([first]: readonly string[]): string => (first === undefined ? '' : `: ${first}`)

function mishaps({ evidence, readers, groups, topics, sends }: Ground): readonly string[] {
  const producers = (['passed', 'rejected', 'withdrawn'] as const).flatMap((c) => sends(c).hops)
  const hops = new Map(
    [...readers.hops, ...groups, ...topics, ...producers].map((h) => [hopKey(h), h]),
  )
  return [...hops.values()]
    .filter((hop) => !isNoted(hop, evidence))
    .map((hop) => `mishaps of ${describeHop(hop)} were not all noted`)
}

function deaths({ evidence, readers, groups }: Ground): readonly string[] {
  return [...readers.hops, ...groups]
    .filter((hop) => deadAt(hop, evidence).length > 0)
    .map((hop) => `a member of ${describeHop(hop)} died: what it did last nobody tells`)
}

function counts({ evidence, tallies, where, finding }: Ground): readonly string[] {
  const { verdict, edge } = evidence
  const keys = new Set(tallies.map((t) => t.key))
  const isPruned = [...edge.from, ...edge.to].some(({ name, hop }) => {
    const side = [...verdict.from, ...verdict.to].find((s) => s.hop === name)
    return side !== undefined && side.count > 0 && !keys.has(hopKey(hop))
  })
  const isPlaceless = where.placeless > 0 && finding.code === 'lost'
  return [
    ...(isPruned ? ['what was counted of the window is pruned'] : []),
    ...(isPlaceless
      ? [`${plural(where.placeless, 'send')} got no offset: acks 0, or no answer`]
      : []),
  ]
}
