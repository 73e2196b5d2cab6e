/**
 * A shape: what the messages of one hop and window looked like. A sum, like a tally: shapes of the same
 * plan merge by adding, in any order, and the empty shape is the identity.
 *
 * Laws:
 * - Only messages that the hash of their id chooses are looked at, so every hop looks at the same ones.
 * - Everything is bounded. Of a list that is full the first entries by a fixed order are kept, and the
 *   rest is counted: what is among the first of a sum is among the first of each part, so a count that is
 *   kept is exact and merging stays associative.
 * - A shape holds no value of a message, only counts, ranges, hashes and ids, unless its plan says `values`
 *   or a schema names the value itself.
 * - Looking never throws, and takes bounded time and memory whatever the bytes are.
 */
import type { RegistryPlace } from '../registry/access.ts'

/** How a value says which schema wrote it; `none`: it does not. */
export const framings = [
  'none',
  'confluent',
  'apicurio-v2',
  'apicurio-v3',
  'glue',
  'single-object',
] as const
/** What a plan expects. `confluent` takes version 0, version 1 and their headers. */
export type Framing = (typeof framings)[number]

export const formats = ['json', 'avro', 'protobuf'] as const
export type Format = (typeof formats)[number]

/** What the messages of one topic are held against, at every hop where they are seen. */
export interface ShapePlan {
  /** 1: every message is looked at; n: the one in n that the hash of the id chooses. */
  readonly oneIn: number
  /** Null: nobody said; JSON is recognized, anything else is not read. */
  readonly framing: Framing | null
  /** Null: as the file's extension or the registry says. */
  readonly format: Format | null
  /** Absolute path of a JSON Schema, Avro schema, `.proto` or ODCS contract; null: none is promised. */
  readonly file: string | null
  /** Of a `.proto`: the message; of a contract: the schema object. Null: the only, or the first, one. */
  readonly message: string | null
  /** In the registry; null: no subject is promised. */
  readonly subject: string | null
  /** Versions of the subject that may be written; null: any that is not deleted. */
  readonly versions: readonly number[] | null
  /** Where ids are looked up; null: nowhere. */
  readonly registry: RegistryPlace | null
  /** Whether a few raw values may be kept with what is odd about them. */
  readonly values: boolean
}

/** One message in so many is looked at where nothing else is said. */
export const LOOK_ONE_IN = 64

/** What a message's bytes or headers claim to be. */
export const claims = [
  'none',
  'confluent',
  'apicurio-v2',
  'apicurio-v3',
  'glue',
  'single-object',
  /** Confluent, version 1: a GUID in place of a number. */
  'confluent-v1',
  /** A frame was expected, and there is none. */
  'unframed',
  /** No framing is declared, and its first byte may be one or data. */
  'ambiguous',
  /** A value of no bytes: no tombstone, and nothing that can be read. */
  'empty',
  /** Variants beyond `VARIANTS_MAX`, together. */
  'others',
] as const
export type Claim = (typeof claims)[number]

/** Why a message that was chosen was not looked into: nothing is known of it, for or against. */
export const unreadReasons = [
  /** Its schema had not come from the registry. */
  'pending',
  /** The registry does not answer. */
  'unreachable',
  /** Nothing says how it could be read: no registry, no file. */
  'no_schema',
  /** The schema itself cannot be read. */
  'bad_schema',
  /** More bytes, values or levels than are looked into. */
  'too_large',
  /** The process holds as many fields, or waiting bytes, as it may. */
  'full',
] as const
export type UnreadReason = (typeof unreadReasons)[number]

/** What makes a message invalid by itself. A field that nobody declared is told by `Field.declared`. */
export const oddities = [
  'undecodable',
  'unregistered',
  'missing_field',
  'type_changed',
  'unseen_value',
  'out_of_bounds',
] as const
export type OddityKind = (typeof oddities)[number]

export const jsonTypes = [
  'null',
  'boolean',
  'integer',
  'number',
  'string',
  'array',
  'object',
] as const
/** `integer`: a number without a fraction, `number`: one with. Bytes count as `string`. */
export type JsonType = (typeof jsonTypes)[number]

/** Messages of one claim. By `claim`, `schema`, `type`. */
export interface Variant {
  readonly claim: Claim
  /** Id in decimal, GUID, UUID or fingerprint in hexadecimal; empty: none. */
  readonly schema: string
  /** Protobuf: the message's indexes, `0` or `1/0`; else empty. */
  readonly type: string
  /** Messages. `count = valid + invalid + unread`, where only valid is not written. */
  readonly count: number
  readonly invalid: number
  readonly unread: Readonly<Partial<Record<UnreadReason, number>>>
  /** The lowest `SHAPE_IDS_MAX`, 32 hex digits each: those born first. */
  readonly ids: readonly string[]
  /** By kind, path; at most `ODDITIES_MAX`. */
  readonly oddities: readonly Oddity[]
  readonly moreOddities: number
  /** Declared ones first, then by depth, then by path; at most `FIELDS_MAX`. */
  readonly fields: readonly Field[]
  /** Occurrences of fields that are not kept. */
  readonly moreFields: number
}

/** Of one kind and path; where messages differ in `expected` or `came`, the lesser text stands for all. */
export interface Oddity {
  readonly kind: OddityKind
  /** See `Field.path`; empty: the message as a whole. */
  readonly path: string
  /** What was expected, from the schema alone: `one of 3 values`, `integer`, `at most 10`; may be empty. */
  readonly expected: string
  /** What came, without values: a JSON type, the reason of the decoder; may be empty. */
  readonly came: string
  /** Messages, each once. */
  readonly count: number
  readonly ids: readonly string[]
  /** Empty unless the plan says `values`; the first `SHAPE_IDS_MAX` by text, cut to `VALUE_CHARS_MAX`. */
  readonly values: readonly string[]
}

export interface Field {
  /**
   * `/flight/stops/*\/code`: as in a JSON pointer, `*` for the items of a list and `{}` for the entries
   * of a map; in names `~` is `~0`, `/` is `~1`, a whole name `*` is `~2` and `{}` is `~3`.
   * Empty: the value as a whole. The field around one that is listed is listed too, before it.
   */
  readonly path: string
  /** Whether what is promised has such a field; true where nothing is. */
  readonly declared: boolean
  /**
   * Messages in which it could have stood: those that hold what is around it, as an object (`*`: as a
   * list). Always `objects` or `lists` of that field, so it is right too where parts of a sum lack this one.
   */
  readonly of: number
  /** Messages in which it stood at least once. */
  readonly present: number
  /** Messages in which it was null at least once. */
  readonly nulls: number
  /** Messages in which it was an object, or a map, at least once. */
  readonly objects: number
  /** Messages in which it was a list at least once. */
  readonly lists: number
  /** Occurrences. */
  readonly types: Readonly<Partial<Record<JsonType, number>>>
  /** Of strings: UTF-16 units, of bytes: bytes, of lists and maps: entries. Null: none came. */
  readonly length: Spread | null
  /** Of numbers. */
  readonly number: Spread | null
  /** The lowest `SKETCH_MAX` of the 32-bit hashes of its scalar values: bottom-k, for cardinality. */
  readonly distinct: readonly number[]
  /**
   * Occurrences of the texts that a schema names in an enum, the promised one or the one that wrote it:
   * by code unit, at most `FIELD_SYMBOLS_MAX`, and of all fields of a variant the first `SYMBOLS_MAX`.
   */
  readonly symbols: readonly SymbolCount[]
  /** Occurrences of named texts that are not kept. */
  readonly moreSymbols: number
  /** The lowest ids that held it. */
  readonly ids: readonly string[]
}

/** One that a schema names: nothing that it does not name is ever told. */
export interface SymbolCount {
  /** At most `VALUE_CHARS_MAX`; a longer one is counted, and not kept. */
  readonly symbol: string
  readonly count: number
}

/**
 * Moments of a number: enough for its range, its mean and its variance. Numbers beyond ±1e100 count as
 * that. The order of adding may change the last digits of `sum` and `squares`, unless all are whole.
 */
export interface Spread {
  readonly count: number
  readonly min: number
  readonly max: number
  readonly sum: number
  readonly squares: number
}

export interface Shape {
  readonly oneIn: number
  /** 16 hex digits: what it was held against; empty: nothing. Shapes of unequal ones are kept apart. */
  readonly declared: string
  /** Messages that were chosen and are no tombstones: the sum over the variants. */
  readonly looked: number
  /** Values that are null: they delete, and are no data. */
  readonly tombstones: number
  /** At most `VARIANTS_MAX`, then `others`. */
  readonly variants: readonly Variant[]
}

/** The instance of a producer that wrote what a shape tells of; what it did not say of itself is empty. */
export interface Writer {
  readonly service: string
  /** 32 hex digits: the agent's. */
  readonly instance: string
  /** Such as `checkin/1.4.2 kafkajs/2.2.4 node/20.19.0`. */
  readonly client: string
  readonly host: string
}

/** Schemas seen at one hop in one window and told apart. */
export const VARIANTS_MAX = 16
export const FIELDS_MAX = 200
export const ODDITIES_MAX = 32
export const SHAPE_IDS_MAX = 3
/** Distinct values up to this are counted exactly. */
export const SKETCH_MAX = 16
export const FIELD_SYMBOLS_MAX = 32
export const SYMBOLS_MAX = 256
/** Characters of a path; what is deeper stands under its last part that fits. */
export const PATH_CHARS_MAX = 200
export const VALUE_CHARS_MAX = 64
/** Characters of `expected` and `came`. */
export const DETAIL_CHARS_MAX = 100

/** A message as a client hands it over. */
export interface Lookable {
  readonly value?: unknown
  readonly headers?: unknown
}

/** A shape that is being added to. */
export interface OpenShape {
  /** See schemas/shape.avsc. */
  toBytes(): Uint8Array
}

/** Looks at messages of one topic. Never throws, never waits, holds a bounded number of bytes. */
export interface Looker {
  readonly oneIn: number
  open(): OpenShape
  /**
   * Looks at one message, now or when its schema has come. What it needs later it copies.
   * @param id 32 hex digits
   * @param into asked when it is known what the message holds: the shape of its window at that moment,
   *   null: there is no room for it
   */
  see(message: Lookable, id: string, into: () => OpenShape | null): void
  /** A message that was chosen, and that nobody had room to keep until it could be looked at. */
  refuse(id: string, into: () => OpenShape | null): void
  /** What is still waited for is given up, and counted as `pending`. */
  giveUp(): void
}

/** Makes lookers, one for each plan. They share what they know of schemas. */
export type Lookers = (plan: ShapePlan) => Looker
