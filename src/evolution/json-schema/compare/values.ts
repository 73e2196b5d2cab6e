/** Listed values; `const` is a list of one. */
import type { ConstNode, EnumNode } from '../model.ts'
import type { Scope } from './scope.ts'

type Values = EnumNode | ConstNode

/** Values that a finding names. */
const NAMED_MAX = 10

export function compareValues(scope: Scope, writer: Values, reader: Values): void {
  const readable = valuesOf(reader)
  const written = valuesOf(writer)
  scope.tick(Math.ceil((readable.size + written.size) / 10))
  const missing = [...written].filter((value) => !readable.has(value))
  if (missing.length === 0) return
  const narrowed = [...readable].every((value) => written.has(value))
  const change = reader.kind === 'enum' && narrowed ? 'NARROWED' : 'CHANGED'
  const args = { missing: missing.slice(0, NAMED_MAX), missingCount: missing.length }
  const sides = { writer: `/${writer.kind}`, reader: `/${reader.kind}` }
  scope.change(`ENUM_ARRAY_${change}`, reader.kind, args, sides)
}

function valuesOf(node: Values): ReadonlySet<string> {
  return node.kind === 'enum' ? node.values : new Set([node.value])
}
