/**
 * Where in messages a finding stands: the fields, as observed shapes name them, that it is about.
 *
 * Law: a place that cannot be told surely is none; a field that is thought to be elsewhere would acquit.
 */
import { SUBJECT_DELETED } from './general-rules.ts'
import type { ReportedFinding } from './report.ts'

/**
 * `removed`, `added`: not there after, before. A reader of before misses what is removed; what is
 * `changed` reads old data otherwise (`direction` backward) or new ones (forward).
 */
export type Effect = 'removed' | 'added' | 'changed'

export interface FieldPlace {
  /** As `Field.path` in drift/shape.ts; several where a type is used more than once. Empty: the message. */
  readonly paths: readonly string[]
  readonly effect: Effect
}

/** The texts of the pair; null: there is none. */
export interface SchemaTexts {
  readonly before: string | null
  readonly after: string | null
  /** Protobuf: the message that a topic holds; null: the first one. */
  readonly message: string | null
}

type Placed = Pick<
  ReportedFinding,
  'format' | 'rule' | 'direction' | 'path' | 'args' | 'place' | 'placeBefore'
>

/** Null: where it stands in messages is not known. */
export function fieldPlace(finding: Placed, texts: SchemaTexts): FieldPlace | null {
  const { format, rule } = finding
  if (rule === SUBJECT_DELETED) return { paths: [''], effect: 'removed' }
  switch (format) {
    case 'avro':
      return avroPlace(finding, texts)
    case 'json-schema':
      return jsonPlace(finding)
    case 'protobuf':
      return protobufPlace(finding, texts)
    case null:
      return null
  }
}

/** A name as a part of a path. */
export function stepOf(name: string): string {
  if (name === '*') return '~2'
  if (name === '{}') return '~3'
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

const NO_DEFAULT = 'AVRO_READER_FIELD_MISSING_DEFAULT_VALUE'

function avroPlace({ rule, direction, path, args }: Placed, texts: SchemaTexts): FieldPlace | null {
  // Findings of a direction name the place in the schema that reads; risks, in the new one.
  const isForward = direction === 'forward'
  const text = isForward ? texts.before : texts.after
  const pointer = direction === null ? path : args.registryPath
  if (text === null || typeof pointer !== 'string') return null
  const paths = avroPaths(text, pointer)
  if (paths === null) return null
  const effect = rule !== NO_DEFAULT ? 'changed' : isForward ? 'removed' : 'added'
  return { paths, effect }
}

type Json = unknown
const isObject = (value: Json): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every place where the field at the pointer may stand; null: none, or too many to tell. */
function avroPaths(text: string, pointer: string): readonly string[] | null {
  const schema = parsed(text)
  const { field, types } = fieldAt(schema, pointer)
  if (field === null) return null
  const named = new Map<string, Json>()
  const paths: string[] = []
  const open = new Set<Json>()
  let steps = 0
  const walk = (type: Json, at: string): boolean => {
    if (++steps > STEPS_MAX) return false
    if (typeof type === 'string') {
      const meant = named.get(type.slice(type.lastIndexOf('.') + 1))
      // What is said of a type holds wherever it stands.
      if (types.has(meant)) paths.push(at.replace(/(?:\/(?:\*|\{\}))+$/, ''))
      // Within itself: it may stand at any depth.
      return meant === undefined || (!open.has(meant) && walk(meant, at))
    }
    if (Array.isArray(type)) return type.every((branch) => walk(branch, at))
    if (!isObject(type)) return true
    const { type: kind, name, fields, items, values } = type
    if (kind === 'array') return walk(items, `${at}/*`)
    if (kind === 'map') return walk(values, `${at}/{}`)
    if (typeof name === 'string') named.set(name.slice(name.lastIndexOf('.') + 1), type)
    if (!Array.isArray(fields)) return typeof kind === 'string' || walk(kind, at)
    open.add(type)
    const isWhole = fields.every((one: Json) => {
      if (!isObject(one) || typeof one.name !== 'string') return false
      const path = `${at}/${stepOf(one.name)}`
      if (one === field) paths.push(path)
      return walk(one.type, path)
    })
    open.delete(type)
    return isWhole
  }
  return walk(schema, '') && paths.length > 0 && paths.length <= PATHS_MAX ? paths : null
}

/** Types visited; and places of one field. */
const STEPS_MAX = 10_000
const PATHS_MAX = 20

/** The innermost field that a pointer goes through, and the types with a name that it goes on through. */
function fieldAt(
  schema: Json,
  pointer: string,
): { readonly field: Json; readonly types: ReadonlySet<Json> } {
  let at: Json = schema
  let field: Json = null
  let types = new Set<Json>()
  const parts = pointer.split('/').slice(1)
  for (const [i, part] of parts.entries()) {
    if (typeof at !== 'object' || at === null) return { field: null, types }
    at = (at as Readonly<Record<string, Json>>)[part]
    if (parts[i - 1] === 'fields' && isObject(at)) {
      field = at
      types = new Set()
    } else if (isObject(at) && typeof at.name === 'string') types.add(at)
  }
  return { field, types }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Of words that say how a value is chosen, not where it is; an index follows those of a list. */
const choices: readonly string[] = ['allOf', 'anyOf', 'oneOf']

function jsonPlace({ path, place, placeBefore }: Placed): FieldPlace | null {
  const parts = path.split('/').slice(1).map(unescaped)
  let at = ''
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string
    if (part === 'properties') {
      const name = parts[++i]
      if (name === undefined) return null
      at += `/${stepOf(name)}`
    } else if (part === 'items') at += '/*'
    else if (choices.includes(part)) i++
    else if (i < parts.length - 1 || isInner(part)) return null
  }
  if (at === '') return null
  const effect = place === null ? 'removed' : placeBefore === null ? 'added' : 'changed'
  return { paths: [at], effect }
}

/** What holds schemas of other places: a pointer that ends there says too little. */
function isInner(part: string): boolean {
  return ['$defs', 'definitions', '$ref', 'additionalProperties', 'patternProperties'].includes(
    part,
  )
}

const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')

/** Fields of the message that the topic holds; those of others may stand anywhere, or nowhere. */
function protobufPlace({ rule, path, args }: Placed, texts: SchemaTexts): FieldPlace | null {
  const text = texts.before ?? texts.after
  const held = texts.message ?? (text === null ? null : firstMessage(text))
  if (held === null) return null
  const { field } = args
  const parts = path.split('.')
  const name = typeof field === 'string' ? field : parts.pop()
  const message = parts.join('.')
  if (name === undefined || (message !== held && !message.endsWith(`.${held}`))) return null
  return { paths: [`/${stepOf(name)}`], effect: rule.includes('REMOVED') ? 'removed' : 'changed' }
}

/** Full name of the first message of a .proto text. */
function firstMessage(text: string): string | null {
  const bare = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"/g, ' ')
  const name = /(?:^|[;{}\s])message\s+([A-Za-z_]\w*)/.exec(bare)?.[1]
  if (name === undefined) return null
  const space = /(?:^|[;\s])package\s+([\w.]+)\s*;/.exec(bare)?.[1]
  return space === undefined ? name : `${space}.${name}`
}
