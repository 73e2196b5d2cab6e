/**
 * What repairs a loss: where the lost messages still lie, and who has to do what with them. Pure.
 *
 * | the edge          | where they lie            | the repair                                             |
 * | ----------------- | ------------------------- | ------------------------------------------------------ |
 * | producer → topic  | nowhere: only its sender has them | it sends them again, with their ids            |
 * | topic → group     | in the topic              | the group goes back                                    |
 * | group → anything  | in the topic it reads     | the group goes back, and does it again                 |
 * | topic → topic     | in the first              | a copy into the second, if the value is promised to stay |
 *
 * A record is never sent into the topic where it lies already: that makes a second message of it, for
 * every group that reads there. The edge before calls it doubled, and rightly; the edge that lost it still
 * has one less at its end than at its beginning.
 */
import type { OffsetRange } from '../base/intervals.ts'
import { type HopRef, hopKey, topicHop } from '../hop/hop.ts'
import type { EdgeDeclaration, HopDeclaration } from '../hop/pipeline.ts'
import { uuidOfHex } from '../message/id.ts'

export type Repair =
  /** The group is set back to these offsets, and handles them again. */
  | { readonly by: 'seek'; readonly cluster: string; readonly group: string }
  /** The records are sent to this topic as they are. */
  | { readonly by: 'produce'; readonly cluster: string; readonly topic: string }
  /** These services send them again. */
  | { readonly by: 'producer'; readonly services: readonly string[] }
  | { readonly by: 'hand'; readonly why: string }

/** Of one edge: topics in which what it lost may lie, and what is done with it. */
export interface Way {
  readonly sources: readonly HopRef[]
  readonly repair: Repair
}

/** Lost messages at adjoining offsets. */
export interface ReplayRange extends OffsetRange {
  readonly cluster: string
  readonly topic: string
  /** One for each offset, 32 hex digits. */
  readonly ids: readonly string[]
}

export interface Lost {
  /** 32 hex digits */
  readonly id: string
  /** ms */
  readonly born: number
}

export interface Resend extends Lost {
  readonly topic: string
  /** The instance that made the id, and its service; null: it did not report. */
  readonly instance: string | null
  readonly service: string | null
}

export interface NotFound extends Lost {
  readonly why: string
}

export interface EdgeReplay {
  readonly pipeline: string
  readonly edge: string
  readonly repair: Repair
  /** By topic, partition and offset. */
  readonly ranges: readonly ReplayRange[]
  readonly resends: readonly Resend[]
  readonly notFound: readonly NotFound[]
  /** Messages that are missing, and that nobody can name. */
  readonly unnamed: number
}

export function wayOf({ from, to, preserve }: EdgeDeclaration): Way {
  const sources = topicsOf(from)
  const consumers = from.filter(({ hop }) => hop.role === 'consumer')
  if (sources.length === 0) {
    const services = from.filter(({ hop }) => hop.role === 'producer').map(({ hop }) => hop.name)
    const isProduced = services.length > 0
    return { sources, repair: isProduced ? { by: 'producer', services } : byHand(NO_LOG) }
  }
  const [first, ...others] = consumers.length > 0 ? consumers : rolesIn(to, 'consumer')
  if (first !== undefined)
    return { sources, repair: others.length > 0 ? byHand(GROUPS) : seek(first) }
  const [target, ...more] = rolesIn(to, 'topic').filter(({ deadLetter }) => !deadLetter)
  if (target === undefined) return { sources, repair: byHand(NO_TOPIC) }
  if (more.length > 0) return { sources, repair: byHand(TOPICS) }
  if (preserve?.value !== true) return { sources, repair: byHand(UNPROMISED) }
  const { cluster, topic } = target.hop
  return { sources, repair: { by: 'produce', cluster, topic } }
}

const NO_LOG = 'what passes there lies in no log'
const GROUPS = 'several groups share these messages: which of them has to go back is not known'
const NO_TOPIC = 'hand these records to whoever feeds what is behind the edge'
const TOPICS = 'they belong in one of several topics'
const UNPROMISED =
  'the edge does not promise that values stay as they are (preserve: [value]): a copy may not be what is missing; run again what makes it'

const byHand = (why: string): Repair => ({ by: 'hand', why })

const seek = ({ hop }: HopDeclaration): Repair => ({
  ...{ by: 'seek', cluster: hop.cluster, group: hop.group },
})

const rolesIn = (hops: readonly HopDeclaration[], role: HopRef['role']): HopDeclaration[] =>
  hops.filter(({ hop }) => hop.role === role)

/** Of topics themselves, and of what groups read. */
function topicsOf(hops: readonly HopDeclaration[]): HopRef[] {
  const topics = hops
    .filter(({ hop }) => hop.role === 'topic' || hop.role === 'consumer')
    .map(({ hop }) => topicHop(hop.cluster, hop.topic))
  return [...new Map(topics.map((hop) => [hopKey(hop), hop])).values()]
}

export interface LostAt {
  readonly id: string
  readonly cluster: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Adjoining offsets as one. */
export function rangesOf(places: readonly LostAt[]): readonly ReplayRange[] {
  const sorted = [...places].sort(
    (a, b) =>
      byText(a.cluster, b.cluster) ||
      byText(a.topic, b.topic) ||
      a.partition - b.partition ||
      a.offset - b.offset,
  )
  const ranges: ReplayRange[] = []
  for (const { id, cluster, topic, partition, offset } of sorted) {
    const last = ranges.at(-1)
    const isSame = last?.cluster === cluster && last.topic === topic && last.partition === partition
    if (isSame && last.high === offset - 1)
      ranges[ranges.length - 1] = { ...last, high: offset, ids: [...last.ids, id] }
    else ranges.push({ cluster, topic, partition, low: offset, high: offset, ids: [id] })
  }
  return ranges
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** 0: all that is lost can be repaired by what is listed, or nothing is; 3: something could not be found. */
export function replayCode(edges: readonly EdgeReplay[]): 0 | 3 {
  const isOpen = ({ resends, notFound, unnamed }: EdgeReplay): boolean =>
    resends.length + notFound.length + unnamed > 0
  return edges.some(isOpen) ? 3 : 0
}

/** 8-4-4-4-12 */
export const shownIdOf = (id: string): string => uuidOfHex(id)
