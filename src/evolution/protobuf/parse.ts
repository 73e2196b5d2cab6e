/** The text of a schema, or of a set of files, to the model. Never throws, never fetches. */
import type { ParsedSchema, SchemaSource } from '../engine.ts'
import { Loader } from './load.ts'
import { lower } from './lower.ts'
import type { ProtobufSchema } from './model.ts'
import { ProtoProblem } from './problem.ts'

export function parseSource({
  name,
  text,
  references = new Map(),
}: SchemaSource): ParsedSchema<ProtobufSchema> {
  return parseTexts(new Map([...references, [name, text]]), [name])
}

/** All files of a directory: none of them is only a reference. @param files by import path */
export function parseFiles(files: ReadonlyMap<string, string>): ParsedSchema<ProtobufSchema> {
  return parseTexts(files, [...files.keys()].sort())
}

function parseTexts(
  texts: ReadonlyMap<string, string>,
  mains: readonly string[],
): ParsedSchema<ProtobufSchema> {
  const loader = new Loader(texts)
  try {
    const loaded = loader.load(mains)
    if (loader.problems.length > 0) return { ok: false, problems: loader.problems }
    return { ok: true, schema: lower(loaded, new Set(mains)) }
  } catch (error) {
    const [main = ''] = mains
    // A schema that does not parse for want of an import: the import is what to mend.
    if (loader.problems.length > 0) return { ok: false, problems: loader.problems }
    if (error instanceof ProtoProblem)
      return { ok: false, problems: [{ ...error.problem, source: error.problem.source || main }] }
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, problems: [{ code: 'unparsable', message, source: main, position: null }] }
  }
}
