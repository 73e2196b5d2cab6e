/**
 * The shape of `alerting`, apart from burn rates: what is told, how often, and whom.
 *
 * Texts below `routes` keep the names of their variables: only the process that sends needs the values,
 * and a service that reads the same file for its agent should not have to know them.
 */
import { z } from 'zod'
import { type AlertKind, alertKinds } from '../alert/event.ts'
import { type ObjectiveSeverity, severities } from '../objective/objective.ts'
import { durationProblem } from './config.ts'
import { duration, name, text } from './shape-parts.ts'

/** A variable and nothing else: whoever reads the file learns where a secret is, not what it is. */
const SECRET = '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$'
const secret = (what: string): z.ZodString => {
  const expects = `${what} in a variable, such as \`"\${NAME}"\``
  return z.string().regex(new RegExp(SECRET)).meta({ expects, pattern: SECRET })
}

const ADDRESS = 'an address such as `https://alerts.example/hook`'
/** What is not a variable must be an address without a password: those belong into variables. */
const address = text(ADDRESS)
  .superRefine((value, context) => {
    const message = addressProblem(value)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })
  .meta({ expects: ADDRESS, pattern: '^[Hh][Tt][Tt][Pp][Ss]?://' })

function addressProblem(value: string): string | null {
  if (value.includes('${') && !value.includes('@')) return null
  if (!URL.canParse(value)) return `expected ${ADDRESS}, or a variable`
  const { protocol, username, password } = new URL(value)
  if (username !== '' || password !== '')
    return `expected ${ADDRESS} without a password: put the whole address into a variable`
  return protocol === 'https:' || protocol === 'http:' ? null : `expected ${ADDRESS}`
}

const told = z.enum([...severities, 'off']).meta({ expects: '`page`, `ticket` or `off`' })
const span = duration('a duration such as `4h`', durationProblem)

/** Addresses that a name may lead to, though they are not public. */
export const alertAllowances = ['loopback', 'private'] as const
const reach = {
  allow: z
    .array(z.enum(alertAllowances).meta({ expects: '`loopback` or `private`' }))
    .min(1)
    .max(alertAllowances.length)
    .meta({ expects: 'a list of `loopback` and `private`' })
    .optional()
    .describe('Addresses, not public, to which the name in the address may lead.'),
  plain: z
    .literal(true)
    .meta({ expects: '`true`, or leave it out' })
    .optional()
    .describe('http beyond the private network: everybody on the way can read it.'),
}

/** What a webhook is sent: our own event, or what a receiver of something else understands. */
export const webhookFormats = ['quipu', 'alertmanager', 'cloudevents'] as const

const webhook = z
  .strictObject({
    url: address.describe('Where it is sent, with POST.'),
    secret: secret('a secret').optional().describe('Signs what is sent: X-Quipu-Signature-256.'),
    format: z
      .enum(webhookFormats)
      .meta({ expects: webhookFormats.map((f) => `\`${f}\``).join(', ') })
      .optional()
      .describe('Default: quipu.'),
    ...reach,
  })
  .meta({ expects: 'a map with `url`' })

const alertmanager = z
  .strictObject({
    url: address.describe('Of the Alertmanager, without `/api/v2/alerts`.'),
    token: secret('a bearer token').optional().describe('For a proxy before it.'),
    ...reach,
  })
  .meta({ expects: 'a map with `url`' })

const pagerduty = z
  .strictObject({
    routingKey: secret('a routing key').describe('Of an integration of Events API v2.'),
    url: address.optional().describe('Default: https://events.pagerduty.com/v2/enqueue.'),
    ...reach,
  })
  .meta({ expects: 'a map with `routingKey`' })

const slack = z
  .strictObject({
    webhook: secret('the address of an incoming webhook').describe('It is a secret as a whole.'),
    ...reach,
  })
  .meta({ expects: 'a map with `webhook`' })

const TARGET = 'a map with one of `webhook`, `alertmanager`, `pagerduty`, `slack`'
const target = z
  .strictObject({
    webhook: webhook.optional().describe('Any receiver of JSON.'),
    alertmanager: alertmanager.optional().describe("Prometheus' Alertmanager, by its API."),
    pagerduty: pagerduty.optional().describe('PagerDuty, Events API v2.'),
    slack: slack.optional().describe('Slack, by an incoming webhook.'),
  })
  .refine((value) => Object.keys(value).length === 1, `expected ${TARGET}`)
  .meta({ expects: TARGET, minProperties: 1, maxProperties: 1 })

const match = z
  .strictObject({
    severity: z.enum(severities).meta({ expects: '`page` or `ticket`' }).optional(),
    pipeline: name('a pipeline').optional(),
    kind: z
      .enum(alertKinds)
      .meta({ expects: alertKinds.map((k) => `\`${k}\``).join(', ') })
      .optional(),
    objective: name('an objective').optional(),
    edge: text('an edge such as `flights → enrich`').optional(),
  })
  .meta({ expects: 'a map with `severity`, `pipeline`, `kind`, `objective` or `edge`' })

const ROUTES_MAX = 100
const TARGETS_MAX = 20

const route = z
  .strictObject({
    match: match.optional().describe('What goes this way: all that is said must fit.'),
    to: z
      .array(target)
      .min(1)
      .max(TARGETS_MAX)
      .meta({ expects: 'a list of targets, such as `[{ slack: { webhook: "${SLACK_URL}" } }]`' })
      .describe('Who is told.'),
    continue: z
      .boolean()
      .meta({ expects: '`true` or `false`' })
      .optional()
      .describe('Whether routes below are tried as well. Default: false.'),
  })
  .meta({ expects: 'a map with `to`' })

const forecast = z
  .strictObject({
    within: span.describe('Told when messages will be lost within so long.'),
    severity: told.optional().describe('Default: ticket.'),
  })
  .meta({ expects: 'a map with `within` and `severity`' })

const PER_MINUTE_MAX = 1_000

/** Keys of `alerting`. */
export const alertKeys: { readonly [K in keyof AlertsInput]-?: z.ZodType<AlertsInput[K]> } = {
  incident: told
    .optional()
    .describe('Loss, copies, changes where no objective is. Default: ticket.'),
  noData: told.optional().describe('Nothing came where something is promised. Default: ticket.'),
  coverage: told.optional().describe('The audit itself cannot see. Default: ticket.'),
  drift: told.optional().describe('Messages have the wrong shape. Default: ticket.'),
  forecast: forecast.optional().describe('A group will lose messages. Default: 24h, ticket.'),
  repeat: span.optional().describe('What is still wrong is told again after so long. Default: 4h.'),
  resolveAfter: span
    .optional()
    .describe('What has been well for so long is resolved: not each flicker. Default: 5m.'),
  perMinute: z
    .int()
    .min(1)
    .max(PER_MINUTE_MAX)
    .meta({ expects: `a whole number from 1 to ${PER_MINUTE_MAX}` })
    .optional()
    .describe('Messages to one target; what is above becomes one summary. Default: 20.'),
  routes: z
    .array(route)
    .max(ROUTES_MAX)
    .meta({ expects: 'a list of routes, such as `[{ to: [{ webhook: { url: … } }] }]`' })
    .optional()
    .describe('Who is told of what; the first that fits decides.'),
}

type Told = ObjectiveSeverity | 'off'

export interface ReachInput {
  readonly allow?: readonly (typeof alertAllowances)[number][] | undefined
  readonly plain?: true | undefined
}

export interface TargetInput {
  readonly webhook?:
    | (ReachInput & {
        readonly url: string
        readonly secret?: string | undefined
        readonly format?: (typeof webhookFormats)[number] | undefined
      })
    | undefined
  readonly alertmanager?:
    | (ReachInput & { readonly url: string; readonly token?: string | undefined })
    | undefined
  readonly pagerduty?:
    | (ReachInput & { readonly routingKey: string; readonly url?: string | undefined })
    | undefined
  readonly slack?: (ReachInput & { readonly webhook: string }) | undefined
}

export interface MatchInput {
  readonly severity?: ObjectiveSeverity | undefined
  readonly pipeline?: string | undefined
  readonly kind?: AlertKind | undefined
  readonly objective?: string | undefined
  readonly edge?: string | undefined
}

export interface AlertsInput {
  readonly incident?: Told | undefined
  readonly noData?: Told | undefined
  readonly coverage?: Told | undefined
  readonly drift?: Told | undefined
  readonly forecast?: { readonly within: string; readonly severity?: Told | undefined } | undefined
  readonly repeat?: string | undefined
  readonly resolveAfter?: string | undefined
  readonly perMinute?: number | undefined
  readonly routes?:
    | readonly {
        readonly match?: MatchInput | undefined
        readonly to: readonly TargetInput[]
        readonly continue?: boolean | undefined
      }[]
    | undefined
}
