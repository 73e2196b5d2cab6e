/**
 * Schemas and instances as avsc has them: a second opinion that shares no code with the engine.
 *
 * avsc decides when it connects two schemas, not when it reads: one branch that does not fit refuses all
 * values. So a value is given to it with a schema that allows that value alone. Registries are disjoint,
 * namespaces are not compared (a registry does not), unions are wrapped.
 */
import avsc from 'avsc'
import { defaultBranch } from './default-value.ts'
import type { Instance } from './instance.ts'
import { simpleName } from './name.ts'
import { plainValue } from './plain-value.ts'
import type { AvroSchema, AvroType, Field } from './type.ts'

const OPTIONS = { wrapUnions: 'always' } as const

/** Null: the library does not take the schema, as it knows names of ASCII letters only. */
export function libraryType(schema: AvroSchema): avsc.Type | null {
  try {
    return avsc.Type.forSchema(jsonOf(schema.root.type, new Set()) as avsc.Schema, {
      ...OPTIONS,
      registry: {},
    })
  } catch {
    return null
  }
}

/** A schema without logical types, names in full, each type written where it is met first. */
function jsonOf(type: AvroType, written: Set<string>): unknown {
  switch (type.kind) {
    case 'array':
      return { type: 'array', items: jsonOf(type.items.type, written) }
    case 'map':
      return { type: 'map', values: jsonOf(type.values.type, written) }
    case 'union':
      if (type.branches.length === 0) return unreadable(written)
      return type.branches.map((branch) => jsonOf(branch.type, written))
    case 'record':
    case 'enum':
    case 'fixed': {
      const { name, aliases } = type
      if (written.has(name)) return name
      written.add(name)
      // A name without namespace would be sought in that of the type around it.
      const common = { type: type.kind, name, namespace: '', aliases }
      if (type.kind === 'fixed') return { ...common, size: type.size }
      if (type.kind === 'enum') {
        const given = type.default === null ? {} : { default: type.default }
        return { ...common, symbols: [...type.symbols], ...given }
      }
      const fields = type.fields.map((field) => fieldJson(field, written))
      return { ...common, fields }
    }
    default:
      return type.kind
  }
}

/**
 * The library wants the branch of a default first; whether a value can be read is the same. A default
 * that is no value of its type it does not take at all, and no reader could: it is left out.
 */
function fieldJson({ name, aliases, use, default: value }: Field, written: Set<string>): unknown {
  const types = use.type.kind === 'union' ? use.type.branches.map(({ type }) => type) : [use.type]
  const index = value === undefined ? -1 : defaultBranch(types, value)
  if (index > 0) types.unshift(...types.splice(index, 1))
  const isUnion = use.type.kind === 'union' && types.length > 0
  const type = isUnion ? types.map((t) => jsonOf(t, written)) : jsonOf(use.type, written)
  return { name, aliases, type, ...(index === -1 ? {} : { default: value }) }
}

/** A union without branches reads nothing; the library makes none, so it gets what nobody writes. */
function unreadable(written: Set<string>): unknown {
  const name = `${OWN}nothing`
  if (written.has(name)) return name
  written.add(name)
  return { type: 'fixed', name, size: 1 }
}

/** A type that allows one value, and the value. */
export interface Single {
  readonly type: avsc.Type
  readonly value: unknown
}

/** Throws where the library does not take it. */
export function singleOf(instance: Instance): Single {
  let count = 0
  const build = (at: Instance): Single => {
    if ('symbol' in at) {
      const { symbol } = at
      return { type: made({ ...head(at.type), symbols: [symbol] }), value: symbol }
    }
    if ('fields' in at) {
      // Its own name before its fields get theirs, as they are met.
      const schema = head(at.type)
      const fields = at.fields.map(build)
      const names = at.type.fields.map((field) => field.name)
      const type = made({
        ...schema,
        fields: fields.map((field, i) => ({ name: names[i], type: field.type })),
      })
      return { type, value: Object.fromEntries(fields.map((f, i) => [names[i], f.value])) }
    }
    if ('branch' in at) {
      const branch = build(at.branch)
      const type = made([branch.type])
      const value = branch.value === null ? null : { [branchName(branch.type)]: branch.value }
      return { type, value }
    }
    if ('one' in at) {
      const one = at.one === null ? null : build(at.one)
      const below = one?.type ?? NOTHING
      if (at.type.kind === 'array') {
        return { type: made({ type: 'array', items: below }), value: one ? [one.value] : [] }
      }
      return { type: made({ type: 'map', values: below }), value: one ? { key: one.value } : {} }
    }
    if (at.type.kind === 'fixed') {
      const { size } = at.type
      return { type: made({ ...head(at.type), size }), value: Buffer.alloc(size, 1) }
    }
    return { type: made(at.type.kind), value: plainValue(at.type.kind) }
  }
  /** Each in a namespace of its own: a recursive type is met more than once, with other choices. */
  const head = (type: AvroType & { readonly name: string }): object => ({
    type: type.kind,
    name: `${OWN}${count++}.${simpleName(type.name)}`,
  })
  return build(instance)
}

const OWN = 'quipu_'
const OWN_NAMES = /\bquipu_\d+\./g

/** Undoes what only this search calls so. */
export function withoutOwnNames(text: string): string {
  return text.replace(OWN_NAMES, '')
}

function made(schema: unknown): avsc.Type {
  return avsc.Type.forSchema(schema as avsc.Schema, { ...OPTIONS, registry: {} })
}

function branchName(type: avsc.Type): string {
  return type.branchName as string
}

/** What an empty list holds: a union without branches. The library reads such, but makes none. */
const NOTHING: avsc.Type = Object.create(made(['null']), { types: { value: [] } }) as avsc.Type

/** How the library refuses to read it; null: it reads it, or the search itself is at fault. */
export function refusalOf(reader: avsc.Type, { type, value }: Single): string | null {
  const bytes = type.toBuffer(value)
  const resolver = connect(reader, type)
  if (typeof resolver === 'string') return resolver
  if (resolver === null) return null
  try {
    reader.fromBuffer(bytes, resolver)
    return null
  } catch (error) {
    // Its own errors have no class; any other one is a fault of the search, and proves nothing.
    return error instanceof Error && error.constructor === Error ? error.message : null
  }
}

type Resolver = NonNullable<Parameters<avsc.Type['fromBuffer']>[1]>
/** The types of the library leave the options out. */
type Connect = (writer: avsc.Type, options: { readonly ignoreNamespaces: boolean }) => Resolver

function connect(reader: avsc.Type, writer: avsc.Type): Resolver | string | null {
  try {
    const create = reader.createResolver as Connect
    return create.call(reader, writer, { ignoreNamespaces: true })
  } catch (error) {
    if (error instanceof RangeError) return null
    const { message } = error as Error
    // A record that is to be read from something else: the library looks for its fields.
    return error instanceof TypeError
      ? `cannot read anything else as a record (${message})`
      : message
  }
}
