/**
 * Unions against unions. Each schema of the smaller side needs one of the other side to itself that
 * fits: a maximum matching, since the first that fits may be the only one for another.
 */
import { canonical, type Json } from '../json.ts'
import { type CombinedNode, type Node, type Solid, solid } from '../model.ts'
import { maximumMatching } from './matching.ts'
import type { Scope } from './scope.ts'

export function compareCombined(scope: Scope, writer: CombinedNode, reader: CombinedNode): void {
  const args = { writer: `${writer.criterion}Of`, reader: `${reader.criterion}Of` }
  if (!criteriaFit(writer, reader)) {
    scope.change('COMBINED_TYPE_CHANGED', '', args)
    return
  }
  const before = distinct(writer)
  const after = distinct(reader)
  const counts = { writer: before.length, reader: after.length }
  if (before.length < after.length && reader.criterion === 'all') {
    scope.change('PRODUCT_TYPE_EXTENDED', '', counts)
  }
  if (before.length > after.length && writer.criterion !== 'all') {
    scope.change('SUM_TYPE_NARROWED', '', counts)
  }
  const edges = before.map((part) =>
    after.flatMap((other, i) => (scope.attempt(part, other).compatible ? [i] : [])),
  )
  const matched = maximumMatching(edges, after.length, () => scope.tick())
  if (matched < Math.min(before.length, after.length)) {
    scope.change('COMBINED_TYPE_SUBSCHEMAS_CHANGED', '', { ...counts, matched })
  }
}

/** What `anyOf` accepts is the most; a union of one is whatever it is called. */
function criteriaFit(writer: CombinedNode, reader: CombinedNode): boolean {
  if (writer.criterion === reader.criterion || reader.criterion === 'any') return true
  const isOne = (node: CombinedNode) => node.parts.length === 1
  if (isOne(writer)) return isOne(reader) || reader.criterion === 'one'
  return isOne(reader) && writer.criterion === 'all'
}

/** Schemas that are written alike count once; so do references to one place. */
function distinct(of: CombinedNode): readonly Solid[] {
  const known = distinctOf.get(of)
  if (known !== undefined) return known
  const parts = distinctAmong(of.parts)
  distinctOf.set(of, parts)
  return parts
}

/** Texts are compared once per union, however many others it is held against. */
const distinctOf = new WeakMap<CombinedNode, readonly Solid[]>()

function distinctAmong(parts: readonly Node[]): readonly Solid[] {
  const nodes = [...new Set(parts.map(solid))]
  if (nodes.length < 2) return nodes
  const seen = new Map<string, Solid>()
  const partsOf = new Map<Json, number>()
  for (const node of nodes) {
    // Several classes may come of one schema: these are told apart by their order.
    const ordinal = partsOf.get(node.raw) ?? 0
    partsOf.set(node.raw, ordinal + 1)
    const key = `${ordinal} ${node.kind} ${canonical(node.raw)}`
    if (!seen.has(key)) seen.set(key, node)
  }
  return [...seen.values()]
}
