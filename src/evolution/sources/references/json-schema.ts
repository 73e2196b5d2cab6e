/** URIs that a JSON Schema refers to, and those it can be referred to by. */
import { withoutFragment } from '../../../base/uri.ts'
import { isArray, isObject, type Json, readJson } from '../json.ts'

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

/** A part of a text with a base of its own, by its `$id`; the first one is the text. */
interface Scope {
  readonly id: string
  /** -1: none. */
  readonly parent: number
}

/** What a text says, whatever it is called: so each is read once. */
export interface JsonOutline {
  /** Outer before inner. */
  readonly scopes: readonly Scope[]
  readonly references: readonly { readonly text: string; readonly scope: number }[]
}

export function jsonOutline(text: string): JsonOutline {
  const scopes: Scope[] = [{ id: '', parent: -1 }]
  const references = new Map<string, { text: string; scope: number }>()
  const top = readJson(text)
  const idKeyword = isObject(top) && isOldDraft(top.$schema) ? 'id' : '$id'
  const waiting: { json: Json; scope: number; isMap: boolean }[] = []
  if (top !== undefined) waiting.push({ json: top, scope: 0, isMap: false })
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { json, isMap } = next
    let { scope } = next
    if (isArray(json)) {
      for (const one of json) waiting.push({ json: one, scope, isMap: false })
      continue
    }
    if (!isObject(json)) continue
    if (!isMap) {
      const id = json[idKeyword]
      if (typeof id === 'string' && !id.startsWith('#')) {
        scope = scopes.push({ id: withoutFragment(id), parent: scope }) - 1
      }
      for (const keyword of referring) {
        const ref = json[keyword]
        const written = typeof ref === 'string' ? withoutFragment(ref) : ''
        if (written !== '') references.set(`${scope} ${written}`, { text: written, scope })
      }
    }
    for (const [key, value] of Object.entries(json)) {
      if (typeof value !== 'object' || (!isMap && data.has(key))) continue
      waiting.push({ json: value, scope, isMap: !isMap && maps.has(key) })
    }
  }
  return { scopes, references: [...references.values()] }
}

/** @param base URI of the text where it does not name its own */
export function jsonUris({ scopes, references }: JsonOutline, base: string): JsonUris {
  const bases: string[] = []
  for (const { id, parent } of scopes) {
    bases.push(parent === -1 ? base : resolveUri(id, bases[parent] as string))
  }
  const own = new Set(bases)
  const resolved = references.map(({ text, scope }) => ({
    text,
    uri: resolveUri(text, bases[scope] as string),
  }))
  return { own, references: resolved.filter(({ uri }) => !own.has(uri)) }
}

function isOldDraft(schema: Json | undefined): boolean {
  return typeof schema === 'string' && /draft-0[34]/.test(schema)
}

/** As it stands where it cannot be resolved: `urn:` has no relatives. */
export function resolveUri(ref: string, base: string): string {
  try {
    return withoutFragment(new URL(ref, base).href)
  } catch {
    return ref
  }
}
