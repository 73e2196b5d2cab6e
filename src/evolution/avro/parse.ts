/**
 * Schema texts → one schema with its names resolved.
 *
 * Laws: never throws, never fetches; a text that something refers to is read once, and only when a name
 * is missing; whatever the texts hold, the work is linear in their length.
 */
import type { ParsedSchema, SchemaProblem, SchemaSource } from '../engine.ts'
import { PROBLEMS_MAX, REFERENCES_MAX, TEXT_LENGTH_MAX } from './limits.ts'
import { lower } from './lower.ts'
import { NameTable } from './name-table.ts'
import { readText } from './read-text.ts'
import { type AvroText, placeOf, rootSite, type Site } from './site.ts'
import type { AvroSchema, Use } from './type.ts'
import { unionProblems } from './union-problems.ts'

export function parseAvro(source: SchemaSource): ParsedSchema<AvroSchema> {
  const problems: SchemaProblem[] = []
  const tooLarge = sizeProblem(source)
  if (tooLarge !== null) return { ok: false, problems: [tooLarge] }
  const report = (site: Site, code: string, message: string): void => {
    if (problems.length >= PROBLEMS_MAX) return
    const place = placeOf(site)
    const position = place === null ? null : { line: place.line, column: place.column }
    problems.push({ code, message, source: site.text.name, position })
  }
  const names = new NameTable(report)
  const read = (name: string, text: string): Use | null => {
    const avroText: AvroText = { name, text }
    const result = readText(avroText)
    if (result.ok) return lower(result.value, rootSite(avroText), names)
    if (problems.length < PROBLEMS_MAX) problems.push(result.problem)
    return null
  }

  const root = read(source.name, source.text)
  const unread = new Map(source.references ?? [])
  for (const missing of names.missing()) {
    // By its own name first; a text may define more names than the one it is known by.
    const [key, text] = unread.has(missing)
      ? [missing, unread.get(missing) as string]
      : (unread.entries().next().value ?? [null, ''])
    if (key === null) break
    unread.delete(key)
    read(key, text)
  }
  names.resolve()
  if (problems.length === 0)
    for (const p of unionProblems(names.types)) report(p.site, p.code, p.message)
  if (root === null || problems.length > 0) return { ok: false, problems }
  return { ok: true, schema: { root, types: names.types } }
}

function sizeProblem({ name, text, references }: SchemaSource): SchemaProblem | null {
  let length = text.length
  for (const reference of references?.values() ?? []) length += reference.length
  const count = references?.size ?? 0
  if (length <= TEXT_LENGTH_MAX && count <= REFERENCES_MAX) return null
  const message =
    count > REFERENCES_MAX
      ? `The schema refers to ${count} others; ${REFERENCES_MAX} are read.`
      : `The schema and what it refers to have ${length} characters; ${TEXT_LENGTH_MAX} are read.`
  return { code: 'too_large', message, source: name, position: null }
}
