/** Records, enums and fixed: what has a name. */
import { isObject, type JsonObject, member } from './json.ts'
import { logicalOf } from './logical.ts'
import { fullName, isFullName, isName, isPlain, namespaceOf } from './name.ts'
import type { NameTable } from './name-table.ts'
import { shown } from './shown.ts'
import { below, type Site } from './site.ts'
import type { EnumType, Field, FixedType, NamedType, RecordType, Use } from './type.ts'

/** @param within full name of the type around it */
type LowerValue = (value: unknown, site: Site, within: string) => Use

/** Null: `type` is none of these. */
export function lowerNamed(
  type: string,
  schema: JsonObject,
  site: Site,
  names: NameTable,
  namespace: string,
  lowerValue: LowerValue,
): NamedType | null {
  // What a protocol calls an error is a record with another word.
  if (type === 'record' || type === 'error') {
    return lowerRecord(schema, site, names, namespace, lowerValue)
  }
  if (type === 'enum') return lowerEnum(schema, site, names, namespace)
  if (type === 'fixed') return lowerFixed(schema, site, names, namespace)
  return null
}

function lowerRecord(
  schema: JsonObject,
  site: Site,
  names: NameTable,
  namespace: string,
  lowerValue: LowerValue,
): RecordType {
  const fields: Field[] = []
  const fieldsByName = new Map<string, Field>()
  const common = { ...nameOf(schema, site, names, namespace), logical: null, site }
  const type = names.add<RecordType>({ kind: 'record', ...common, fields, fieldsByName })
  // Before its fields are: they may hold it.
  names.define(type)
  const list = listOf(schema, 'fields', site, names)
  for (const [index, value] of list.entries()) {
    const field = lowerField(
      value,
      index,
      below(site, 'fields', index),
      names,
      type.name,
      lowerValue,
    )
    if (field === null) continue
    if (fieldsByName.has(field.name)) {
      names.report(field.site, 'duplicate', `The record has a field \`${field.name}\` already.`)
    }
    fields.push(field)
    fieldsByName.set(field.name, field)
  }
  return type
}

function lowerField(
  value: unknown,
  index: number,
  site: Site,
  names: NameTable,
  within: string,
  lowerValue: LowerValue,
): Field | null {
  if (!isObject(value)) {
    names.report(site, 'not_a_schema', 'A field is to be an object.')
    return null
  }
  const name = member(value, 'name')
  if (typeof name !== 'string' || !isName(name)) {
    names.report(site, 'bad_name', `A field needs a name of letters, digits and _, ${found(name)}.`)
    return null
  }
  const type = member(value, 'type')
  if (type === undefined) {
    names.report(site, 'not_a_schema', `The field \`${name}\` has no "type".`)
    return null
  }
  const use = lowerValue(type, below(site, 'type'), within)
  const aliases = strings(value, 'aliases', site, names)
  return { name, index, aliases, use, default: member(value, 'default'), site }
}

function lowerEnum(schema: JsonObject, site: Site, names: NameTable, namespace: string): EnumType {
  const symbols = new Set<string>()
  for (const [i, symbol] of listOf(schema, 'symbols', site, names).entries()) {
    const at = below(site, 'symbols', i)
    if (typeof symbol !== 'string' || !isName(symbol)) {
      names.report(at, 'bad_name', `A symbol is made of letters, digits and _, ${found(symbol)}.`)
    } else if (symbols.has(symbol)) {
      names.report(at, 'duplicate', `The enum has a symbol \`${symbol}\` already.`)
    } else symbols.add(symbol)
  }
  const value = member(schema, 'default')
  const isKnown = typeof value === 'string' && symbols.has(value)
  if (value !== undefined && !isKnown) {
    names.report(
      below(site, 'default'),
      'bad_default',
      `The enum's default is none of its symbols, ${found(value)}.`,
    )
  }
  const common = { ...nameOf(schema, site, names, namespace), logical: null, site }
  const type = names.add<EnumType>({
    ...{ kind: 'enum', ...common },
    ...{ symbols, default: isKnown ? value : null },
  })
  names.define(type)
  return type
}

function lowerFixed(
  schema: JsonObject,
  site: Site,
  names: NameTable,
  namespace: string,
): FixedType {
  const size = member(schema, 'size')
  const isSize = typeof size === 'number' && Number.isInteger(size) && size >= 0 && size < 2 ** 31
  if (!isSize) {
    names.report(
      below(site, 'size'),
      'bad_size',
      `A fixed needs a "size" of 0 or more bytes, ${found(size)}.`,
    )
  }
  const common = { ...nameOf(schema, site, names, namespace), site }
  const bytes = isSize ? size : 0
  const logical = logicalOf(schema, 'fixed', bytes)
  const type = names.add<FixedType>({ kind: 'fixed', ...common, logical, size: bytes })
  names.define(type)
  return type
}

function nameOf(
  schema: JsonObject,
  site: Site,
  names: NameTable,
  around: string,
): { readonly name: string; readonly aliases: readonly string[] } {
  const given = member(schema, 'name')
  const space = member(schema, 'namespace')
  const at = below(site, 'name')
  const name =
    typeof given === 'string' ? fullName(given, typeof space === 'string' ? space : around) : ''
  if (!isFullName(name)) {
    const what = name === '' ? found(given) : found(name)
    names.report(at, 'bad_name', `A type needs a name of letters, digits and _, ${what}.`)
  } else if (isPlain(name)) {
    names.report(at, 'bad_name', `No type may be named \`${name}\`: Avro has one of that name.`)
  }
  const aliases = strings(schema, 'aliases', site, names).map((a) => fullName(a, namespaceOf(name)))
  for (const alias of aliases) {
    if (!isFullName(alias))
      names.report(site, 'bad_name', `An alias is made as names are, ${found(alias)}.`)
  }
  return { name, aliases }
}

function listOf(schema: JsonObject, key: string, site: Site, names: NameTable): readonly unknown[] {
  const list = member(schema, key)
  if (Array.isArray(list)) return list
  names.report(site, 'not_a_schema', `"${key}" is to be a list, ${found(list)}.`)
  return []
}

/** Missing: none. */
function strings(schema: JsonObject, key: string, site: Site, names: NameTable): readonly string[] {
  const list = member(schema, key)
  if (list === undefined) return []
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list
  names.report(site, 'not_a_schema', `"${key}" is to be a list of names.`)
  return []
}

function found(value: unknown): string {
  return value === undefined ? 'and there is none' : `not ${shown(value)}`
}
