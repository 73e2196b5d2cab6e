/** Pointers → places in a text. Read with places only when asked: most schemas never are. */
import { type Node as JsonNode, parseTree } from 'jsonc-parser'
import type { Position } from '../engine.ts'
import { stepsOf, valueAt } from './json.ts'
import { FRAGMENT_LENGTH_MAX } from './limits.ts'
import type { JsonDocument, JsonSchema, Place } from './model.ts'
import { positionAt } from './read-text.ts'

/** Of a place as differences name it: `/properties/a`, or `common.json#/properties/a`. */
export function pathOf(place: Place, below = ''): string {
  const pointer = place.pointer + below
  return place.document === '' ? pointer : `${place.document}#${pointer}`
}

function placeOf(path: string): Place {
  if (path === '' || path.startsWith('/')) return { document: '', pointer: path }
  const hash = path.indexOf('#/')
  if (hash === -1) return { document: path.replace(/#$/, ''), pointer: '' }
  return { document: path.slice(0, hash), pointer: path.slice(hash + 1) }
}

/** Where a value stands, or the nearest one around it that does. null: the text holds none. */
export function positionOfSteps(document: JsonDocument, steps: readonly string[]): Position | null {
  let node = treeOf(document)
  if (node === undefined) return null
  let offset = node.offset
  for (const step of steps) {
    const next: JsonNode | null = childOf(node, step)
    if (next === null) break
    // A property is found by its name, not by its value.
    offset = next.parent?.type === 'property' ? next.parent.offset : next.offset
    node = next
  }
  return positionAt(document.text, offset)
}

/** Kept as long as the schema is: findings come in heaps. */
const trees = new WeakMap<JsonDocument, JsonNode | undefined>()

function treeOf(document: JsonDocument): JsonNode | undefined {
  if (!trees.has(document)) {
    trees.set(document, parseTree(document.text, [], { disallowComments: true }))
  }
  return trees.get(document)
}

function childOf(node: JsonNode, step: string): JsonNode | null {
  const children = node.children ?? []
  if (node.type === 'array') return children[Number(step)] ?? null
  if (node.type !== 'object') return null
  // Of a name that is there twice, the last one counts.
  const found = children.findLast((property) => property.children?.[0]?.value === step)
  return found?.children?.[1] ?? null
}

export function positionOf(
  schema: JsonSchema,
  path: string,
): (Position & { readonly source: string }) | null {
  const { document, pointer } = placeOf(path)
  const found = schema.documents.get(document)
  if (found === undefined) return null
  const position = positionOfSteps(found, stepsOf(pointer))
  if (position === null) return null
  return { ...position, source: document === '' ? schema.name : document }
}

export function fragmentOf(schema: JsonSchema, path: string): string | null {
  const { document, pointer } = placeOf(path)
  const found = schema.documents.get(document)
  const value = found === undefined ? undefined : valueAt(found.value, pointer)
  if (value === undefined) return null
  return cut(JSON.stringify(value))
}

/** On one line, and no longer than people read. */
export function cut(text: string): string {
  if (text.length <= FRAGMENT_LENGTH_MAX) return text
  return `${text.slice(0, FRAGMENT_LENGTH_MAX - 1)}…`
}
