/**
 * What OpenSLO v1 asks of the kinds that are exported, written down from the text of its specification:
 * the project publishes no schema of v1 any more. Unknown keys are refused, which the text does not ask.
 */
import { Ajv } from 'ajv'

const name = { type: 'string', maxLength: 63, pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$' }
const duration = { type: 'string', pattern: '^[1-9][0-9]*[mhdwMQY]$' }
const description = { type: 'string', maxLength: 1050 }
const operator = { enum: ['lte', 'gte', 'lt', 'gt'] }

type Schema = Readonly<Record<string, unknown>>

const object = (required: Readonly<Record<string, unknown>>, optional: Schema = {}): Schema => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
  additionalProperties: false,
})

const metadata = object({ name }, { displayName: { type: 'string', minLength: 1, maxLength: 63 } })
const query = { type: 'string', minLength: 1 }
const metric = object({
  metricSource: object({ type: { const: 'Prometheus' }, spec: object({ query }) }),
})
const sli = {
  oneOf: [
    object({ thresholdMetric: metric }),
    object({
      ratioMetric: {
        oneOf: [
          object({ counter: { type: 'boolean' }, good: metric, total: metric }),
          object({ counter: { type: 'boolean' }, bad: metric, total: metric }),
          object({
            counter: { type: 'boolean' },
            raw: metric,
            rawType: { enum: ['success', 'failure'] },
          }),
        ],
      },
    }),
  ],
}

const target = { type: 'number', minimum: 0, exclusiveMaximum: 1 }
const displayName = { type: 'string' }
const timeSliceTarget = { type: 'number', exclusiveMinimum: 0, maximum: 1 }
const compared = { op: operator, value: { type: 'number' } }
const objectives: Readonly<Record<string, Schema>> = {
  Occurrences: object({ target }, { displayName, ...compared }),
  Timeslices: object(
    { target, timeSliceTarget, timeSliceWindow: duration },
    { displayName, ...compared },
  ),
  RatioTimeslices: object({ target, timeSliceWindow: duration }, { displayName, ...compared }),
}

const calendar = object({
  startTime: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$' },
  timeZone: { type: 'string', minLength: 1 },
})
const timeWindow = {
  oneOf: [
    object({ duration, isRolling: { const: true } }),
    object({ duration, isRolling: { const: false }, calendar }),
  ],
}

const slo = {
  oneOf: Object.entries(objectives).map(([budgetingMethod, objective]) =>
    object(
      {
        service: name,
        indicator: object({ metadata, spec: sli }),
        timeWindow: { type: 'array', minItems: 1, maxItems: 1, items: timeWindow },
        budgetingMethod: { const: budgetingMethod },
        objectives: { type: 'array', minItems: 1, maxItems: 1, items: objective },
      },
      { description, alertPolicies: { type: 'array', items: object({ alertPolicyRef: name }) } },
    ),
  ),
}

const condition = object({
  kind: { const: 'burnrate' },
  op: operator,
  threshold: { type: 'number' },
  lookbackWindow: duration,
})
const severity = { type: 'string', minLength: 1 }
const inline = (kind: string, spec: Schema): Schema =>
  object({ kind: { const: kind }, metadata, spec })
const flag = { type: 'boolean' }
const policy = object(
  {
    ...{ alertWhenNoData: flag, alertWhenResolved: flag, alertWhenBreaching: flag },
    conditions: {
      type: 'array',
      ...{ minItems: 1, maxItems: 1 },
      items: inline('AlertCondition', object({ severity, condition }, { description })),
    },
    notificationTargets: {
      type: 'array',
      minItems: 1,
      items: inline('AlertNotificationTarget', object({ target: severity }, { description })),
    },
  },
  { description },
)

const kinds: Readonly<Record<string, Schema>> = {
  Service: object({}, { description }),
  SLO: slo,
  AlertPolicy: policy,
}

const validate = new Ajv({ strict: false }).compile({
  oneOf: Object.entries(kinds).map(([kind, spec]) =>
    object({ apiVersion: { const: 'openslo/v1' }, kind: { const: kind }, metadata, spec }),
  ),
})

/** Whether a document is one of OpenSLO v1, as far as is exported. */
export const isOpenSlo = (document: unknown): boolean => validate(document)
