/**
 * Risks, from the old version to the new one: places that both versions have, at which a keyword changed
 * that registries do not compare, or that means more than a validator sees.
 */
import type { Difference } from '../engine.ts'
import type { Args } from './args.ts'
import { differenceOf } from './difference.ts'
import { canonical, get, isArray, isObject, type Json, type JsonObject, step } from './json.ts'
import { DIFFERENCES_MAX, RISK_PAIRS_MAX } from './limits.ts'
import { type JsonSchema, type Node, type Solid, solid } from './model.ts'
import { cut, pathOf } from './position.ts'

export function risksOf(before: JsonSchema, after: JsonSchema): readonly Difference[] {
  const found: Difference[] = []
  const passed = new Map<Solid, Set<Solid>>()
  const open: (readonly [Node, Node])[] = [[before.root, after.root]]
  for (let i = 0; i < Math.min(open.length, RISK_PAIRS_MAX); i++) {
    if (found.length >= DIFFERENCES_MAX) break
    const [old, next] = [solid(open[i]![0]), solid(open[i]![1])]
    const seen = passed.get(old) ?? new Set()
    if (seen.has(next)) continue
    passed.set(old, seen.add(next))
    look(old, next, found)
    open.push(...counterparts(old, next))
  }
  return found
}

/** Schemas that stand at the same place within both. */
function counterparts(old: Solid, next: Solid): readonly (readonly [Node, Node])[] {
  const pairs: (readonly [Node, Node])[] = []
  const both = (a: Node | null, b: Node | null) => {
    if (a !== null && b !== null) pairs.push([a, b])
  }
  if (old.kind === 'object' && next.kind === 'object') {
    for (const [name, schema] of old.properties) both(schema, next.properties.get(name) ?? null)
    for (const [name, schema] of old.schemaBy) both(schema, next.schemaBy.get(name) ?? null)
    if (typeof old.additional === 'object' && typeof next.additional === 'object') {
      both(old.additional, next.additional)
    }
  } else if (old.kind === 'array' && next.kind === 'array') {
    both(old.items, next.items)
    for (const [i, schema] of old.tuple.entries()) both(schema, next.tuple[i] ?? null)
    if (typeof old.additional === 'object' && typeof next.additional === 'object') {
      both(old.additional, next.additional)
    }
  } else if (old.kind === 'combined' && next.kind === 'combined') {
    // Branches have no names: those of one class are taken in order, which adding at the end keeps.
    for (const [i, part] of old.parts.entries()) {
      const other = next.parts[i]
      if (other !== undefined && solid(part).kind === solid(other).kind) both(part, other)
    }
  } else if (next.kind === 'combined' && next.criterion === 'all') {
    for (const part of next.parts) if (solid(part).kind === old.kind) both(old, part)
  }
  return pairs
}

/** Keywords whose change is told as such. */
const compared: readonly (readonly [keyword: string, rule: string])[] = [
  ['contentEncoding', 'CONTENT_NOT_COMPARED'],
  ['contentMediaType', 'CONTENT_NOT_COMPARED'],
  ['contentSchema', 'CONTENT_NOT_COMPARED'],
  ['contains', 'CONTAINS_NOT_COMPARED'],
  ['propertyNames', 'PROPERTY_NAMES_NOT_COMPARED'],
  ['if', 'CONDITION_NOT_COMPARED'],
  ['then', 'CONDITION_NOT_COMPARED'],
  ['else', 'CONDITION_NOT_COMPARED'],
]

function look(old: Solid, next: Solid, found: Difference[]): void {
  if (!isObject(old.raw) || !isObject(next.raw)) return
  const [before, after] = [old.raw, next.raw]
  const tell = (rule: string, keyword: string, args: Args) => {
    const path = (node: Solid, raw: JsonObject) =>
      Object.hasOwn(raw, keyword) ? pathOf(node.place, step(keyword)) : null
    const difference = differenceOf(rule, path(next, after), path(old, before), args)
    const isTold = found.some(
      (one) =>
        one.rule === difference.rule &&
        one.readerPath === difference.readerPath &&
        one.writerPath === difference.writerPath &&
        one.args.property === args.property,
    )
    if (!isTold) found.push(difference)
  }
  for (const [keyword, rule] of compared) {
    const [a, b] = [get(before, keyword), get(after, keyword)]
    if (!isSame(a, b)) tell(rule, keyword, { keyword, before: shown(a), after: shown(b) })
  }
  for (const [keyword, rule] of [
    ['format', 'FORMAT_NOT_COMPARED'],
    ['pattern', 'PATTERN_MEANING'],
    ['default', 'DEFAULT_CHANGED'],
  ] as const) {
    const [a, b] = [get(before, keyword), get(after, keyword)]
    // A pattern that is added or goes is compared; a default that comes or goes is another matter.
    if (keyword !== 'format' && (a === undefined || b === undefined)) continue
    if (!isSame(a, b)) tell(rule, keyword, { before: shown(a), after: shown(b) })
  }
  if (!isSame(get(before, 'patternProperties'), get(after, 'patternProperties'))) {
    tell('PATTERN_PROPERTIES_NOT_COMPARED', 'patternProperties', {})
  }
  if (!Object.hasOwn(before, 'type') && Object.hasOwn(after, 'type') && old.kind === next.kind) {
    tell('TYPE_ADDED', 'type', { after: shown(get(after, 'type')) })
  }
  if (old.kind === 'object' && next.kind === 'object') required(old, next, tell)
}

function required(
  old: Extract<Solid, { kind: 'object' }>,
  next: Extract<Solid, { kind: 'object' }>,
  tell: (rule: string, keyword: string, args: Args) => void,
): void {
  for (const property of next.required) {
    if (old.required.has(property)) continue
    const schema = next.properties.get(property)
    if (schema === undefined) tell('REQUIRED_NAME_NOT_COMPARED', 'required', { property })
    else if (schema.hasDefault) tell('REQUIRED_FILLED_BY_DEFAULT', 'required', { property })
  }
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return canonical(a) === canonical(b)
}

/** Text as it is, all else as JSON. */
function shown(value: Json | undefined): string | null {
  if (value === undefined) return null
  if (isArray(value) && value.every((one) => typeof one === 'string')) return value.join(' or ')
  return cut(typeof value === 'string' ? value : JSON.stringify(value))
}
