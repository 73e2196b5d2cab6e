/** A schema of a registry with the texts of all that it refers to. */
import type { FoundSchema, Registry } from '../../registry/client.ts'
import { SCHEMA_REFERENCES_MAX } from '../declared/limits.ts'
import { Unusable } from '../declared/schema-json.ts'
import type { SchemaTexts } from './known-schema.ts'

/** @throws Unusable: it refers to too many; QuipuError: the registry does not answer */
export async function withReferences(
  registry: Registry,
  { schemaType, schema, references }: FoundSchema,
): Promise<SchemaTexts> {
  const texts = new Map<string, string>()
  const waiting = [...references]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (texts.has(next.name)) continue
    if (texts.size >= SCHEMA_REFERENCES_MAX) {
      throw new Unusable(`it refers to more than ${SCHEMA_REFERENCES_MAX} schemas`)
    }
    const found = await registry.version(next.subject, next.version)
    // Left out: whoever reads the schema says what is missing.
    if (!found.ok) continue
    texts.set(next.name, found.value.schema)
    waiting.push(...found.value.references)
  }
  return { schemaType, text: schema, references: texts }
}
