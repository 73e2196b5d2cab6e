/** Versions of schemas as they were seen on the wire, and how they differ. Pure. */
import { byText } from '../../base/by-text.ts'
import type { FieldChange, VersionSeen, WatchedHop } from '../judge.ts'
import type { RegistryFacts, SchemaField } from '../registry-facts.ts'
import type { LookedAt } from './looked.ts'
import type { Seen } from './sighting.ts'
import { schemaFact } from './standing.ts'

/** Of one topic: those with the most messages. Whoever writes noise names a new one each time. */
const VERSIONS_MAX = 50

interface Sum {
  readonly topic: string
  readonly first: Seen
  readonly hops: Map<number, { from: number; until: number; count: number }>
  readonly services: Map<string, number>
}

/** @param seen in order of time */
export function versionsOf(
  pipeline: string,
  hops: readonly WatchedHop[],
  seen: readonly Seen[],
  facts: RegistryFacts,
  since: number,
  looked: LookedAt,
): VersionSeen[] {
  const sums = new Map<string, Sum>()
  for (const one of seen) {
    const { at, hop, variant, window, end, writer } = one
    if (variant.schema === '') continue
    const key = [hop.topic, variant.claim, variant.schema].join('\u0000')
    const sum = sums.get(key) ?? {
      ...{ topic: hop.topic, first: one, hops: new Map(), services: new Map() },
    }
    sums.set(key, sum)
    const own = sum.hops.get(at) ?? { from: window, until: end, count: 0 }
    sum.hops.set(at, {
      from: Math.min(own.from, window),
      until: Math.max(own.until, end),
      count: own.count + variant.count,
    })
    if (writer !== null) {
      sum.services.set(writer.service, (sum.services.get(writer.service) ?? 0) + variant.count)
    }
  }
  return byTopic([...sums.values()]).flatMap((list) =>
    told(list, { pipeline, hops, facts, since, looked }),
  )
}

interface Ground {
  readonly pipeline: string
  readonly hops: readonly WatchedHop[]
  readonly facts: RegistryFacts
  readonly since: number
  readonly looked: LookedAt
}

function told(
  sums: readonly Sum[],
  { pipeline, hops, facts, since, looked }: Ground,
): VersionSeen[] {
  let before: readonly SchemaField[] | null = null
  return kept(sums).flatMap((sum) => {
    const { variant, named } = sum.first
    const fact = schemaFact(facts, variant)
    const fields = fact?.state === 'registered' ? fact.fields : null
    const changes = before === null || fields === null ? [] : changesOf(before, fields)
    before = fields ?? before
    const at = Math.min(...sum.hops.keys())
    const own = sum.hops.get(at)
    const lastSeen = Math.max(...[...sum.hops.values()].map(({ until }) => until))
    if (own === undefined || lastSeen <= since) return []
    const groups = [...sum.hops.keys()]
      .sort((a, b) => a - b)
      .flatMap((place) => (hops[place]?.role === 'consumer' ? [hops[place].hop] : []))
    return [
      {
        ...{ pipeline, topic: sum.topic, subject: named.subject, schema: named.schema },
        ...{ version: named.version, firstSeen: firstOf(sum), lastSeen, count: own.count },
        of: looked.of(at, own.from, own.until),
        oneIn: sum.first.shape.oneIn,
        services: [...sum.services]
          .sort(([a, n], [b, m]) => m - n || byText(a, b))
          .map(([service]) => service),
        ...{ groups, changes },
      },
    ]
  })
}

const firstOf = ({ hops }: Sum): number => Math.min(...[...hops.values()].map(({ from }) => from))

/** As first seen; of those seen at once the older version first. */
function kept(sums: readonly Sum[]): Sum[] {
  const weight = ({ hops }: Sum): number => Math.max(...[...hops.values()].map((own) => own.count))
  return [...sums]
    .sort((a, b) => weight(b) - weight(a) || byText(a.first.named.schema, b.first.named.schema))
    .slice(0, VERSIONS_MAX)
    .sort(
      (a, b) =>
        firstOf(a) - firstOf(b) ||
        (a.first.named.version ?? 0) - (b.first.named.version ?? 0) ||
        byText(a.first.named.schema, b.first.named.schema),
    )
}

function byTopic(sums: readonly Sum[]): Sum[][] {
  const topics = new Map<string, Sum[]>()
  for (const sum of sums) {
    const list = topics.get(sum.topic)
    if (list === undefined) topics.set(sum.topic, [sum])
    else list.push(sum)
  }
  return [...topics].sort(([a], [b]) => byText(a, b)).map(([, list]) => list)
}

/** By path. */
function changesOf(before: readonly SchemaField[], after: readonly SchemaField[]): FieldChange[] {
  const [old, now] = [byPath(before), byPath(after)]
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort(byText)
    .flatMap((path): FieldChange[] => {
      const [was, is] = [old.get(path) ?? '', now.get(path) ?? '']
      if (was === is) return []
      const change = was === '' ? 'added' : is === '' ? 'removed' : 'changed'
      return [{ path, change, before: was, after: is }]
    })
}

const byPath = (fields: readonly SchemaField[]): ReadonlyMap<string, string> =>
  new Map(fields.map(({ path, type, required }) => [path, required ? type : `${type}, optional`]))
