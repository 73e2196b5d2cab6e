/** Objects: names, what stands under them, and what else there may be. */
import type { Node, ObjectNode } from '../model.ts'
import { compareMaximum, compareMinimum } from './bounds.ts'
import { objectModel } from './content-model.ts'
import { compareDependencies } from './dependencies.ts'
import { compareNames, comparePatterns } from './patterns.ts'
import { compareRest, compareUnevaluated } from './rest.ts'
import type { Scope } from './scope.ts'

export function compareObjects(scope: Scope, writer: ObjectNode, reader: ObjectNode): void {
  compareRequired(scope, writer, reader)
  compareProperties(scope, writer, reader)
  comparePatterns(scope, writer, reader)
  compareNames(scope, writer, reader)
  compareDependencies(scope, writer, reader)
  const { additional } = reader
  compareRest(scope, 'ADDITIONAL_PROPERTIES', 'additionalProperties', writer.additional, additional)
  compareUnevaluated(
    scope,
    'UNEVALUATED_PROPERTIES',
    'unevaluatedProperties',
    writer.unevaluated,
    reader.unevaluated,
  )
  const { maxProperties, minProperties } = reader
  compareMaximum(scope, 'MAX_PROPERTIES', 'maxProperties', writer.maxProperties, maxProperties)
  compareMinimum(scope, 'MIN_PROPERTIES', 'minProperties', writer.minProperties, minProperties)
}

/** Of names that both sides list, and of names that the reader asks for and does not list. */
function compareRequired(scope: Scope, writer: ObjectNode, reader: ObjectNode): void {
  // Beside listed properties the registry passes over them, and so do we: a risk is told instead.
  const unlisted = reader.properties.size > 0 ? [] : reader.required
  for (const name of unlisted) {
    if (writer.required.has(name)) continue
    const sides = { writer: null, reader: '/required' }
    scope.change('REQUIRED_NAME_ADDED', `required/${name}`, { property: name }, sides)
  }
  for (const name of writer.properties.keys()) {
    const property = reader.properties.get(name)
    if (property === undefined || writer.required.has(name) || !reader.required.has(name)) continue
    if (property.hasDefault) continue
    const sides = { writer: writer.properties.get(name)!, reader: property }
    scope.change('REQUIRED_ATTRIBUTE_ADDED', `required/${name}`, { property: name }, sides)
  }
}

function compareProperties(scope: Scope, writer: ObjectNode, reader: ObjectNode): void {
  for (const name of new Set([...writer.properties.keys(), ...reader.properties.keys()])) {
    const before = writer.properties.get(name)
    const after = reader.properties.get(name)
    const at = `properties/${name}`
    if (before === undefined) propertyAdded(scope, writer, reader, name, after!, at)
    else if (after === undefined) propertyRemoved(scope, reader, name, before, at)
    else scope.within(before, after, at)
  }
}

/** Whether it fits is a matter of what the reader allows beside its names. */
function propertyRemoved(
  scope: Scope,
  reader: ObjectNode,
  name: string,
  before: Node,
  at: string,
): void {
  const model = objectModel(scope, reader, name, 'reader')
  if (model.kind === 'open' || before.kind === 'false') return
  const sides = { writer: before, reader: null }
  const args = { property: name }
  if (model.kind === 'closed') {
    scope.change('PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL', at, args, sides)
    return
  }
  const covered = scope.attempt(before, model.schema)
  scope.add(covered, at)
  if (covered.compatible) return
  const partial = { writer: before, reader: model.schema }
  scope.change('PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL', at, args, partial)
}

/** Whether it fits is a matter of what the writer allowed beside its names. */
function propertyAdded(
  scope: Scope,
  writer: ObjectNode,
  reader: ObjectNode,
  name: string,
  after: Node,
  at: string,
): void {
  const sides = { writer: null, reader: after }
  const args = { property: name }
  const isRequired = reader.required.has(name)
  const model = objectModel(scope, writer, name, 'writer')
  if (model.kind === 'open') {
    if (after.kind === 'true' && !isRequired) return
    const kind = !isRequired
      ? 'OPTIONAL_PROPERTY'
      : after.hasDefault
        ? 'REQUIRED_PROPERTY_WITH_DEFAULT'
        : 'REQUIRED_PROPERTY'
    scope.change(`${kind}_ADDED_TO_OPEN_CONTENT_MODEL`, at, args, sides)
    return
  }
  if (model.kind === 'partial') {
    const covered = scope.attempt(model.schema, after)
    scope.add(covered, at)
    if (!covered.compatible) {
      const partial = { writer: model.schema, reader: after }
      scope.change('PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL', at, args, partial)
    }
  }
  if (isRequired && !after.hasDefault) {
    scope.change('REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL', at, args, sides)
  }
}
