/** A schema of a registry with the texts of all that it refers to. */
import type { FoundSchema, Registry } from '../../registry/client.ts'
import { SCHEMA_BYTES_MAX, SCHEMA_REFERENCES_MAX } from '../declared/limits.ts'
import { Unusable } from '../declared/schema-json.ts'
import type { SchemaTexts } from './known-schema.ts'

/**
 * Of one that refers to too many, or to too much, the rest is neither asked for nor held.
 *
 * @throws Unusable: such a one; QuipuError: the registry does not answer
 */
export async function withReferences(
  registry: Registry,
  { schemaType, schema, references }: FoundSchema,
): Promise<SchemaTexts> {
  const texts = new Map<string, string>()
  const waiting = [...references]
  const asked = new Set<string>()
  let size = schema.length
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (asked.has(next.name)) continue
    if (asked.size >= SCHEMA_REFERENCES_MAX) tooMany()
    asked.add(next.name)
    const found = await registry.version(next.subject, next.version)
    // Left out: whoever reads the schema says what is missing.
    if (!found.ok) continue
    size += found.value.schema.length
    if (size > SCHEMA_BYTES_MAX) throw new Unusable('it is too large')
    texts.set(next.name, found.value.schema)
    if (found.value.references.length > SCHEMA_REFERENCES_MAX) tooMany()
    waiting.push(...found.value.references)
  }
  return { schemaType, text: schema, references: texts }
}

function tooMany(): never {
  throw new Unusable(`it refers to more than ${SCHEMA_REFERENCES_MAX} schemas`)
}
