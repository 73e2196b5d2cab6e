/** The shape of a hop: where messages are seen, and how their ids are found and kept. */
import { z } from 'zod'
import { MEMBERSHIP_MAX, MEMBERSHIP_MIN } from '../hop/pipeline.ts'
import { ONE_IN_MAX, oneInOf } from '../sketch/sample.ts'
import { name, ONE_IN, THEN, text, topic } from './shape-parts.ts'
import { type TopicSchemaInput, topicSchema } from './topic-schema.ts'

/** RFC 6901, not empty. */
const POINTER = /^(\/([^~/]|~[01])*)+$/

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
  .meta({
    expects: `\`1/N\` with N from 2 to ${ONE_IN_MAX}, such as \`1/64\``,
    pattern: `^${ONE_IN}$`,
  })

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
  ...['producer', 'service', 'topic', 'identity', 'time', 'role', 'schema', 'consumer', 'group'],
  ...['sink', 'stream', 'cluster'],
]
const isStamp = { properties: { identity: { const: 'stamp' } } }
const HOP_RULES = {
  oneOf: [
    { ...kindOf('producer', ['service'], ['cluster']), not: { required: ['membership'] } },
    kindOf('topic', [], ['role', 'identity', 'time', 'schema', 'cluster']),
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

export const hop: z.ZodType<HopInput> = z
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
    schema: topicSchema
      .optional()
      .describe('Of a topic: looks into its messages. `observe`, or what is promised of them.'),
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

export type SourceInput = { readonly header: string } | { readonly json: string }

export interface HopInput {
  readonly producer?: string | undefined
  readonly service?: string | undefined
  readonly topic?: string | undefined
  readonly identity?: SourceInput | 'stamp' | 'key' | 'offset' | undefined
  readonly time?: SourceInput | 'timestamp' | undefined
  readonly role?: 'dead-letter' | undefined
  readonly schema?: TopicSchemaInput | undefined
  readonly consumer?: string | undefined
  readonly group?: string | undefined
  readonly sink?: string | undefined
  readonly stream?: string | undefined
  readonly cluster?: string | undefined
  readonly sample?: string | undefined
  readonly membership?: true | number | undefined
}
