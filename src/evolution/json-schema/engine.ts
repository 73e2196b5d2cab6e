/** Schema evolution of JSON Schema: drafts 4, 6, 7, 2019-09 and 2020-12. */
import type { Engine } from '../engine.ts'
import { compareSchemas } from './compare.ts'
import { findCounterexample } from './counterexample.ts'
import type { JsonSchema } from './model.ts'
import { parseSchema } from './parse.ts'
import { fragmentOf, positionOf } from './position.ts'
import { risksOf } from './risks.ts'
import { rules } from './rules.ts'

export const jsonSchemaEngine: Engine<JsonSchema> = {
  format: 'json-schema',
  rules,
  parse: parseSchema,
  compare: compareSchemas,
  risks: risksOf,
  positionOf,
  fragmentOf,
  counterexample: findCounterexample,
}
