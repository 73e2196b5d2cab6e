/** Which schemas lie on the way from the root to a difference, references followed. */
import { childrenOf } from '../children.ts'
import { type JsonSchema, type Node, type Solid, solid } from '../model.ts'
import { pathOf } from '../position.ts'

export function nodesNear(schema: JsonSchema, paths: readonly string[]): ReadonlySet<Solid> {
  const parents = new Map<Solid, Solid[]>()
  const start: Solid[] = []
  const targets = new Set(paths.flatMap(prefixesOf))
  for (const node of new Set(schema.nodes.map(solid))) {
    const { same, inner } = childrenOf(node)
    for (const child of [...same, ...inner]) {
      const at = solid(child)
      const list = parents.get(at)
      if (list === undefined) parents.set(at, [node])
      else list.push(node)
    }
    if (targets.has(pathOf(node.place))) start.push(node)
  }
  const near = new Set<Solid>(start)
  for (let next = start.pop(); next !== undefined; next = start.pop()) {
    for (const parent of parents.get(next) ?? []) {
      if (near.has(parent)) continue
      near.add(parent)
      start.push(parent)
    }
  }
  return near
}

/** Of a path, itself and the last two steps of what it is in: a keyword is no schema. */
function prefixesOf(path: string): readonly string[] {
  const one = path.slice(0, Math.max(path.lastIndexOf('/'), 0))
  return [path, one, one.slice(0, Math.max(one.lastIndexOf('/'), 0))]
}

export function isNearOf(...sets: readonly ReadonlySet<Solid>[]): (node: Node) => boolean {
  return (node) => sets.some((set) => set.has(solid(node)))
}
