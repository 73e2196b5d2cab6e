/**
 * What each format knows: how a schema is read, what a reader of one cannot read of another, and an
 * instance that proves it. Pure; nothing is fetched, time and memory are bounded.
 *
 * Direction of a comparison: data is written by `writer` and read by `reader`. BACKWARD asks whether the
 * new schema reads what the old one wrote, FORWARD whether the old one reads what the new one writes.
 */
import type { Severity } from '../finding/finding.ts'

export const formats = ['avro', 'json-schema', 'protobuf'] as const
export type SchemaFormat = (typeof formats)[number]

/** STRICT as the registry's default; LENIENT is what it calls so for JSON Schema. Others know one only. */
export const policies = ['STRICT', 'LENIENT'] as const
export type Policy = (typeof policies)[number]

/** The text of one version of one schema, and of what it refers to. */
export interface SchemaSource {
  /** A file, or subject and version: for messages. */
  readonly name: string
  readonly text: string
  /** By the name under which it is referred to (Avro full name, `$ref` without fragment, import path). */
  readonly references?: ReadonlyMap<string, string>
}

/** Both from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A schema that cannot be used: what is wrong, and where. */
export interface SchemaProblem {
  /** `unparsable`, `missing_reference`, `too_large`, `too_deep`, … */
  readonly code: string
  readonly message: string
  /** The file or reference it is in. */
  readonly source: string
  readonly position: Position | null
}

export type ParsedSchema<Schema> =
  | { readonly ok: true; readonly schema: Schema }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] }

/** A documented rule; its id never changes its meaning. */
export interface Rule {
  /** `AVRO_READER_FIELD_MISSING_DEFAULT`; starts with the format. */
  readonly id: string
  readonly format: SchemaFormat
  /** `incompatible`: a reader fails, or may. `risk`: it reads, and perhaps not what was meant. */
  readonly kind: 'incompatible' | 'risk'
  /** What the registry calls it; null: it has no name for it. */
  readonly registryName: string | null
  /** Unless configured: `error` for what is incompatible, `warning` for risks. */
  readonly severity: Severity
  /** One sentence: what is checked. */
  readonly purpose: string
  /** What to do, imperative. */
  readonly fix: string
  /** An example in two short schemas, for `quipu schema explain`. */
  readonly example: { readonly before: string; readonly after: string }
}

/** One thing that stands in the way, or that is a risk. */
export interface Difference {
  /** Id of a rule of the engine. */
  readonly rule: string
  /** JSON pointer, or element path (`orders.v1.Order.id`), in the reader's schema; null: it is not there. */
  readonly readerPath: string | null
  /** The same in the writer's. */
  readonly writerPath: string | null
  /** Details by rule, plain JSON: names, both types, symbols, bounds. */
  readonly args: Readonly<Record<string, string | number | boolean | null | readonly string[]>>
  /** One sentence: what was expected, what is there. */
  readonly message: string
}

/** An instance that the writer's schema allows and the reader's does not. */
export interface Counterexample {
  /** For people: JSON text, bounded. */
  readonly text: string
  /** How the independent library refuses it, in its own words. */
  readonly refusal: string
}

/** Nothing found within the budget proves nothing. */
export interface SearchBudget {
  readonly instancesMax: number
}

export interface Engine<Schema> {
  readonly format: SchemaFormat
  readonly rules: readonly Rule[]
  /** Never throws; a schema that would take too long is a problem. */
  parse(source: SchemaSource): ParsedSchema<Schema>
  /** All that keeps `reader` from reading what `writer` wrote, in a fixed order; empty: compatible. */
  compare(reader: Schema, writer: Schema, policy: Policy): readonly Difference[]
  /** What is compatible and likely not meant, from the old version to the new one. */
  risks(before: Schema, after: Schema): readonly Difference[]
  /** Where a path is in the text; the nearest element above it that is; null: nowhere. */
  positionOf(schema: Schema, path: string): (Position & { readonly source: string }) | null
  /** The text of an element, bounded and on one line; null: it is not there. */
  fragmentOf(schema: Schema, path: string): string | null
  /**
   * Validated by an independent library: what the writer's schema accepts and the reader's refuses.
   * @param differences where to look first
   */
  counterexample(
    reader: Schema,
    writer: Schema,
    differences: readonly Difference[],
    budget: SearchBudget,
  ): Counterexample | null
}
