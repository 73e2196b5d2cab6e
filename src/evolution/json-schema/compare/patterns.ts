/** Properties by pattern, and names. Patterns are the same only if they are written the same. */
import { type Node, type ObjectNode, solid } from '../model.ts'
import { matchesAny } from '../pattern.ts'
import type { Scope } from './scope.ts'

export function comparePatterns(scope: Scope, writer: ObjectNode, reader: ObjectNode): void {
  for (const [pattern, after] of reader.patternProperties) {
    const before = writer.patternProperties.get(pattern)
    const at = `patternProperties/${pattern}`
    if (before !== undefined) scope.within(before, after, at)
    else patternAdded(scope, writer, pattern, after, at)
  }
  for (const [pattern, before] of writer.patternProperties) {
    if (reader.patternProperties.has(pattern)) continue
    patternRemoved(scope, reader, pattern, before, `patternProperties/${pattern}`)
  }
}

/** It speaks of listed properties as well, and of whatever else the writer allows. */
function patternAdded(
  scope: Scope,
  writer: ObjectNode,
  pattern: string,
  after: Node,
  at: string,
): void {
  if (after.kind === 'true') return
  for (const [name, before] of writer.properties) {
    if (scope.matches(pattern, name) === true) scope.within(before, after, `properties/${name}`)
  }
  if (writer.additional === 'none' || writer.unevaluated?.kind === 'false') return
  const args = { pattern }
  if (writer.additional === 'any') {
    const sides = { writer: null, reader: after }
    scope.change('PATTERN_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL', at, args, sides)
    return
  }
  const covered = scope.attempt(writer.additional, after)
  scope.add(covered, at)
}

function patternRemoved(
  scope: Scope,
  reader: ObjectNode,
  pattern: string,
  before: Node,
  at: string,
): void {
  if (reader.additional === 'any' || before.kind === 'false') return
  const sides = { writer: before, reader: null }
  if (reader.additional !== 'none') {
    scope.within(before, reader.additional, at)
    return
  }
  const args = { pattern }
  scope.change('PATTERN_PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL', at, args, sides)
}

export function compareNames(scope: Scope, writer: ObjectNode, reader: ObjectNode): void {
  const after = reader.propertyNames
  if (after === null || after.kind === 'true') return
  const before = writer.propertyNames
  if (before !== null) {
    scope.within(before, after, 'propertyNames')
    return
  }
  if (acceptsAny(after) || (isListed(writer) && acceptsAll(scope, after, writer.properties.keys())))
    return
  scope.change('PROPERTY_NAMES_ADDED', 'propertyNames', {}, { writer: null, reader: after })
}

/** Names that are strings anyway, and of any form. */
function acceptsAny(names: Node): boolean {
  const node = solid(names)
  if (node.kind !== 'string' || node.maxLength !== null || (node.minLength ?? 0) > 0) return false
  return node.format === null && (node.pattern === null || matchesAny(node.pattern))
}

/** Whether no other names can stand than those in `properties`. */
function isListed(node: ObjectNode): boolean {
  return node.additional === 'none' && node.patternProperties.size === 0
}

/** As far as that can be known of each name. */
function acceptsAll(scope: Scope, names: Node, given: Iterable<string>): boolean {
  const node = solid(names)
  if (node.kind !== 'string' || node.format !== null) return false
  const { maxLength, minLength, pattern } = node
  return [...given].every((name) => {
    const length = [...name].length
    if (length > (maxLength ?? Infinity) || length < (minLength ?? 0)) return false
    return pattern === null || scope.matches(pattern, name) === true
  })
}
