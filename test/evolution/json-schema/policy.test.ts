/** STRICT and LENIENT over the changes that people make most: properties that come and go. */
import { describe, expect, test } from 'vitest'
import { found } from './support.ts'

const text = { type: 'string' }
const models = {
  open: {},
  closed: { additionalProperties: false },
  partial: { additionalProperties: { type: 'number' } },
} as const
const of = (model: keyof typeof models, properties: object, required: readonly string[] = []) => ({
  ...{ type: 'object', properties, required },
  ...models[model],
})

describe.each([
  // Old data may hold the name, as anything: right to refuse, and what people complain of most.
  { model: 'open', change: 'optional', strict: false, lenient: true },
  { model: 'open', change: 'required with default', strict: false, lenient: true },
  { model: 'open', change: 'required', strict: false, lenient: false },
  { model: 'closed', change: 'optional', strict: true, lenient: true },
  { model: 'closed', change: 'required with default', strict: true, lenient: true },
  { model: 'closed', change: 'required', strict: false, lenient: false },
  // Other names were numbers: the type of the new one differs, which LENIENT does not forgive.
  { model: 'partial', change: 'optional', strict: false, lenient: false },
  { model: 'open', change: 'removed', strict: true, lenient: true },
  { model: 'closed', change: 'removed', strict: false, lenient: true },
  { model: 'partial', change: 'removed', strict: false, lenient: false },
] as const)('$model object, property: $change', ({ model, change, strict, lenient }) => {
  const x = change === 'required with default' ? { ...text, default: '' } : text
  const required = change.startsWith('required') ? ['x'] : []
  const without = of(model, {})
  const withIt = of(model, { x }, required)
  const [before, after] = change === 'removed' ? [withIt, without] : [without, withIt]

  test.each([
    { policy: 'STRICT', compatible: strict },
    { policy: 'LENIENT', compatible: lenient },
  ] as const)('$policy: $compatible', ({ policy, compatible }) => {
    expect(found(before, after, policy).length === 0).toBe(compatible)
  })
})
