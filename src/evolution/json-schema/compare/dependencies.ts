/** What the presence of one property asks for: other names, or a schema. */
import { step } from '../json.ts'
import type { ObjectNode } from '../model.ts'
import type { Scope } from './scope.ts'

export function compareDependencies(scope: Scope, writer: ObjectNode, reader: ObjectNode): void {
  for (const [name, after] of reader.requiredBy) {
    const before = writer.requiredBy.get(name) ?? null
    const added = [...after].filter((one) => !before?.has(one))
    if (added.length === 0) continue
    const extended = before !== null && [...before].every((one) => after.has(one))
    const change = before === null ? 'ADDED' : extended ? 'EXTENDED' : 'CHANGED'
    const sides = sidesOf(writer, reader, name)
    scope.change(
      `DEPENDENCY_ARRAY_${change}`,
      `dependencies/${name}`,
      { property: name, added },
      sides,
    )
  }
  for (const [name, after] of reader.schemaBy) {
    const before = writer.schemaBy.get(name)
    const at = `dependencies/${name}`
    if (before !== undefined) scope.within(before, after, at)
    else if (after.kind !== 'true') {
      const sides = { writer: null, reader: after }
      scope.change('DEPENDENCY_SCHEMA_ADDED', at, { property: name }, sides)
    }
  }
}

/** Under either name that the keyword has. */
function sidesOf(writer: ObjectNode, reader: ObjectNode, name: string) {
  const path = (node: ObjectNode): string | null => {
    if (!node.requiredBy.has(name)) return null
    const keywords = ['dependentRequired', 'dependencies'] as const
    const raw = node.raw as Record<string, Record<string, unknown>>
    const keyword = keywords.find((one) => raw[one] !== undefined && Object.hasOwn(raw[one], name))
    return `${step(keyword ?? 'dependencies')}${step(name)}`
  }
  return { writer: path(writer), reader: path(reader) }
}
