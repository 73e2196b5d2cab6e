/** A hop: a point where an agent observes. */

export const hopRoles = ['producer', 'topic', 'consumer', 'sink', 'stream'] as const
export type HopRole = (typeof hopRoles)[number]

/** The coordinates of a hop; fields that the role does not use are empty strings. */
export interface HopRef {
  readonly role: HopRole
  /** The cluster's name in the pipeline file; `default` where there is one. */
  readonly cluster: string
  /** producer, topic, consumer */
  readonly topic: string
  /** consumer */
  readonly group: string
  /** producer: the service that sends; sink and stream: their name */
  readonly name: string
}

declare const hopKeyBrand: unique symbol
/** A hop's coordinates as one string; two hops are the same exactly if their keys are. */
export type HopKey = string & { readonly [hopKeyBrand]: true }

export const producerHop = (cluster: string, topic: string, service: string): HopRef => ({
  role: 'producer',
  cluster,
  topic,
  group: '',
  name: service,
})
export const topicHop = (cluster: string, topic: string): HopRef => ({
  role: 'topic',
  cluster,
  topic,
  group: '',
  name: '',
})
export const consumerHop = (cluster: string, topic: string, group: string): HopRef => ({
  role: 'consumer',
  cluster,
  topic,
  group,
  name: '',
})
export const sinkHop = (name: string): HopRef => ({
  role: 'sink',
  cluster: '',
  topic: '',
  group: '',
  name,
})
export const streamHop = (name: string): HopRef => ({
  role: 'stream',
  cluster: '',
  topic: '',
  group: '',
  name,
})

export function hopKey(hop: HopRef): HopKey {
  return [hop.role, hop.cluster, hop.topic, hop.group, hop.name]
    .map(encodeURIComponent)
    .join('/') as HopKey
}

export function hopOfKey(key: HopKey): HopRef {
  const [role, cluster, topic, group, name] = key.split('/').map(decodeURIComponent)
  return {
    role: role as HopRole,
    cluster: cluster ?? '',
    topic: topic ?? '',
    group: group ?? '',
    name: name ?? '',
  }
}

/** A hop in words: `topic flights`, `group enrich on flights`. */
export function describeHop(hop: HopRef): string {
  const at = hop.cluster === '' || hop.cluster === 'default' ? '' : ` (${hop.cluster})`
  switch (hop.role) {
    case 'producer':
      return `service ${hop.name} into ${hop.topic}${at}`
    case 'topic':
      return `topic ${hop.topic}${at}`
    case 'consumer':
      return `group ${hop.group} on ${hop.topic}${at}`
    default:
      return `${hop.role} ${hop.name}`
  }
}
