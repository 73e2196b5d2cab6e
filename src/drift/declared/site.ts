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

/** Of a record or map, as walk.ts has it: a name that is one of many is no name but data. */
export function namedSite(at: Site, name: string, isMap: boolean): Site {
  const { node } = at
  const named = node === null ? !isMap : node.fields !== null
  const field = node?.fields?.get(name)
  if (field !== undefined) return { path: below(at.path, escapedName(name)), node: field }
  const entries = node?.entries
  return named && entries === undefined
    ? { path: below(at.path, escapedName(name)), node: null }
    : { path: below(at.path, ENTRIES), node: entries ?? null }
}

/** Of any item of a list. */
export function itemSite(at: Site): Site {
  return { path: below(at.path, ITEMS), node: at.node?.items ?? null }
}

/** What does not fit stands under the last part that does. */
function below(path: string, part: string): string {
  return path.length + 1 + part.length > PATH_CHARS_MAX ? path : `${path}/${part}`
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
export function memberOf(
  value: ReadonlyMap<string, Value> | { readonly [name: string]: Value },
  name: string,
): Value | undefined {
  if (value instanceof Map) return value.get(name)
  const record = value as { readonly [name: string]: Value }
  return Object.hasOwn(record, name) ? record[name] : undefined
}

export function namesOf(
  value: ReadonlyMap<string, Value> | { readonly [name: string]: Value },
): readonly string[] {
  return value instanceof Map ? [...value.keys()] : Object.keys(value)
}
