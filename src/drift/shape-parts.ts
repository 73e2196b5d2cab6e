/**
 * From what Avro holds to a shape: the one place where every part is looked at. Throws a RangeError that
 * says what is out of its range, out of order, or more than there may be.
 */
import { byText } from '../base/by-text.ts'
import { aroundOf, compareFields } from './field-path.ts'
import { COUNT_MAX, compareOddities, compareSymbols, compareVariants, placed } from './merge.ts'
import {
  claims,
  DETAIL_CHARS_MAX,
  FIELD_SYMBOLS_MAX,
  FIELDS_MAX,
  type Field,
  jsonTypes,
  ODDITIES_MAX,
  type Oddity,
  PATH_CHARS_MAX,
  SHAPE_IDS_MAX,
  type Shape,
  SKETCH_MAX,
  type Spread,
  SYMBOLS_MAX,
  unreadReasons,
  VALUE_CHARS_MAX,
  VARIANTS_MAX,
  type Variant,
} from './shape.ts'

/** As avsc builds it: ids by their place in the table, counts by name as lists. */
export type RawShape = Omit<Shape, 'looked' | 'variants'> & {
  readonly ids: readonly Buffer[]
  readonly variants: readonly RawVariant[]
}
export type RawVariant = Omit<Variant, 'unread' | 'ids' | 'oddities' | 'fields'> & {
  readonly unread: readonly { readonly reason: keyof Variant['unread']; readonly count: number }[]
  readonly ids: readonly number[]
  readonly oddities: readonly RawOddity[]
  readonly fields: readonly RawField[]
}
type RawOddity = Omit<Oddity, 'ids'> & { readonly ids: readonly number[] }
type RawField = Omit<Field, 'of' | 'types' | 'distinct' | 'ids'> & {
  readonly types: readonly { readonly type: keyof Field['types']; readonly count: number }[]
  readonly distinct: Buffer
  readonly ids: readonly number[]
}

/** Of an id in a registry, or of indexes. */
export const NAME_CHARS_MAX = 100

export function shapeOf(raw: RawShape): Shape {
  const ids = new IdTable(raw.ids)
  const variants = ordered(raw.variants, compareVariants, 'variants').map((v) => variantOf(v, ids))
  atMost(variants.filter(({ claim }) => claim !== 'others').length, VARIANTS_MAX, 'variants')
  ids.requireAllNamed()
  if (!/^([0-9a-f]{16})?$/.test(raw.declared)) refuse('what it was held against')
  return {
    oneIn: raw.oneIn >= 1 && raw.oneIn <= 0x7fffffff ? raw.oneIn : refuse('sample'),
    declared: raw.declared,
    looked: variants.reduce((sum, { count }) => Math.min(sum + count, COUNT_MAX), 0),
    tombstones: counted(raw.tombstones),
    variants,
  }
}

function variantOf(raw: RawVariant, ids: IdTable): Variant {
  if (!claims.includes(raw.claim)) refuse('claim')
  if (raw.claim === 'others' && raw.schema + raw.type !== '') refuse('variant of others')
  const count = positive(raw.count)
  const invalid = counted(raw.invalid)
  const unread = countsByName(raw.unread, ({ reason }) => reason, unreadReasons)
  const told = Object.values(unread).reduce((sum, n) => sum + n, invalid)
  if (told > count && count < COUNT_MAX) refuse('sum of invalid and unread messages')
  return {
    claim: raw.claim,
    schema: text(raw.schema, NAME_CHARS_MAX),
    type: text(raw.type, NAME_CHARS_MAX),
    count,
    invalid,
    unread,
    ids: ids.at(raw.ids),
    oddities: ordered(bounded(raw.oddities, ODDITIES_MAX), compareOddities, 'oddities').map((o) =>
      oddityOf(o, count, ids),
    ),
    moreOddities: counted(raw.moreOddities),
    fields: fieldsOf(raw.fields, ids),
    moreFields: counted(raw.moreFields),
  }
}

function oddityOf(raw: RawOddity, messages: number, ids: IdTable): Oddity {
  const values = ordered(bounded(raw.values, SHAPE_IDS_MAX), byText, 'values')
  return {
    kind: raw.kind,
    path: path(raw.path),
    expected: text(raw.expected, DETAIL_CHARS_MAX),
    came: text(raw.came, DETAIL_CHARS_MAX),
    count: raw.count <= messages ? positive(raw.count) : refuse('count of an oddity'),
    ids: ids.at(raw.ids),
    values: values.map((value) => text(value, VALUE_CHARS_MAX)),
  }
}

function fieldsOf(raw: readonly RawField[], ids: IdTable): readonly Field[] {
  const seen = new Set<string>()
  const fields = ordered(bounded(raw, FIELDS_MAX), compareFields, 'fields').map((field) => {
    if (field.path !== '' && !seen.has(aroundOf(field.path))) refuse('field around a field')
    seen.add(field.path)
    return fieldOf(field, ids)
  })
  const symbols = fields.reduce((sum, field) => sum + field.symbols.length, 0)
  atMost(symbols, SYMBOLS_MAX, 'symbols')
  return placed(fields).map((field) => {
    if (field.present > field.of) refuse('count of a field')
    return field
  })
}

function fieldOf(raw: RawField, ids: IdTable): Field {
  const present = counted(raw.present)
  const within = (count: number): number =>
    count <= present ? counted(count) : refuse('count of a field')
  return {
    path: path(raw.path),
    declared: raw.declared,
    of: 0,
    present,
    nulls: within(raw.nulls),
    objects: within(raw.objects),
    lists: within(raw.lists),
    types: countsByName(raw.types, ({ type }) => type, jsonTypes),
    length: raw.length && spreadOf(raw.length),
    number: raw.number && spreadOf(raw.number),
    distinct: hashesOf(raw.distinct),
    symbols: ordered(bounded(raw.symbols, FIELD_SYMBOLS_MAX), compareSymbols, 'symbols').map(
      ({ symbol, count }) => ({ symbol: text(symbol, VALUE_CHARS_MAX), count: positive(count) }),
    ),
    moreSymbols: counted(raw.moreSymbols),
    ids: ids.at(raw.ids),
  }
}

function spreadOf({ count, min, max, sum, squares }: Spread): Spread {
  const isSound = [min, max, sum, squares].every(Number.isFinite) && min <= max && squares >= 0
  return isSound ? { count: positive(count), min, max, sum, squares } : refuse('range of a field')
}

function hashesOf(bytes: Buffer): readonly number[] {
  if (bytes.length % 4 !== 0) refuse('length of hashes')
  const hashes = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32BE(4 * i))
  return ordered(bounded(hashes, SKETCH_MAX), (a, b) => a - b, 'hashes')
}

/** The ids of a shape: ascending, each once, each named by some part. */
class IdTable {
  readonly #ids: readonly string[]
  readonly #named = new Set<number>()

  constructor(raw: readonly Buffer[]) {
    const ids = raw.map((bytes) => bytes.toString('hex'))
    this.#ids = ordered(ids, byText, 'ids')
  }

  at(places: readonly number[]): readonly string[] {
    return ordered(bounded(places, SHAPE_IDS_MAX), (a, b) => a - b, 'places of ids').map(
      (place) => {
        this.#named.add(place)
        return this.#ids[place] ?? refuse('place of an id')
      },
    )
  }

  requireAllNamed(): void {
    if (this.#named.size !== this.#ids.length) refuse('id that no part names')
  }
}

function countsByName<Name extends string, Item extends { readonly count: number }>(
  items: readonly Item[],
  nameOf: (item: Item) => Name,
  names: readonly Name[],
): Readonly<Partial<Record<Name, number>>> {
  const place = (item: Item): number => names.indexOf(nameOf(item))
  const sound = ordered(items, (a, b) => place(a) - place(b), 'counts')
  const counts: Partial<Record<Name, number>> = {}
  for (const item of sound) counts[nameOf(item)] = positive(item.count)
  return counts
}

function ordered<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  what: string,
): readonly T[] {
  for (let i = 1; i < items.length; i++) {
    if (compare(items[i - 1] as T, items[i] as T) >= 0) refuse(`order of ${what}`)
  }
  return items
}

function bounded<T>(items: readonly T[], max: number): readonly T[] {
  atMost(items.length, max, 'entries')
  return items
}

function atMost(count: number, max: number, what: string): void {
  if (count > max) throw new RangeError(`${count} ${what}, more than ${max}`)
}

function path(value: string): string {
  return value === '' || value.startsWith('/') ? text(value, PATH_CHARS_MAX) : refuse('path')
}

function text(value: string, max: number): string {
  return value.length <= max ? value : refuse(`text of ${value.length} characters`)
}

function positive(value: number): number {
  return value >= 1 ? counted(value) : refuse('count of nothing')
}

function counted(value: number): number {
  return value >= 0 && value <= COUNT_MAX ? value : refuse(`count ${value}`)
}

function refuse(what: string): never {
  throw new RangeError(`the ${what} cannot be`)
}
