/** Schemas as values in tests; as texts for the engine. */
import { expect } from 'vitest'
import { avroEngine } from '../../../src/evolution/avro/engine.ts'
import type { AvroSchema } from '../../../src/evolution/avro/type.ts'
import type { Difference, SchemaProblem } from '../../../src/evolution/engine.ts'

export function parsed(
  schema: unknown,
  references?: Readonly<Record<string, unknown>>,
): AvroSchema {
  const result = avroEngine.parse(sourceOf(schema, references))
  if (!result.ok) expect.fail(JSON.stringify(result.problems))
  return result.schema
}

export function problemsOf(
  schema: unknown,
  references?: Readonly<Record<string, unknown>>,
): readonly SchemaProblem[] {
  const result = avroEngine.parse(sourceOf(schema, references))
  return result.ok ? [] : result.problems
}

function sourceOf(
  schema: unknown,
  references: Readonly<Record<string, unknown>> = {},
): { name: string; text: string; references: ReadonlyMap<string, string> } {
  const texts = Object.entries(references).map(([k, v]) => [k, JSON.stringify(v)] as const)
  return { name: 'a.avsc', text: JSON.stringify(schema), references: new Map(texts) }
}

export function compared(reader: unknown, writer: unknown): readonly Difference[] {
  return avroEngine.compare(parsed(reader), parsed(writer), 'STRICT')
}

/** `RULE path`, in the reader's schema. */
export function told(differences: readonly Difference[]): readonly string[] {
  return differences.map(({ rule, readerPath }) => `${rule} ${readerPath}`)
}

/** A record of fields, by name to type or to a whole field. */
export function record(fields: Readonly<Record<string, unknown>>, more: object = {}): object {
  const list = Object.entries(fields).map(([name, type]) =>
    isField(type) ? { name, ...type } : { name, type },
  )
  return { type: 'record', name: 'R', fields: list, ...more }
}

/** Types of a field have their `type`; so a field is what has a `field`. */
function isField(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'isField' in value
}

export function field(type: unknown, more: object = {}): object {
  return { isField: true, type, ...more }
}
