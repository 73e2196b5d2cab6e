/**
 * Shapes as sums.
 *
 * Laws: `mergeShapes` is commutative and associative, and an empty shape changes nothing. Of every list
 * the first entries by its order are kept; what is among the first of a sum is among the first of each
 * part that has it, so what is kept is exact. What is not kept is counted, and never comes back.
 */

import assert from 'node:assert'
import { byText } from '../base/by-text.ts'
import { aroundOf, compareFields, isItem } from './field-path.ts'
import {
  claims,
  FIELD_SYMBOLS_MAX,
  FIELDS_MAX,
  type Field,
  ODDITIES_MAX,
  type Oddity,
  oddities as oddityKinds,
  SHAPE_IDS_MAX,
  type Shape,
  SKETCH_MAX,
  type Spread,
  SYMBOLS_MAX,
  type SymbolCount,
  VARIANTS_MAX,
  type Variant,
} from './shape.ts'

/** Counts stop here: a thousand frames of hostile ones together are still numbers that can be written. */
export const COUNT_MAX: number = 2 ** 47

export function emptyShape(oneIn: number, declared: string): Shape {
  return { oneIn, declared, looked: 0, tombstones: 0, variants: [] }
}

export function mergeShapes(a: Shape, b: Shape): Shape {
  assert(a.oneIn === b.oneIn && a.declared === b.declared, 'only like shapes are merged')
  return {
    oneIn: a.oneIn,
    declared: a.declared,
    looked: add(a.looked, b.looked),
    tombstones: add(a.tombstones, b.tombstones),
    variants: firstVariants(unite(a.variants, b.variants, compareVariants, mergeVariants)),
  }
}

type Named = Pick<Variant, 'claim' | 'schema' | 'type'>

/** By claim, `others` last, then schema and type. */
export function compareVariants(a: Named, b: Named): number {
  return (
    claims.indexOf(a.claim) - claims.indexOf(b.claim) ||
    byText(a.schema, b.schema) ||
    byText(a.type, b.type)
  )
}

export function compareOddities(
  a: Pick<Oddity, 'kind' | 'path'>,
  b: Pick<Oddity, 'kind' | 'path'>,
): number {
  return oddityKinds.indexOf(a.kind) - oddityKinds.indexOf(b.kind) || byText(a.path, b.path)
}

/** Those beyond the first are put together, under the name `others`. */
function firstVariants(variants: readonly Variant[]): readonly Variant[] {
  const others = variants.at(-1)?.claim === 'others' ? variants.at(-1) : undefined
  const named = others === undefined ? variants : variants.slice(0, -1)
  if (named.length <= VARIANTS_MAX) return variants
  const rest = named
    .slice(VARIANTS_MAX)
    .map((variant): Variant => ({ ...variant, claim: 'others', schema: '', type: '' }))
  if (others !== undefined) rest.push(others)
  return [...named.slice(0, VARIANTS_MAX), rest.reduce(mergeVariants)]
}

export function mergeVariants(a: Variant, b: Variant): Variant {
  const oddities = unite(a.oddities, b.oddities, compareOddities, mergeOddities)
  const fields = unite(a.fields, b.fields, compareFields, mergeFields)
  return {
    claim: a.claim,
    schema: a.schema,
    type: a.type,
    count: add(a.count, b.count),
    invalid: add(a.invalid, b.invalid),
    unread: addEach(a.unread, b.unread),
    ids: first(a.ids, b.ids, SHAPE_IDS_MAX),
    oddities: oddities.slice(0, ODDITIES_MAX),
    moreOddities: oddities
      .slice(ODDITIES_MAX)
      .reduce((sum, { count }) => add(sum, count), add(a.moreOddities, b.moreOddities)),
    fields: placed(withinSymbols(fields.slice(0, FIELDS_MAX))),
    moreFields: fields
      .slice(FIELDS_MAX)
      .reduce((sum, field) => add(sum, occurrences(field)), add(a.moreFields, b.moreFields)),
  }
}

function mergeOddities(a: Oddity, b: Oddity): Oddity {
  return {
    kind: a.kind,
    path: a.path,
    expected: lesserText(a.expected, b.expected),
    came: lesserText(a.came, b.came),
    count: add(a.count, b.count),
    ids: first(a.ids, b.ids, SHAPE_IDS_MAX),
    values: first(a.values, b.values, SHAPE_IDS_MAX),
  }
}

function mergeFields(a: Field, b: Field): Field {
  return {
    path: a.path,
    declared: a.declared,
    of: 0,
    present: add(a.present, b.present),
    nulls: add(a.nulls, b.nulls),
    objects: add(a.objects, b.objects),
    lists: add(a.lists, b.lists),
    types: addEach(a.types, b.types),
    length: mergeSpreads(a.length, b.length),
    number: mergeSpreads(a.number, b.number),
    distinct: first(a.distinct, b.distinct, SKETCH_MAX),
    ...keptSymbols(
      unite(a.symbols, b.symbols, compareSymbols, mergeSymbols),
      add(a.moreSymbols, b.moreSymbols),
      FIELD_SYMBOLS_MAX,
    ),
    ids: first(a.ids, b.ids, SHAPE_IDS_MAX),
  }
}

type Symbols = Pick<Field, 'symbols' | 'moreSymbols'>

/** The first so many of the variant: by its fields' order, then by their own. */
function withinSymbols(fields: readonly Field[]): readonly Field[] {
  const kept = fields.reduce((sum, { symbols }) => sum + symbols.length, 0)
  if (kept <= SYMBOLS_MAX) return fields
  let room = SYMBOLS_MAX
  return fields.map((field) => {
    const { symbols, moreSymbols } = keptSymbols(field.symbols, field.moreSymbols, room)
    room -= symbols.length
    return { ...field, symbols, moreSymbols }
  })
}

function keptSymbols(symbols: readonly SymbolCount[], more: number, max: number): Symbols {
  return {
    symbols: symbols.slice(0, max),
    moreSymbols: symbols.slice(max).reduce((sum, { count }) => add(sum, count), more),
  }
}

export function compareSymbols(a: SymbolCount, b: SymbolCount): number {
  return byText(a.symbol, b.symbol)
}

function mergeSymbols(a: SymbolCount, b: SymbolCount): SymbolCount {
  return { symbol: a.symbol, count: add(a.count, b.count) }
}

/** With `of` of each, from the fields around them: see `Field.of`. */
export function placed(fields: readonly Field[]): readonly Field[] {
  const around = new Map<string, { objects: number; lists: number }>()
  for (const { path, objects, lists } of fields) {
    const same = around.get(path)
    around.set(path, {
      objects: add(objects, same?.objects ?? 0),
      lists: add(lists, same?.lists ?? 0),
    })
  }
  return fields.map((field) => {
    const { path } = field
    if (path === '') return { ...field, of: field.present }
    const holder = around.get(aroundOf(path))
    return { ...field, of: (isItem(path) ? holder?.lists : holder?.objects) ?? 0 }
  })
}

function occurrences({ types }: Pick<Field, 'types'>): number {
  return Object.values(types).reduce(add, 0)
}

function mergeSpreads(a: Spread | null, b: Spread | null): Spread | null {
  if (a === null || b === null) return a ?? b
  return {
    count: add(a.count, b.count),
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    sum: a.sum + b.sum,
    squares: a.squares + b.squares,
  }
}

/** Empty: nothing was said. */
export function lesserText(a: string, b: string): string {
  if (a === '' || b === '') return a + b
  return a < b ? a : b
}

function addEach<Key extends string>(
  a: Readonly<Partial<Record<Key, number>>>,
  b: Readonly<Partial<Record<Key, number>>>,
): Readonly<Partial<Record<Key, number>>> {
  const sum: Partial<Record<Key, number>> = { ...a }
  for (const key of Object.keys(b) as Key[]) sum[key] = add(sum[key] ?? 0, b[key] as number)
  return sum
}

/** Stopping at a limit is associative too, as long as nothing is below 0. */
function add(a: number, b: number): number {
  return Math.min(a + b, COUNT_MAX)
}

/** Two ascending lists as one, each entry once, at most so many. */
function first<T extends string | number>(
  a: readonly T[],
  b: readonly T[],
  max: number,
): readonly T[] {
  return unite(
    a,
    b,
    (x, y) => (x === y ? 0 : x < y ? -1 : 1),
    (x) => x,
  ).slice(0, max)
}

/** Two ordered lists as one; what both have is merged. */
function unite<T>(
  a: readonly T[],
  b: readonly T[],
  compare: (a: T, b: T) => number,
  merge: (a: T, b: T) => T,
): T[] {
  const out: T[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const [x, y] = [a[i] as T, b[j] as T]
    const order = compare(x, y)
    out.push(order === 0 ? merge(x, y) : order < 0 ? x : y)
    if (order <= 0) i++
    if (order >= 0) j++
  }
  for (; i < a.length; i++) out.push(a[i] as T)
  for (; j < b.length; j++) out.push(b[j] as T)
  return out
}
