/** Rules about keywords that hold one limit: each may be wider, or go, but not come or be tightened. */
import { incompatible, type JsonRule } from '../rule.ts'

interface Limit {
  readonly name: string
  readonly keyword: string
  readonly of: string
  readonly wide: number
  readonly tight: number
  /** What the keyword stands beside in the example. */
  readonly schema: object
  readonly tightened: 'DECREASED' | 'INCREASED'
}

function maximum(name: string, keyword: string, of: string, schema: object): Limit {
  return { name, keyword, of, schema, wide: 10, tight: 5, tightened: 'DECREASED' }
}

function minimum(name: string, keyword: string, of: string, schema: object): Limit {
  return { name, keyword, of, schema, wide: 5, tight: 10, tightened: 'INCREASED' }
}

const modern = 'https://json-schema.org/draft/2020-12/schema'
const contains = { $schema: modern, contains: { type: 'string' } }

const limits: readonly Limit[] = [
  maximum('MAX_LENGTH', 'maxLength', 'the length of a string', { type: 'string' }),
  minimum('MIN_LENGTH', 'minLength', 'the length of a string', { type: 'string' }),
  maximum('MAXIMUM', 'maximum', 'a number', { type: 'number' }),
  minimum('MINIMUM', 'minimum', 'a number', { type: 'number' }),
  maximum('EXCLUSIVE_MAXIMUM', 'exclusiveMaximum', 'a number', { type: 'number' }),
  minimum('EXCLUSIVE_MINIMUM', 'exclusiveMinimum', 'a number', { type: 'number' }),
  maximum('MAX_PROPERTIES', 'maxProperties', 'the properties of an object', { type: 'object' }),
  minimum('MIN_PROPERTIES', 'minProperties', 'the properties of an object', { type: 'object' }),
  maximum('MAX_ITEMS', 'maxItems', 'the items of an array', { type: 'array' }),
  minimum('MIN_ITEMS', 'minItems', 'the items of an array', { type: 'array' }),
  maximum('MAX_CONTAINS', 'maxContains', 'items that match `contains`', contains),
  minimum('MIN_CONTAINS', 'minContains', 'items that match `contains`', contains),
]

export const limitRules: readonly JsonRule[] = limits.flatMap((limit) => {
  const { name, keyword, of, schema, wide, tight, tightened } = limit
  // A schema with `contains` has a least count already, unless it says 0; one without has none.
  const isFewest = keyword === 'minContains'
  const without = isFewest ? { $schema: modern, type: 'array' } : schema
  const fix = `Leave \`${keyword}\` as wide as it was, or widen it.`
  const narrower = tightened === 'DECREASED' ? 'less' : 'more'
  return [
    incompatible(`${name}_ADDED`, {
      purpose: `\`${keyword}\`, which bounds ${of}, was not there before.`,
      sentence: `\`${keyword}: {reader}\` bounds ${of}; the writer has no such limit.`,
      fix: `Remove \`${keyword}\`, or check it where values are made.`,
      before: without,
      after: { ...schema, [keyword]: tight },
    }),
    incompatible(`${name}_${tightened}`, {
      purpose: `\`${keyword}\`, which bounds ${of}, is ${narrower} than before.`,
      sentence: `\`${keyword}\` is {reader}; the writer has {writer}, and so may write what is refused.`,
      fix,
      before: { ...schema, [keyword]: wide },
      after: { ...schema, [keyword]: tight },
    }),
  ]
})
