/** What is read, and perhaps not as it was meant, from one version of a schema to the next one. */
import type { Difference } from '../engine.ts'
import { DIFFERENCES_MAX } from './limits.ts'
import { defaultRisks, invalidDefaults } from './risk-default.ts'
import { enumRisks } from './risk-enum.ts'
import { logicalRisks } from './risk-logical.ts'
import { aliasRisks, renameRisks } from './risk-name.ts'
import { promotionRisks } from './risk-promotion.ts'
import type { AvroSchema } from './type.ts'
import { type Matched, matchedTypes } from './walk.ts'

/** In the order in which they are listed for one pair of types. */
const checks: readonly ((pair: Matched) => readonly Difference[])[] = [
  logicalRisks,
  promotionRisks,
  aliasRisks,
  enumRisks,
  renameRisks,
  defaultRisks,
]

export function avroRisks(before: AvroSchema, after: AvroSchema): readonly Difference[] {
  const risks: Difference[] = []
  for (const pair of matchedTypes(after, before)) {
    for (const check of checks) risks.push(...check(pair))
    if (risks.length >= DIFFERENCES_MAX) break
  }
  risks.push(...invalidDefaults(after))
  return risks.slice(0, DIFFERENCES_MAX)
}
