/** Messages of one claim, schema and type, while they are being added to an open shape. */
import type { DeclaredFields, Found } from './declared/declared.ts'
import { NO_SYMBOLS, type SymbolNode } from './declared/symbol-node.ts'
import type { FieldBudget } from './field-budget.ts'
import { addLowest } from './lowest.ts'
import { compareOddities, lesserText, mergeVariants } from './merge.ts'
import type { Current } from './open-field.ts'
import type { Value } from './read/reader.ts'
import {
  DETAIL_CHARS_MAX,
  FIELDS_MAX,
  ODDITIES_MAX,
  type Oddity,
  PATH_CHARS_MAX,
  SHAPE_IDS_MAX,
  type UnreadReason,
  VALUE_CHARS_MAX,
  type Variant,
} from './shape.ts'
import { FieldTree } from './walk.ts'
import { clipped } from './well-formed.ts'

/** What tells variants apart. */
export type VariantName = Pick<Variant, 'claim' | 'schema' | 'type'>

export interface VariantRules {
  readonly fields: DeclaredFields
  /** Whether raw values are kept with what is odd about them. */
  readonly values: boolean
  readonly budget: FieldBudget
}

/** Held while open; what is more is put into order, of which the first are kept. */
const HELD_FIELDS_MAX: number = 2 * FIELDS_MAX
const HELD_ODDITIES_MAX: number = 2 * ODDITIES_MAX

export class OpenVariant {
  readonly #name: VariantName
  readonly #rules: VariantRules
  /** What was put into order. */
  #settled: Variant | null = null
  #count = 0
  #invalid = 0
  #unread: Partial<Record<UnreadReason, number>> = {}
  #ids: string[] = []
  #oddities = new Map<string, OpenOddity>()
  #tree: FieldTree | null = null

  constructor(name: VariantName, rules: VariantRules) {
    this.#name = name
    this.#rules = rules
  }

  unread(reason: UnreadReason, { id }: Current): void {
    this.#counted(id)
    this.#unread[reason] = (this.#unread[reason] ?? 0) + 1
  }

  /** One that is invalid as a whole. */
  odd(found: readonly Found[], message: Current): void {
    this.#counted(message.id)
    this.#invalid++
    this.#tell(found, message)
    this.#settleIfFull()
  }

  /** @param symbols of all its messages the same: what its schema and the promised one name */
  value(
    value: Value,
    found: readonly Found[],
    message: Current,
    symbols: readonly SymbolNode[] = NO_SYMBOLS,
  ): void {
    const { budget, fields } = this.#rules
    if (found.length > 0) this.odd(found, message)
    else if (budget.isFull) this.unread('full', message)
    else this.#counted(message.id)
    // What is wrong with it is known, whether there is room for its fields or not.
    if (budget.isFull) return
    const last = this.#settled?.fields[FIELDS_MAX - 1] ?? null
    this.#tree ??= new FieldTree(fields, budget, last, symbols)
    this.#tree.add(value, message)
    this.#settleIfFull()
  }

  /** Gives its room back. */
  close(): Variant {
    this.#settle()
    const settled = this.#settled as Variant
    this.#rules.budget.take(-settled.fields.length)
    return settled
  }

  #counted(id: string): void {
    this.#count++
    addLowest(this.#ids, id, SHAPE_IDS_MAX)
  }

  #tell(found: readonly Found[], { number, id }: Current): void {
    for (const { kind, path, expected, came, value } of found.slice(0, ODDITIES_MAX)) {
      const place = placeOf(path)
      const key = `${kind}${place}`
      let oddity = this.#oddities.get(key)
      if (oddity === undefined) {
        oddity = {
          kind,
          path: place,
          expected: '',
          came: '',
          count: 0,
          ids: [],
          values: [],
          last: 0,
        }
        this.#oddities.set(key, oddity)
      }
      if (oddity.last === number) continue
      oddity.last = number
      oddity.count++
      oddity.expected = lesserText(oddity.expected, clipped(expected, DETAIL_CHARS_MAX))
      oddity.came = lesserText(oddity.came, clipped(came, DETAIL_CHARS_MAX))
      addLowest(oddity.ids, id, SHAPE_IDS_MAX)
      if (!this.#rules.values || value === undefined) continue
      addLowest(oddity.values, clipped(value, VALUE_CHARS_MAX), SHAPE_IDS_MAX)
    }
  }

  #settleIfFull(): void {
    const isFull = (this.#tree?.size ?? 0) > HELD_FIELDS_MAX
    if (isFull || this.#oddities.size > HELD_ODDITIES_MAX) this.#settle()
  }

  #settle(): void {
    const { budget } = this.#rules
    const { fields, more } = this.#tree?.close() ?? { fields: [], more: 0 }
    const oddities = [...this.#oddities.values()]
      .map(({ last: _, ...oddity }): Oddity => oddity)
      .sort(compareOddities)
    const open: Variant = {
      ...this.#name,
      count: this.#count,
      invalid: this.#invalid,
      unread: this.#unread,
      ids: this.#ids,
      oddities,
      moreOddities: 0,
      fields,
      moreFields: more,
    }
    const nothing = {
      ...open,
      count: 0,
      invalid: 0,
      unread: {},
      oddities: [],
      fields: [],
      moreFields: 0,
    }
    const before = this.#settled?.fields.length ?? 0
    this.#settled = mergeVariants(this.#settled ?? nothing, open)
    budget.take(this.#settled.fields.length - before)
    this.#count = 0
    this.#invalid = 0
    this.#unread = {}
    this.#ids = []
    this.#oddities = new Map()
    this.#tree = null
  }
}

/** As in shape.ts, but open, with the number of the message in which it was last. */
type OpenOddity = {
  -readonly [Key in 'expected' | 'came' | 'count']: Oddity[Key]
} & Pick<Oddity, 'kind' | 'path'> & {
    readonly ids: string[]
    readonly values: string[]
    last: number
  }

/** What is deeper stands under its last part that fits. */
function placeOf(path: string): string {
  if (!path.startsWith('/')) return ''
  const fits =
    path.length > PATH_CHARS_MAX ? path.slice(0, path.lastIndexOf('/', PATH_CHARS_MAX)) : path
  return clipped(fits, PATH_CHARS_MAX)
}
