/**
 * Instances to be tried: valid ones of the writer's schema as far as can be told, changed in one place
 * each, towards what the reader's schema may refuse. None of them is believed: a validator decides.
 */
import type { Json, JsonObject } from '../json.ts'
import {
  type ArrayNode,
  type Node,
  type ObjectNode,
  type Rest,
  type Solid,
  solid,
} from '../model.ts'
import { anything, numbersNear, sampleOf, stringsNear, valuesOf } from './values.ts'

/** Levels of an instance. Differences further in stay without an example. */
export const INSTANCE_DEPTH_MAX = 6
/** Items and properties of an instance that only count. */
const COUNT_MAX = 100
/** Changes of one place, so that others have their turn. */
const CHANGES_MAX = 80

/** Values within one value. */
const SIZE_MAX = 200
/** Names of an object that are tried; listed values of a schema. */
const NAMES_MAX = 300
const VALUES_MAX = 50

/** Schemas that speak of one property, on both sides. */
const PAIRS_MAX = 4

/** Which schemas to look into first: those on the way to a difference. */
export type IsNear = (node: Node) => boolean

export class Instances {
  readonly #isNear: IsNear
  /** By schema and depth: schemas refer to each other many times over. */
  readonly #bases = new Map<Solid, Json[]>()

  constructor(isNear: IsNear) {
    this.#isNear = isNear
  }

  /** Of the pair, each once or more; the most likely ones first. */
  *of(writer: Node | null, reader: Node | null, depth: number): Generator<Json> {
    const classes = classesOf(writer)
    const others = classesOf(reader)
    const base = this.base(writer, depth)
    yield base
    for (const node of [...classes, ...others]) yield* valuesOf(node, VALUES_MAX)
    for (const node of classes) if (node.kind === 'not') yield* this.of(null, node.not, depth)
    const all = [...classes, ...others]
    const strings = all.filter((node) => node.kind === 'string')
    if (strings.length > 0) yield* stringsNear(strings)
    const numbers = all.filter((node) => node.kind === 'number')
    if (numbers.length > 0) yield* numbersNear(numbers)
    if (depth > 0) {
      yield* this.#objects(classes, others, base, depth)
      yield* this.#arrays(classes, others, base, depth)
    }
    for (const node of classes) yield this.base(node, depth)
    for (const node of others) yield this.base(node, depth)
    yield* anything
  }

  /** One that the schema likely accepts; what would grow too large is left empty. */
  base(node: Node | null, depth: number): Json {
    if (node === null) return 'a'
    const schema = solid(node)
    const row = this.#bases.get(schema) ?? []
    this.#bases.set(schema, row)
    const made = row[depth] ?? this.#make(schema, depth)
    row[depth] ??= sizeOf(made, SIZE_MAX) > SIZE_MAX ? (Array.isArray(made) ? [] : {}) : made
    return row[depth] ?? null
  }

  #make(schema: Solid, depth: number): Json {
    switch (schema.kind) {
      case 'string':
        if (schema.pattern !== null) return sampleOf(schema.pattern)
        return 'a'.repeat(Math.min(Math.max(schema.minLength ?? 0, 1), schema.maxLength ?? 1_000))
      case 'number':
        return numberOf(schema)
      case 'boolean':
        return true
      case 'null':
        return null
      case 'enum':
      case 'const':
        return valuesOf(schema, 1)[0] ?? null
      case 'object':
        return depth > 0 ? this.#baseObject(schema, depth) : {}
      case 'array':
        return depth > 0 ? this.#baseArray(schema, depth) : []
      case 'combined':
        return depth > 0 ? this.#baseCombined(schema.parts, schema.criterion === 'all', depth) : 'a'
      default:
        return 'a'
    }
  }

  #baseObject(node: ObjectNode, depth: number): JsonObject {
    const entries: [string, Json][] = []
    for (const name of node.required) {
      entries.push([name, this.base(node.properties.get(name) ?? null, depth - 1)])
    }
    const rest = schemaOf(node.additional)
    for (const name of node.properties.keys()) {
      if (entries.length >= Math.min(node.minProperties ?? 0, COUNT_MAX)) break
      if (!node.required.has(name))
        entries.push([name, this.base(node.properties.get(name)!, depth - 1)])
    }
    for (let i = entries.length; i < Math.min(node.minProperties ?? 0, COUNT_MAX); i++) {
      entries.push([`p${i}`, this.base(rest, depth - 1)])
    }
    return Object.fromEntries(entries)
  }

  #baseArray(node: ArrayNode, depth: number): readonly Json[] {
    const items = node.tuple.map((item) => this.base(item, depth - 1))
    if (node.contains !== null && items.length === 0)
      items.push(this.base(node.contains, depth - 1))
    for (let i = items.length; i < Math.min(node.minItems ?? 0, COUNT_MAX); i++) {
      items.push(distinct(this.base(node.items ?? schemaOf(node.additional), depth - 1), i))
    }
    return items
  }

  /** Of all that must hold, objects are put together; else the first that says something. */
  #baseCombined(parts: readonly Node[], isAll: boolean, depth: number): Json {
    const bases = (isAll ? parts : parts.slice(0, 1)).map((part) => this.base(part, depth - 1))
    const objects = bases.filter(isPlain)
    if (objects.length > 1) return Object.assign({}, ...objects) as JsonObject
    const listed = parts.flatMap((part) => valuesOf(solid(part), 1))
    return (isAll ? listed[0] : undefined) ?? bases[0] ?? 'a'
  }

  *#objects(
    classes: readonly Solid[],
    others: readonly Solid[],
    base: Json,
    depth: number,
  ): Generator<Json> {
    const writers = classes.filter((node) => node.kind === 'object')
    const readers = others.filter((node) => node.kind === 'object')
    const any = classes.some((node) => node.kind === 'true')
    if (writers.length + (any ? readers.length : 0) === 0 && !isPlain(base)) return
    const bases = writers.map((node) => this.#baseObject(node, depth))
    const start: JsonObject = Object.assign({}, ...bases, isPlain(base) ? base : {})
    const all = [...writers, ...readers]
    const names = new Set(all.flatMap((node) => [...node.properties.keys(), ...node.required]))
    for (const node of all) {
      for (const pattern of firstOf(node.patternProperties.keys(), VALUES_MAX)) {
        names.add(sampleOf(pattern))
      }
      for (const [name, needed] of node.requiredBy)
        for (const one of [name, ...needed]) names.add(one)
      for (const name of node.schemaBy.keys()) names.add(name)
      if (node.propertyNames !== null) {
        const strings = classesOf(node.propertyNames).filter((one) => one.kind === 'string')
        for (const name of stringsNear(strings).slice(0, 4)) names.add(name)
      }
    }
    names.add('other')
    yield start
    const places = [...names].slice(-NAMES_MAX).map((name) => {
      const pairs = pairsOf(childrenAt(writers, name), childrenAt(readers, name))
      const isNear = pairs.some(([writer, reader]) => this.#near(writer) || this.#near(reader))
      return { name, pairs, isNear, base: this.base(pairs[0]?.[0] ?? null, depth - 1) }
    })
    const full: JsonObject = {
      ...Object.fromEntries(places.map((p) => [p.name, p.base])),
      ...start,
    }
    for (const { name } of places) if (Object.hasOwn(start, name)) yield without(start, name)
    for (const { name, base: value } of places) {
      if (!Object.hasOwn(start, name)) yield { ...start, [name]: value }
    }
    yield full
    for (const { name } of places) yield without(full, name)
    // Where schemas look at other properties as well, these have to be there.
    const isTangled = [...classes, ...others].some(
      (node) => node.kind === 'conditional' || (node.kind === 'object' && node.schemaBy.size > 0),
    )
    for (const place of places.sort((a, b) => Number(b.isNear) - Number(a.isNear))) {
      for (const [writer, reader] of place.pairs) {
        let left = place.isNear ? CHANGES_MAX * depth : CHANGES_MAX / 4
        for (const value of this.of(writer, reader, depth - 1)) {
          if (left-- <= 0) break
          yield { ...start, [place.name]: value }
          if (isTangled) yield { ...without(full, 'other'), [place.name]: value }
        }
      }
    }
    for (const count of countsOf(all.flatMap((n) => [n.minProperties, n.maxProperties]))) {
      const entries = Object.entries(start).slice(0, count)
      const rest = restOf(writers)
      for (let i = entries.length; i < count; i++)
        entries.push([`p${i}`, this.base(rest, depth - 1)])
      yield Object.fromEntries(entries)
    }
  }

  *#arrays(
    classes: readonly Solid[],
    others: readonly Solid[],
    base: Json,
    depth: number,
  ): Generator<Json> {
    const writers = classes.filter((node) => node.kind === 'array')
    const readers = others.filter((node) => node.kind === 'array')
    const any = classes.some((node) => node.kind === 'true')
    if (writers.length + (any ? readers.length : 0) === 0) return
    const start = Array.isArray(base) ? (base as readonly Json[]) : []
    yield []
    const all = [...writers, ...readers]
    const size = Math.max(0, ...all.map((node) => node.tuple.length))
    const full = [...start]
    for (let i = full.length; i < size; i++) full.push(this.base(itemOf(writers, i), depth - 1))
    for (let length = size; length >= 0; length--) yield full.slice(0, length)
    for (let i = 0; i <= size; i++) {
      let left = CHANGES_MAX * depth
      for (const value of this.of(itemOf(writers, i), itemOf(readers, i), depth - 1)) {
        if (left-- <= 0) break
        yield [...full.slice(0, i), value, ...full.slice(i + 1)]
        if (i === size) yield [value, value]
      }
    }
    for (const node of readers) {
      if (node.contains === null) continue
      let left = CHANGES_MAX
      for (const value of this.of(node.contains, writers[0]?.contains ?? null, depth - 1)) {
        if (left-- <= 0) break
        yield [value]
      }
    }
    const limits = all.flatMap((n) => [n.minItems, n.maxItems, n.minContains, n.maxContains])
    const fillers = [itemOf(writers, size), ...all.flatMap((n) => (n.contains ? [n.contains] : []))]
    for (const count of countsOf(limits)) {
      for (const filler of fillers) {
        const value = this.base(filler, depth - 1)
        yield Array.from({ length: count }, (_, i) => full[i] ?? value)
        yield Array.from({ length: count }, (_, i) => full[i] ?? distinct(value, i))
      }
    }
  }

  #near(node: Node | null): boolean {
    return node !== null && this.#isNear(node)
  }
}

/** The classes of a schema, unions taken apart; a schema that is missing allows anything. */
function classesOf(node: Node | null): readonly Solid[] {
  if (node === null)
    return [{ kind: 'true', place: { document: '', pointer: '' }, raw: true, hasDefault: false }]
  const found = new Set<Solid>()
  const open = [solid(node)]
  for (let next = open.pop(); next !== undefined && found.size < 100; next = open.pop()) {
    if (found.has(next)) continue
    found.add(next)
    if (next.kind === 'combined') open.push(...[...next.parts].reverse().map(solid))
    if (next.kind === 'object') open.push(...[...next.schemaBy.values()].map(solid))
    if (next.kind === 'conditional') {
      for (const part of [next.condition, next.consequence, next.alternative]) {
        if (part !== null) open.push(solid(part))
      }
    }
  }
  return [...found]
}

/** What is said of a property; if nothing is, of any other. */
function childrenAt(nodes: readonly ObjectNode[], name: string): readonly (Node | null)[] {
  const found: Node[] = []
  for (const node of nodes) {
    const child = node.properties.get(name)
    if (child !== undefined) found.push(child)
    for (const [pattern, schema] of firstOf(node.patternProperties, VALUES_MAX)) {
      if (sampleOf(pattern) === name) found.push(schema)
    }
  }
  return found.length > 0 ? found : [restOf(nodes)]
}

/** The first of the one side with each of the other, and the other way round. */
function pairsOf(
  writers: readonly (Node | null)[],
  readers: readonly (Node | null)[],
): readonly (readonly [Node | null, Node | null])[] {
  const [writer = null] = writers
  const [reader = null] = readers
  return [
    ...readers.map((one) => [writer, one] as const),
    ...writers.slice(1).map((one) => [one, reader] as const),
  ].slice(0, PAIRS_MAX)
}

function restOf(nodes: readonly ObjectNode[]): Node | null {
  for (const node of nodes) {
    const rest = schemaOf(node.additional) ?? node.unevaluated
    if (rest !== null) return rest
  }
  return null
}

function itemOf(nodes: readonly ArrayNode[], index: number): Node | null {
  for (const node of nodes) {
    const item = node.tuple[index] ?? node.items ?? schemaOf(node.additional) ?? node.unevaluated
    if (item !== null) return item
  }
  return null
}

function schemaOf(rest: Rest): Node | null {
  return typeof rest === 'object' ? rest : null
}

function numberOf(node: Extract<Solid, { kind: 'number' }>): number {
  const fits = (value: number) =>
    value <= (node.maximum ?? Infinity) &&
    value >= (node.minimum ?? -Infinity) &&
    value < (node.exclusiveMaximum ?? Infinity) &&
    value > (node.exclusiveMinimum ?? -Infinity) &&
    (!node.isInteger || Number.isInteger(value)) &&
    (node.multipleOf === null || value % node.multipleOf === 0)
  return numbersNear([node]).find(fits) ?? 0
}

/** At the limits, and next to them. */
function countsOf(limits: readonly (number | null)[]): ReadonlySet<number> {
  const counts = new Set<number>()
  for (const limit of limits) {
    if (limit === null) continue
    for (const count of [limit, limit + 1, limit - 1]) {
      if (count >= 0 && count <= COUNT_MAX) counts.add(count)
    }
  }
  return counts
}

function distinct(value: Json, i: number): Json {
  if (typeof value === 'number') return value + i
  return typeof value === 'string' ? value + String(i) : value
}

function without(object: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name))
}

function isPlain(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Values within a value, counted up to a limit. */
function sizeOf(value: Json, max: number): number {
  if (typeof value !== 'object' || value === null) return 1
  let size = 1
  for (const one of Object.values(value)) {
    size += sizeOf(one, max - size)
    if (size > max) break
  }
  return size
}

function firstOf<T>(values: Iterable<T>, count: number): readonly T[] {
  const first: T[] = []
  for (const value of values) {
    if (first.length >= count) break
    first.push(value)
  }
  return first
}
