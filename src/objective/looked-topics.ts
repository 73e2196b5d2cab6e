/**
 * The topics of a path into whose messages somebody looks. What is sent to a topic is what lies there and
 * what is read from it, byte by byte: any of its hops can speak for the others.
 */
import type { HopDeclaration, Pipeline } from '../hop/pipeline.ts'
import type { Path } from './paths.ts'

export interface LookedTopic {
  readonly topic: string
  /** 1: every message is looked at; n: one in n, as declared. */
  readonly oneIn: number
  /**
   * Names of hops that see all of its messages, together: its producers are such a set, the topic is one
   * by itself, and each of its consumers.
   */
  readonly views: readonly (readonly string[])[]
}

/** In the order of the path; dead letters are no end that was promised. */
export function lookedTopicsOf(
  { before, last, ends }: Path,
  { hops }: Pick<Pipeline, 'hops'>,
): LookedTopic[] {
  const rates = new Map(
    hops.flatMap((d) => (d.shape === undefined ? [] : [[placeOf(d), d.shape.oneIn] as const])),
  )
  const onPath = new Set([...before, last].flatMap((e) => e.from).concat(ends))
  const places = new Map<string, HopDeclaration[]>()
  for (const declared of onPath) {
    const { role } = declared.hop
    const place = placeOf(declared)
    if (role === 'sink' || role === 'stream' || !rates.has(place)) continue
    places.set(place, [...(places.get(place) ?? []), declared])
  }
  return [...places].map(([place, list]) => {
    const producers = list.filter(({ hop }) => hop.role === 'producer').map((d) => d.name)
    const others = list.filter(({ hop }) => hop.role !== 'producer').map((d) => [d.name])
    return {
      topic: list[0]?.hop.topic ?? '',
      oneIn: rates.get(place) ?? 1,
      views: [...(producers.length > 0 ? [producers] : []), ...others],
    }
  })
}

const placeOf = ({ hop }: HopDeclaration): string => JSON.stringify([hop.cluster, hop.topic])
