/**
 * One value of a schema, as a tree that remembers which branch, symbol and items were chosen: from it
 * follow the value itself, its text, and a schema that allows nothing else.
 */
import { INSTANCE_FIXED_BYTES_MAX, INSTANCE_VALUES_MAX } from './limits.ts'
import type { AvroSchema, AvroType, EnumType, FixedType, PlainType, RecordType } from './type.ts'

export type Instance =
  | { readonly type: PlainType | FixedType }
  | { readonly type: EnumType; readonly symbol: string }
  | { readonly type: RecordType; readonly fields: readonly Instance[] }
  /** `one`: the only item, or the value of the only key; null: there is none. */
  | { readonly type: Extract<AvroType, { kind: 'array' | 'map' }>; readonly one: Instance | null }
  | { readonly type: Extract<AvroType, { kind: 'union' }>; readonly branch: Instance }

/** What an instance has to contain: the choice at each type on the way, from the root. */
export type Choice = number | string

/**
 * The smallest value that goes where the choices lead: a field or a branch by its index, a symbol by its
 * name, `items` and `values`. Null: there is none, or none within the limit.
 */
export function smallestInstance(
  schema: AvroSchema,
  heights: readonly number[],
  choices: readonly Choice[],
): Instance | null {
  let left = INSTANCE_VALUES_MAX
  const build = (type: AvroType, at: number | null): Instance | null => {
    if (left-- <= 0) return null
    const choice = at === null ? undefined : choices[at]
    const next = at === null || choice === undefined ? null : at + 1
    switch (type.kind) {
      case 'record': {
        const fields: Instance[] = []
        for (const field of type.fields) {
          const instance = build(field.use.type, field.index === choice ? next : null)
          if (instance === null) return null
          fields.push(instance)
        }
        return { type, fields }
      }
      case 'enum': {
        const [first] = type.symbols
        const symbol = typeof choice === 'string' ? choice : first
        return symbol === undefined ? null : { type, symbol }
      }
      case 'union': {
        const index = typeof choice === 'number' ? choice : lowest(type.branches, heights)
        const use = type.branches[index]
        const branch = use === undefined ? null : build(use.type, next)
        return branch === null ? null : { type, branch }
      }
      case 'array':
      case 'map': {
        if (choice === undefined) return { type, one: null }
        const one = build(type.kind === 'array' ? type.items.type : type.values.type, next)
        return one === null ? null : { type, one }
      }
      case 'fixed':
        return type.size > INSTANCE_FIXED_BYTES_MAX ? null : { type }
      default:
        return { type }
    }
  }
  return hasValue(schema.root.type, heights) ? build(schema.root.type, 0) : null
}

function hasValue(type: AvroType, heights: readonly number[]): boolean {
  return heights[type.id] !== Number.POSITIVE_INFINITY
}

function lowest(
  branches: readonly { readonly type: AvroType }[],
  heights: readonly number[],
): number {
  let best = 0
  for (const [i, { type }] of branches.entries()) {
    const { type: chosen } = branches[best] as { readonly type: AvroType }
    if ((heights[type.id] as number) < (heights[chosen.id] as number)) best = i
  }
  return best
}

/** By id of a type, how deep its smallest value is; infinite: it has none, as a list without an end. */
export function heightsOf(types: readonly AvroType[]): readonly number[] {
  const heights = types.map(() => Number.POSITIVE_INFINITY)
  for (let isChanged = true; isChanged; ) {
    isChanged = false
    for (const type of types) {
      const height = heightOf(type, heights)
      if (height >= (heights[type.id] as number)) continue
      heights[type.id] = height
      isChanged = true
    }
  }
  return heights
}

function heightOf(type: AvroType, heights: readonly number[]): number {
  const of = ({ type: t }: { readonly type: AvroType }): number => heights[t.id] as number
  if (type.kind === 'record') return 1 + Math.max(0, ...type.fields.map((field) => of(field.use)))
  if (type.kind === 'union') return 1 + Math.min(Number.POSITIVE_INFINITY, ...type.branches.map(of))
  return type.kind === 'enum' && type.symbols.size === 0 ? Number.POSITIVE_INFINITY : 1
}
