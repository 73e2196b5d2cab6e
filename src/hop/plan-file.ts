/**
 * The pipelines of a file as an agent reads them: as far as they say what a hop must keep.
 *
 * The auditor refuses a file with mistakes (src/config). An agent has nobody to tell before it starts,
 * and an older one may meet what it does not know: it leaves out whatever it cannot read, and says so.
 * From a file that the auditor accepts both get the same plans.
 */
import { parseDuration } from '../base/duration.ts'
import type { Environment } from '../base/environment.ts'
import {
  isTraceHeader,
  PRESERVE_NAME_MAX,
  type Preserve,
  type PreservePart,
  preserveName,
  preserveOf,
} from '../message/digest.ts'
import { oneInOf } from '../sketch/sample.ts'
import {
  consumerHop,
  type HopRef,
  hopRoles,
  producerHop,
  sinkHop,
  streamHop,
  topicHop,
} from './hop.ts'
import { isMap, isNothing, LooseReader, type Trouble, type YamlMap } from './loose-reader.ts'
import {
  type EdgeDeclaration,
  type HopDeclaration,
  MEMBERSHIP_DEFAULT,
  MEMBERSHIP_MAX,
  MEMBERSHIP_MIN,
  type Pipeline,
  THRESHOLD_MS_MAX,
  THRESHOLDS_MAX,
} from './pipeline.ts'
import { registryPlaceOf, type ShapeContext, shapePlanOf } from './shape-file.ts'

export type PlanPipeline = Pick<Pipeline, 'hops' | 'edges' | 'thresholdsMs'>

/**
 * Never throws, whatever the file holds.
 *
 * @param folder absolute: that of the file
 */
export function planPipelines(
  document: YamlMap,
  env: Environment,
  onTrouble: Trouble,
  folder: string = process.cwd(),
): PlanPipeline[] {
  const read = new LooseReader(env, onTrouble)
  const pipelines = read.entries('pipelines', document.pipelines)
  const thresholdsMs = thresholdsOf(document, pipelines, read)
  const around: Around = {
    clusters: clusterNames(document.kafka),
    folder,
    registry: registryPlaceOf(document.schemas, folder, read),
  }
  return pipelines.map(([name, pipeline]) => {
    const at = `pipelines.${name}`
    const hops = new Map<string, HopDeclaration>()
    for (const [hop, input] of read.entries(`${at}.hops`, pipeline.hops)) {
      const declared = hopOf(hop, input, around, read.under(`${at}.hops.${hop}`))
      if (declared !== null) hops.set(hop, declared)
    }
    const edges = read
      .list(`${at}.edges`, pipeline.edges)
      .map((input, i) => edgeOf(input, hops, read.under(`${at}.edges[${i}]`)))
    return { hops: [...hops.values()], edges, thresholdsMs }
  })
}

/** Those of the file, and those of objectives: only what is counted exactly can be judged exactly. */
function thresholdsOf(
  document: YamlMap,
  pipelines: readonly (readonly [string, YamlMap])[],
  read: LooseReader,
): number[] {
  const found = new Set<number>()
  const add = (name: string, value: unknown): void => {
    const text = read.text(name, value)
    const ms = text === null ? null : parseDuration(text)
    if (ms !== null && ms > 0 && ms <= THRESHOLD_MS_MAX) found.add(ms)
    else if (text !== null) read.trouble(name, 'durations like 1s')
  }
  for (const item of read.list('thresholds', document.thresholds)) add('thresholds', item)
  for (const [name, { objectives }] of pipelines) {
    const at = `pipelines.${name}.objectives`
    for (const [id, { indicator, threshold }] of read.entries(at, objectives))
      if (indicator === 'timeliness') add(`${at}.${id}.threshold`, threshold)
  }
  if (found.size > THRESHOLDS_MAX) read.trouble('thresholds', `at most ${THRESHOLDS_MAX}`)
  return [...found].slice(0, THRESHOLDS_MAX).sort((a, b) => a - b)
}

/** Names by which hops may call their cluster; `default` where only one is given, without a name. */
function clusterNames(kafka: unknown): readonly string[] {
  const clusters = isMap(kafka) ? kafka.clusters : undefined
  const names = isMap(clusters) ? Object.keys(clusters) : []
  return names.length === 0 ? ['default'] : names
}

/** What the file says around a hop. */
interface Around extends ShapeContext {
  readonly clusters: readonly string[]
}

function hopOf(
  name: string,
  input: YamlMap,
  around: Around,
  read: LooseReader,
): HopDeclaration | null {
  const hop = placeOf(input, around.clusters, read)
  if (hop === null) return null
  const shape = hop.role === 'topic' ? shapePlanOf(input.schema, around, read) : null
  const { sample, membership } = input
  const rate = isNothing(sample) ? '' : read.text('sample', sample)
  const oneIn = oneInOf(rate ?? '')
  if (oneIn === null && rate !== null && rate !== '') read.trouble('sample', 'a rate like 1/64')
  return {
    name,
    hop,
    deadLetter: false,
    oneIn: oneIn ?? 1,
    membership: isNothing(membership) ? null : membershipOf(membership, hop, input, read),
    ...(shape === null ? {} : { shape }),
  }
}

function placeOf(input: YamlMap, clusters: readonly string[], read: LooseReader): HopRef | null {
  const named = hopRoles.filter((role) => !isNothing(input[role]))
  const [role] = named
  if (role === undefined || named.length > 1) return read.trouble('hop', 'one kind of hop')
  const name = read.text(role, input[role])
  if (name === null) return null
  if (role === 'sink') return sinkHop(name)
  if (role === 'stream') return streamHop(name)
  const cluster = isNothing(input.cluster)
    ? clusters.length === 1
      ? (clusters[0] as string)
      : read.trouble('cluster', 'the name of one of the clusters')
    : read.text('cluster', input.cluster)
  if (cluster === null) return null
  if (role === 'topic') return topicHop(cluster, name)
  const needs = role === 'producer' ? 'service' : 'group'
  const by = read.text(needs, input[needs])
  if (by === null) return null
  return role === 'producer' ? producerHop(cluster, name, by) : consumerHop(cluster, name, by)
}

function membershipOf(
  value: unknown,
  { role }: HopRef,
  { identity }: YamlMap,
  read: LooseReader,
): number | null {
  if (role === 'producer' || (role === 'topic' && (isNothing(identity) || identity === 'stamp'))) {
    return read.trouble('membership', 'none where ids are stamps and the log can be asked')
  }
  if (value === true) return MEMBERSHIP_DEFAULT
  const isCapacity = Number.isInteger(value) && (value as number) >= MEMBERSHIP_MIN
  if (isCapacity && (value as number) <= MEMBERSHIP_MAX) return value as number
  return read.trouble(
    'membership',
    `true, or a whole number from ${MEMBERSHIP_MIN} to ${MEMBERSHIP_MAX}`,
  )
}

function edgeOf(
  input: unknown,
  hops: ReadonlyMap<string, HopDeclaration>,
  read: LooseReader,
): EdgeDeclaration {
  const { from, to, preserve } = isMap(input) ? input : {}
  const ends = (side: string, value: unknown): HopDeclaration[] =>
    read.list(side, value).flatMap((item) => {
      const name = read.text(side, item)
      if (name === null) return []
      return hops.get(name) ?? read.trouble(`${side}.${name}`, 'a hop that can be read') ?? []
    })
  if (!isMap(input)) read.trouble('edge', 'a map')
  return {
    name: '',
    from: ends('from', from),
    to: ends('to', to),
    filter: [],
    preserve: isNothing(preserve) ? null : promiseOf(preserve, read),
  }
}

/** Whole or not at all: half of a promise would be another promise, kept for nothing. */
function promiseOf(value: unknown, read: LooseReader): Preserve | null {
  const parts: PreservePart[] = []
  for (const item of read.list('preserve', value)) {
    const part = partOf(item, read)
    if (part === null) return read.trouble('preserve', 'value, key, or { headers: [NAME] }')
    parts.push(part)
  }
  const preserve = preserveOf(parts)
  if (preserve !== null && preserveName(preserve).length <= PRESERVE_NAME_MAX) return preserve
  return read.trouble('preserve', `one part or more, of at most ${PRESERVE_NAME_MAX} characters`)
}

function partOf(item: unknown, read: LooseReader): PreservePart | null {
  if (!isMap(item)) {
    const part = read.text('preserve', item)
    return part === 'value' || part === 'key' ? part : null
  }
  const headers: string[] = []
  for (const name of read.list('preserve.headers', item.headers)) {
    const header = read.text('preserve.headers', name)
    if (header === null || isTraceHeader(header)) return null
    headers.push(header)
  }
  return headers.length === 0 ? null : { headers }
}
