/** Avro: schemas read, compared and disproved. */
import type { Engine } from '../engine.ts'
import { compareAvro } from './compare.ts'
import { avroCounterexample } from './counterexample.ts'
import { elementAt } from './element.ts'
import { parseAvro } from './parse.ts'
import { avroRisks } from './risks.ts'
import { avroRules } from './rules.ts'
import { fragmentAt, placeOf } from './site.ts'
import type { AvroSchema } from './type.ts'

export const avroEngine: Engine<AvroSchema> = {
  format: 'avro',
  rules: avroRules,
  parse: parseAvro,
  // There is one policy: what is lenient in a registry is lenient about JSON Schema.
  compare: (reader, writer) => compareAvro(reader, writer),
  risks: avroRisks,
  positionOf: (schema, path) => placeOf(elementAt(schema, path).site),
  fragmentOf: (schema, path) => {
    const { site, isExact } = elementAt(schema, path)
    return isExact ? fragmentAt(site) : null
  },
  counterexample: avroCounterexample,
}
