/**
 * The shape of the pipeline file as JSON Schema, for editors: `schemas/pipeline.schema.json`.
 *
 * It is asked about the file as written, so a text may hold an environment variable in place of what
 * it must look like. What only the names in a file decide, it cannot say: that is for `quipu lint`.
 */
import { z } from 'zod'
import { fileSchema } from './schema.ts'

const ID = 'urn:quipu-audit:schema:pipeline:v1'
const TITLE = 'quipu.yaml'
const ABOUT = 'Pipelines, what they promise, and where their topics are. `quipu lint` says more.'

/** Somewhere in a text: what `base/environment.ts` puts in. */
const VARIABLE = '\\$\\{'

type Json = Readonly<Record<string, unknown>>

export function pipelineSchema(): Json {
  const { $schema, ...schema } = z.toJSONSchema(fileSchema, { io: 'input' }) as Json
  // A file is about pipelines, about schemas, or about both.
  const about = {
    required: ['version'],
    anyOf: [{ required: ['pipelines'] }, { required: ['schemas'] }],
  }
  const all = { ...(written(schema) as Json), ...about, description: ABOUT }
  return { $schema, $id: ID, title: TITLE, ...all }
}

/** What the parts say of themselves, in words of JSON Schema. */
function written(value: unknown, isKey = false): unknown {
  if (Array.isArray(value)) return value.map((item) => written(item))
  if (value === null || typeof value !== 'object') return value
  const { expects, single, word, ...rest } = value as Json
  const out: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(rest)) {
    out[key] = key === 'properties' ? eachOf(item as Json) : written(item, key === 'propertyNames')
  }
  if (typeof expects === 'string' && out.description === undefined) out.description = expects
  if (typeof out.pattern === 'string' && !isKey) out.pattern = `(?:${out.pattern})|${VARIABLE}`
  const other = single === true ? out.items : word === undefined ? undefined : { const: word }
  if (other === undefined) return out
  const { description, ...self } = out
  return { ...(description === undefined ? {} : { description }), anyOf: [other, self] }
}

/** Names of keys are no keywords. */
const eachOf = (properties: Json): Json =>
  Object.fromEntries(Object.entries(properties).map(([key, item]) => [key, written(item)]))
