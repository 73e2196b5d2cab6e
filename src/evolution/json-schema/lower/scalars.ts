/** Keywords of strings and numbers. */
import { isModern } from '../dialect.ts'
import { get } from '../json.ts'
import type { NumberNode, StringNode } from '../model.ts'
import type { Lowering } from './parts.ts'

export function hasStringKeywords({ keywords }: Lowering): boolean {
  return keywords.has('minLength', 'maxLength', 'pattern', 'format')
}

export function lowerString({ keywords, draft, common }: Lowering): StringNode {
  // From 2019-09 on these are annotations, which no validator holds against a string unless told.
  const format = isModern(draft) ? null : keywords.string('format')
  const contentEncoding = draft === '7' ? keywords.string('contentEncoding') : null
  const contentMediaType = draft === '7' ? keywords.string('contentMediaType') : null
  return {
    kind: 'string',
    maxLength: keywords.number('maxLength'),
    minLength: keywords.number('minLength'),
    pattern: keywords.string('pattern'),
    format,
    contentEncoding,
    contentMediaType,
    ...common,
  }
}

export function hasNumberKeywords({ keywords }: Lowering): boolean {
  return keywords.has('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf')
}

export function lowerNumber(lowering: Lowering, isInteger: boolean = false): NumberNode {
  const { keywords, common } = lowering
  const multipleOf = keywords.number('multipleOf')
  if (multipleOf !== null && multipleOf <= 0) keywords.wrong('multipleOf', 'a number above 0')
  const [maximum, exclusiveMaximum] = bound(lowering, 'maximum', 'exclusiveMaximum')
  const [minimum, exclusiveMinimum] = bound(lowering, 'minimum', 'exclusiveMinimum')
  return {
    kind: 'number',
    isInteger,
    maximum,
    minimum,
    exclusiveMaximum,
    exclusiveMinimum,
    multipleOf,
    ...common,
  }
}

/** In draft 4 the exclusive one is true or false and says how the other one is meant. */
function bound(
  { keywords, draft }: Lowering,
  inclusive: string,
  exclusive: string,
): [number | null, number | null] {
  const limit = keywords.number(inclusive)
  const flag = get(keywords.raw, exclusive)
  if (draft !== '4' || typeof flag !== 'boolean') return [limit, keywords.number(exclusive)]
  return flag ? [null, limit] : [limit, null]
}
