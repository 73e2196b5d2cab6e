/**
 * The shape of `quipu.yaml`: types and keys only. What names mean is checked in pipelines.ts.
 *
 * `expects` is what an error says was expected at that place.
 */
import { z } from 'zod'
import { FIELDS_MAX, PATH_CHARS_MAX } from '../drift/shape.ts'
import { THRESHOLDS_MAX } from '../hop/pipeline.ts'
import { isTraceHeader, type PreservePart } from '../message/digest.ts'
import { latenessProblem, thresholdProblem, timeZoneProblem, windowProblem } from './config.ts'
import { type HopInput, hop } from './hop-schema.ts'
import { type KafkaInput, kafka } from './kafka-schema.ts'
import {
  type AgreementInput,
  type AlertingInput,
  agreement,
  alerting,
  type ObjectiveInput,
  objectives,
} from './objective-schema.ts'
import { type SchemasInput, schemas } from './schemas-shape.ts'
import { duration, LIST_MAX, listOf, mapOf, name, text } from './shape-parts.ts'

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

/** As `Field.path` in drift/shape.ts: `*` for the items of a list, `{}` for the entries of a map. */
const FIELD_PATH = /^(\/([^~/]|~[0-3])*)+$/

const keep = listOf(
  z
    .string()
    .regex(FIELD_PATH)
    .max(PATH_CHARS_MAX)
    .meta({ expects: 'the path of a field such as `/origin` or `/stops/*/code`' }),
  `the path of a field such as \`/origin\`, or a list of at most ${FIELDS_MAX}`,
  FIELDS_MAX,
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
    keep: keep.optional().describe('Fields of the value that must come out where they went in.'),
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

const file = z
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
    alerting: alerting.optional().describe('What is worth a word, and who is told.'),
    schemas: schemas.optional().describe('What `quipu schema check` holds against what.'),
    pipelines: mapOf(name('a pipeline'), pipeline, 'a map of pipelines by name', 1).describe(
      'Directed graphs of hops with an owner, by name.',
    ),
  })
  .meta({ expects: 'a map with `version` and `pipelines`' })

/** Also what `schemas/pipeline.schema.json` is made of: see json-schema.ts. */
export const fileSchema: z.ZodType<FileInput> = file

/** A file may be about schemas alone. */
const schemasFile: z.ZodType<FileInput> = file.partial({ pipelines: true })

type Names = readonly string[]

export interface EdgeInput {
  readonly from: Names
  readonly to: Names
  readonly filter?: Names | undefined
  readonly preserve?: readonly PreservePart[] | undefined
  readonly keep?: Names | undefined
}

export interface PipelineInput {
  readonly owner?: Readonly<Record<string, string | undefined>> | undefined
  readonly hops: Readonly<Record<string, HopInput>>
  readonly edges: readonly EdgeInput[]
  readonly objectives?: Readonly<Record<string, ObjectiveInput>> | undefined
  readonly agreement?: AgreementInput | undefined
}

export interface FileInput {
  readonly version: 1
  readonly window?: string | undefined
  readonly lateness?: string | undefined
  readonly seed?: number | undefined
  readonly thresholds?: Names | undefined
  readonly timezone?: string | undefined
  readonly kafka?: KafkaInput | undefined
  readonly alerting?: AlertingInput | undefined
  readonly schemas?: SchemasInput | undefined
  /** Left out: the file is about `schemas` alone. */
  readonly pipelines?: Readonly<Record<string, PipelineInput>> | undefined
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
  const isOfSchemas = typeof data === 'object' && data !== null && 'schemas' in data
  const parsed = (isOfSchemas ? schemasFile : fileSchema).safeParse(data)
  return parsed.success
    ? { ok: true, input: parsed.data }
    : { ok: false, issues: parsed.error.issues }
}
