/** Hops in the order in which messages travel, and what lies before one of them. Pure. */
import type { HopDeclaration, Pipeline } from '../hop/pipeline.ts'

/** Each after all that feed it; what runs in a circle stays as it was declared. */
export function inOrder({ hops, edges }: Pipeline): readonly HopDeclaration[] {
  const out = new Set<HopDeclaration>()
  const left = new Set(hops)
  const isFed = (hop: HopDeclaration): boolean =>
    edges.every(
      ({ from, to }) =>
        !to.some(({ name }) => name === hop.name) ||
        from.every(({ name }) => ![...left].some((l) => l.name === name && l !== hop)),
    )
  while (left.size > 0) {
    const next = [...left].find(isFed) ?? (left.values().next().value as HopDeclaration)
    left.delete(next)
    out.add(next)
  }
  return [...out]
}

/** Hops that edges to `hop` begin at, the nearest first, each once. */
export function* before({ edges }: Pipeline, hop: HopDeclaration): Generator<HopDeclaration> {
  const seen = new Set([hop.name])
  const queue = [hop]
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const name = at.name
    for (const { from, to } of edges) {
      if (!to.some((end) => end.name === name)) continue
      for (const one of from) {
        if (seen.has(one.name)) continue
        seen.add(one.name)
        queue.push(one)
        yield one
      }
    }
  }
}
