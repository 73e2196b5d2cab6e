/** One category of buf's rules over the change from the writer's schema to the reader's. */
import type { Difference } from '../engine.ts'
import { tellChanges } from './buf-change.ts'
import type { ProtobufSchema } from './model.ts'
import type { RuleSet } from './rule.ts'
import { bufRules } from './rules-buf.ts'

export function compareBuf(
  reader: ProtobufSchema,
  writer: ProtobufSchema,
  set: RuleSet,
): readonly Difference[] {
  const asked = bufRules.filter(({ sets }) => sets.includes(set))
  const checks = asked.map(({ id, check }) => [id, check] as const)
  return tellChanges(reader, writer, checks).differences
}
