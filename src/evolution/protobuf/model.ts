/**
 * What is compared: files, messages, enums and services as plain data, with every name resolved and
 * every default of the syntax or edition written out. A map is what it is on the wire: a repeated
 * message of its own with a key and a value.
 */
import type { Root } from 'protobufjs'
import type { Outline } from './outline.ts'

export type Scalar =
  | 'double'
  | 'float'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'sint32'
  | 'sint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed32'
  | 'sfixed64'
  | 'bool'
  | 'string'
  | 'bytes'

/** `group`: a message between tags instead of behind its length. */
export type Kind = Scalar | 'enum' | 'message' | 'group'

/** Explicit: one can tell that it was set; implicit: a zero is not written. */
export type Cardinality = 'explicit' | 'implicit' | 'required' | 'repeated' | 'map'

export type Label = 'optional' | 'required' | 'repeated'

export interface ProtoField {
  readonly name: string
  /** `orders.v1.Order.id`; of an extension where it is declared. */
  readonly fullName: string
  readonly number: number
  readonly kind: Kind
  /** Full name of the enum or message; null: a scalar. */
  readonly typeName: string | null
  readonly cardinality: Cardinality
  /** As written; null: none is, or it is a map or in a oneof. */
  readonly label: Label | null
  /** Name of the oneof it is in, not of one that only stands for `optional`. */
  readonly oneof: string | null
  readonly jsonName: string
  /** Null: not declared. */
  readonly defaultValue: string | number | boolean | null
  readonly isPacked: boolean
  /** Full name of the message that it extends. */
  readonly extendee: string | null
  readonly jsType: string
  readonly utf8: string
  readonly javaUtf8: string
  /** `STRING`, `CORD`, `STRING_PIECE`, `VIEW`. */
  readonly cppString: string
}

/** Both ends belong to it. */
export type Range = readonly [from: number, to: number]

interface Declared {
  readonly name: string
  readonly fullName: string
  /** Without the package. */
  readonly localName: string
  readonly file: string
}

export interface ProtoMessage extends Declared {
  readonly fields: readonly ProtoField[]
  readonly oneofs: readonly string[]
  readonly messages: readonly ProtoMessage[]
  readonly enums: readonly ProtoEnum[]
  readonly extensions: readonly ProtoField[]
  readonly isMapEntry: boolean
  readonly reservedRanges: readonly Range[]
  readonly reservedNames: readonly string[]
  readonly extensionRanges: readonly Range[]
  readonly jsonFormat: string
  readonly isWithoutAccessor: boolean
}

export interface ProtoValue {
  readonly name: string
  readonly number: number
}

export interface ProtoEnum extends Declared {
  readonly values: readonly ProtoValue[]
  /** Numbers it does not name are unknown fields to a reader. */
  readonly isClosed: boolean
  readonly reservedRanges: readonly Range[]
  readonly reservedNames: readonly string[]
  readonly jsonFormat: string
}

export interface ProtoMethod {
  readonly name: string
  readonly fullName: string
  readonly input: string
  readonly output: string
  readonly isClientStreaming: boolean
  readonly isServerStreaming: boolean
  readonly idempotency: string
}

export interface ProtoService extends Declared {
  readonly methods: readonly ProtoMethod[]
}

export interface ProtoFile {
  readonly path: string
  /** The schema itself; others are what it refers to. */
  readonly isMain: boolean
  readonly syntax: string
  readonly pkg: string
  readonly options: ReadonlyMap<string, string>
  readonly messages: readonly ProtoMessage[]
  readonly enums: readonly ProtoEnum[]
  readonly services: readonly ProtoService[]
  readonly extensions: readonly ProtoField[]
}

export interface ProtobufSchema {
  readonly files: readonly ProtoFile[]
  /** All, nested ones too, those of the library's own files not. By full name. */
  readonly messages: ReadonlyMap<string, ProtoMessage>
  readonly enums: ReadonlyMap<string, ProtoEnum>
  readonly outlines: ReadonlyMap<string, Outline>
  /** Encodes and decodes; of nothing else is it asked. */
  readonly root: Root
}

export const scalars: ReadonlySet<string> = new Set<Scalar>([
  'double',
  'float',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'sint32',
  'sint64',
  'fixed32',
  'fixed64',
  'sfixed32',
  'sfixed64',
  'bool',
  'string',
  'bytes',
])
