/** Arrays: items all alike, lists of items, and what may follow a list. */
import type { ArrayNode, Node } from '../model.ts'
import { compareMaximum, compareMinimum } from './bounds.ts'
import { arrayModel } from './content-model.ts'
import { compareRest, compareUnevaluated } from './rest.ts'
import type { Scope } from './scope.ts'

export function compareArrays(scope: Scope, writer: ArrayNode, reader: ArrayNode): void {
  compareItems(scope, writer, reader)
  compareTuples(scope, writer, reader)
  compareRest(scope, 'ADDITIONAL_ITEMS', 'additionalItems', writer.additional, reader.additional)
  const { unevaluated } = reader
  compareUnevaluated(
    scope,
    'UNEVALUATED_ITEMS',
    'unevaluatedItems',
    writer.unevaluated,
    unevaluated,
  )
  compareMaximum(scope, 'MAX_ITEMS', 'maxItems', writer.maxItems, reader.maxItems)
  compareMinimum(scope, 'MIN_ITEMS', 'minItems', writer.minItems, reader.minItems)
  if (reader.uniqueItems && !writer.uniqueItems) {
    scope.change('UNIQUE_ITEMS_ADDED', 'uniqueItems', {})
  }
  compareContains(scope, writer, reader)
  compareMaximum(scope, 'MAX_CONTAINS', 'maxContains', writer.maxContains, reader.maxContains)
  compareMinimum(scope, 'MIN_CONTAINS', 'minContains', writer.minContains, reader.minContains)
}

function compareItems(scope: Scope, writer: ArrayNode, reader: ArrayNode): void {
  // No item at all: said where the rest is compared.
  const isNone = reader.items?.kind === 'false' && reader.additional === 'none'
  if (reader.items === null || isNone) return
  if (writer.items !== null) {
    scope.within(writer.items, reader.items, 'items')
    return
  }
  scope.change('SCHEMA_ADDED', 'items', {}, { writer: null, reader: reader.items })
}

function compareTuples(scope: Scope, writer: ArrayNode, reader: ArrayNode): void {
  const count = Math.max(writer.tuple.length, reader.tuple.length)
  for (let i = 0; i < count; i++) {
    const before = writer.tuple[i]
    const after = reader.tuple[i]
    const at = `items/${i}`
    if (before === undefined) itemAdded(scope, writer, i, after!, at)
    else if (after === undefined) itemRemoved(scope, reader, i, before, at)
    else scope.within(before, after, at)
  }
}

function itemRemoved(
  scope: Scope,
  reader: ArrayNode,
  item: number,
  before: Node,
  at: string,
): void {
  const model = arrayModel(reader)
  if (model.kind === 'open' || before.kind === 'false') return
  if (model.kind === 'closed') {
    const sides = { writer: before, reader: null }
    scope.change('ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL', at, { item }, sides)
    return
  }
  const covered = scope.attempt(before, model.schema)
  scope.add(covered, at)
  if (covered.compatible) return
  const sides = { writer: before, reader: model.schema }
  scope.change('ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL', at, { item }, sides)
}

function itemAdded(scope: Scope, writer: ArrayNode, item: number, after: Node, at: string): void {
  const model = arrayModel(writer)
  if (model.kind === 'closed' || after.kind === 'true') return
  if (model.kind === 'open') {
    const sides = { writer: null, reader: after }
    scope.change('ITEM_ADDED_TO_OPEN_CONTENT_MODEL', at, { item }, sides)
    return
  }
  const covered = scope.attempt(model.schema, after)
  scope.add(covered, at)
  if (covered.compatible) return
  const sides = { writer: model.schema, reader: after }
  scope.change('ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL', at, { item }, sides)
}

/** Enough of them: whatever counted must count still. Too many: nothing more may count than did. */
function compareContains(scope: Scope, writer: ArrayNode, reader: ArrayNode): void {
  if (reader.contains === null) return
  if (writer.contains === null) {
    // Where it is counted, the count that was added says so.
    if (reader.minContains === null) scope.change('CONTAINS_ADDED', 'contains', {})
    return
  }
  if (reader.minContains !== 0) scope.within(writer.contains, reader.contains, 'contains')
  if (reader.maxContains === null) return
  if (!scope.attempt(reader.contains, writer.contains).compatible) {
    scope.change('CONTAINS_EXTENDED', 'contains', {})
  }
}
