/**
 * A schema as it is compared: keywords sorted by the kind of value they speak of, `$ref` resolved.
 *
 * What the registry compares are not keywords but classes: a schema is one of the classes below, or, if
 * its keywords belong to several, an `all` of them. `type: [a, b]` is an `any`, `type` with `enum` an
 * `all` of both. Which differences are found follows from these classes, so they are kept exactly.
 */
import type { Draft } from './dialect.ts'
import type { Json } from './json.ts'

/** Where a schema stands: in which document, and its pointer there. */
export interface Place {
  /** '' is the source itself, else the name of a reference. */
  readonly document: string
  readonly pointer: string
}

interface Common {
  readonly place: Place
  /** As written: true, false or an object. */
  readonly raw: Json
  readonly hasDefault: boolean
}

export interface StringNode extends Common {
  readonly kind: 'string'
  readonly maxLength: number | null
  readonly minLength: number | null
  readonly pattern: string | null
  /** What a validator of the draft may hold a string against; null: nothing. */
  readonly format: string | null
  readonly contentEncoding: string | null
  readonly contentMediaType: string | null
}

export interface NumberNode extends Common {
  readonly kind: 'number'
  readonly isInteger: boolean
  readonly maximum: number | null
  readonly minimum: number | null
  readonly exclusiveMaximum: number | null
  readonly exclusiveMinimum: number | null
  readonly multipleOf: number | null
}

/** What an object or array may hold beside what is listed: nothing is said, a schema, or no more. */
export type Rest = 'any' | 'none' | Node

export interface ObjectNode extends Common {
  readonly kind: 'object'
  readonly properties: ReadonlyMap<string, Node>
  readonly patternProperties: ReadonlyMap<string, Node>
  readonly additional: Rest
  /** null: the keyword is not there. */
  readonly unevaluated: Node | null
  readonly required: ReadonlySet<string>
  readonly maxProperties: number | null
  readonly minProperties: number | null
  readonly requiredBy: ReadonlyMap<string, ReadonlySet<string>>
  readonly schemaBy: ReadonlyMap<string, Node>
  readonly propertyNames: Node | null
}

export interface ArrayNode extends Common {
  readonly kind: 'array'
  /** Of every item; null: not said. */
  readonly items: Node | null
  readonly tuple: readonly Node[]
  /** After the tuple. */
  readonly additional: Rest
  readonly unevaluated: Node | null
  readonly maxItems: number | null
  readonly minItems: number | null
  readonly uniqueItems: boolean
  readonly contains: Node | null
  readonly maxContains: number | null
  readonly minContains: number | null
}

export type Criterion = 'all' | 'any' | 'one'

export interface CombinedNode extends Common {
  readonly kind: 'combined'
  readonly criterion: Criterion
  readonly parts: readonly Node[]
}

export interface EnumNode extends Common {
  readonly kind: 'enum'
  /** Canonical text of each value. */
  readonly values: ReadonlySet<string>
}

export interface ConstNode extends Common {
  readonly kind: 'const'
  readonly value: string
}

export interface NotNode extends Common {
  readonly kind: 'not'
  readonly not: Node
}

/** Another place. `to` is the node there, never a reference itself. */
export interface ReferenceNode extends Common {
  readonly kind: 'reference'
  to: Solid | null
}

export interface ConditionalNode extends Common {
  readonly kind: 'conditional'
  readonly condition: Node | null
  readonly consequence: Node | null
  readonly alternative: Node | null
}

/** `boolean`, `null`: the types. `true`: anything. */
export interface PlainNode extends Common {
  readonly kind: 'boolean' | 'null' | 'true' | 'false'
}

/** A meta-schema of JSON Schema, by its URI: not looked into. */
export interface MetaNode extends Common {
  readonly kind: 'meta'
  readonly uri: string
}

export type Solid =
  | StringNode
  | NumberNode
  | ObjectNode
  | ArrayNode
  | CombinedNode
  | EnumNode
  | ConstNode
  | NotNode
  | ConditionalNode
  | PlainNode
  | MetaNode

export type Node = Solid | ReferenceNode

export interface JsonSchema {
  readonly name: string
  readonly root: Node
  /** By name; '' is the source itself. */
  readonly documents: ReadonlyMap<string, JsonDocument>
  /** Of the source itself: `$schema` of a reference may name another one. */
  readonly draft: Draft
  /** Every schema that was reached from the root, in order of reading. */
  readonly nodes: readonly Node[]
}

export interface JsonDocument {
  readonly name: string
  readonly text: string
  readonly value: Json
  readonly draft: Draft
}

/** What a node stands for. */
export function solid(node: Node): Solid {
  // Resolved before a schema leaves parsing: a reference without a target is a problem there.
  return node.kind === 'reference' ? node.to! : node
}
