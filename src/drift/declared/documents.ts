/**
 * Which schema a `$ref` names: those given, by their names, every `$id` and anchor in them. Nothing is
 * ever fetched.
 */
import { decodedUri, resolvedUri, withoutFragment } from '../../base/uri.ts'
import { SCHEMA_DEPTH_MAX, SCHEMA_NODES_MAX } from './limits.ts'
import {
  isSchema,
  isSchemaObject,
  keyword,
  type Schema,
  type SchemaObject,
  schemasWithin,
  Unusable,
} from './schema-json.ts'

/** Of a schema that does not say: never a place on a network. */
const BASE = 'mem://declared/'

export class Documents {
  /** Every schema object there is, with the URI against which a `$ref` in it is resolved. */
  readonly #bases = new Map<SchemaObject, string>()
  /** By URI; of an anchor with its fragment. */
  readonly #named = new Map<string, Schema>()
  /** How often each dynamic anchor stands anywhere; the recursive one has no name. */
  readonly #dynamic = new Map<string, number>()
  /** Whether nothing counts beside a `$ref`: so it is up to draft 7, which is meant if none is named. */
  readonly isRefAlone: boolean

  /** @param references by the names that a registry gives them @throws Unusable */
  constructor(root: Schema, references: ReadonlyMap<string, Schema> = new Map()) {
    const draft = isSchemaObject(root) ? keyword(root, '$schema') : undefined
    this.isRefAlone = !(typeof draft === 'string' && /\/draft\/20\d\d-\d\d\/schema/.test(draft))
    this.#named.set(BASE, root)
    this.#note(root, BASE, true)
    const base = isSchemaObject(root) ? this.#baseOf(root) : BASE
    for (const [name, schema] of references) {
      const uri = withoutFragment(resolvedUri(name, base))
      for (const called of [uri, withoutFragment(resolvedUri(name, BASE)), name]) {
        if (!this.#named.has(called)) this.#named.set(called, schema)
      }
      this.#note(schema, uri, true)
    }
    for (const schema of this.#bases.keys()) {
      const ref = refOf(schema)
      if (ref !== null && this.find(ref, schema) === null) {
        throw new Unusable(`\`$ref: ${ref}\` names nothing that is there, and nothing is fetched`)
      }
    }
  }

  get all(): Iterable<SchemaObject> {
    return this.#bases.keys()
  }

  /**
   * Whether it refers to what depends on the way on which it was reached: which of several anchors of one
   * name is meant is not followed.
   */
  isUndecided(schema: SchemaObject): boolean {
    const dynamic = keyword(schema, '$dynamicRef')
    const recursive = keyword(schema, '$recursiveRef')
    const isDynamic = typeof dynamic === 'string'
    const isRecursive = typeof recursive === 'string'
    if (!isDynamic && !isRecursive) return false
    if (typeof keyword(schema, '$ref') === 'string' || (isDynamic && isRecursive)) return true
    const name = isDynamic ? decodedUri(dynamic.slice(withoutFragment(dynamic).length + 1)) : ''
    return (this.#dynamic.get(name) ?? 0) > 1
  }

  /** Null: it names nothing. */
  find(ref: string, by: SchemaObject): Schema | null {
    const uri = resolvedUri(ref, this.#baseOf(by))
    const fragment = decodedUri(uri.slice(withoutFragment(uri).length + 1))
    const name = withoutFragment(uri)
    const resource = this.#named.get(name) ?? this.#named.get(withoutFragment(ref))
    if (resource === undefined) return null
    if (fragment === '') return resource
    if (!fragment.startsWith('/')) return this.#named.get(`${name}#${fragment}`) ?? null
    let at: unknown = resource
    for (const part of fragment.slice(1).split('/')) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return null
      at = (at as { readonly [key: string]: unknown })[key]
    }
    return isSchema(at) ? this.#known(at, name) : null
  }

  /** What a pointer names may stand where no schema is expected. */
  #known(schema: Schema, base: string): Schema {
    if (isSchemaObject(schema) && !this.#bases.has(schema)) this.#note(schema, base, false)
    return schema
  }

  #baseOf(schema: SchemaObject): string {
    return this.#bases.get(schema) ?? BASE
  }

  #note(root: Schema, outer: string, isDocument: boolean): void {
    const waiting = [{ schema: root, base: outer, depth: 0 }]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { schema, depth } = next
      if (!isSchemaObject(schema) || this.#bases.has(schema)) continue
      if (depth > SCHEMA_DEPTH_MAX) {
        throw new Unusable(`it is nested deeper than ${SCHEMA_DEPTH_MAX} levels`)
      }
      // Up to draft 7 nothing counts beside a `$ref`, but people name whole documents so.
      const isNamed = (isDocument && depth === 0) || !this.isRefAlone || refOf(schema) === null
      const base = isNamed ? this.#identify(schema, next.base) : next.base
      this.#bases.set(schema, base)
      if (this.#bases.size > SCHEMA_NODES_MAX) {
        throw new Unusable(`it holds more than ${SCHEMA_NODES_MAX} schemas`)
      }
      for (const child of schemasWithin(schema)) {
        waiting.push({ schema: child, base, depth: depth + 1 })
      }
    }
  }

  /** Notes what it is called. Returns its base. */
  #identify(schema: SchemaObject, outer: string): string {
    let base = outer
    const id = keyword(schema, '$id') ?? keyword(schema, 'id')
    if (typeof id === 'string') {
      if (id.startsWith('#')) this.#name(`${outer}${id}`, schema)
      else {
        base = withoutFragment(resolvedUri(id, outer))
        this.#name(base, schema)
      }
    }
    for (const name of ['$anchor', '$dynamicAnchor']) {
      const anchor = keyword(schema, name)
      if (typeof anchor !== 'string') continue
      this.#name(`${base}#${anchor}`, schema)
      if (name === '$dynamicAnchor') this.#countDynamic(anchor)
    }
    if (keyword(schema, '$recursiveAnchor') === true) this.#countDynamic('')
    return base
  }

  #countDynamic(anchor: string): void {
    this.#dynamic.set(anchor, (this.#dynamic.get(anchor) ?? 0) + 1)
  }

  #name(uri: string, schema: Schema): void {
    if (!this.#named.has(uri)) this.#named.set(uri, schema)
  }
}

/** Null: it refers to none. What is dynamic is read as if it were not: see `isUndecided`. */
export function refOf(schema: SchemaObject): string | null {
  for (const name of ['$ref', '$dynamicRef', '$recursiveRef']) {
    const ref = keyword(schema, name)
    if (typeof ref === 'string') return ref
  }
  return null
}
