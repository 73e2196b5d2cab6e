/**
 * The shape of `quipu.yaml`: types and keys only. What names mean is checked in pipelines.ts.
 *
 * `expects` is what an error says was expected at that place.
 */
import { z } from 'zod'
import { parseDuration } from '../base/duration.ts'
import { MEMBERSHIP_MAX, MEMBERSHIP_MIN, THRESHOLDS_MAX } from '../hop/pipeline.ts'
import { isTraceHeader, type PreservePart } from '../message/digest.ts'
import { ONE_IN_MAX, oneInOf } from '../sketch/sample.ts'
import {
  latenessProblem,
  type Sasl,
  saslMechanisms,
  thresholdProblem,
  windowProblem,
} from './config.ts'

const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,99}$/u
/** Kafka's own rule for topics. */
const TOPIC = /^[a-zA-Z0-9._-]{1,249}$/
/** RFC 6901, not empty. */
const POINTER = /^(\/([^~/]|~[01])*)+$/
const TEXT_MAX = 1_000
const LIST_MAX = 1_000

const text = (expects: string): z.ZodString => z.string().min(1).max(TEXT_MAX).meta({ expects })
const name = (what: string): z.ZodString =>
  z
    .string()
    .regex(NAME)
    .meta({ expects: `the name of ${what}: letters, digits, \`.\`, \`_\`, \`-\`` })
const topic = z
  .string()
  .regex(TOPIC)
  .refine((t) => t !== '.' && t !== '..')
  .meta({ expects: 'the name of a topic: letters, digits, `.`, `_`, `-`' })

const duration = (
  expects: string,
  problem: (ms: number | null) => string | null,
): z.ZodType<string, string> =>
  z
    .string()
    .superRefine((value, context) => {
      const message = problem(parseDuration(value))
      if (message !== null) context.addIssue({ code: 'custom', message })
    })
    .meta({ expects })

/** One or several: `a` is read as `[a]`. */
const listOf = <T extends z.ZodType>(item: T, expects: string, max = LIST_MAX) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(item).min(1).max(max).meta({ expects }),
  )

/** As large as a list may be. */
const mapOf = <T extends z.ZodType>(key: z.ZodString, item: T, expects: string) =>
  z
    .record(key, item)
    .refine((map) => Object.keys(map).length <= LIST_MAX, `expected at most ${LIST_MAX} entries`)
    .meta({ expects })

const ssl = z
  .union([
    z.boolean(),
    z.strictObject({
      ca: text('the path of a PEM file').optional(),
      cert: text('the path of a PEM file').optional(),
      key: text('the path of a PEM file').optional(),
    }),
  ])
  .meta({ expects: '`true`, `false`, or a map of PEM files: `ca`, `cert`, `key`' })

const sasl = z
  .strictObject({
    mechanism: z
      .enum(saslMechanisms)
      .meta({ expects: 'one of `plain`, `scram-sha-256`, `scram-sha-512`' }),
    username: text('a user name as text, in quotes'),
    password: text('a password as text, in quotes'),
  })
  .meta({ expects: 'a map with `mechanism`, `username` and `password`' })

const brokers = listOf(
  text('a broker such as `localhost:9092`'),
  'a list of brokers, such as `["localhost:9092"]`',
)

const cluster = z
  .strictObject({ brokers, ssl: ssl.optional(), sasl: sasl.optional() })
  .meta({ expects: 'a map with `brokers`' })

const kafka = z
  .strictObject({
    brokers: brokers.optional(),
    ssl: ssl.optional(),
    sasl: sasl.optional(),
    clusters: z
      .record(name('a cluster'), cluster)
      .meta({ expects: 'a map of clusters by name' })
      .optional(),
    audit: z
      .strictObject({ topic: topic.optional(), cluster: name('a cluster').optional() })
      .meta({ expects: 'a map with `topic` and `cluster`' })
      .optional(),
  })
  .meta({ expects: 'a map with `brokers`, or with `clusters`' })

const header = z.strictObject({ header: text('the name of a header') })
const json = z.strictObject({
  json: z.string().regex(POINTER).max(TEXT_MAX).meta({ expects: 'a JSON pointer such as `/id`' }),
})
const identity = z.union([z.enum(['stamp', 'key', 'offset']), header, json]).meta({
  expects: '`stamp`, `key`, `offset`, `{ header: NAME }` or `{ json: /pointer }`',
})
const time = z.union([z.literal('timestamp'), header, json]).meta({
  expects: '`timestamp`, `{ header: NAME }` or `{ json: /pointer }`',
})

const sample = z
  .string()
  .refine((value) => oneInOf(value) !== null)
  .meta({ expects: `\`1/N\` with N from 2 to ${ONE_IN_MAX}, such as \`1/64\`` })

const membership = z
  .union([z.literal(true), z.int().min(MEMBERSHIP_MIN).max(MEMBERSHIP_MAX)])
  .meta({
    expects: `\`true\`, or how many messages a window may have: ${MEMBERSHIP_MIN} to ${MEMBERSHIP_MAX}`,
  })

const hop = z
  .strictObject({
    producer: topic.optional(),
    service: text('the name of the service that sends').optional(),
    topic: topic.optional(),
    identity: identity.optional(),
    time: time.optional(),
    role: z.enum(['dead-letter']).meta({ expects: '`dead-letter`' }).optional(),
    consumer: topic.optional(),
    group: text('the id of a consumer group').optional(),
    sink: name('a sink').optional(),
    stream: name('a stream').optional(),
    cluster: name('a cluster').optional(),
    sample: sample.optional(),
    membership: membership.optional(),
  })
  .meta({ expects: 'a map such as `{ topic: flights }`' })

const hopNames = listOf(name('a hop'), 'the name of a hop, or a list of names')

const preservedHeader = text('the name of a header').superRefine((header, context) => {
  if (!isTraceHeader(header)) return
  const message = 'tracing writes this header anew at every hop, so it cannot be preserved'
  context.addIssue({ code: 'custom', message })
})

const preserve = z.preprocess(
  (value) => (value === undefined || Array.isArray(value) ? value : [value]),
  z
    .array(
      z
        .union([
          z.enum(['value', 'key']),
          z.strictObject({
            headers: listOf(preservedHeader, 'the name of a header, or a list of names'),
          }),
        ])
        .meta({ expects: '`value`, `key` or `{ headers: [NAME] }`' }),
    )
    .min(1)
    .max(LIST_MAX)
    .meta({ expects: 'one or several of `value`, `key` and `{ headers: [NAME] }`' }),
)

const edge = z
  .strictObject({
    from: hopNames,
    to: hopNames,
    filter: listOf(text('a reason'), 'a reason, or a list of reasons').optional(),
    preserve: preserve.optional(),
  })
  .meta({ expects: 'a map with `from` and `to`' })

const pipeline = z
  .strictObject({
    owner: z
      .strictObject({
        team: text('the name of a team').optional(),
        contact: text('where to reach the owner').optional(),
        runbook: text('the address of a runbook').optional(),
      })
      .meta({ expects: 'a map with `team`, `contact` and `runbook`' })
      .optional(),
    hops: mapOf(name('a hop'), hop, 'a map of hops by name'),
    edges: z.array(edge).min(1).max(LIST_MAX).meta({ expects: 'a list of one edge or more' }),
  })
  .meta({ expects: 'a map with `owner`, `hops` and `edges`' })

const fileSchema = z
  .strictObject({
    version: z.literal(1).meta({ expects: '`1`' }),
    window: duration('a duration such as `1m`', windowProblem).optional(),
    lateness: duration('a duration such as `2m`', latenessProblem).optional(),
    seed: z
      .int()
      .min(0)
      .max(0xffff_ffff)
      .meta({ expects: 'a whole number from 0 to 4294967295' })
      .optional(),
    thresholds: listOf(
      duration('a duration such as `1s`', thresholdProblem),
      `a list of at most ${THRESHOLDS_MAX} durations, such as \`[1s, 60s]\``,
      THRESHOLDS_MAX,
    ).optional(),
    kafka: kafka.optional(),
    pipelines: mapOf(name('a pipeline'), pipeline, 'a map of pipelines by name'),
  })
  .meta({ expects: 'a map with `version` and `pipelines`' })

type Names = readonly string[]

export type SourceInput = { readonly header: string } | { readonly json: string }

export interface HopInput {
  readonly producer?: string | undefined
  readonly service?: string | undefined
  readonly topic?: string | undefined
  readonly identity?: SourceInput | 'stamp' | 'key' | 'offset' | undefined
  readonly time?: SourceInput | 'timestamp' | undefined
  readonly role?: 'dead-letter' | undefined
  readonly consumer?: string | undefined
  readonly group?: string | undefined
  readonly sink?: string | undefined
  readonly stream?: string | undefined
  readonly cluster?: string | undefined
  readonly sample?: string | undefined
  readonly membership?: true | number | undefined
}

export interface EdgeInput {
  readonly from: Names
  readonly to: Names
  readonly filter?: Names | undefined
  readonly preserve?: readonly PreservePart[] | undefined
}

export interface PipelineInput {
  readonly owner?: Readonly<Record<string, string | undefined>> | undefined
  readonly hops: Readonly<Record<string, HopInput>>
  readonly edges: readonly EdgeInput[]
}

export interface ClusterInput {
  readonly brokers: Names
  readonly ssl?: boolean | Readonly<Record<string, string | undefined>> | undefined
  readonly sasl?: Sasl | undefined
}

export interface KafkaInput extends Omit<ClusterInput, 'brokers'> {
  readonly brokers?: Names | undefined
  readonly clusters?: Readonly<Record<string, ClusterInput>> | undefined
  readonly audit?:
    | { readonly topic?: string | undefined; readonly cluster?: string | undefined }
    | undefined
}

export interface FileInput {
  readonly version: 1
  readonly window?: string | undefined
  readonly lateness?: string | undefined
  readonly seed?: number | undefined
  readonly thresholds?: Names | undefined
  readonly kafka?: KafkaInput | undefined
  readonly pipelines: Readonly<Record<string, PipelineInput>>
}

/** The part of a zod issue that is read here. */
export interface ShapeIssue {
  readonly code: string
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly keys?: readonly string[]
}

export function checkShape(
  data: unknown,
):
  | { readonly ok: true; readonly input: FileInput }
  | { readonly ok: false; readonly issues: readonly ShapeIssue[] } {
  const parsed = fileSchema.safeParse(data)
  return parsed.success
    ? { ok: true, input: parsed.data }
    : { ok: false, issues: parsed.error.issues }
}

/** The schema at a path, without wrappers; null where the shape does not reach. */
function schemaAt(path: readonly PropertyKey[]): z.core.$ZodType | null {
  let at: z.core.$ZodType | null = unwrap(fileSchema)
  for (const step of path) {
    if (at instanceof z.ZodUnion) at = optionWith(at.options, String(step))
    if (at instanceof z.ZodObject) at = at.shape[String(step)] ?? null
    else if (at instanceof z.ZodRecord) at = at.valueType
    else if (at instanceof z.ZodArray) at = at.element
    else return null
    if (at === null) return null
    at = unwrap(at)
  }
  return at
}

/** Of several shapes the map that may have this key. */
function optionWith(options: readonly z.core.$ZodType[], key: string): z.core.$ZodType | null {
  const maps = options.map(unwrap).filter((option) => option instanceof z.ZodObject)
  return maps.find((option) => Object.hasOwn(option.shape, key)) ?? null
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap())
  if (schema instanceof z.ZodPipe) return unwrap(schema.out)
  return schema
}

/** The keys that a map at this path may have; empty where it has none of its own. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const schema = schemaAt(path)
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

export function expectsAt(path: readonly PropertyKey[]): string | null {
  const schema = schemaAt(path)
  if (schema === null) return null
  const expects = z.globalRegistry.get(schema)?.expects
  return typeof expects === 'string' ? expects : null
}
