/** The shape of a topic's `schema`: what its messages are held against, and how many are looked at. */
import { z } from 'zod'
import { type Format, type Framing, formats, framings } from '../drift/shape.ts'
import { ONE_IN_MAX, oneInOf } from '../sketch/sample.ts'
import { ONE_IN, text } from './shape-parts.ts'

/** In place of a map: look, promise nothing. */
const OBSERVE = 'observe'
/** In place of a rate. */
const ALL = 'all'
/** Another ending says neither what the file holds nor how messages are read by it. */
const FILE = /\.(json|avsc|proto|ya?ml)$/
/** A registry of subjects knows no other ids. */
const OF_SUBJECTS: readonly Framing[] = ['confluent', 'apicurio-v2', 'apicurio-v3']
const VERSION_MAX = 2_147_483_647
const VERSIONS_MAX = 100

const wordOf = <T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words).meta({ expects: `one of ${words.map((word) => `\`${word}\``).join(', ')}` })

const version = z.int().min(1).max(VERSION_MAX).meta({ expects: 'the number of a version' })

const versions = z.preprocess(
  (value) => (typeof value === 'number' ? [value] : value),
  z
    .array(version)
    .min(1)
    .max(VERSIONS_MAX)
    .meta({ expects: 'the number of a version, or a list such as `[3, 4]`', single: true }),
)

const sample = z
  .string()
  .refine((value) => value === ALL || oneInOf(value) !== null)
  .meta({
    expects: `\`1/N\` with N from 2 to ${ONE_IN_MAX}, such as \`1/64\`, or \`${ALL}\``,
    pattern: `^(${ALL}|${ONE_IN})$`,
  })

export const topicSchema: z.ZodType<TopicSchemaInput> = z.preprocess(
  (value) => (value === OBSERVE ? {} : value),
  z
    .strictObject({
      file: z
        .string()
        .regex(FILE)
        .max(1_000)
        .meta({ expects: 'a file that ends in `.json`, `.avsc`, `.proto`, `.yaml` or `.yml`' })
        .optional()
        .describe('What is promised: a JSON Schema, an Avro schema, a .proto, an ODCS contract.'),
      message: text('the name of a message')
        .optional()
        .describe('Of a .proto the message, of a contract the schema object. Default: the first.'),
      subject: text('the name of a subject')
        .optional()
        .describe('In the registry: only its versions may be written.'),
      versions: versions
        .optional()
        .describe('Those of the subject that may be written. Default: all that are not deleted.'),
      framing: wordOf(framings)
        .optional()
        .describe('How a value names its schema. Default: confluent of a subject, none of a file.'),
      format: wordOf(formats).optional().describe('Default: as the file, or the registry, says.'),
      sample: sample
        .optional()
        .describe('Looks at one message in so many, chosen by its id. Default: 1/64.'),
      values: z
        .boolean()
        .meta({ expects: '`true` or `false`' })
        .optional()
        .describe('Keeps a few values with what is odd about them. Default: false.'),
    })
    .meta({
      expects: `\`${OBSERVE}\`, or a map such as \`{ file: flights.schema.json }\``,
      word: OBSERVE,
      dependentRequired: { versions: ['subject'], message: ['file'] },
      not: {
        required: ['subject', 'framing'],
        properties: { framing: { enum: framings.filter((f) => !namesSubjects(f)) } },
      },
    }),
)

/** Whether ids that are framed so are those of a registry of subjects. */
export function namesSubjects(framing: Framing): boolean {
  return OF_SUBJECTS.includes(framing)
}

/** One message in so many; null: nothing is said. */
export function lookOneIn(sample: string | undefined): number | null {
  if (sample === undefined) return null
  return sample === ALL ? 1 : oneInOf(sample)
}

/** `observe` is a map of nothing. */
export interface TopicSchemaInput {
  readonly file?: string | undefined
  readonly message?: string | undefined
  readonly subject?: string | undefined
  readonly versions?: readonly number[] | undefined
  readonly framing?: Framing | undefined
  readonly format?: Format | undefined
  readonly sample?: string | undefined
  readonly values?: boolean | undefined
}
