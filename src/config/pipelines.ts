/** From the shape of the file to pipelines: what the names mean, and whether they fit together. */
import { suggestion } from '../base/nearest.ts'
import {
  consumerHop,
  type HopRef,
  hopKey,
  producerHop,
  sinkHop,
  streamHop,
  topicHop,
} from '../hop/hop.ts'
import {
  type EdgeDeclaration,
  type HopDeclaration,
  MEMBERSHIP_DEFAULT,
  type Pipeline,
} from '../hop/pipeline.ts'
import { oneInOf } from '../sketch/sample.ts'
import { DEFAULT_CLUSTER, type KafkaConfig } from './config.ts'
import type { Path } from './document.ts'
import type { HopInput, SourceInput } from './hop-schema.ts'
import { checkRates, checkTimes, promiseOf } from './promises.ts'
import type { PipelineInput } from './schema.ts'
import { type SchemaContext, shapePlanOf } from './shape-plan.ts'

export type Complain = (path: Path, message: string) => void

export interface PipelineParams {
  readonly windowMs: number
  readonly latenessMs: number
  readonly seed: number
  readonly thresholdsMs: readonly number[]
}

/** What the file says beside its pipelines. */
interface Around extends SchemaContext {
  readonly kafka: KafkaConfig | null
}

export const edgeName = (from: readonly string[], to: readonly string[]): string =>
  `${from.join(' + ')} → ${to.join(' + ')}`

/** Null if anything was wrong: `complain` was told. */
export function pipelineOf(
  name: string,
  input: PipelineInput,
  params: PipelineParams,
  around: Around,
  complain: Complain,
): Pipeline | null {
  let sound = true
  const wrong: Complain = (path, message) => {
    sound = false
    complain(['pipelines', name, ...path], message)
  }
  const hops = hopsOf(input, around, wrong)
  const edges = edgesOf(input, hops, wrong)
  if (!sound) return null
  const owner = Object.entries(input.owner ?? {}).filter((e): e is [string, string] => !!e[1])
  return { name, owner: Object.fromEntries(owner), ...params, hops: [...hops.values()], edges }
}

function hopsOf(
  input: PipelineInput,
  around: Around,
  wrong: Complain,
): Map<string, HopDeclaration> {
  const hops = new Map<string, HopDeclaration>()
  const places = new Map<string, string>()
  for (const [name, declared] of Object.entries(input.hops)) {
    const path = ['hops', name]
    const cluster = clusterOf(declared, around.kafka, (message) => wrong(path, message))
    const hop = cluster && hopOf(declared, cluster, (message) => wrong(path, message))
    if (!hop) continue
    const key = hopKey(hop)
    const twin = places.get(key)
    if (twin !== undefined) wrong(path, `the hop \`${twin}\` is the same place; use one of them`)
    places.set(key, name)
    const carried = identityOf(declared, (message) => wrong(path, message))
    hops.set(name, {
      name,
      hop,
      deadLetter: declared.role === 'dead-letter',
      ...carried,
      oneIn: oneInOf(declared.sample ?? '') ?? 1,
      membership: membershipOf(declared, (message) => wrong([...path, 'membership'], message)),
      ...shapeOf(declared, around, (key, message) => wrong([...path, 'schema', ...key], message)),
    })
  }
  return hops
}

/** Where the ids of a topic are found, if not in the stamp. */
function identityOf(
  { identity, time }: HopInput,
  wrong: (message: string) => void,
): Pick<HopDeclaration, 'identity'> {
  if (identity === undefined || identity === 'stamp') {
    if (time !== undefined) wrong('`time` goes with an `identity` that is no stamp')
    return {}
  }
  return {
    identity: {
      identity: typeof identity === 'string' ? { by: identity } : sourceOf(identity),
      time: time === undefined || time === 'timestamp' ? { by: 'timestamp' } : sourceOf(time),
    },
  }
}

function sourceOf(
  source: SourceInput,
):
  | { readonly by: 'header'; readonly name: string }
  | { readonly by: 'json'; readonly pointer: string } {
  return 'header' in source
    ? { by: 'header', name: source.header }
    : { by: 'json', pointer: source.json }
}

/** What the messages of a topic are held against. */
function shapeOf(
  { schema }: HopInput,
  around: Around,
  wrong: Complain,
): Pick<HopDeclaration, 'shape'> {
  return schema === undefined ? {} : { shape: shapePlanOf(schema, around, wrong) }
}

/** How many messages a window a filter of the hop's ids is made for, or null. */
function membershipOf(
  { membership, topic, producer, identity = 'stamp' }: HopInput,
  wrong: (message: string) => void,
): number | null {
  if (membership === undefined) return null
  // A producer stamps; only a topic says that its ids are elsewhere.
  if (producer !== undefined) {
    wrong('a producer has no `membership`: its stamps are a complete chain, which says more')
  } else if (topic !== undefined && identity === 'stamp') {
    wrong('a topic of stamps has no `membership`: the log itself can be asked for an id')
  }
  return membership === true ? MEMBERSHIP_DEFAULT : membership
}

/** What a kind of hop needs, and what it may have. */
const KINDS = {
  producer: { needs: 'service', example: '{ producer: flights, service: checkin }' },
  topic: { needs: null, example: '{ topic: flights }' },
  consumer: { needs: 'group', example: '{ consumer: flights, group: enrich }' },
  sink: { needs: null, example: '{ sink: warehouse }' },
  stream: { needs: null, example: '{ stream: uploads }' },
} as const

const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[]

function hopOf(input: HopInput, cluster: string, wrong: (message: string) => void): HopRef | null {
  const named = kinds.filter((kind) => input[kind] !== undefined)
  const [kind] = named
  if (kind === undefined || named.length > 1) {
    const came = named.length === 0 ? 'none of them' : named.map((k) => `\`${k}\``).join(' and ')
    wrong(
      `expected one of \`producer\`, \`topic\`, \`consumer\`, \`sink\`, \`stream\`, got ${came}`,
    )
    return null
  }
  const { needs, example } = KINDS[kind]
  if (needs !== null && input[needs] === undefined) {
    wrong(`a ${kind} needs \`${needs}\`, as in \`${example}\``)
    return null
  }
  const allowed: readonly string[] = [
    kind,
    ...(needs === null ? [] : [needs]),
    ...(kind === 'topic' ? ['role', 'identity', 'time', 'schema'] : []),
    ...(kind === 'sink' || kind === 'stream' ? [] : ['cluster']),
    'sample',
    'membership',
  ]
  const surplus = Object.keys(input).find((key) => !allowed.includes(key))
  if (surplus !== undefined) {
    wrong(`a ${kind} has no \`${surplus}\`; it is written as \`${example}\``)
    return null
  }
  switch (kind) {
    case 'producer':
      return producerHop(cluster, input.producer as string, input.service as string)
    case 'topic':
      return topicHop(cluster, input.topic as string)
    case 'consumer':
      return consumerHop(cluster, input.consumer as string, input.group as string)
    case 'sink':
      return sinkHop(input.sink as string)
    case 'stream':
      return streamHop(input.stream as string)
  }
}

function clusterOf(
  { cluster, sink, stream }: HopInput,
  kafka: KafkaConfig | null,
  wrong: (message: string) => void,
): string | null {
  const known = kafka === null ? null : Object.keys(kafka.clusters)
  if (cluster !== undefined) {
    if (known === null || known.includes(cluster)) return cluster
    wrong(`the cluster \`${cluster}\` is not declared${suggestion(cluster, known)}`)
    return null
  }
  if (known !== null && known.length > 1 && sink === undefined && stream === undefined) {
    wrong(`expected \`cluster\`: one of ${known.map((name) => `\`${name}\``).join(', ')}`)
    return null
  }
  return known?.[0] ?? DEFAULT_CLUSTER
}

function edgesOf(
  input: PipelineInput,
  hops: ReadonlyMap<string, HopDeclaration>,
  wrong: Complain,
): EdgeDeclaration[] {
  const edges: EdgeDeclaration[] = []
  const fedBy = new Map<string, string>()
  for (const [i, { from, to, filter = [], preserve, keep }] of input.edges.entries()) {
    const name = edgeName(from, to)
    const named = { from, to }
    for (const side of ['from', 'to'] as const) {
      for (const [j, hop] of named[side].entries()) {
        const path = ['edges', i, side, j]
        if (!Object.hasOwn(input.hops, hop)) {
          wrong(path, `there is no hop \`${hop}\`${suggestion(hop, Object.keys(input.hops))}`)
        } else if (named[side].indexOf(hop) < j) wrong(path, `\`${hop}\` is there twice`)
      }
    }
    for (const [j, hop] of to.entries()) {
      const path = ['edges', i, 'to', j]
      const other = fedBy.get(hop)
      if (from.includes(hop)) wrong(path, `an edge cannot lead from \`${hop}\` to itself`)
      else if (other !== undefined && other !== name) {
        const hint = 'several ways into one hop are one edge with a list in `from`'
        wrong(path, `\`${hop}\` is already \`to\` of the edge \`${other}\`; ${hint}`)
      } else if (other !== undefined && to.indexOf(hop) === j) {
        wrong(path, `the edge \`${name}\` is there twice`)
      }
      fedBy.set(hop, name)
    }
    const declared = (names: readonly string[]): HopDeclaration[] =>
      names.flatMap((hop) => hops.get(hop) ?? [])
    const edge: EdgeDeclaration = {
      name,
      from: declared(from),
      to: declared(to),
      filter: [...new Set(filter)],
      preserve: promiseOf(preserve, (message) => wrong(['edges', i, 'preserve'], message)),
      ...(keep === undefined ? {} : { keep: [...new Set(keep)] }),
    }
    checkRates(edge, (message) => wrong(['edges', i], message))
    checkTimes(edge, (message) => wrong(['edges', i], message))
    edges.push(edge)
  }
  return edges
}
