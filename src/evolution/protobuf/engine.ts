/** The engine of Protocol Buffers: .proto texts of all syntaxes and editions, compared by a set of rules. */
import type { Engine, ParsedSchema, Rule } from '../engine.ts'
import { compare } from './compare.ts'
import { counterexample } from './counterexample.ts'
import type { ProtobufSchema } from './model.ts'
import { parseFiles, parseSource } from './parse.ts'
import { fragmentOf, positionOf } from './place.ts'
import { risksOf } from './risks.ts'
import type { RuleSet } from './rule.ts'
import { apicurioRules } from './rules-apicurio.ts'
import { bufRules } from './rules-buf.ts'
import { confluentRules } from './rules-confluent.ts'
import { karapaceRules } from './rules-karapace.ts'
import { riskRules } from './rules-risks.ts'

export interface ProtobufEngine extends Engine<ProtobufSchema> {
  /** All files of a directory at once, by import path: none of them is only a reference. */
  parseFiles(files: ReadonlyMap<string, string>): ParsedSchema<ProtobufSchema>
}

/** STRICT and LENIENT are the same here: the registry has one policy for this format. */
export function protobufEngine(ruleSet: RuleSet = 'confluent'): ProtobufEngine {
  const rules: readonly Rule[] = [
    ...confluentRules,
    ...karapaceRules,
    ...apicurioRules,
    ...bufRules,
    ...riskRules,
  ]
  return {
    format: 'protobuf',
    rules,
    parse: parseSource,
    parseFiles,
    compare: (reader, writer) => compare(reader, writer, ruleSet),
    risks: (before, after) => risksOf(before, after, compare(after, before, ruleSet)),
    positionOf,
    fragmentOf,
    counterexample,
  }
}
