/** JSON → types, with every flaw that keeps a schema from being used, as the Java implementation sees it. */
import { isObject, type JsonObject, member } from './json.ts'
import { logicalOf } from './logical.ts'
import { lowerNamed } from './lower-named.ts'
import { isPlain, namespaceOf } from './name.ts'
import type { NameTable } from './name-table.ts'
import { below, type Site } from './site.ts'
import type { ArrayType, AvroType, MapType, UnionType, Use } from './type.ts'

/** @param namespace of the type around it; recursion ends where the text, bounded in depth, ends */
export function lower(value: unknown, site: Site, names: NameTable, namespace = ''): Use {
  if (typeof value === 'string') return names.use(value, namespace, site)
  if (!names.hasRoom(site)) return { type: names.plain('null'), site }
  if (Array.isArray(value)) return { type: lowerUnion(value, site, names, namespace), site }
  if (isObject(value)) return lowerObject(value, site, names, namespace)
  names.report(
    site,
    'not_a_schema',
    `A name, an object or a list was expected, not ${worded(value)}.`,
  )
  return { type: names.plain('null'), site }
}

function lowerUnion(
  values: readonly unknown[],
  site: Site,
  names: NameTable,
  namespace: string,
): UnionType {
  const branches = values.map((value, i) => lower(value, below(site, i), names, namespace))
  return names.add<UnionType>({ kind: 'union', logical: null, branches })
}

function lowerObject(schema: JsonObject, site: Site, names: NameTable, namespace: string): Use {
  const type = member(schema, 'type')
  if (typeof type !== 'string') {
    const message =
      type === undefined
        ? 'The object has no "type".'
        : `"type" is to be a name here, not ${worded(type)}: write what it holds in its place.`
    names.report(site, 'not_a_schema', message)
    return { type: names.plain('null'), site }
  }
  if (isPlain(type)) return { type: names.plain(type, logicalOf(schema, type, null)), site }
  if (type === 'array' || type === 'map') {
    return { type: lowerContainer(type, schema, site, names, namespace), site }
  }
  const named = lowerNamed(type, schema, site, names, namespace, (value, at, name) =>
    lower(value, at, names, namespaceOf(name)),
  )
  return named === null ? names.use(type, namespace, site) : { type: named, site }
}

function lowerContainer(
  kind: 'array' | 'map',
  schema: JsonObject,
  site: Site,
  names: NameTable,
  namespace: string,
): AvroType {
  const key = kind === 'array' ? 'items' : 'values'
  const value = member(schema, key)
  if (value === undefined) {
    names.report(site, 'not_a_schema', `The ${kind} does not say what its "${key}" are.`)
    return names.plain('null')
  }
  const use = lower(value, below(site, key), names, namespace)
  if (kind === 'array') return names.add<ArrayType>({ kind, logical: null, items: use })
  return names.add<MapType>({ kind, logical: null, values: use })
}

function worded(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (isObject(value)) return 'an object'
  return value === null ? 'null' : `a ${typeof value}`
}
