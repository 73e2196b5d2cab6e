/**
 * Every type and every name of a schema while it is read. A name may be used before the text that
 * defines it is read: the Java implementation, since 1.12, finds names that are defined later as well.
 */
import { suggestion } from '../../base/nearest.ts'
import { NAME_LENGTH_MAX, TYPES_MAX } from './limits.ts'
import type { Logical } from './logical.ts'
import { fullName, isPlain, simpleName } from './name.ts'
import type { Site } from './site.ts'
import {
  type AvroType,
  type NamedType,
  type PlainKind,
  type PlainType,
  plainKinds,
  type Use,
} from './type.ts'

export type Report = (site: Site, code: string, message: string) => void

interface Pending {
  readonly use: { type: AvroType; readonly site: Site }
  readonly name: string
  readonly namespace: string
}

/** What people write inside of a field, and means nothing there. */
const COMPLEX: ReadonlySet<string> = new Set(['array', 'map', 'record', 'enum', 'fixed', 'error'])

export class NameTable {
  readonly types: AvroType[] = []
  readonly report: Report
  readonly #named = new Map<string, NamedType>()
  readonly #pending: Pending[] = []
  readonly #plain: ReadonlyMap<PlainKind, PlainType>
  #isFull = false

  constructor(report: Report) {
    this.report = report
    // One of each for the whole schema: most uses of most types are these.
    this.#plain = new Map(plainKinds.map((kind) => [kind, this.add({ kind, logical: null })]))
  }

  /** Gives a type its id. */
  add<Type extends AvroType>(type: Omit<Type, 'id'>): Type {
    const added = { ...type, id: this.types.length } as Type
    this.types.push(added)
    return added
  }

  /** False, and a problem once: there is no room for another type. */
  hasRoom(site: Site): boolean {
    if (this.types.length < TYPES_MAX) return true
    if (!this.#isFull) {
      this.report(site, 'too_large', `The schema has more than ${TYPES_MAX} types.`)
    }
    this.#isFull = true
    return false
  }

  plain(kind: PlainKind, logical: Logical | null = null): PlainType {
    const shared = this.#plain.get(kind) as PlainType
    return logical === null ? shared : this.add<PlainType>({ kind, logical })
  }

  define(type: NamedType): void {
    const known = this.#named.get(type.name)
    if (known === undefined) this.#named.set(type.name, type)
    else {
      const where = known.site.text === type.site.text ? '' : ` in ${known.site.text.name}`
      const message = `${type.name} is defined already${where}; a name is defined once, then used.`
      this.report(type.site, 'name_redefined', message)
    }
  }

  /** A use of a name, whose type is known after `resolve`. */
  use(name: string, namespace: string, site: Site): Use {
    if (isPlain(name)) return { type: this.plain(name), site }
    const use = { type: this.plain('null') as AvroType, site }
    if (name.length > NAME_LENGTH_MAX) {
      this.report(site, 'bad_name', `A name has at most ${NAME_LENGTH_MAX} characters.`)
      return use
    }
    this.#pending.push({ use, name, namespace })
    return use
  }

  /** Full names that are used and not defined; each again until it is, or nobody asks any more. */
  *missing(): Generator<string> {
    for (const { name, namespace } of this.#pending) {
      while (this.#find(name, namespace) === null) yield fullName(name, namespace)
    }
  }

  /** Gives every use its type; what is not defined is a problem. */
  resolve(): void {
    for (const { use, name, namespace } of this.#pending) {
      const found = this.#find(name, namespace)
      if (found !== null) use.type = found
      else this.#reportMissing(use.site, name, namespace)
    }
  }

  #find(name: string, namespace: string): NamedType | null {
    // The name alone, where the namespace around does not have it: as the Java implementation does.
    return this.#named.get(fullName(name, namespace)) ?? this.#named.get(name) ?? null
  }

  #reportMissing(site: Site, name: string, namespace: string): void {
    if (COMPLEX.has(name)) {
      const nested = `{"type": {"type": "${name}", …}}`
      const message = `\`${name}\` is no name of a type: write the type of a field as ${nested}.`
      this.report(site, 'name_undefined', message)
      return
    }
    const full = fullName(name, namespace)
    const known = [...this.#named.keys()].slice(0, SUGGESTED_FROM_MAX)
    const near = suggestion(name, [...plainKinds, ...known, ...known.map(simpleName)])
    const message = `${full} is not defined here, and no reference holds it${near}.`
    this.report(site, 'missing_reference', message.replace('?.', '?'))
  }
}

/** Names compared with a misspelt one. */
const SUGGESTED_FROM_MAX = 200
