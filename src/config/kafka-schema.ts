/** The shape of `kafka`: where the topics are, and who asks. */
import { z } from 'zod'
import { type Sasl, saslMechanisms } from './config.ts'
import { listOf, name, text, topic } from './shape-parts.ts'

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

export const kafka: z.ZodType<KafkaInput> = z
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

export interface ClusterInput {
  readonly brokers: readonly string[]
  readonly ssl?: boolean | Readonly<Record<string, string | undefined>> | undefined
  readonly sasl?: Sasl | undefined
}

export interface KafkaInput extends Omit<ClusterInput, 'brokers'> {
  readonly brokers?: readonly string[] | undefined
  readonly clusters?: Readonly<Record<string, ClusterInput>> | undefined
  readonly audit?:
    | { readonly topic?: string | undefined; readonly cluster?: string | undefined }
    | undefined
}
