/**
 * A schema as an independent library reads it. It compiles schemas to code, with every name in them
 * quoted; it fetches nothing; patterns go through our own bounded engine.
 */
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvDraft04 from 'ajv-draft-04'
import ajvFormats from 'ajv-formats'
import { type Draft, isModern } from '../dialect.ts'
import { isArray, isObject, type Json } from '../json.ts'
import type { JsonSchema } from '../model.ts'
import { matches } from '../pattern.ts'

/** null: it fits. Text: the first reason why not. */
export type Refuse = (instance: Json) => string | null

/** A pattern of which it is not known whether it matches: so nothing is known of the instance. */
export class Undecided extends Error {}

const options: Options = {
  strict: false,
  validateSchema: false,
  addUsedSchema: false,
  logger: false,
  // A schema that refers to a meta-schema is not tried.
  meta: false,
  // Schemas that share what they refer to would multiply in code.
  inlineRefs: false,
  code: { regExp: Object.assign(regExp, { code: 'not for standalone code' }) },
}

/** null: the library cannot read the schema. */
export function refuser(schema: JsonSchema): Refuse | null {
  try {
    // Never shared: it keeps what it compiled, and knows schemas by an `$id` that others may have.
    const ajv = ajvOf(schema.draft)
    for (const { name, value, draft } of schema.documents.values()) {
      if (name !== '' && isObject(value)) ajv.addSchema(prepared(value, draft) as object, name)
    }
    const root = prepared(schema.documents.get('')!.value, schema.draft)
    const validate = ajv.compile(root as object | boolean)
    return (instance) => (validate(instance) ? null : reasonOf(validate))
  } catch {
    return null
  }
}

function ajvOf(draft: Draft): Ajv {
  const make = {
    '4': ajvDraft04.default,
    '6': Ajv,
    '7': Ajv,
    '2019-09': Ajv2019,
    '2020-12': Ajv2020,
  }
  const ajv = new make[draft](options) as Ajv
  // From 2019-09 on formats are annotations.
  ajvFormats.default(ajv, { mode: 'fast' })
  return ajv
}

function reasonOf({ errors }: ValidateFunction): string {
  const first: ErrorObject | undefined = errors?.[0]
  if (first === undefined) return 'refused'
  const at = first.instancePath === '' ? 'the value' : first.instancePath
  return `${at} ${first.message ?? 'is refused'}`
}

/** The library tells patterns apart by their text. */
function regExp(pattern: string): { test: (text: string) => boolean; toString: () => string } {
  const test = (text: string): boolean => {
    const result = matches(pattern, text)
    if (result === null) throw new Undecided(pattern)
    return result
  }
  return { test, toString: () => pattern }
}

const mapKeywords = new Set(['properties', 'patternProperties', 'definitions', '$defs'])
const moreMaps = new Set(['dependentSchemas', 'dependencies'])
const dataKeywords = new Set(['enum', 'const', 'default', 'examples', 'required'])
/** What counts beside a `$ref` up to draft 7: where things are, not what must hold. */
const keptBesideRef = new Set(['$ref', '$id', 'id', 'definitions', '$defs', 'title'])

/** What the library reads otherwise than the draft says is taken out. */
function prepared(value: Json, draft: Draft, isMap = false): Json {
  if (isArray(value)) return value.map((one) => prepared(one, draft))
  if (!isObject(value)) return value
  const isOverridden = !isMap && !isModern(draft) && typeof value.$ref === 'string'
  const entries: [string, Json][] = []
  for (const [key, child] of Object.entries(value)) {
    if (isMap) entries.push([key, prepared(child, draft)])
    else if (isOverridden && !keptBesideRef.has(key)) continue
    else if (key === '$schema' || (key === 'id' && draft !== '4')) continue
    else if (key === 'format' && isModern(draft)) continue
    else if (dataKeywords.has(key)) entries.push([key, child])
    else entries.push([key, prepared(child, draft, mapKeywords.has(key) || moreMaps.has(key))])
  }
  return Object.fromEntries(entries)
}
