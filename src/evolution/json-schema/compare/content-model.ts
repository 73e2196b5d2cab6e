/**
 * What may stand where nothing is listed: anything (open), nothing (closed), or what another schema
 * says (partially open).
 */
import type { ArrayNode, Node, ObjectNode } from '../model.ts'
import type { Scope } from './scope.ts'

export type ContentModel =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'partial'; readonly schema: Node }

/**
 * For a property of this name. Where there are patterns and none fits, the registry takes the object for
 * closed, which it is not: a writer's is open all the same. A reader's stays closed, as the registry would
 * refuse it.
 */
export function objectModel(
  scope: Scope,
  node: ObjectNode,
  name: string,
  side: 'writer' | 'reader',
): ContentModel {
  for (const [pattern, schema] of node.patternProperties) {
    // A pattern that cannot be tried safely is taken to match: a schema that is asked, not skipped.
    if (scope.matches(pattern, name) !== false) return { kind: 'partial', schema }
  }
  return restModel(node, side === 'reader' && node.patternProperties.size > 0)
}

/** For an item beyond the listed ones. */
export function arrayModel(node: ArrayNode): ContentModel {
  return restModel(node, false)
}

function restModel(
  { additional, unevaluated }: Pick<ObjectNode, 'additional' | 'unevaluated'>,
  isClosed: boolean,
): ContentModel {
  if (additional === 'none') return { kind: 'closed' }
  if (additional !== 'any') return { kind: 'partial', schema: additional }
  if (unevaluated === null || unevaluated.kind === 'true') {
    return { kind: isClosed ? 'closed' : 'open' }
  }
  if (unevaluated.kind === 'false') return { kind: 'closed' }
  return { kind: 'partial', schema: unevaluated }
}
