/**
 * How many steps a validator takes at most for one instance: unions of unions multiply, and so does what
 * they look into. Counted, so that no validator is let loose on a schema that would keep it busy.
 */
import { childrenOf } from '../children.ts'
import { type Node, type Solid, solid } from '../model.ts'

/** @param depth of instances. Infinity: a schema leads to itself without looking further in */
export function costOf(root: Node, depth: number): number {
  return cost(solid(root), depth, new Map(), new Set())
}

type Known = Map<Solid, number[]>

function cost(node: Solid, depth: number, known: Known, open: Set<Solid>): number {
  const row = known.get(node) ?? []
  known.set(node, row)
  const done = row[depth]
  if (done !== undefined) return done
  if (open.has(node)) return Infinity
  open.add(node)
  const { same, inner } = childrenOf(node)
  let total = 1
  for (const child of same) total += cost(solid(child), depth, known, open)
  if (depth > 0) {
    for (const child of inner) total += cost(solid(child), depth - 1, known, new Set())
  }
  open.delete(node)
  row[depth] = total
  return total
}
