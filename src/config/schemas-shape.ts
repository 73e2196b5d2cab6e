/** The shape of `schemas`: which schemas are checked, against what, how strictly. */
import { z } from 'zod'
import { policies } from '../evolution/engine.ts'
import { modes } from '../evolution/modes.ts'
import { type Level, levels } from '../evolution/severity.ts'
import { duration, LIST_MAX, listOf, mapOf, text } from './shape-parts.ts'

/** As long as a request may take at all. */
const TIMEOUT_MS_MAX = 600_000
const ADDRESS = 'an address such as `https://registry.example:8081`'
const DAY = '^\\d{4}-\\d{2}-\\d{2}$'

const pattern = text('a pattern such as `orders-*`')
const ruleId = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,99}$/)
  .meta({ expects: 'the id of a rule, in capitals: see `quipu schema rules`' })
const level = z.enum(levels).meta({ expects: 'one of `off`, `info`, `warning`, `error`' })
const mode = z.enum(modes).meta({ expects: `one of ${modes.map((m) => `\`${m}\``).join(', ')}` })
const policy = z.enum(policies).meta({ expects: 'one of `STRICT`, `LENIENT`' })
const rules = mapOf(ruleId, level, 'a map of levels by id of a rule')
const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
  .meta({ expects: 'the name of an environment variable, without `$`' })

/** Why a registry cannot be where a text says, or null: what src/registry would refuse on the way. */
function addressProblem(address: string): string | null {
  if (!URL.canParse(address)) return `expected ${ADDRESS}`
  const { protocol, username, password, search, hash } = new URL(address)
  if (protocol !== 'https:' && protocol !== 'http:') return `expected ${ADDRESS}`
  if (username !== '' || password !== '') {
    return `expected ${ADDRESS} without secrets; name variables in \`user\` and \`password\``
  }
  return search === '' && hash === '' ? null : `expected ${ADDRESS} without \`?\` and \`#\``
}

/** Whether there is such a day: 2026-02-30 is none. */
function isDay(value: string): boolean {
  const ms = Date.parse(`${value}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value)
}

const day = z
  .string()
  .superRefine((value, context) => {
    if (new RegExp(DAY).test(value) && isDay(value)) return
    context.addIssue({ code: 'custom', message: 'expected a day such as `2027-01-31`' })
  })
  .meta({ expects: 'a day such as `2027-01-31`', pattern: DAY })

const subject = z
  .strictObject({
    subject: pattern.describe('Which: `*` is anything but `/`, `**` anything.'),
    mode: mode.optional().describe('Default: that of `schemas`.'),
    policy: policy.optional().describe('Default: that of `schemas`.'),
    rules: rules.optional().describe('Levels for these subjects only.'),
  })
  .meta({ expects: 'a map with `subject` and `mode`, `policy` or `rules`' })

const suppression = z
  .strictObject({
    rule: ruleId.describe('What is not to fail: see `quipu schema rules`.'),
    subject: pattern.optional().describe('Default: every subject.'),
    path: text('a path such as `/fields/3`, or a pattern')
      .optional()
      .describe('As findings name it. Default: everywhere.'),
    reason: text('why').describe('Why nothing has to be done.'),
    until: day.describe('The last day on which it holds, UTC.'),
  })
  .meta({ expects: 'a map with `rule`, `reason` and `until`' })

const url = text(ADDRESS)
  .superRefine((value, context) => {
    const message = addressProblem(value)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })
  .meta({ expects: ADDRESS, pattern: '^[Hh][Tt][Tt][Pp][Ss]?://' })

const registry = z
  .strictObject({
    url: url.optional().describe('Where it is: for topics whose `schema` is looked up in it.'),
    user: variable.optional().describe('The variable with the user name.'),
    password: variable.optional().describe('The variable with the password.'),
    token: variable.optional().describe('The variable with a bearer token, in their place.'),
    ca: text('the path of a PEM file').optional().describe('Trusted in place of the usual ones.'),
    timeout: duration('a duration such as `10s`', (ms) =>
      ms === null || ms === 0 || ms > TIMEOUT_MS_MAX
        ? 'expected a duration from `1ms` to `10m`'
        : null,
    )
      .optional()
      .describe('Of one request. Default: 10s.'),
  })
  .meta({ expects: 'a map with `url`, and with `user` and `password`, or with `token`' })

const SOURCE = 'a source such as `main`, `merge-base:main`, a folder or `registry:https://…`'

export const schemas: z.ZodType<SchemasInput> = z
  .strictObject({
    path: listOf(text('a folder or file'), 'a folder or file, or a list of them')
      .optional()
      .describe('Where the schemas are, relative to this file.'),
    against: listOf(text(SOURCE), `${SOURCE}, or a list of them, oldest first`)
      .optional()
      .describe('What they are held against; several: oldest first.'),
    mode: mode.optional().describe('Default: that of the registry, else BACKWARD.'),
    policy: policy.optional().describe('Default: STRICT.'),
    name: text('a rule such as `{path}`')
      .optional()
      .describe('How a path gives a subject: {path}, {folder}, {name}, {extension}.'),
    imports: listOf(text('a folder'), 'a folder, or a list of them')
      .optional()
      .describe('Folders below `path` in which Protobuf imports begin.'),
    subjects: z
      .array(subject)
      .max(LIST_MAX)
      .meta({ expects: 'a list of maps with `subject`' })
      .optional()
      .describe('What holds for some subjects; the first that fits decides.'),
    rules: rules.optional().describe('How bad a rule is here: off, info, warning, error.'),
    suppress: z
      .array(suppression)
      .max(LIST_MAX)
      .meta({ expects: 'a list of maps with `rule`, `reason` and `until`' })
      .optional()
      .describe('Findings that somebody answers for, up to a day.'),
    registry: registry
      .optional()
      .describe('How to speak to a registry. Secrets stay in variables.'),
  })
  .meta({ expects: 'a map with `path` and `against`' })

type Texts = readonly string[]
type Levels = Readonly<Record<string, Level>>

export interface SchemasInput {
  readonly path?: Texts | undefined
  readonly against?: Texts | undefined
  readonly mode?: (typeof modes)[number] | undefined
  readonly policy?: (typeof policies)[number] | undefined
  readonly name?: string | undefined
  readonly imports?: Texts | undefined
  readonly subjects?:
    | readonly {
        readonly subject: string
        readonly mode?: (typeof modes)[number] | undefined
        readonly policy?: (typeof policies)[number] | undefined
        readonly rules?: Levels | undefined
      }[]
    | undefined
  readonly rules?: Levels | undefined
  readonly suppress?:
    | readonly {
        readonly rule: string
        readonly subject?: string | undefined
        readonly path?: string | undefined
        readonly reason: string
        readonly until: string
      }[]
    | undefined
  readonly registry?:
    | {
        readonly url?: string | undefined
        readonly user?: string | undefined
        readonly password?: string | undefined
        readonly token?: string | undefined
        readonly ca?: string | undefined
        readonly timeout?: string | undefined
      }
    | undefined
}
