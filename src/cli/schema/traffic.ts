/**
 * What a store saw of the messages of each subject: the shapes of the hop that sees most of its topics,
 * in one sum.
 */
import { resolve } from 'node:path'
import type { RegistryFacts } from '../../drift/registry-facts.ts'
import { type Field, PATH_CHARS_MAX, type ShapePlan } from '../../drift/shape.ts'
import type { SubjectVersions } from '../../evolution/sources/source.ts'
import { type SubjectTraffic, TRAFFIC_DAYS } from '../../evolution/usage.ts'
import type { TextsSeen } from '../../evolution/usage-values.ts'
import type { StoredShape } from '../../hop/evidence.ts'
import type { HopRef } from '../../hop/hop.ts'
import type { Pipeline } from '../../hop/pipeline.ts'
import { REGISTRY_FACT } from '../../store/facts.ts'
import type { Store } from '../../store/store.ts'
import { heldShapes } from '../held-shapes.ts'
import { registryFactsOf } from '../registry-fact.ts'
import { auditedIn } from '../store-reader.ts'

const DAY_MS = 86_400_000

export interface Traffic {
  /** Null: no message of a topic of that subject was looked at. */
  readonly of: (subject: string) => SubjectTraffic | null
  /** Protobuf: the message that its topics are declared to hold; null: none is declared. */
  readonly messageOf: (subject: string) => string | null
}

export async function trafficIn(
  store: Store,
  subjects: readonly SubjectVersions[],
  now: number,
): Promise<Traffic> {
  const pipelines = await auditedIn(store)
  const shapes = await heldShapes(store, now - TRAFFIC_DAYS * DAY_MS)
  const facts = registryFactsOf(await store.fact(REGISTRY_FACT))
  const seen = new Map<string, SubjectTraffic>()
  const messages = new Map<string, string>()
  for (const subject of subjects) {
    const topics = topicsOf(subject, pipelines)
    const message = topics.map(({ plan }) => plan?.message ?? null).find((one) => one !== null)
    if (message !== undefined) messages.set(subject.subject, message)
    const traffic = summed(subject.subject, topics, { shapes, pipelines, facts, now })
    if (traffic !== null) seen.set(subject.subject, traffic)
  }
  return {
    of: (subject) => seen.get(subject) ?? null,
    messageOf: (subject) => messages.get(subject) ?? null,
  }
}

interface Topic {
  readonly cluster: string
  readonly topic: string
  readonly plan: ShapePlan | null
}

/**
 * Those whose declaration names the subject, or its file; and those that the subject is named after, as
 * registries do it: `flights-value`.
 */
function topicsOf(
  { subject, path }: SubjectVersions,
  pipelines: readonly Pipeline[],
): readonly Topic[] {
  const name = subject.slice(subject.lastIndexOf('/') + 1)
  const file = path === null ? null : resolve(path)
  const topics = new Map<string, Topic>()
  for (const { hop, shape } of pipelines.flatMap(({ hops }) => hops)) {
    if (hop.role !== 'topic') continue
    const isDeclared = shape?.subject === subject || (file !== null && shape?.file === file)
    if (!isDeclared && name !== `${hop.topic}-value` && name !== hop.topic) continue
    const key = JSON.stringify([hop.cluster, hop.topic])
    const plan = shape ?? topics.get(key)?.plan ?? null
    topics.set(key, { cluster: hop.cluster, topic: hop.topic, plan })
  }
  return [...topics.values()]
}

interface Seen {
  readonly shapes: readonly StoredShape[]
  readonly pipelines: readonly Pipeline[]
  readonly facts: Readonly<Record<string, RegistryFacts>>
  readonly now: number
}

function summed(
  subject: string,
  topics: readonly Topic[],
  { shapes, pipelines, facts, now }: Seen,
): SubjectTraffic | null {
  const byTopic = topics.map((topic) => bestOf(shapes.filter(({ hop }) => isAt(hop, topic))))
  const own = byTopic.flat()
  const looked = sum(own, ({ shape }) => shape.looked)
  if (looked === 0) return null
  const hops = [
    ...pipelines.flatMap((pipeline) => pipeline.hops.map(({ hop }) => hop)),
    ...shapes.map(({ hop }) => hop),
  ]
  const groups = hops.filter(
    (hop) => hop.role === 'consumer' && topics.some((topic) => isAt(hop, topic)),
  )
  const variants = own.flatMap(({ shape }) => shape.variants)
  const lastSeen = lastSeenIn(own)
  return {
    topics: topics.map(({ topic }) => topic),
    groups: [...new Set(groups.map(({ group }) => group))].sort(),
    // Of the topic that was seen least: what came on another says nothing of it.
    daysSeen: Math.min(...byTopic.map((some) => daysIn(some, now))),
    oneIn: Math.max(...own.map(({ shape }) => shape.oneIn)),
    looked,
    read: sum(variants, (variant) => readIn(variant.fields)),
    scaled: sum(own, ({ shape }) => shape.looked * shape.oneIn),
    hasMore: variants.some(({ moreFields }) => moreFields > 0),
    fields: fieldsIn(own),
    texts: textsIn(own),
    versions: versionsOf(subject, topics, facts, lastSeen),
    hasOtherSchemas: variants.some(({ schema }) => schema === ''),
    pathCharsMax: PATH_CHARS_MAX,
  }
}

function isAt(hop: HopRef, { cluster, topic }: Topic): boolean {
  return hop.cluster === cluster && hop.topic === topic
}

/** Every message passes the topic; else what all producers sent; else the group that was seen most. */
function bestOf(shapes: readonly StoredShape[]): readonly StoredShape[] {
  const lookedOf = (some: readonly StoredShape[]) => sum(some, ({ shape }) => shape.looked)
  for (const role of ['topic', 'producer'] as const) {
    const own = shapes.filter(({ hop }) => hop.role === role)
    if (lookedOf(own) > 0) return own
  }
  const groups = [...new Set(shapes.map(({ key }) => key))]
  const ofGroup = groups.map((key) => shapes.filter((shape) => shape.key === key))
  return ofGroup.reduce((best, own) => (lookedOf(own) > lookedOf(best) ? own : best), [])
}

/** Messages that could be read: those whose value as a whole is known. */
function readIn(fields: readonly Field[]): number {
  return fields.find(({ path }) => path === '')?.present ?? 0
}

function fieldsIn(shapes: readonly StoredShape[]): ReadonlyMap<string, number> {
  const fields = new Map<string, number>()
  for (const { path, present } of fieldsOf(shapes)) {
    fields.set(path, (fields.get(path) ?? 0) + present)
  }
  return fields
}

/** Bytes count as texts too: a field that holds them tells no values apart. */
function textsIn(shapes: readonly StoredShape[]): ReadonlyMap<string, TextsSeen> {
  const texts = new Map<string, { occurrences: number; symbols: Map<string, number> }>()
  for (const { path, types, symbols } of fieldsOf(shapes)) {
    if (types.string === undefined) continue
    const seen = texts.get(path) ?? { occurrences: 0, symbols: new Map<string, number>() }
    seen.occurrences += types.string
    for (const { symbol, count } of symbols) {
      seen.symbols.set(symbol, (seen.symbols.get(symbol) ?? 0) + count)
    }
    texts.set(path, seen)
  }
  return texts
}

function fieldsOf(shapes: readonly StoredShape[]): readonly Field[] {
  return shapes.flatMap(({ shape }) => shape.variants.flatMap(({ fields }) => fields))
}

/** Of the last `TRAFFIC_DAYS` times 24 hours, those in which messages were born that were looked at. */
function daysIn(shapes: readonly StoredShape[], now: number): number {
  const days = new Set<number>()
  for (const { window, spanMs, shape } of shapes) {
    if (shape.looked === 0) continue
    const oldest = Math.min(Math.floor((now - window) / DAY_MS), TRAFFIC_DAYS - 1)
    const newest = Math.max(Math.floor((now - (window + spanMs - 1)) / DAY_MS), 0)
    for (let day = newest; day <= oldest; day++) days.add(day)
  }
  return days.size
}

/** ms: end of the last window that holds a schema, by its id. */
function lastSeenIn(shapes: readonly StoredShape[]): ReadonlyMap<string, number> {
  const lastSeen = new Map<string, number>()
  for (const { window, spanMs, shape } of shapes) {
    for (const { schema } of shape.variants) {
      lastSeen.set(schema, Math.max(lastSeen.get(schema) ?? 0, window + spanMs))
    }
  }
  return lastSeen
}

/** Only of topics whose registry knows the subject, all of them. */
function versionsOf(
  subject: string,
  topics: readonly Topic[],
  facts: Readonly<Record<string, RegistryFacts>>,
  lastSeen: ReadonlyMap<string, number>,
): ReadonlyMap<number, number> {
  const versions = new Map<number, number>()
  for (const { plan } of topics) {
    const url = plan?.registry?.url
    const known = url === undefined ? undefined : facts[url]?.subjects[subject]
    if (known?.state !== 'registered') return new Map()
    for (const { version, id } of known.versions) {
      versions.set(version, Math.max(versions.get(version) ?? 0, lastSeen.get(id) ?? 0))
    }
  }
  return versions
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
