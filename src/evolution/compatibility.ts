/** One schema against its earlier versions, for programs: the same verdict as `quipu schema check`. */
import { QuipuError } from '../base/errors.ts'
import { avroEngine } from './avro/engine.ts'
import { checkEvolution } from './check.ts'
import { type Engine, formats, type Policy, policies, type SchemaFormat } from './engine.ts'
import type { EvolutionFinding } from './finding.ts'
import { jsonSchemaEngine } from './json-schema/engine.ts'
import { directionsOf, type Mode, modes } from './modes.ts'
import { protobufEngine } from './protobuf/engine.ts'
import { parseFiles } from './protobuf/parse.ts'
import { type RuleSet, ruleSets } from './protobuf/rule.ts'

/** Texts by import path. */
type Files = Readonly<Record<string, string>>

export interface CompatibilityRequest {
  readonly format: SchemaFormat
  /** @defaultValue BACKWARD: the next schema reads what the latest one wrote */
  readonly mode?: Mode
  /** @defaultValue STRICT */
  readonly policy?: Policy
  /**
   * Protobuf: whose rules. Those of buf judge what becomes of the old schema, so BACKWARD only.
   * @defaultValue confluent
   */
  readonly ruleSet?: RuleSet
  /** Texts of the earlier versions, oldest first; none: a new subject, which is fine. */
  readonly previous?: readonly string[]
  /** Text of the schema to be judged. */
  readonly next?: string
  /** What the texts refer to: by Avro full name, `$ref` without fragment, or import path. */
  readonly references?: Files
  /**
   * Protobuf: what the earlier version imports or, without `previous`, the earlier version itself; a
   * list of them: one for each version, oldest first.
   */
  readonly previousFiles?: Files | readonly Files[]
  /** Protobuf: what `next` imports or, without `next`, the whole of it. */
  readonly nextFiles?: Files
  /** Whether a value is looked for that one side writes and the other refuses. @defaultValue true */
  readonly counterexamples?: boolean
}

export interface Compatibility {
  /** Null: a schema could not be read, so nothing is said; `findings` tell which. */
  readonly compatible: boolean | null
  readonly findings: readonly EvolutionFinding[]
}

/** As many instances as are tried within some milliseconds. */
const INSTANCES_MAX = 200

/**
 * Says whether a schema is compatible with its earlier versions, and everything that stands in the way.
 *
 * Pure and synchronous: nothing is fetched, whatever a schema refers to; a schema that would take too
 * long is a finding. Risks are among the findings and make nothing incompatible.
 *
 * ```ts
 * const { compatible, findings } = checkCompatibility({
 *   format: 'avro',
 *   mode: 'FULL',
 *   previous: [v1, v2], // oldest first
 *   next: v3,
 * })
 * for (const { rule, path, message, fix } of findings) console.log(rule, path, message, fix)
 * ```
 *
 * @throws QuipuError CONFIG: an option that there is not, or no Protobuf schema to be judged
 */
export function checkCompatibility({
  format,
  mode = 'BACKWARD',
  policy = 'STRICT',
  ruleSet = 'confluent',
  previous,
  next,
  references = {},
  previousFiles = {},
  nextFiles = {},
  counterexamples = true,
}: CompatibilityRequest): Compatibility {
  demand('format', format, formats)
  demand('mode', mode, modes)
  demand('policy', policy, policies)
  // Programs without types: one text is no list of versions.
  if (previous !== undefined && !Array.isArray(previous))
    throw new QuipuError('CONFIG', 'checkCompatibility: `previous` is a list of texts', {
      hint: 'Give the earlier versions oldest first: previous: [text].',
    })
  demand('ruleSet', ruleSet, ruleSets)
  if (ruleSet.startsWith('buf-') && directionsOf(mode).includes('forward'))
    throw refusal(`\`${ruleSet}\` judges no mode ${mode}`, 'Give a BACKWARD mode.')
  if (ruleSet !== 'confluent' && format !== 'protobuf')
    throw refusal(`\`${ruleSet}\` has rules for Protobuf only`, 'Leave `ruleSet` out.')
  // No file at all is a name mistyped rather than a schema: no verdict on it would mean anything.
  if (format === 'protobuf' && next === undefined && Object.keys(nextFiles).length === 0)
    throw refusal('there is nothing to judge', 'Give `next` or `nextFiles`.')
  const sets = Array.isArray(previousFiles) ? previousFiles : null
  const files = (i: number): Files => sets?.[i] ?? (sets === null ? (previousFiles as Files) : {})
  const nameOf = (i: number): string => `previous ${i + 1}`
  const source = (name: string, text: string, own: Files) => ({
    ...{ name, text },
    references: new Map([...Object.entries(references), ...Object.entries(own)]),
  })
  const alone = sets ?? (Object.keys(previousFiles).length === 0 ? [] : [previousFiles as Files])
  const { compatible, findings } = checkEvolution(engineOf(format, ruleSet, previous, next), {
    ...{ subject: 'schema', mode, policy },
    previous:
      previous === undefined
        ? alone.map((set, i) => source(nameOf(i), '', set))
        : previous.map((text, i) => source(nameOf(i), text, files(i))),
    next: source('next', next ?? '', nextFiles),
    budget: { instancesMax: counterexamples ? INSTANCES_MAX : 0 },
  })
  return { compatible, findings }
}

/** Where only files are given, all of them are the schema. */
function engineOf(
  format: SchemaFormat,
  ruleSet: RuleSet,
  previous: readonly string[] | undefined,
  next: string | undefined,
): Engine<unknown> {
  if (format === 'avro') return avroEngine as Engine<unknown>
  if (format === 'json-schema') return jsonSchemaEngine as Engine<unknown>
  const engine = protobufEngine(ruleSet)
  return {
    ...engine,
    parse: (source) =>
      (source.name === 'next' ? next : previous) === undefined
        ? parseFiles(source.references ?? new Map())
        : engine.parse(source),
  } as Engine<unknown>
}

function demand(option: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return
  throw refusal(`there is no ${option} \`${value}\``, `Give one of ${known.join(', ')}.`)
}

function refusal(what: string, hint: string): QuipuError {
  return new QuipuError('CONFIG', `checkCompatibility: ${what}`, { hint })
}
