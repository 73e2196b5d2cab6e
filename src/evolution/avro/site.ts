/** Places in the text of a schema. The text is read again when somebody asks: most schemas never are. */
import { type Node as JsonNode, parseTree } from 'jsonc-parser'
import type { Position } from '../engine.ts'
import { FRAGMENT_LENGTH_MAX } from './limits.ts'

export interface AvroText {
  /** A file, or the name of a reference. */
  readonly name: string
  readonly text: string
}

/** A value in a text, by the keys that lead there; linked, because most are never asked for. */
export interface Site {
  readonly text: AvroText
  /** Null: the whole text. */
  readonly above: Site | null
  readonly key: string | number
}

export function rootSite(text: AvroText): Site {
  return { text, above: null, key: '' }
}

export function below(above: Site, ...keys: readonly (string | number)[]): Site {
  return keys.reduce<Site>((site, key) => ({ text: site.text, above: site, key }), above)
}

export function placeOf(site: Site): (Position & { readonly source: string }) | null {
  const { node } = nodeAt(site)
  if (node === null) return null
  return { ...positionAt(site.text.text, node.offset), source: site.text.name }
}

/** On one line, bounded; null: it is not in the text. */
export function fragmentAt(site: Site): string | null {
  const { node, isExact } = nodeAt(site)
  if (node === null || !isExact) return null
  const { text } = site.text
  // Twice as much as is shown: white space goes.
  const slice = text.slice(
    node.offset,
    node.offset + Math.min(node.length, 8 * FRAGMENT_LENGTH_MAX),
  )
  const line = slice.replace(/\s+/g, ' ')
  const isWhole = line.length <= FRAGMENT_LENGTH_MAX && node.length <= 8 * FRAGMENT_LENGTH_MAX
  return isWhole ? line : `${line.slice(0, FRAGMENT_LENGTH_MAX - 1)}…`
}

/** Both from 1; a column counts UTF-16 units, as editors do. */
export function positionAt(text: string, offset: number): Position {
  let line = 1
  let start = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++
    start = at + 1
  }
  return { line, column: offset - start + 1 }
}

/** The value, or the nearest one around it that is in the text. */
function nodeAt(site: Site): { readonly node: JsonNode | null; readonly isExact: boolean } {
  let node = treeOf(site.text)
  if (node === null) return { node, isExact: false }
  const keys: (string | number)[] = []
  for (let at = site; at.above !== null; at = at.above) keys.push(at.key)
  for (const key of keys.reverse()) {
    const next: JsonNode | null = childOf(node, key)
    if (next === null) return { node, isExact: false }
    node = next
  }
  return { node, isExact: true }
}

function childOf(node: JsonNode, key: string | number): JsonNode | null {
  const children = node.children ?? []
  if (typeof key === 'number') return (node.type === 'array' ? children[key] : null) ?? null
  if (node.type !== 'object') return null
  // Of a name that is there twice, the last one counts.
  const property = children.findLast((child) => child.children?.[0]?.value === key)
  return property?.children?.[1] ?? null
}

const trees = new WeakMap<AvroText, JsonNode>()

function treeOf(text: AvroText): JsonNode | null {
  const known = trees.get(text)
  if (known !== undefined) return known
  const tree = parseTree(text.text)
  if (tree === undefined) return null
  trees.set(text, tree)
  return tree
}
