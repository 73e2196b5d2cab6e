/**
 * Which texts schemas name in their enums, place by place. It may hold itself, as schemas do.
 *
 * It stands beside what is declared: that a schema names values says nothing of which fields there may be.
 */

export interface SymbolNode {
  /** Null: none is named here. */
  readonly symbols: ReadonlySet<string> | null
  readonly fields: ReadonlyMap<string, SymbolNode>
  readonly entries: SymbolNode | null
  readonly items: SymbolNode | null
}

/** From a value to one within it. */
export type Step =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'entries' }
  | { readonly kind: 'items' }

export const NO_SYMBOLS: readonly SymbolNode[] = []

export function symbolsWithin(nodes: readonly SymbolNode[], step: Step): readonly SymbolNode[] {
  if (nodes.length === 0) return NO_SYMBOLS
  const within = nodes.map((node) => oneWithin(node, step)).filter((node) => node !== null)
  return within.length === 0 ? NO_SYMBOLS : within
}

function oneWithin(node: SymbolNode, step: Step): SymbolNode | null {
  return step.kind === 'member' ? (node.fields.get(step.name) ?? null) : node[step.kind]
}
