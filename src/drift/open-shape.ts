/** A shape that is being added to, one message at a time. */
import type { DeclaredFields, Found } from './declared/declared.ts'
import type { SymbolNode } from './declared/symbol-node.ts'
import type { FieldBudget } from './field-budget.ts'
import { compareVariants, emptyShape, mergeShapes } from './merge.ts'
import type { Current } from './open-field.ts'
import { OpenVariant, type VariantName, type VariantRules } from './open-variant.ts'
import type { Value } from './read/reader.ts'
import {
  type OpenShape,
  type Shape,
  type UnreadReason,
  VARIANTS_MAX,
  type Variant,
} from './shape.ts'
import { encodeShape } from './shape-codec.ts'
import { NAME_CHARS_MAX } from './shape-parts.ts'
import { clipped } from './well-formed.ts'

export interface ShapeBuilderOptions {
  readonly oneIn: number
  /** Fingerprint; empty: nothing. */
  readonly declared: string
  readonly fields: DeclaredFields
  /** Whether raw values are kept with what is odd about them. */
  readonly values: boolean
  /** Shared by all open shapes of the process. */
  readonly budget: FieldBudget
}

/** A frame has room for more, but it holds other shapes too. */
const OPEN_BYTES_MAX = 128 * 1024

/**
 * Laws: the shape of some messages is the sum of the shapes of each. Bounded in memory and bytes whatever
 * comes; a message for whose fields there is no room is `unread`, which is `full`, and not half counted.
 */
export class ShapeBuilder implements OpenShape {
  readonly #options: ShapeBuilderOptions
  readonly #rules: VariantRules
  #settled: Shape
  #open = new Map<string, OpenVariant>()
  /** Of the message before: most messages are of the same. */
  #last: (VariantName & { readonly open: OpenVariant }) | null = null
  #tombstones = 0
  #messages = 0

  constructor(options: ShapeBuilderOptions) {
    this.#options = options
    this.#rules = options
    this.#settled = emptyShape(options.oneIn, options.declared)
  }

  tombstone(): void {
    this.#tombstones++
  }

  unread(id: string, variant: VariantName, reason: UnreadReason): void {
    this.#variant(variant).unread(reason, this.#next(id))
  }

  /** One that cannot be read, or whose claim says already what it is. Which framing is meant is no fault. */
  odd(id: string, variant: VariantName, found: readonly Found[]): void {
    if (variant.claim === 'ambiguous' && found.length === 0) this.unread(id, variant, 'no_schema')
    else this.#variant(variant).odd(found, this.#next(id))
  }

  /** @param symbols see OpenVariant */
  value(
    id: string,
    variant: VariantName,
    value: Value,
    found: readonly Found[],
    symbols?: readonly SymbolNode[],
  ): void {
    this.#variant(variant).value(value, found, this.#next(id), symbols)
  }

  /** All that was added since; then it is empty. */
  toBytes(): Uint8Array {
    this.#settle()
    let shape: Shape = { ...this.#settled, tombstones: this.#tombstones }
    this.#hold(emptyShape(this.#options.oneIn, this.#options.declared))
    this.#tombstones = 0
    let bytes = encodeShape(shape)
    while (bytes.length > OPEN_BYTES_MAX) {
      shape = lessened(shape)
      bytes = encodeShape(shape)
    }
    return bytes
  }

  #next(id: string): Current {
    return { number: ++this.#messages, id }
  }

  #variant({ claim, schema, type }: VariantName): OpenVariant {
    const last = this.#last
    const isSame = last?.claim === claim && last.schema === schema && last.type === type
    if (last !== null && isSame) return last.open
    const open = this.#named({ claim, schema, type })
    this.#last = { claim, schema, type, open }
    return open
  }

  #named(name: VariantName): OpenVariant {
    const { claim } = name
    const schema = clipped(name.schema, NAME_CHARS_MAX)
    const type = clipped(name.type, NAME_CHARS_MAX)
    const key = `${claim} ${type} ${schema}`
    const known = this.#open.get(key)
    if (known !== undefined) return known
    if (this.#open.size > VARIANTS_MAX) this.#settle()
    const made = new OpenVariant({ claim, schema, type }, this.#rules)
    this.#open.set(key, made)
    return made
  }

  /** Puts the variants into order; the shape keeps the first of them. */
  #settle(): void {
    const variants = [...this.#open.values()].map((open) => open.close()).sort(compareVariants)
    this.#open = new Map()
    this.#last = null
    const looked = variants.reduce((sum, { count }) => sum + count, 0)
    this.#hold(mergeShapes(this.#settled, { ...this.#settled, looked, variants }))
  }

  #hold(shape: Shape): void {
    this.#options.budget.take(fieldsIn(shape) - fieldsIn(this.#settled))
    this.#settled = shape
  }
}

function fieldsIn({ variants }: Shape): number {
  return variants.reduce((sum, { fields }) => sum + fields.length, 0)
}

/**
 * Without the fields of the variant that has most of them; its messages are not known to be valid then.
 * Without fields anywhere: without the oddities of the one that has most.
 */
function lessened(shape: Shape): Shape {
  const most = (count: (variant: Variant) => number): number =>
    shape.variants.reduce(
      (best, v, i) => (count(v) > count(shape.variants[best] as Variant) ? i : best),
      0,
    )
  const byFields = most(({ fields }) => fields.length)
  const hasFields = (shape.variants[byFields]?.fields.length ?? 0) > 0
  const at = hasFields ? byFields : most(({ oddities }) => oddities.length)
  return {
    ...shape,
    variants: shape.variants.map((v, i) => (i !== at ? v : hasFields ? fieldless(v) : oddless(v))),
  }
}

function fieldless(variant: Variant): Variant {
  const { count, invalid, unread } = variant
  const told = Object.values(unread).reduce((sum, n) => sum + n, invalid)
  const full = (unread.full ?? 0) + count - told
  return { ...variant, unread: { ...unread, full }, fields: [], moreFields: 0 }
}

function oddless(variant: Variant): Variant {
  const given = variant.oddities.reduce((sum, { count }) => sum + count, 0)
  return { ...variant, oddities: [], moreOddities: variant.moreOddities + given }
}
