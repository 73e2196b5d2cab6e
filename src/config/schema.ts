/**
 * The shape of `quipu.yaml`: types and keys only. What names mean is checked in pipelines.ts.
 *
 * `expects` is what an error says was expected at that place.
 */
import { z } from 'zod'
import { MEMBERSHIP_MAX, MEMBERSHIP_MIN, THRESHOLDS_MAX } from '../hop/pipeline.ts'
import { isTraceHeader, type PreservePart } from '../message/digest.ts'
import { ONE_IN_MAX, oneInOf } from '../sketch/sample.ts'
import {
  latenessProblem,
  type Sasl,
  saslMechanisms,
  thresholdProblem,
  timeZoneProblem,
  windowProblem,
} from './config.ts'
import {
  type AgreementInput,
  agreement,
  alerting,
  type BurnRateInput,
  type ObjectiveInput,
  objectives,
} from './objective-schema.ts'
import { duration, LIST_MAX, listOf, mapOf, name, THEN, text, topic } from './shape-parts.ts'

/** RFC 6901, not empty. */
const POINTER = /^(\/([^~/]|~[01])*)+$/
/** 1/2 to 1/65536 */
const SAMPLE =
  '^1/([2-9]|[1-9]\\d{1,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-6])$'

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
const ABOUT_BROKERS = 'Where to connect: HOST:PORT. A variable may hold several, with commas.'
const ABOUT_SSL = 'TLS: true, or PEM files by path, relative to this file.'

const cluster = z
  .strictObject({
    brokers: brokers.describe(ABOUT_BROKERS),
    ssl: ssl.optional().describe(ABOUT_SSL),
    sasl: sasl.optional().describe('Who this is. Put secrets into variables: "${KAFKA_PASSWORD}".'),
  })
  .meta({ expects: 'a map with `brokers`' })

const kafka = z
  .strictObject({
    brokers: brokers.optional().describe(ABOUT_BROKERS),
    ssl: ssl.optional().describe(ABOUT_SSL),
    sasl: sasl.optional().describe('Who this is. Put secrets into variables: "${KAFKA_PASSWORD}".'),
    clusters: z
      .record(name('a cluster'), cluster)
      .meta({ expects: 'a map of clusters by name', minProperties: 1 })
      .optional()
      .describe('Several clusters, in place of `brokers`; hops then name theirs.'),
    audit: z
      .strictObject({
        topic: topic.optional().describe('Default: quipu.tallies.'),
        cluster: name('a cluster').optional().describe('Default: the first one.'),
      })
      .meta({ expects: 'a map with `topic` and `cluster`' })
      .optional()
      .describe('Where the agents send what they saw.'),
  })
  .meta({
    expects: 'a map with `brokers`, or with `clusters`',
    oneOf: [
      { required: ['brokers'], properties: { clusters: false } },
      { required: ['clusters'], properties: { brokers: false, ssl: false, sasl: false } },
    ],
  })

const header = z.strictObject({ header: text('the name of a header') })
const json = z.strictObject({
  json: z.string().regex(POINTER).max(1_000).meta({ expects: 'a JSON pointer such as `/id`' }),
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
  .meta({ expects: `\`1/N\` with N from 2 to ${ONE_IN_MAX}, such as \`1/64\``, pattern: SAMPLE })

const membership = z
  .union([z.literal(true), z.int().min(MEMBERSHIP_MIN).max(MEMBERSHIP_MAX)])
  .meta({
    expects: `\`true\`, or how many messages a window may have: ${MEMBERSHIP_MIN} to ${MEMBERSHIP_MAX}`,
  })

/** Which keys go together: said to editors here, to people in pipelines.ts. */
const kindOf = (kind: string, needs: readonly string[], has: readonly string[]) => {
  const keys = [kind, ...needs, ...has, 'sample', 'membership']
  const others = HOP_KEYS.filter((key) => !keys.includes(key))
  return {
    title: `a ${kind}`,
    required: [kind, ...needs],
    properties: Object.fromEntries(others.map((key) => [key, false])),
  }
}
const HOP_KEYS = [
  ...['producer', 'service', 'topic', 'identity', 'time', 'role', 'consumer', 'group', 'sink'],
  ...['stream', 'cluster'],
]
const isStamp = { properties: { identity: { const: 'stamp' } } }
const HOP_RULES = {
  oneOf: [
    { ...kindOf('producer', ['service'], ['cluster']), not: { required: ['membership'] } },
    kindOf('topic', [], ['role', 'identity', 'time', 'cluster']),
    kindOf('consumer', ['group'], ['cluster']),
    kindOf('sink', [], []),
    kindOf('stream', [], []),
  ],
  allOf: [
    // An `identity` that is left out is the stamp, whose time is its own; its topic can be asked.
    { if: isStamp, [THEN]: { properties: { time: false } } },
    { if: { ...isStamp, required: ['topic'] }, [THEN]: { properties: { membership: false } } },
  ],
}

const hop = z
  .strictObject({
    producer: topic.optional().describe('A topic that a service sends to.'),
    service: text('the name of the service that sends')
      .optional()
      .describe('Of a producer: the service, as its agent calls itself.'),
    topic: topic.optional().describe('A topic, read beside everybody else.'),
    identity: identity.optional().describe('Of a topic: where ids are found. Default: stamp.'),
    time: time.optional().describe('Of a topic with ids of its own: where birth times are found.'),
    role: z
      .enum(['dead-letter'])
      .meta({ expects: '`dead-letter`' })
      .optional()
      .describe('Of a topic: messages here were given up, and are counted apart.'),
    consumer: topic.optional().describe('A topic that a group reads.'),
    group: text('the id of a consumer group').optional().describe('Of a consumer: its group.'),
    sink: name('a sink').optional().describe('Where messages end; code says `sink(NAME).seen()`.'),
    stream: name('a stream').optional().describe('Any stream of messages, watched by code.'),
    cluster: name('a cluster').optional().describe('Which of several clusters.'),
    sample: sample.optional().describe('Judges one message in so many, chosen by its id.'),
    membership: membership
      .optional()
      .describe('Keeps a filter of ids, which tells a copy from a stranger.'),
  })
  .meta({ expects: 'a map such as `{ topic: flights }`', ...HOP_RULES })

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
    .meta({ expects: 'one or several of `value`, `key` and `{ headers: [NAME] }`', single: true }),
)

const edge = z
  .strictObject({
    from: hopNames.describe('What these hops saw together …'),
    to: hopNames.describe('… these hops must see: each message in exactly one of them.'),
    filter: listOf(text('a reason'), 'a reason, or a list of reasons')
      .optional()
      .describe('Reasons for which code may say `dropped(received, REASON)`.'),
    preserve: preserve
      .optional()
      .describe('What must arrive unaltered: value, key, { headers: [NAME] }.'),
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
      .optional()
      .describe('Who is told.'),
    hops: mapOf(name('a hop'), hop, 'a map of hops by name').describe(
      'Points where messages are seen, by a name of your choice.',
    ),
    edges: z
      .array(edge)
      .min(1)
      .max(LIST_MAX)
      .meta({ expects: 'a list of one edge or more' })
      .describe('Balances between hops: loss always belongs to an edge.'),
    objectives: objectives.optional().describe('What is promised, by a name that stays.'),
    agreement: agreement.optional().describe('To whom objectives are promised.'),
  })
  .meta({ expects: 'a map with `owner`, `hops` and `edges`' })

const timezone = z
  .string()
  .superRefine((value, context) => {
    const message = timeZoneProblem(value)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })
  .meta({ expects: 'a time zone such as `Europe/Berlin`', pattern: '^[A-Za-z]' })

/** Also what `schemas/pipeline.schema.json` is made of: see json-schema.ts. */
export const fileSchema: z.ZodType<FileInput> = z
  .strictObject({
    version: z.literal(1).meta({ expects: '`1`' }).describe('Of this format.'),
    window: duration('a duration such as `1m`', windowProblem)
      .optional()
      .describe('Size of a window of birth time; it divides a day. Default: 1m.'),
    lateness: duration('a duration such as `2m`', latenessProblem)
      .optional()
      .describe('A window is judged so long after its end. Default: 2m.'),
    seed: z
      .int()
      .min(0)
      .max(0xffff_ffff)
      .meta({ expects: 'a whole number from 0 to 4294967295' })
      .optional()
      .describe('Hash seed of the deployment. All agents need the same.'),
    thresholds: listOf(
      duration('a duration such as `1s`', thresholdProblem),
      `a list of at most ${THRESHOLDS_MAX} durations, such as \`[1s, 60s]\``,
      THRESHOLDS_MAX,
    )
      .optional()
      .describe('Latencies that are counted exactly, beside those of the objectives.'),
    timezone: timezone.optional().describe('For calendar periods only. Default: UTC.'),
    kafka: kafka.optional().describe('Where the topics are.'),
    alerting: alerting.optional().describe('When a burning budget is worth a word.'),
    pipelines: mapOf(name('a pipeline'), pipeline, 'a map of pipelines by name', 1).describe(
      'Directed graphs of hops with an owner, by name.',
    ),
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
  readonly objectives?: Readonly<Record<string, ObjectiveInput>> | undefined
  readonly agreement?: AgreementInput | undefined
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
  readonly timezone?: string | undefined
  readonly kafka?: KafkaInput | undefined
  readonly alerting?: { readonly burnRate?: BurnRateInput | undefined } | undefined
  readonly pipelines: Readonly<Record<string, PipelineInput>>
}

/** The part of a zod issue that is read here. */
export interface ShapeIssue {
  readonly code: string
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly keys?: readonly string[]
  /** The words of a list, where one of them was expected. */
  readonly values?: readonly unknown[]
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
