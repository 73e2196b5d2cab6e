/** What the shape asks for at a path: for errors. */
import { z } from 'zod'
import { fileSchema } from './schema.ts'

/** The schema at a path, without wrappers; null where the shape does not reach. */
function schemaAt(path: readonly PropertyKey[]): z.core.$ZodType | null {
  let at: z.core.$ZodType | null = unwrap(fileSchema)
  for (const step of path) {
    if (at instanceof z.ZodUnion) at = optionWith(at.options, String(step))
    if (at instanceof z.ZodObject) at = at.shape[String(step)] ?? null
    else if (at instanceof z.ZodRecord) at = at.valueType
    else if (at instanceof z.ZodArray) at = at.element
    else return null
    if (at === null) return null
    at = unwrap(at)
  }
  return at
}

/** Of several shapes the map that may have this key. */
function optionWith(options: readonly z.core.$ZodType[], key: string): z.core.$ZodType | null {
  const maps = options.map(unwrap).filter((option) => option instanceof z.ZodObject)
  return maps.find((option) => Object.hasOwn(option.shape, key)) ?? null
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap())
  if (schema instanceof z.ZodPipe) return unwrap(schema.out)
  return schema
}

/** The keys that a map at this path may have; empty where it has none of its own. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const schema = schemaAt(path)
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

export function expectsAt(path: readonly PropertyKey[]): string | null {
  const schema = schemaAt(path)
  if (schema === null) return null
  const expects = z.globalRegistry.get(schema)?.expects
  return typeof expects === 'string' ? expects : null
}
