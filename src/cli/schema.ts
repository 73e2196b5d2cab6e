/** `quipu schema`: whether schemas may change as they do, and the rules by which that is judged. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Policy, policies } from '../evolution/engine.ts'
import { type Mode, modes } from '../evolution/modes.ts'
import { type FailLevel, failLevels } from '../evolution/report.ts'
import { duration, list, STORE_DEFAULT } from './options.ts'
import { type Output, outputsOf } from './outputs.ts'
import { type SchemaFormatName, schemaFormatNames } from './schema/formats.ts'
import { registerSchemaLearn } from './schema/learn-flags.ts'

export interface SchemaCheckFlags {
  readonly against?: readonly string[]
  readonly mode?: Mode
  readonly policy?: Policy
  readonly subject?: readonly string[]
  readonly failOn: FailLevel
  readonly format?: readonly Output<SchemaFormatName>[]
  readonly json?: boolean
  readonly baseline?: string
  /** False: `--no-counterexample`. */
  readonly counterexample: boolean
  readonly config?: string
  /** A store; its default where none is named. */
  readonly withTraffic?: string | true
  /** ms */
  readonly retention?: number
}

interface RulesFlags {
  readonly format?: 'text' | 'json'
  readonly json?: boolean
}

export function registerSchema(program: Command): void {
  const schema = program
    .command('schema')
    .summary('check changes of Avro, JSON Schema and Protobuf schemas')
    .description('Judges changes of schemas before they ship; no registry has to run.')
    .helpCommand(false)
  registerSchemaCheck(schema)
  registerSchemaLearn(schema)
  schema
    .command('rules')
    .summary('list every rule')
    .description('Lists every rule with its severity and what it checks.')
    .addOption(new Option('--format <format>', 'text or json').choices(['text', 'json']))
    .option('--json', 'the same as --format json: the schema quipu.schema-rules/v1')
    .action(async ({ format, json = false }: RulesFlags) => {
      const { listRules } = await import('./schema/rules.ts')
      await listRules(json ? 'json' : (format ?? 'text'))
    })
  schema
    .command('explain')
    .summary('explain one rule, with an example')
    .description('Says what a rule checks, with an example of before and after, and what to do.')
    .argument('<rule>', 'its id: see `quipu schema rules`')
    .action(async (rule: string) => {
      const { explainRule } = await import('./schema/rules.ts')
      await explainRule(rule)
    })
}

function registerSchemaCheck(schema: Command): void {
  schema
    .command('check')
    .summary('hold schemas against their earlier versions')
    .description(
      'Holds every schema below PATH against its earlier versions and tells all that would break readers, with the reason and a counterexample.',
    )
    .argument(
      '[path...]',
      'folders and files: .avsc, .json, .proto (else `schemas.path` of the file)',
    )
    .option(
      '--against <source>',
      'a git ref (main, git:HEAD~3), merge-base:main, a folder, a file, or registry:https://…; several: oldest first',
      repeated,
    )
    .option('--mode <mode>', `${modes.join(', ')} (default: BACKWARD)`, oneOf(modes))
    .option('--policy <policy>', 'STRICT or LENIENT (default: STRICT)', oneOf(policies))
    .option('--subject <patterns>', 'only these, with * and ?; may be given more than once', list)
    .addOption(new Option('--fail-on <level>', 'what fails').choices(failLevels).default('error'))
    .option(
      '--format <format>',
      `${schemaFormatNames.join(', ')}; FORMAT=FILE writes to a file; may be given more than once (default: text, on GitHub github)`,
      outputsOf(schemaFormatNames),
    )
    .option('--json', 'the same as --format json: the schema quipu.schema-check/v1')
    .option('--baseline <file>', 'JSON of an earlier check: what it found fails nothing')
    .option('--no-counterexample', 'do not look for values that prove a finding')
    .option(
      '--config <file>',
      'the pipeline file with `schemas` (default: ./quipu.yaml, if it is there)',
    )
    .option(
      '--with-traffic [store]',
      `weigh findings by the messages that an audit looked at (default: ${STORE_DEFAULT})`,
    )
    .option(
      '--retention <duration>',
      'with --with-traffic: leave out versions that nobody has written for longer',
      duration,
    )
    .addHelpText(
      'after',
      `
A new subject is fine and is said; a deleted one is a finding. Nothing is fetched, whatever
a schema refers to. On GitHub the findings go to the step summary as well. A field that
no message has carried for 30 days breaks nobody: --with-traffic makes that a note.

Exit codes:
  0  compatible
  1  a finding at or above --fail-on
  2  wrong usage or configuration
  3  could not check: a schema or a source cannot be read, or nothing was compared
  4  a result cannot be written

Examples:
  quipu schema check schemas --against main
  quipu schema check --against merge-base:origin/main --mode FULL
  quipu schema check schemas --against registry:https://registry.example --json
  quipu schema check schemas --against main --with-traffic=quipu.db
  quipu schema check schemas --against main --format text --format sarif=schemas.sarif
  quipu schema explain AVRO_READER_FIELD_MISSING_DEFAULT_VALUE`,
    )
    .action(async (paths: readonly string[], flags: SchemaCheckFlags) => {
      const { checkSchemas } = await import('./schema/check.ts')
      process.exitCode = await checkSchemas(paths, flags)
    })
}

const repeated = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
]

/** In letters of any size, as the registry takes them. */
function oneOf<Name extends string>(names: readonly Name[]): (value: string) => Name {
  return (value) => {
    const found = names.find((name) => name === value.toUpperCase())
    if (found !== undefined) return found
    throw new InvalidArgumentError(`Expected one of ${names.join(', ')}.`)
  }
}
