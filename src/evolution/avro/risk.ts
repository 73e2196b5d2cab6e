/** A risk as a difference: paths of the new version first, then of the old one. */
import type { Difference, Rule } from '../engine.ts'
import { join, pointer } from './trail.ts'
import type { Matched } from './walk.ts'

type Keys = readonly (string | number)[]

/** @param afterKeys below the type, in each version; null: it is not there */
export function riskAt(
  rule: Rule,
  { afterTrail, beforeTrail }: Matched,
  message: string,
  args: Difference['args'],
  afterKeys: Keys | null = [],
  beforeKeys: Keys | null = [],
): Difference {
  return {
    rule: rule.id,
    readerPath: afterKeys === null ? null : pointer(join(afterTrail, afterKeys)),
    writerPath: beforeKeys === null ? null : pointer(join(beforeTrail, beforeKeys)),
    args,
    message,
  }
}
