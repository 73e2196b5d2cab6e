/** Names that an Avro schema defines, and those it uses without defining them. */
import { isArray, isObject, type Json, readJson } from '../json.ts'

export interface AvroNames {
  /** Of the type at the top; null: it has no name. */
  readonly root: string | null
  /** Full names. */
  readonly defined: ReadonlySet<string>
  /** Each as the full names it may mean, the likelier first. */
  readonly missing: readonly (readonly string[])[]
}

const primitives: ReadonlySet<string> = new Set(
  'null boolean int long float double bytes string'.split(' '),
)
const named: ReadonlySet<string> = new Set(['record', 'error', 'enum', 'fixed'])

export function avroNames(text: string): AvroNames {
  const defined = new Set<string>()
  const uses = new Map<string, readonly string[]>()
  let root: string | null = null
  // Types still to look at, with the namespace around them: a stack of its own, for deep ones.
  const waiting: { type: Json; namespace: string }[] = []
  const top = readJson(text)
  if (top !== undefined) waiting.push({ type: top, namespace: '' })
  const use = (name: string, namespace: string): void => {
    if (primitives.has(name)) return
    const full = fullName(name, namespace)
    uses.set(`${full} ${name}`, full === name ? [name] : [full, name])
  }
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { type, namespace } = next
    if (typeof type === 'string') use(type, namespace)
    else if (isArray(type)) for (const branch of type) waiting.push({ type: branch, namespace })
    else if (isObject(type)) {
      const kind = type.type
      let inner = namespace
      if (typeof kind === 'string' && named.has(kind) && typeof type.name === 'string') {
        const around = typeof type.namespace === 'string' ? type.namespace : namespace
        const full = fullName(type.name, around)
        defined.add(full)
        if (type === top) root = full
        inner = full.includes('.') ? full.slice(0, full.lastIndexOf('.')) : ''
      }
      for (const below of typesWithin(type)) waiting.push({ type: below, namespace: inner })
    }
  }
  const missing = [...uses.values()].filter((names) => !names.some((name) => defined.has(name)))
  return { root, defined, missing }
}

function typesWithin(type: { readonly [key: string]: Json }): readonly Json[] {
  switch (type.type) {
    case 'record':
    case 'error':
      return isArray(type.fields)
        ? type.fields.flatMap((field) => (isObject(field) ? [field.type ?? null] : []))
        : []
    case 'array':
      return [type.items ?? null]
    case 'map':
      return [type.values ?? null]
    case 'enum':
    case 'fixed':
      return []
    default:
      return [type.type ?? null]
  }
}

function fullName(name: string, namespace: string): string {
  if (name.startsWith('.')) return name.slice(1)
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}
