/**
 * Paths of differences → places in the texts. A path follows names into the types they stand for,
 * wherever those are written: `/fields/1/type/fields/0` may begin in one file and end in another.
 */
import { PATH_STEPS_MAX } from './limits.ts'
import { below, type Site } from './site.ts'
import type { AvroSchema, Use } from './type.ts'

export interface Element {
  readonly site: Site
  /** False: the path goes on where the schema ends; this is the last element on it. */
  readonly isExact: boolean
}

export function elementAt(schema: AvroSchema, path: string): Element {
  const keys = path.split('/', PATH_STEPS_MAX + 2).slice(1)
  let use: Use = schema.root
  for (let i = 0; i < keys.length; ) {
    const next = nextUse(use, keys, i)
    if (next === null) return rest(use, keys.slice(i))
    use = next.use
    i += next.steps
  }
  return { site: use.site, isExact: true }
}

/** The type that the next keys lead to; null: something that is not a type. */
export function nextUse(
  { type }: Use,
  keys: readonly string[],
  i: number,
): { readonly use: Use; readonly steps: number } | null {
  const [key, second, third] = [keys[i], keys[i + 1], keys[i + 2]]
  if (type.kind === 'union') {
    const branch = type.branches[Number(key)]
    return branch === undefined ? null : { use: branch, steps: 1 }
  }
  if (type.kind === 'array' && key === 'items') return { use: type.items, steps: 1 }
  if (type.kind === 'map' && key === 'values') return { use: type.values, steps: 1 }
  if (type.kind === 'record' && key === 'fields' && third === 'type') {
    const field = type.fields[Number(second)]
    return field === undefined ? null : { use: field.use, steps: 3 }
  }
  return null
}

/** Within one type: its name, a symbol, a field. */
function rest(use: Use, keys: readonly string[]): Element {
  const { type } = use
  if (!('site' in type)) return { site: use.site, isExact: false }
  const [key, second, third] = keys
  if (type.kind === 'record' && key === 'fields') {
    const field = type.fields[Number(second)]
    if (field === undefined) return { site: type.site, isExact: false }
    return { site: third === undefined ? field.site : below(field.site, third), isExact: true }
  }
  return { site: below(type.site, ...keys.map(asKey)), isExact: true }
}

const asKey = (key: string): string | number => (/^\d+$/.test(key) ? Number(key) : key)
