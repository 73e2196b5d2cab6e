/** The shape of objectives, agreements and alerts; what they mean is checked in objectives.ts. */
import { z } from 'zod'
import { calendarUnits, indicators, severities } from '../objective/objective.ts'
import { type AlertsInput, alertKeys } from './alert-schema.ts'
import { durationProblem, thresholdProblem } from './config.ts'
import { duration, listOf, mapOf, name, THEN, text } from './shape-parts.ts'
import { SHARE_EXPECTED, SHARE_PATTERN, shareProblem } from './share.ts'

const quoted = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ')

/** Numbers above 1 get past the union, so that the error can say what was meant. */
const share = z
  .union([
    z.string().meta({ pattern: SHARE_PATTERN }),
    z.number().meta({ exclusiveMinimum: 0, maximum: 1 }),
  ])
  .superRefine((value, context) => {
    const message = shareProblem(value)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })
  .meta({ expects: SHARE_EXPECTED })

const DATE_PATTERN = '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$'
const day = z
  .string()
  .refine((value) => isDay(value))
  .meta({ expects: 'a day such as `2027-01-31`', pattern: DATE_PATTERN })

function isDay(value: string): boolean {
  if (!new RegExp(DATE_PATTERN).test(value)) return false
  const at = Date.parse(`${value}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value)
}

const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER)
const counted = (expects: string): z.ZodNumber => count.meta({ expects })

const calendar = z.strictObject({
  calendar: z.enum(calendarUnits).meta({ expects: `one of ${quoted(calendarUnits)}` }),
})

const PERIOD = `a duration such as \`30d\`, or \`{ calendar: ${calendarUnits.join(' | ')} }\``
const rolling = duration(PERIOD, (ms) => (ms === null ? `expected ${PERIOD}` : null))
const period = z.union([rolling, calendar]).meta({ expects: PERIOD })

const scope = z
  .union([
    z.literal('end-to-end'),
    z.strictObject({ edge: text('an edge such as `flights..enrich`') }),
  ])
  .meta({ expects: '`end-to-end`, or `{ edge: FROM..TO }`' })

const volume = z
  .strictObject({
    min: counted('a whole number of messages')
      .optional()
      .describe('So many messages a window or more.'),
    max: counted('a whole number of messages')
      .optional()
      .describe('So many messages a window or fewer.'),
  })
  .meta({ expects: 'a map with `min` or `max`, or both', minProperties: 1 })

/** Which key goes with which indicator: said to editors here, to people in objectives.ts. */
const only = (key: string, indicator: readonly string[]) => ({
  if: { properties: { indicator: { enum: indicator } }, required: ['indicator'] },
  [THEN]: { required: [key] },
  else: { properties: { [key]: false } },
})

const ofWindows = { enum: ['freshness', 'volume', 'audit-coverage'] }
const CONDITIONS = [
  only('threshold', ['timeliness', 'freshness']),
  only('volume', ['volume']),
  {
    if: { properties: { budget: { const: 'windows' } }, required: ['budget'] },
    [THEN]: { required: ['windowTarget'] },
    else: { properties: { windowTarget: false } },
  },
  {
    if: { properties: { indicator: ofWindows }, required: ['indicator'] },
    [THEN]: { properties: { budget: false } },
  },
]

const objective: z.ZodType<ObjectiveInput> = z
  .strictObject({
    indicator: z
      .enum(indicators)
      .meta({ expects: `one of ${quoted(indicators)}` })
      .describe('What is measured.'),
    scope: scope.optional().describe('Where: from each source to each end, or over one edge.'),
    target: share.describe('The share that must be good. 100% is strict: any bad event breaches.'),
    period: period.optional().describe('Over what it is kept. Default: 30d, rolling.'),
    threshold: duration('a duration such as `60s`', thresholdProblem)
      .optional()
      .describe('timeliness: good up to this latency. freshness: good if news is no older.'),
    volume: volume.optional().describe('Indicator volume: what a window should hold.'),
    budget: z
      .enum(['messages', 'windows'])
      .meta({ expects: '`messages` or `windows`' })
      .optional()
      .describe('What is counted. Default: messages.'),
    windowTarget: share
      .optional()
      .describe('With `budget: windows`: the share of its messages that makes a window good.'),
    strict: z
      .literal(true)
      .meta({ expects: '`true`, or leave it out' })
      .optional()
      .describe('Says in words what `target: 100%` means.'),
    severity: z
      .enum(severities)
      .meta({ expects: '`page` or `ticket`' })
      .optional()
      .describe('page: somebody is called. ticket (default): somebody looks at it by day.'),
    minEvents: counted('a whole number of events')
      .optional()
      .describe('Fewer events than this say nothing. Default: 0.'),
    refundLate: z
      .boolean()
      .meta({ expects: '`true` or `false`' })
      .optional()
      .describe('Whether what was lost at its deadline and came later gives its budget back.'),
    description: text('a text').optional().describe('Why it is there, for readers.'),
  })
  .meta({ expects: 'a map with `indicator`, `target` and `period`', allOf: CONDITIONS })

export const objectives: z.ZodType<Readonly<Record<string, ObjectiveInput>>> = mapOf(
  name('an objective'),
  objective,
  'a map of objectives by name',
)

export const agreement: z.ZodType<AgreementInput> = z
  .strictObject({
    consumers: z
      .array(
        z
          .strictObject({
            name: text('the name of a consumer'),
            contact: text('where to reach the consumer').optional(),
          })
          .meta({ expects: 'a map with `name` and `contact`' }),
      )
      .min(1)
      .max(100)
      .meta({ expects: 'a list of one consumer or more, such as `[{ name: finance-bi }]`' })
      .describe('To whom it is promised.'),
    promises: listOf(name('an objective'), 'the name of an objective, or a list of names').describe(
      'Objectives of this pipeline, by name.',
    ),
    driver: z
      .enum(['regulatory', 'analytics', 'operational'])
      .meta({ expects: '`regulatory`, `analytics` or `operational`' })
      .optional()
      .describe('Why it is promised.'),
    review: day.optional().describe('The day on which it is looked at again.'),
    consequence: text('a text').optional().describe('What follows a breach.'),
  })
  .meta({ expects: 'a map with `consumers` and `promises`' })

const span = duration('a duration such as `1h`', durationProblem)

const tier = z
  .strictObject({
    budget: share.describe('The share of the budget that may burn in `long`.'),
    long: span.describe('The window that must burn.'),
    short: span.describe('The window that must still burn, so that the alert ends soon.'),
  })
  .meta({ expects: 'a map with `budget`, `long` and `short`' })

const tiers = z
  .strictObject({
    quick: tier.optional().describe('Burns fast: noticed soon.'),
    slow: tier.optional().describe('Burns slowly: noticed for sure.'),
  })
  .meta({ expects: 'a map with `quick` and `slow`' })

export const alerting: z.ZodType<AlertingInput> = z
  .strictObject({
    burnRate: z
      .strictObject({
        page: tiers.optional().describe('When somebody is called.'),
        ticket: tiers.optional().describe('When somebody looks at it by day.'),
        for: span
          .optional()
          .describe('The period these windows are written for; scaled to others. Default: 30d.'),
      })
      .meta({ expects: 'a map with `page`, `ticket` and `for`' })
      .optional()
      .describe('How fast the budget may burn. What is left out keeps its default.'),
    ...alertKeys,
  })
  .meta({ expects: 'a map with `burnRate`, `routes` and what is told' })

export interface ObjectiveInput {
  readonly indicator: (typeof indicators)[number]
  readonly scope?: 'end-to-end' | { readonly edge: string } | undefined
  readonly target: string | number
  readonly period?: string | { readonly calendar: (typeof calendarUnits)[number] } | undefined
  readonly threshold?: string | undefined
  readonly volume?:
    | { readonly min?: number | undefined; readonly max?: number | undefined }
    | undefined
  readonly budget?: 'messages' | 'windows' | undefined
  readonly windowTarget?: string | number | undefined
  readonly strict?: true | undefined
  readonly severity?: (typeof severities)[number] | undefined
  readonly minEvents?: number | undefined
  readonly refundLate?: boolean | undefined
  readonly description?: string | undefined
}

export interface AgreementInput {
  readonly consumers: readonly {
    readonly name: string
    readonly contact?: string | undefined
  }[]
  readonly promises: readonly string[]
  readonly driver?: 'regulatory' | 'analytics' | 'operational' | undefined
  readonly review?: string | undefined
  readonly consequence?: string | undefined
}

export interface TierInput {
  readonly budget: string | number
  readonly long: string
  readonly short: string
}

export interface BurnRateInput {
  readonly page?: TiersInput | undefined
  readonly ticket?: TiersInput | undefined
  readonly for?: string | undefined
}

interface TiersInput {
  readonly quick?: TierInput | undefined
  readonly slow?: TierInput | undefined
}

export interface AlertingInput extends AlertsInput {
  readonly burnRate?: BurnRateInput | undefined
}
