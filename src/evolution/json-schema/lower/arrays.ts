/** Keywords of arrays. */
import { isModern } from '../dialect.ts'
import { get, isArray, type Json, step } from '../json.ts'
import type { ArrayNode, Node, Rest } from '../model.ts'
import { restOf } from './objects.ts'
import type { Lowering } from './parts.ts'

const keywordsAll = ['items', 'minItems', 'maxItems', 'uniqueItems']

export function hasArrayKeywords({ keywords, draft }: Lowering): boolean {
  if (keywords.has(...keywordsAll)) return true
  if (draft !== '4' && keywords.has('contains')) return true
  if (draft === '2020-12') return keywords.has('prefixItems', 'unevaluatedItems')
  return keywords.has('additionalItems') || (isModern(draft) && keywords.has('unevaluatedItems'))
}

export function lowerArray(lowering: Lowering): ArrayNode {
  const { keywords, draft, common } = lowering
  const unevaluated = isModern(draft) ? get(keywords.raw, 'unevaluatedItems') : undefined
  const contains = draft === '4' ? undefined : get(keywords.raw, 'contains')
  const counts = isModern(draft) && contains !== undefined
  return {
    kind: 'array',
    ...(draft === '2020-12' ? tupleOfPrefix(lowering) : tupleOfItems(lowering)),
    unevaluated:
      unevaluated === undefined ? null : lowering.child(unevaluated, '/unevaluatedItems'),
    maxItems: keywords.number('maxItems'),
    minItems: keywords.number('minItems'),
    uniqueItems: get(keywords.raw, 'uniqueItems') === true,
    contains: contains === undefined ? null : lowering.child(contains, '/contains'),
    maxContains: counts ? keywords.number('maxContains') : null,
    // `contains` alone asks for one.
    minContains: counts ? (keywords.number('minContains') ?? 1) : null,
    ...common,
  }
}

type Contents = Pick<ArrayNode, 'items' | 'tuple' | 'additional'>

/** Up to 2019-09: `items` is one schema or a list, and `additionalItems` follows the list. */
function tupleOfItems(lowering: Lowering): Contents {
  const items = get(lowering.keywords.raw, 'items')
  const additional = restOf(lowering, 'additionalItems')
  if (isArray(items)) return { items: null, tuple: tupleOf(lowering, 'items', items), additional }
  return { items: itemsOf(lowering, items), tuple: [], additional }
}

/** From 2020-12 on the list has a name of its own. */
function tupleOfPrefix(lowering: Lowering): Contents {
  const { keywords } = lowering
  const tuple = tupleOf(lowering, 'prefixItems', keywords.array('prefixItems'))
  if (tuple.length > 0) return { items: null, tuple, additional: restOf(lowering, 'items') }
  const items = get(keywords.raw, 'items')
  if (isArray(items)) keywords.wrong('items', 'a schema; since 2020-12 lists are `prefixItems`')
  const additional: Rest = items === false ? 'none' : 'any'
  return { items: isArray(items) ? null : itemsOf(lowering, items), tuple, additional }
}

function tupleOf(lowering: Lowering, keyword: string, schemas: readonly Json[]): readonly Node[] {
  return schemas.map((raw, i) => lowering.child(raw, step(keyword) + step(i)))
}

/** An empty schema says as little as none. */
function itemsOf(lowering: Lowering, raw: Json | undefined): Node | null {
  if (raw === undefined) return null
  const node = lowering.child(raw, '/items')
  return node.kind === 'true' ? null : node
}
