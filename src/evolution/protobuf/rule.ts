/** What a rule of this engine is, and the sets of rules that others judge by. */
import type { Rule } from '../engine.ts'

/**
 * Whose rules. `confluent`: the registry's errors, the default. `buf-*`: the categories of buf's version 1
 * configuration; they judge the change from the old schema to the new one, so ask them BACKWARD only.
 */
export const ruleSets = [
  'confluent',
  'karapace',
  'apicurio',
  'buf-wire',
  'buf-wire-json',
  'buf-package',
  'buf-file',
] as const
export type RuleSet = (typeof ruleSets)[number]

export interface ProtobufRule extends Rule {
  readonly format: 'protobuf'
  /** Sets that it belongs to; none: a risk, told beside any of them. */
  readonly sets: readonly RuleSet[]
  /** What the tool that has it calls it, where that is not the registry. */
  readonly sourceName: string | null
}

/** [before, after] of a message's body, or of a whole text where it is none. */
type Example = readonly [before: string, after: string]

export function incompatible(
  id: string,
  sets: readonly RuleSet[],
  [registryName, sourceName]: readonly [string | null, string | null],
  [purpose, fix]: readonly [string, string],
  [before, after]: Example,
): ProtobufRule {
  const kind = 'incompatible'
  const example = { before, after }
  const common = { format: 'protobuf', kind, severity: 'error' } as const
  return { ...common, id, sets, registryName, sourceName, purpose, fix, example }
}

export function risk(
  id: string,
  registryName: string | null,
  [purpose, fix]: readonly [string, string],
  [before, after]: Example,
): ProtobufRule {
  const example = { before, after }
  const common = { format: 'protobuf', kind: 'risk', severity: 'warning' } as const
  return { ...common, id, sets: [], registryName, sourceName: null, purpose, fix, example }
}
