/** Where in a value something stands: its path, and what is declared there. */
import { ENTRIES, escapedName, ITEMS } from '../field-path.ts'
import type { Value } from '../read/reader.ts'
import { type JsonType, PATH_CHARS_MAX } from '../shape.ts'
import type { DeclaredFields } from './declared.ts'

export interface Site {
  /** As `Field.path`. */
  readonly path: string
  readonly node: DeclaredFields
}

/** One within another. Its path is made when it is asked for: most values have nothing wrong. */
class Within implements Site {
  readonly node: DeclaredFields
  readonly #around: Site
  readonly #name: string
  readonly #isName: boolean
  #path: string | null = null

  /** @param name as it came; of what has none the part that stands for all */
  constructor(around: Site, node: DeclaredFields, name: string, isName: boolean) {
    this.node = node
    this.#around = around
    this.#name = name
    this.#isName = isName
  }

  get path(): string {
    this.#path ??= below(this.#around.path, this.#isName ? escapedName(this.#name) : this.#name)
    return this.#path
  }
}

/** Of a record or map, as walk.ts has it: a name that is one of many is no name but data. */
export function namedSite(at: Site, name: string, isMap: boolean): Site {
  const { node } = at
  const field = node?.fields?.get(name)
  if (field !== undefined) return new Within(at, field, name, true)
  const entries = node?.entries
  const isNamed = node === null ? !isMap : node.fields !== null && entries === undefined
  return new Within(at, entries ?? null, isNamed ? name : ENTRIES, isNamed)
}

/** Of any item of a list. */
export function itemSite(at: Site): Site {
  return new Within(at, at.node?.items ?? null, ITEMS, false)
}

/** Stands for all parts of a path that do not fit; what is around them is not accused in their place. */
const REST = '/…'

function below(path: string, part: string): string {
  if (path.endsWith(REST)) return path
  const isFitting = path.length + 1 + part.length + REST.length <= PATH_CHARS_MAX
  return isFitting ? `${path}/${part}` : `${path}${REST}`
}

export function jsonTypeOf(value: Value): JsonType {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return typeof value as 'boolean' | 'string'
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'number'
    case 'bigint':
      return 'integer'
    default:
      if (value === null) return 'null'
      if (Array.isArray(value)) return 'array'
      return value instanceof Uint8Array ? 'string' : 'object'
  }
}

export function isRecord(
  value: Value,
): value is ReadonlyMap<string, Value> | { readonly [name: string]: Value } {
  return jsonTypeOf(value) === 'object'
}

/** Undefined: it is not there. */
export function hasMember(
  value: ReadonlyMap<string, Value> | { readonly [name: string]: Value },
  name: string,
): boolean {
  return value instanceof Map ? value.has(name) : Object.hasOwn(value, name)
}

/** @param name one of `namesOf` */
export function memberOf(
  value: ReadonlyMap<string, Value> | { readonly [name: string]: Value },
  name: string,
): Value {
  const member = value instanceof Map ? value.get(name) : (value as Record<string, Value>)[name]
  return member as Value
}

export function namesOf(
  value: ReadonlyMap<string, Value> | { readonly [name: string]: Value },
): readonly string[] {
  return value instanceof Map ? [...value.keys()] : Object.keys(value)
}
