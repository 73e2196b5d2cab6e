/** Keywords that say what else there may be. */
import type { Node, Rest } from '../model.ts'
import type { Scope } from './scope.ts'

export function compareRest(
  scope: Scope,
  name: string,
  keyword: string,
  writer: Rest,
  reader: Rest,
): void {
  if (reader === 'any' || writer === 'none') return
  if (reader === 'none') {
    scope.change(`${name}_REMOVED`, keyword, {})
    return
  }
  if (writer === 'any') {
    scope.change(`${name}_NARROWED`, keyword, {})
    return
  }
  scope.within(writer, reader, keyword)
}

export function compareUnevaluated(
  scope: Scope,
  name: string,
  keyword: string,
  writer: Node | null,
  reader: Node | null,
): void {
  compareRest(scope, name, keyword, restOf(writer), restOf(reader))
}

function restOf(node: Node | null): Rest {
  if (node === null || node.kind === 'true') return 'any'
  return node.kind === 'false' ? 'none' : node
}
