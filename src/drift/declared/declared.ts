/** What is promised of the messages of a topic, ready to hold messages against. */
import type { Value } from '../read/reader.ts'
import type { OddityKind } from '../shape.ts'
import type { SymbolNode } from './symbol-node.ts'

export interface Declared {
  /** 16 hex digits of the SHA-256 of all that it is made of: see `Shape.declared`. */
  readonly fingerprint: string
  readonly fields: DeclaredFields
  /** Null: it names no texts. */
  readonly symbols: SymbolNode | null
  /**
   * What a value has wrong: one for each kind and path, at most `ODDITIES_MAX`. Null: nothing yet, but it
   * would have to be held against more than is tried. Never throws.
   */
  check(value: Value): readonly Found[] | null
}

/** Which fields a value may have here. Null: nobody said, so whatever comes is declared. */
export type DeclaredFields = DeclaredNode | null

export interface DeclaredNode {
  /** Of a record, by name; null: it is none. */
  readonly fields: ReadonlyMap<string, DeclaredFields> | null
  /** Of other names than those: of a map all; undefined: there are none. */
  readonly entries?: DeclaredFields
  /** Of a list. */
  readonly items?: DeclaredFields
}

export interface Found {
  readonly kind: OddityKind
  /** As `Field.path` in shape.ts. */
  readonly path: string
  readonly expected: string
  readonly came: string
  /** In JSON; given only where it is a scalar. */
  readonly value?: string
}
