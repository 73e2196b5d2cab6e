/**
 * What the shape of the file is made of. Each part says itself three times: to the code (zod), to
 * people (`expects`, what an error says was expected) and to editors (JSON Schema).
 *
 * What zod's refinements check JSON Schema cannot see, so the parts name its keywords beside them:
 * `pattern`, `maxProperties`, `single` (one item may stand for a list of it), `word` (it may stand for
 * the map).
 */
import { z } from 'zod'
import { parseDuration } from '../base/duration.ts'

const NAME: RegExp = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,99}$/u
/** Kafka's own rule for topics. */
const TOPIC = /^[a-zA-Z0-9._-]{1,249}$/
const DURATION = '^\\s*\\d{1,10}(ms|s|m|h|d)\\s*$'
/** 1/2 to 1/65536 */
export const ONE_IN =
  '1/([2-9]|[1-9]\\d{1,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-6])'
/** A keyword of JSON Schema, which written as a key would make the map look like a promise. */
export const THEN = 'then'
const TEXT_MAX = 1_000
export const LIST_MAX = 1_000

export const text = (expects: string): z.ZodString =>
  z.string().min(1).max(TEXT_MAX).meta({ expects })

export const name = (what: string): z.ZodString =>
  z
    .string()
    .regex(NAME)
    .meta({ expects: `the name of ${what}: letters, digits, \`.\`, \`_\`, \`-\`` })

export const topic: z.ZodString = z
  .string()
  .regex(TOPIC)
  .refine((t) => t !== '.' && t !== '..')
  .meta({
    expects: 'the name of a topic: letters, digits, `.`, `_`, `-`',
    not: { enum: ['.', '..'] },
  })

export const duration = (
  expects: string,
  problem: (ms: number | null) => string | null,
): z.ZodType<string, string> =>
  z
    .string()
    .superRefine((value, context) => {
      const message = problem(parseDuration(value))
      if (message !== null) context.addIssue({ code: 'custom', message })
    })
    .meta({ expects, pattern: DURATION })

/** One or several: `a` is read as `[a]`. */
export const listOf = <T extends z.ZodType>(
  item: T,
  expects: string,
  max: number = LIST_MAX,
): z.ZodType<z.output<T>[]> =>
  z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(item).min(1).max(max).meta({ expects, single: true }),
  )

/** As large as a list may be. */
export const mapOf = <T extends z.ZodType>(
  key: z.ZodString,
  item: T,
  expects: string,
  min = 0,
): z.ZodType<Record<string, z.output<T>>> =>
  z
    .record(key, item)
    .refine((map) => Object.keys(map).length <= LIST_MAX, `expected at most ${LIST_MAX} entries`)
    .meta({ expects, maxProperties: LIST_MAX, ...(min > 0 ? { minProperties: min } : {}) })
