/**
 * Values into fields: once for each message whether a field stood and was null, once for each occurrence
 * its type, length, number and hash.
 *
 * - A field that nobody declared is told, but not what is in it: whoever makes up names makes one field
 *   of each, not a tree.
 * - Where nothing is declared, an object of more than `NAMES_MAX` names is taken for a map: its names may
 *   be data.
 * - Of what is declared to have no parts, parts are not told: that it has them is another type.
 *
 * Laws: time is linear in the nodes of the value and its texts, and nothing is thrown. What is held grows
 * by one message at most behind `last`.
 */
import type { DeclaredFields } from './declared/declared.ts'
import { memberOf, namesOf } from './declared/site.ts'
import { NO_SYMBOLS, type Step, type SymbolNode, symbolsWithin } from './declared/symbol-node.ts'
import type { FieldBudget } from './field-budget.ts'
import { compareFields, depthOf, ENTRIES, escapedName, ITEMS } from './field-path.ts'
import { placed } from './merge.ts'
import { type Current, OpenField } from './open-field.ts'
import { DEPTH_MAX, type Value } from './read/reader.ts'
import type { Scalar } from './scalar-hash.ts'
import { FIELDS_MAX, type Field, type JsonType, PATH_CHARS_MAX } from './shape.ts'
import { wellFormed } from './well-formed.ts'

type Named = Parameters<typeof namesOf>[0]

/** Names of one object where nothing is declared. */
const NAMES_MAX = 50

export class FieldTree {
  readonly #declared: DeclaredFields
  readonly #budget: FieldBudget
  /** Fields behind it are counted, not held: there are enough before it. Null: there are not. */
  readonly #last: Field | null
  readonly #root: OpenField
  /** How many declared fields are held, by depth. */
  readonly #declaredAt: number[] = [1]
  #size = 1
  #more = 0
  #message: Current = { number: 0, id: '' }

  /** @param symbols of the whole value, by each schema that names some */
  constructor(
    declared: DeclaredFields,
    budget: FieldBudget,
    last: Field | null,
    symbols: readonly SymbolNode[] = NO_SYMBOLS,
  ) {
    this.#root = new OpenField('', true, symbols)
    this.#declared = declared
    this.#budget = budget
    this.#last = last
    budget.take(1)
  }

  get size(): number {
    return this.#size
  }

  add(value: Value, message: Current): void {
    this.#message = message
    this.#walk(this.#root, value, this.#declared, 0)
  }

  /** In their order, and the occurrences of those that are not held. Gives the room back. */
  close(): { readonly fields: readonly Field[]; readonly more: number } {
    const open: OpenField[] = [this.#root]
    // What is pushed here is visited too.
    for (const { members, items, entries } of open) {
      open.push(...members.values())
      if (items !== null) open.push(items)
      if (entries !== null) open.push(entries)
    }
    this.#budget.take(-this.#size)
    return {
      fields: placed(open.map((field) => field.close()).sort(compareFields)),
      more: this.#more,
    }
  }

  /** `field`: null where it is not held. */
  #walk(field: OpenField | null, value: Value, declared: DeclaredFields, depth: number): void {
    this.#tell(field, value)
    if (value === null || typeof value !== 'object' || depth === DEPTH_MAX) return
    if (Array.isArray(value)) {
      this.#walkList(field, value as readonly Value[], declared, depth)
    } else if (!(value instanceof Uint8Array)) {
      this.#walkObject(field, value as Named, declared, depth)
    }
  }

  #walkList(
    field: OpenField | null,
    items: readonly Value[],
    declared: DeclaredFields,
    depth: number,
  ): void {
    field?.measured(items.length)
    const within = declared === null ? null : declared.items
    if (within === undefined || items.length === 0) return
    const held = this.#items(field)
    for (const item of items) this.#walk(held, item, within, depth + 1)
  }

  #walkObject(
    field: OpenField | null,
    object: Named,
    declared: DeclaredFields,
    depth: number,
  ): void {
    const names = namesOf(object)
    const fields = declared?.fields ?? null
    const others = declared === null ? null : declared.entries
    const isData =
      fields === null && (object instanceof Map || declared !== null || names.length > NAMES_MAX)
    if (isData) field?.measured(names.length)
    if (field !== null && fields !== null && !field.isFilled) this.#fill(field, fields, depth)
    for (const name of names) {
      const value = memberOf(object, name)
      const within = fields === null ? undefined : fields.get(name)
      if (within !== undefined) {
        this.#walk(this.#member(field, name, true), value, within, depth + 1)
      } else if (isData || (fields !== null && others !== undefined)) {
        if (others === undefined) return
        this.#walk(this.#entries(field), value, others, depth + 1)
      } else if (fields === null) {
        this.#walk(this.#member(field, name, true), value, null, depth + 1)
      } else {
        this.#tell(this.#member(field, name, false), value)
      }
    }
  }

  /**
   * One that is declared and never comes stands in none of so many: that is to be seen too. But not where
   * there are enough fields that are not as deep: it would not be kept, and a schema that holds itself
   * declares its fields at each of 20,000 places of one message.
   */
  #fill(field: OpenField, fields: ReadonlyMap<string, DeclaredFields>, depth: number): void {
    field.isFilled = true
    let before = 0
    for (let i = 0; i <= depth; i++) before += this.#declaredAt[i] ?? 0
    if (before >= FIELDS_MAX) return
    for (const name of fields.keys()) this.#member(field, name, true)
  }

  #tell(field: OpenField | null, value: Value): void {
    if (field === null) {
      this.#more++
      return
    }
    const type = typeOf(value)
    field.seen(type, this.#message)
    if (value !== null && type !== 'array' && type !== 'object') field.scalar(value as Scalar)
  }

  #items(field: OpenField | null): OpenField | null {
    if (field === null) return null
    field.items ??= this.#held(field, ITEMS, true, { kind: 'items' })
    return field.items
  }

  #entries(field: OpenField | null): OpenField | null {
    if (field === null) return null
    field.entries ??= this.#held(field, ENTRIES, true, { kind: 'entries' })
    return field.entries
  }

  #member(field: OpenField | null, name: string, declared: boolean): OpenField | null {
    if (field === null) return null
    const known = field.members.get(name)
    if (known !== undefined) return known
    if (name.length > PATH_CHARS_MAX) return null
    // Names that differ only in what cannot be written are one.
    const written = wellFormed(name)
    const same = field.members.get(written)
    if (same !== undefined) return same
    const made = this.#held(field, escapedName(written), declared, { kind: 'member', name })
    if (made !== null) field.members.set(written, made)
    return made
  }

  /** Null: its path is too long, or there are enough fields before it. */
  #held(around: OpenField, part: string, declared: boolean, step: Step): OpenField | null {
    const path = `${around.path}/${part}`
    if (path.length > PATH_CHARS_MAX) return null
    if (this.#last !== null && compareFields({ path, declared }, this.#last) > 0) return null
    const depth = depthOf(path)
    if (declared) this.#declaredAt[depth] = (this.#declaredAt[depth] ?? 0) + 1
    this.#size++
    this.#budget.take(1)
    return new OpenField(path, declared, symbolsWithin(around.named, step))
  }
}

function typeOf(value: Value): JsonType {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'number'
    case 'boolean':
      return 'boolean'
    case 'bigint':
      return 'integer'
    default:
      if (value === null) return 'null'
      if (Array.isArray(value)) return 'array'
      return value instanceof Uint8Array ? 'string' : 'object'
  }
}
