/**
 * What the Open Data Contract Standard 3.1 asks of the parts that are exported, written down from the text
 * of the standard: its schema is in its repository, and no package carries it. Unknown keys are refused,
 * as the standard does.
 */
import { Ajv } from 'ajv'

type Schema = Readonly<Record<string, unknown>>

const text = { type: 'string' }
const number = { type: 'number' }
const id = { type: 'string', pattern: '^[A-Za-z0-9_-]+$' }

const object = (required: Schema, optional: Schema = {}): Schema => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
  additionalProperties: false,
})
const listOf = (items: Schema): Schema => ({ type: 'array', items })

const dimensions = [
  ...['accuracy', 'completeness', 'conformity', 'consistency'],
  ...['coverage', 'timeliness', 'uniqueness'],
]
const quality = object(
  { type: { const: 'custom' }, engine: text, implementation: { type: ['string', 'object'] } },
  {
    ...{ id, name: text, description: text, method: text, severity: text, businessImpact: text },
    dimension: { enum: dimensions },
  },
)
const element = object(
  { name: text },
  {
    ...{ logicalType: { const: 'object' }, physicalName: text, physicalType: text },
    quality: listOf(quality),
  },
)
const sla = object(
  { property: text, value: { type: ['string', 'number', 'boolean', 'null'] } },
  { id, valueExt: number, unit: text, element: text, driver: text, description: text },
)

const validate = new Ajv({ strict: false }).compile(
  object(
    {
      apiVersion: { const: 'v3.1.0' },
      kind: { const: 'DataContract' },
      ...{ id: text, version: text, status: text },
    },
    {
      name: text,
      description: object({}, { purpose: text, usage: text, limitations: text }),
      team: object({}, { name: text }),
      support: listOf(object({ channel: text })),
      authoritativeDefinitions: listOf(object({ type: text, url: text })),
      schema: listOf(element),
      slaProperties: listOf(sla),
      customProperties: listOf(object({ property: text, value: {} })),
    },
  ),
)

/** Whether it is a contract of ODCS 3.1, as far as is exported. */
export const isContract = (contract: unknown): boolean => validate(contract)
