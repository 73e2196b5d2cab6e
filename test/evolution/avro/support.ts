/** Schemas as values in tests; as texts for the engine. */
import { expect } from 'vitest'
import { avroEngine } from '../../../src/evolution/avro/engine.ts'
import type { AvroSchema } from '../../../src/evolution/avro/type.ts'
import type { Difference, SchemaProblem, SchemaSource } from '../../../src/evolution/engine.ts'

type Json = unknown
type References = Readonly<Record<string, Json>>

export function parsed(schema: Json, references: References = {}): AvroSchema {
  return parsedText(sourceOf(schema, references))
}

export function parsedText(source: SchemaSource): AvroSchema {
  const result = avroEngine.parse(source)
  if (!result.ok) expect.fail(JSON.stringify(result.problems))
  return result.schema
}

export function problemsOf(schema: Json, references: References = {}): readonly SchemaProblem[] {
  const result = avroEngine.parse(sourceOf(schema, references))
  return result.ok ? [] : result.problems
}

function sourceOf(schema: Json, references: References): SchemaSource {
  const texts = Object.entries(references).map(([k, v]) => [k, JSON.stringify(v)] as const)
  return { name: 'a.avsc', text: JSON.stringify(schema), references: new Map(texts) }
}

/** `RULE path` for each, the path in the reader's schema. */
function told(differences: readonly Difference[]): readonly string[] {
  return differences.map(({ rule, readerPath }) => `${rule} ${readerPath}`)
}

export function compared(reader: Json, writer: Json): readonly string[] {
  return told(avroEngine.compare(parsed(reader), parsed(writer), 'STRICT'))
}

export function risked(before: Json, after: Json): readonly string[] {
  return told(avroEngine.risks(parsed(before), parsed(after)))
}

export interface FieldJson {
  readonly name: string
  readonly type: Json
  readonly aliases?: readonly string[]
  readonly default?: Json
}

export function record(name: string, fields: readonly FieldJson[], more: object = {}): object {
  return { type: 'record', name, fields, ...more }
}

/** A record of one field `f`. */
export function holding(type: Json, more: object = {}): object {
  return record('R', [{ name: 'f', type, ...more }])
}
