/** Text and references → a schema that can be compared, or all that is wrong with it. */
import type { ParsedSchema, SchemaProblem, SchemaSource } from '../engine.ts'
import { DRAFT_DEFAULT, type Draft, draftOf } from './dialect.ts'
import { Documents } from './documents.ts'
import { endlessAmong } from './endless.ts'
import { stepsOf } from './json.ts'
import { NODES_MAX, PROBLEMS_MAX } from './limits.ts'
import { lower } from './lower.ts'
import type { JsonDocument, JsonSchema, Place } from './model.ts'
import { positionOfSteps } from './position.ts'
import { readText } from './read-text.ts'

export function parseSchema(source: SchemaSource): ParsedSchema<JsonSchema> {
  const problems: SchemaProblem[] = []
  const read = (name: string, text: string, label: string, other: Draft): JsonDocument | null => {
    const result = readText(text, label)
    if (!result.ok) {
      problems.push(result.problem)
      return null
    }
    return { name, text, value: result.value, draft: draftOf(result.value) ?? other }
  }
  const root = read('', source.text, source.name, DRAFT_DEFAULT)
  if (root === null) return { ok: false, problems }
  const references: JsonDocument[] = []
  for (const [name, text] of source.references ?? []) {
    // The empty name is the source's own.
    if (name === '') continue
    const document = read(name, text, name, root.draft)
    if (document !== null) references.push(document)
  }
  if (problems.length > 0) return { ok: false, problems }
  const documents = new Documents(root, references)
  const add = (code: string, place: Place, message: string) => {
    if (problems.length >= PROBLEMS_MAX) return
    const label = place.document === '' ? source.name : place.document
    const document = documents.all.get(place.document)!
    const position = positionOfSteps(document, stepsOf(place.pointer))
    problems.push({ code, message, source: label, position })
  }
  const lowered = lower(documents, {
    complain: (place, keyword, expected) => {
      const what = keyword === '' ? 'This' : `\`${keyword}\``
      add('invalid', place, `${what} at ${place.pointer || '/'} is not ${expected}.`)
    },
    missing: (place, ref) => {
      add(
        'missing_reference',
        place,
        `\`$ref: ${ref}\` names nothing that is here; none is fetched.`,
      )
    },
    endless: (place) => add('endless_reference', place, 'This `$ref` leads back to itself.'),
    tooMany: () => {
      if (problems.some((problem) => problem.code === 'too_large')) return
      const message = `The schema holds more than ${NODES_MAX} schemas.`
      add('too_large', { document: '', pointer: '' }, message)
    },
  })
  if (problems.length > 0) return { ok: false, problems }
  for (const { place } of endlessAmong(lowered.nodes)) {
    add('endless_reference', place, 'This schema leads back to itself without looking further in.')
  }
  if (problems.length > 0) return { ok: false, problems }
  const { all } = documents
  return { ok: true, schema: { name: source.name, documents: all, draft: root.draft, ...lowered } }
}
