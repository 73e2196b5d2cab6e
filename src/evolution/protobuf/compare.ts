/** All that keeps a reader from reading what a writer wrote, by the rules of one set. */
import type { Difference } from '../engine.ts'
import { compareApicurio } from './compare-apicurio.ts'
import { compareBuf } from './compare-buf.ts'
import { compareConfluent } from './compare-confluent.ts'
import { compareKarapace } from './compare-karapace.ts'
import type { ProtobufSchema } from './model.ts'
import type { RuleSet } from './rule.ts'

export function compare(
  reader: ProtobufSchema,
  writer: ProtobufSchema,
  set: RuleSet,
): readonly Difference[] {
  if (set === 'confluent') return compareConfluent(reader, writer)
  if (set === 'karapace') return compareKarapace(reader, writer)
  if (set === 'apicurio') return compareApicurio(reader, writer)
  return compareBuf(reader, writer, set)
}
