/** A difference with its sentence. */
import type { Difference } from '../engine.ts'
import type { Args } from './args.ts'
import { cut } from './position.ts'
import { ruleOf } from './rules.ts'

/** @param name of the rule, without `JSON_` */
export function differenceOf(
  name: string,
  readerPath: string | null,
  writerPath: string | null,
  args: Args,
): Difference {
  const { id, sentence } = ruleOf(name)
  const message = sentence.replaceAll(/\{(\w+)\}/g, (_, key: string) => shown(args[key]))
  return { rule: id, readerPath, writerPath, args, message }
}

function shown(value: Args[string] | undefined): string {
  if (value === null || value === undefined) return 'none'
  if (typeof value !== 'object') return cut(String(value))
  return cut(value.join(', '))
}
