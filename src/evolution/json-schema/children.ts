/** The schemas within a schema: those that look at the same value, and those that look into it. */
import type { Node, Rest, Solid } from './model.ts'

export interface Children {
  /** Of the same value. */
  readonly same: readonly Node[]
  /** Of a value within it. */
  readonly inner: readonly Node[]
}

const none: Children = { same: [], inner: [] }

export function childrenOf(node: Solid): Children {
  switch (node.kind) {
    case 'combined':
      return { same: node.parts, inner: [] }
    case 'not':
      return { same: [node.not], inner: [] }
    case 'conditional':
      return { same: present(node.condition, node.consequence, node.alternative), inner: [] }
    case 'object':
      return {
        same: [...node.schemaBy.values()],
        inner: [
          ...node.properties.values(),
          ...node.patternProperties.values(),
          ...present(schemaOf(node.additional), node.unevaluated, node.propertyNames),
        ],
      }
    case 'array': {
      const rest = present(schemaOf(node.additional), node.items, node.unevaluated, node.contains)
      return { same: [], inner: [...node.tuple, ...rest] }
    }
    default:
      return none
  }
}

function schemaOf(rest: Rest): Node | null {
  return typeof rest === 'object' ? rest : null
}

function present(...nodes: readonly (Node | null)[]): readonly Node[] {
  return nodes.filter((node) => node !== null)
}
