/**
 * A schema as a graph: every type once, every place that uses it with its place in the text. Names are
 * resolved, so a recursive type is a cycle.
 */
import type { Logical } from './logical.ts'
import type { Site } from './site.ts'

export const plainKinds = [
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
] as const
export type PlainKind = (typeof plainKinds)[number]

interface Common {
  /** Within its schema, from 0. */
  readonly id: number
  /** Null where it is missing, unknown, or does not fit the type: then every reader ignores it. */
  readonly logical: Logical | null
}

export interface PlainType extends Common {
  readonly kind: PlainKind
}

export interface ArrayType extends Common {
  readonly kind: 'array'
  readonly items: Use
}

export interface MapType extends Common {
  readonly kind: 'map'
  readonly values: Use
}

export interface UnionType extends Common {
  readonly kind: 'union'
  readonly branches: readonly Use[]
}

interface Named extends Common {
  /** With its namespace. */
  readonly name: string
  /** With their namespaces. */
  readonly aliases: readonly string[]
  readonly site: Site
}

export interface RecordType extends Named {
  readonly kind: 'record'
  readonly fields: readonly Field[]
  readonly fieldsByName: ReadonlyMap<string, Field>
}

export interface EnumType extends Named {
  readonly kind: 'enum'
  readonly symbols: ReadonlySet<string>
  /** What a reader takes for a symbol that it does not know. */
  readonly default: string | null
}

export interface FixedType extends Named {
  readonly kind: 'fixed'
  readonly size: number
}

export type NamedType = RecordType | EnumType | FixedType
export type AvroType = PlainType | ArrayType | MapType | UnionType | NamedType

/** A place where a type is used: it is written there, or named there. */
export interface Use {
  readonly type: AvroType
  readonly site: Site
}

export interface Field {
  readonly name: string
  readonly index: number
  readonly aliases: readonly string[]
  readonly use: Use
  /** JSON; undefined: none. */
  readonly default: unknown
  readonly site: Site
}

export interface AvroSchema {
  readonly root: Use
  readonly types: readonly AvroType[]
}

export function isNamed(type: AvroType): type is NamedType {
  return type.kind === 'record' || type.kind === 'enum' || type.kind === 'fixed'
}

/** As people call it: `record a.b.Order`, `int`. */
export function describe(type: AvroType): string {
  return isNamed(type) ? `${type.kind} ${type.name}` : type.kind
}
