/**
 * Schemas that lead back to themselves without looking further into a value: no validator ends on them,
 * and whatever is assumed of one would prove itself.
 */
import { childrenOf } from './children.ts'
import { type Node, type Solid, solid } from './model.ts'

/** The first schema of each circle that is met; with a stack of its own, for circles may be long. */
export function endlessAmong(nodes: readonly Node[]): readonly Solid[] {
  const found: Solid[] = []
  const isDone = new Map<Solid, boolean>()
  for (const start of nodes) {
    const open: { readonly node: Solid; readonly rest: Solid[] }[] = []
    const enter = (node: Solid): void => {
      if (isDone.get(node) === false) found.push(node)
      if (isDone.has(node)) return
      isDone.set(node, false)
      open.push({ node, rest: childrenOf(node).same.map(solid) })
    }
    enter(solid(start))
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const next = top.rest.pop()
      if (next !== undefined) enter(next)
      else {
        isDone.set(top.node, true)
        open.pop()
      }
    }
  }
  return found
}
