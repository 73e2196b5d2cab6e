/**
 * Which schema a `$ref` names: the source, its references, and every `$id` and anchor in them. Nothing
 * is ever fetched: what is not here is missing.
 */
import { decodedUri, resolvedUri, withoutFragment } from '../../base/uri.ts'
import type { Draft } from './dialect.ts'
import { draftOfUri, idKeyword, isModern } from './dialect.ts'
import {
  get,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  step,
  stepsOf,
  valueAt,
} from './json.ts'
import type { JsonDocument, Place } from './model.ts'

/** Of the source, unless it says otherwise: never a place on a network. */
const BASE_DEFAULT = 'mem://input/'

export interface Target {
  readonly raw: Json
  readonly place: Place
  readonly base: string
  readonly draft: Draft
}

export type Resolved = Target | { readonly meta: string } | null

/** Keywords whose value holds schemas by name; a name is no keyword there. */
const mapKeywords = new Set([
  'properties',
  'patternProperties',
  'definitions',
  '$defs',
  'dependentSchemas',
  'dependencies',
])
/** Keywords whose value is data: a `$id` in it identifies nothing. */
const dataKeywords = new Set(['enum', 'const', 'default', 'examples', 'required'])

export class Documents {
  readonly #documents = new Map<string, JsonDocument>()
  /** By URI without fragment. */
  readonly #resources = new Map<string, Target>()
  /** By URI with a fragment that is a name. */
  readonly #anchors = new Map<string, Target>()
  /** Against which URI a `$ref` in an object is resolved. */
  readonly #bases = new Map<JsonObject, string>()

  constructor(source: JsonDocument, references: readonly JsonDocument[]) {
    const rootBase = this.#add(source, BASE_DEFAULT)
    for (const reference of references) {
      // Names are written by people: with and without a leading dot, relative to the source or not.
      const uri = resolvedUri(reference.name, rootBase)
      this.#add(reference, uri)
      const target = targetOf(reference, reference.value, '', uri)
      for (const name of [reference.name, resolvedUri(reference.name, BASE_DEFAULT)]) {
        const key = withoutFragment(name)
        if (!this.#resources.has(key)) this.#resources.set(key, target)
      }
    }
  }

  get all(): ReadonlyMap<string, JsonDocument> {
    return this.#documents
  }

  get root(): Target {
    return this.#resources.get(BASE_DEFAULT)!
  }

  /** Against which a `$ref` in `raw` is resolved. @param outer that of what it is in */
  baseOf(raw: JsonObject, outer: string): string {
    return this.#bases.get(raw) ?? outer
  }

  resolve(ref: string, base: string, document: string): Resolved {
    const uri = resolvedUri(ref, base)
    const name = withoutFragment(uri)
    const hash = ref.indexOf('#')
    const path = hash === -1 ? ref : ref.slice(0, hash)
    const fragment = decodedUri(hash === -1 ? '' : ref.slice(hash + 1))
    const resource =
      this.#resources.get(name) ??
      (path === '' ? this.#rootOf(document) : this.#resources.get(path)) ??
      null
    if (resource === null) return draftOfUri(uri) === null ? null : { meta: name }
    if (fragment === '') return resource
    if (!fragment.startsWith('/')) {
      const anchored = this.#anchors.get(`${name}#${fragment}`)
      return anchored ?? this.#anchors.get(`${resource.base}#${fragment}`) ?? null
    }
    return this.#at(resource, fragment) ?? this.#at(this.#rootOf(resource.place.document), fragment)
  }

  #rootOf(document: string): Target {
    const { name, value, draft } = this.#documents.get(document)!
    const base = isObject(value) ? (this.#bases.get(value) ?? BASE_DEFAULT) : BASE_DEFAULT
    return { raw: value, place: { document: name, pointer: '' }, base, draft }
  }

  /** `#/$defs/x` finds what stands under `definitions` as well, and so it is in the registry. */
  #at(resource: Target, pointer: string): Target | null {
    for (const tried of [pointer, pointer.replace(/^\/\$defs\//, '/definitions/')]) {
      const raw = valueAt(resource.raw, tried)
      if (raw === undefined) continue
      const full = resource.place.pointer + stepsOf(tried).map(step).join('')
      const base = isObject(raw) ? this.baseOf(raw, resource.base) : resource.base
      const place = { document: resource.place.document, pointer: full }
      return { raw, place, base, draft: resource.draft }
    }
    return null
  }

  /** Notes every `$id` and anchor. Returns the base of its root. */
  #add(document: JsonDocument, outer: string): string {
    this.#documents.set(document.name, document)
    this.#resources.set(outer, targetOf(document, document.value, '', outer))
    const rest: { value: Json; pointer: string; base: string; isMap: boolean }[] = [
      { value: document.value, pointer: '', base: outer, isMap: false },
    ]
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
      const { value, pointer, isMap } = next
      let base = next.base
      if (isObject(value)) {
        if (!isMap) base = this.#note(document, value, pointer, base)
        for (const [key, child] of Object.entries(value)) {
          if (typeof child !== 'object' || child === null) continue
          if (!isMap && dataKeywords.has(key)) continue
          const childIsMap = !isMap && mapKeywords.has(key)
          rest.push({ value: child, pointer: pointer + step(key), base, isMap: childIsMap })
        }
      } else if (isArray(value)) {
        for (const [i, child] of value.entries()) {
          if (typeof child !== 'object' || child === null) continue
          rest.push({ value: child, pointer: pointer + step(i), base, isMap: false })
        }
      }
    }
    return isObject(document.value) ? (this.#bases.get(document.value) ?? outer) : outer
  }

  #note(document: JsonDocument, object: JsonObject, pointer: string, outer: string): string {
    let base = outer
    const hasRef = typeof get(object, '$ref') === 'string'
    const id = get(object, idKeyword(document.draft))
    // Up to draft 7 nothing beside a `$ref` counts, its `$id` included.
    if (typeof id === 'string' && (!hasRef || isModern(document.draft))) {
      if (id.startsWith('#') && !isModern(document.draft)) {
        this.#anchor(`${outer}${id}`, targetOf(document, object, pointer, outer))
      } else {
        base = withoutFragment(resolvedUri(id, outer))
        const target = targetOf(document, object, pointer, base)
        if (!this.#resources.has(base)) this.#resources.set(base, target)
      }
    }
    for (const keyword of ['$anchor', '$dynamicAnchor']) {
      const anchor = get(object, keyword)
      if (typeof anchor !== 'string' || !isModern(document.draft)) continue
      this.#anchor(`${base}#${anchor}`, targetOf(document, object, pointer, base))
    }
    this.#bases.set(object, base)
    return base
  }

  #anchor(uri: string, target: Target): void {
    if (!this.#anchors.has(uri)) this.#anchors.set(uri, target)
  }
}

function targetOf(document: JsonDocument, raw: Json, pointer: string, base: string): Target {
  return { raw, place: { document: document.name, pointer }, base, draft: document.draft }
}
