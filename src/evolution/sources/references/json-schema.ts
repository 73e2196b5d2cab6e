/** URIs that a JSON Schema refers to, and those it can be referred to by. */
import { isArray, isObject, type Json, type JsonObject, readJson } from '../json.ts'

export interface JsonReference {
  /** As it is written, without fragment. */
  readonly text: string
  /** Resolved, without fragment. */
  readonly uri: string
}

export interface JsonUris {
  /** What the text itself, and the parts of it with an `$id`, are called. */
  readonly own: ReadonlySet<string>
  readonly references: readonly JsonReference[]
}

/** Keywords whose value holds schemas by names, which are no keywords. */
const maps: ReadonlySet<string> = new Set(
  'properties patternProperties definitions $defs dependentSchemas dependencies'.split(' '),
)
/** Keywords whose value is data. */
const data: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples', 'example'])
const referring = ['$ref', '$dynamicRef', '$recursiveRef']

/** @param base URI of the text where it does not name its own */
export function jsonUris(text: string, base: string): JsonUris {
  const own = new Set([base])
  const references = new Map<string, JsonReference>()
  const top = readJson(text)
  const idKeyword = isObject(top) && isOldDraft(top.$schema) ? 'id' : '$id'
  const waiting: { json: Json; base: string; isMap: boolean }[] = []
  if (top !== undefined) waiting.push({ json: top, base, isMap: false })
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { json, isMap } = next
    if (isArray(json)) {
      for (const one of json) waiting.push({ json: one, base: next.base, isMap: false })
      continue
    }
    if (!isObject(json)) continue
    const around = isMap ? next.base : baseWithin(json, idKeyword, next.base)
    if (!isMap) {
      own.add(around)
      for (const keyword of referring) {
        const ref = json[keyword]
        if (typeof ref !== 'string') continue
        const written = withoutFragment(ref)
        if (written === '') continue
        const uri = resolveUri(written, around)
        references.set(`${written} ${uri}`, { text: written, uri })
      }
    }
    for (const [key, value] of Object.entries(json)) {
      if (typeof value !== 'object' || (!isMap && data.has(key))) continue
      waiting.push({ json: value, base: around, isMap: !isMap && maps.has(key) })
    }
  }
  return { own, references: [...references.values()].filter(({ uri }) => !own.has(uri)) }
}

function isOldDraft(schema: Json | undefined): boolean {
  return typeof schema === 'string' && /draft-0[34]/.test(schema)
}

function baseWithin(json: JsonObject, idKeyword: string, base: string): string {
  const id = json[idKeyword]
  return typeof id === 'string' && !id.startsWith('#')
    ? resolveUri(withoutFragment(id), base)
    : base
}

export function withoutFragment(uri: string): string {
  const hash = uri.indexOf('#')
  return hash === -1 ? uri : uri.slice(0, hash)
}

/** As it stands where it cannot be resolved: `urn:` has no relatives. */
export function resolveUri(ref: string, base: string): string {
  try {
    return withoutFragment(new URL(ref, base).href)
  } catch {
    return ref
  }
}
