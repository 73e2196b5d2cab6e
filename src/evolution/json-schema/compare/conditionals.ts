/** if, then, else. Branches can be compared only where the same values go into them. */
import { canonical } from '../json.ts'
import type { ConditionalNode, Node } from '../model.ts'
import type { Scope } from './scope.ts'

export function compareConditionals(
  scope: Scope,
  writer: ConditionalNode,
  reader: ConditionalNode,
): void {
  const args = {}
  if (!isSame(scope, writer.condition, reader.condition)) {
    // Without a branch there is nothing that a condition decides.
    if (reader.consequence === null && reader.alternative === null) return
    scope.change('CONDITION_CHANGED', 'if', args)
    return
  }
  branch('then', writer.consequence, reader.consequence)
  branch('else', writer.alternative, reader.alternative)

  function branch(keyword: string, before: Node | null, after: Node | null): void {
    if (after === null) return
    if (before !== null) {
      scope.within(before, after, keyword)
      return
    }
    const sides = { writer: null, reader: after }
    if (after.kind !== 'true') scope.change('CONDITIONAL_BRANCH_ADDED', keyword, args, sides)
  }
}

function isSame(scope: Scope, writer: Node | null, reader: Node | null): boolean {
  if (writer === null || reader === null) return writer === reader
  if (canonical(writer.raw) !== canonical(reader.raw)) return false
  // What is written alike may refer to what is not.
  return scope.attempt(writer, reader).compatible && scope.attempt(reader, writer).compatible
}
