/** Everything that the engine may say of two Avro schemas. Ids never change their meaning. */
import type { Rule } from '../engine.ts'
import { incompatibleRules } from './rules-incompatible.ts'
import { riskRules } from './rules-risk.ts'

export const avroRules: readonly Rule[] = [...incompatibleRules, ...Object.values(riskRules)]
