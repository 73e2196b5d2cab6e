/** In how many messages of a variant a field stood: what a shape proves, and what it leaves open. Pure. */
import { ENTRIES, ITEMS } from '../field-path.ts'
import type { Field, Variant } from '../shape.ts'

export interface Present {
  readonly least: number
  readonly most: number
}

/**
 * Fields are not listed everywhere: not of what could not be read, not within one that nobody declared,
 * and not of a map, or of an object of so many names that it was taken for one. There it may have stood.
 */
export function presentIn(variant: Variant, path: string): Present {
  const fields = new Map(variant.fields.map((field) => [field.path, field]))
  const own = fields.get(path)
  // Fields that are not kept may be this one.
  if (own === undefined && variant.moreFields > 0) return { least: 0, most: variant.count }
  const least = own?.present ?? 0
  // Whatever was read stands at the root.
  const unread = variant.count - (fields.get('')?.present ?? 0)
  return { least, most: Math.min(variant.count, least + unread + hiddenAt(path, fields)) }
}

/** Messages that may hold it where fields are not told apart: at most so many. */
function hiddenAt(path: string, fields: ReadonlyMap<string, Field>): number {
  let hidden = 0
  for (let end = path.indexOf('/'); end >= 0; ) {
    const around = fields.get(path.slice(0, end))
    if (around === undefined) return hidden
    const next = path.indexOf('/', end + 1)
    const part = path.slice(end + 1, next < 0 ? path.length : next)
    hidden += hiddenIn(around, part, fields)
    end = next
  }
  return hidden
}

function hiddenIn(around: Field, part: string, fields: ReadonlyMap<string, Field>): number {
  if (part === ITEMS) return fields.has(`${around.path}/${ITEMS}`) ? 0 : around.lists
  if (part === ENTRIES) return around.objects
  const entries = fields.get(`${around.path}/${ENTRIES}`)
  if (entries !== undefined) return entries.present
  const within = `${around.path}/`
  const items = `${within}${ITEMS}`
  const isTold = [...fields.keys()].some(
    (one) => one.startsWith(within) && one !== items && !one.startsWith(`${items}/`),
  )
  return isTold ? 0 : around.objects
}
