/**
 * The named types of an Avro schema and of those it refers to, by full name. Any of them may be used
 * before the text that defines it.
 */
import { QuipuError } from '../../base/errors.ts'

/** A type where it is defined: names within it are of that namespace. */
export interface AvroNamed {
  readonly schema: { readonly [key: string]: unknown }
  readonly namespace: string
}

export type AvroNames = ReadonlyMap<string, AvroNamed>

/** Of all texts of one schema together: the largest that are published have a tenth. */
const SCHEMA_CHARS_MAX = 1_048_576
/** Types within types, in the text. */
export const SCHEMA_DEPTH_MAX = 200

const namedTypes: readonly unknown[] = ['record', 'error', 'enum', 'fixed']

export function unusable(what: string): never {
  throw new QuipuError('FORMAT', `the Avro schema cannot be used: ${what}`)
}

export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @returns the schema, and every type that it or a reference defines; of one defined twice the first */
export function parseAvro(
  text: string,
  references: ReadonlyMap<string, string>,
): { readonly schema: unknown; readonly names: AvroNames } {
  const texts = [text, ...references.values()]
  if (texts.reduce((sum, { length }) => sum + length, 0) > SCHEMA_CHARS_MAX) {
    unusable(`it has more than ${SCHEMA_CHARS_MAX} characters`)
  }
  const schemas = texts.map(jsonOf)
  const names = new Map<string, AvroNamed>()
  for (const schema of schemas) collect(schema, '', 0, names)
  return { schema: schemas[0], names }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Registries also hand over the bare name of a primitive type.
    return /^[a-z]+$/.test(text.trim()) ? text.trim() : unusable('it is no JSON')
  }
}

function collect(
  schema: unknown,
  namespace: string,
  depth: number,
  names: Map<string, AvroNamed>,
): void {
  if (depth > SCHEMA_DEPTH_MAX) unusable(`it is deeper than ${SCHEMA_DEPTH_MAX} levels`)
  const below = (part: unknown, space = namespace) => collect(part, space, depth + 1, names)
  if (Array.isArray(schema)) for (const branch of schema) below(branch)
  if (!isObject(schema)) return
  if (namedTypes.includes(schema.type)) {
    const { name, namespace: own } = placeOf(schema, namespace)
    if (!names.has(name)) names.set(name, { schema, namespace: own })
    const { fields } = schema
    if (Array.isArray(fields)) {
      for (const field of fields) if (isObject(field)) below(field.type, own)
    }
  } else for (const key of ['type', 'items', 'values']) below(schema[key])
}

/** @returns its full name, and the namespace within it */
export function placeOf(
  schema: { readonly [key: string]: unknown },
  outer: string,
): { readonly name: string; readonly namespace: string } {
  const { name, namespace } = schema
  if (typeof name !== 'string' || name === '') return unusable('a type has no name')
  const dot = name.lastIndexOf('.')
  if (dot >= 0) return { name, namespace: name.slice(0, dot) }
  const space = typeof namespace === 'string' ? namespace : outer
  return { name: space === '' ? name : `${space}.${name}`, namespace: space }
}

/** The full name that a reference means; null: nothing has it. */
export function resolved(name: string, namespace: string, names: AvroNames): string | null {
  const inSpace = name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
  if (names.has(inSpace)) return inSpace
  return names.has(name) ? name : null
}
