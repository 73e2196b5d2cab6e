/** All that keeps a reader from reading what a writer wrote. */
import type { Difference, Policy } from '../engine.ts'
import { compareClasses } from './compare/classes.ts'
import { Comparison, TooComplex } from './compare/comparison.ts'
import { changesOf } from './compare/result.ts'
import { differenceOf } from './difference.ts'
import type { JsonSchema } from './model.ts'
import { ruleOf } from './rules.ts'

export function compareSchemas(
  reader: JsonSchema,
  writer: JsonSchema,
  policy: Policy,
): readonly Difference[] {
  const accepts = (name: string) => policy === 'LENIENT' && ruleOf(name).isLenient
  try {
    const result = new Comparison(compareClasses, accepts).run(writer.root, reader.root)
    return changesOf(result).map(({ name, readerPath, writerPath, args, path }) =>
      differenceOf(name, readerPath, writerPath, { ...args, registryPath: path }),
    )
  } catch (error) {
    if (!(error instanceof TooComplex)) throw error
    return [differenceOf('NOT_COMPARED', '', '', { reason: error.message })]
  }
}
