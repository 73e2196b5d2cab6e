/** `quipu lint`: whether a pipeline file can be used, and what in it is likely not what was meant. */
import { relative } from 'node:path'
import type { Command } from 'commander'
import { messageOf, QuipuError } from '../base/errors.ts'
import type { LintFormat } from '../lint/render/formats.ts'
import type { LintSubject } from '../lint/rule.ts'
import { out } from './io.ts'
import { type Output, outputsOf, put, wantedOf } from './outputs.ts'
import { repositoryPath } from './repository-path.ts'
import { versionOf } from './version.ts'

const FORMATS: readonly LintFormat[] = ['text', 'json', 'github', 'sarif']

interface LintFlags {
  readonly config?: string
  readonly format?: readonly Output<LintFormat>[]
  readonly json?: boolean
  readonly strict?: boolean
  readonly schema?: boolean
}

export function registerLint(program: Command): void {
  program
    .command('lint')
    .summary('check a pipeline file, without a broker')
    .description(
      'Checks a pipeline file: whether auditor and agents can use it, and what in it is likely not what was meant. Reads the schema files that it names. Asks no broker.',
    )
    .argument('[file]', 'the pipeline file (else QUIPU_CONFIG, else ./quipu.yaml)')
    .option('--config <file>', 'the same as [file], as other commands take it')
    .option(
      '--format <format>',
      'text, json, github or sarif; FORMAT=FILE writes to a file; may be given more than once (default: text)',
      outputsOf(FORMATS),
    )
    .option('--json', 'the same as --format json')
    .option('--strict', 'warnings are errors')
    .option('--schema', 'print the JSON Schema of pipeline files, for editors, and end')
    .addHelpText(
      'after',
      `
Environment variables that are not set are warnings here: where a file is checked, its
secrets often are not.

Exit codes:
  0  fit for use; there may be warnings
  1  an error was found
  2  wrong usage, or the file cannot be read
  4  a result cannot be written

Examples:
  quipu lint
  quipu lint pipelines/flights.yaml --strict
  quipu lint --format github --format sarif=quipu.sarif
  quipu lint --schema > quipu.schema.json`,
    )
    .action(async (file: string | undefined, flags: LintFlags) => {
      if (flags.schema) {
        const { pipelineSchema } = await import('../config/json-schema.ts')
        out(`${JSON.stringify(pipelineSchema(), null, 2)}\n`)
        return
      }
      await runLint(file, flags)
    })
}

async function runLint(file: string | undefined, flags: LintFlags): Promise<void> {
  const { lint } = await import('../lint/lint.ts')
  const { renderers } = await import('../lint/render/formats.ts')
  const { lintCode } = await import('../lint/render/report.ts')
  const wanted = wantedOf<LintFormat>(flags)
  const { path, source } = await textOf(file ?? flags.config)
  const { strict = false } = flags
  const schemaTrouble = await schemaTroubleOf(source)
  const result = lint(source, path, process.env, { strict, schemaTrouble })
  const report = { ...result, file: repositoryPath(path), version: versionOf() }
  process.exitCode = lintCode(result)
  const texts = wanted.map(({ format }) => renderers[format](report))
  for (const [i, output] of wanted.entries()) put(output, texts[i] ?? '')
}

/** Schemas take long to load: only for files that name one. */
async function schemaTroubleOf(source: string): Promise<LintSubject['schemaTrouble']> {
  if (!source.includes('schema')) return () => null
  const { loadDeclared } = await import('../drift/declared/load.ts')
  return ({ file, message, format }) => {
    if (file === null) return null
    try {
      loadDeclared({ file, message, format })
      return null
    } catch (error) {
      const why = error instanceof Error ? messageOf(error.cause ?? error) : messageOf(error)
      return `\`${relative(process.cwd(), file)}\` cannot say what messages look like: ${why}`
    }
  }
}

/** @throws QuipuError CONFIG: there is no file, or it cannot be read */
async function textOf(named: string | undefined): Promise<{ path: string; source: string }> {
  const { findConfig } = await import('../config/find.ts')
  const { readConfig } = await import('../config/load.ts')
  const found = findConfig(named, process.env, process.cwd())
  if (found === null) {
    throw new QuipuError('CONFIG', 'nothing to check: there is no quipu.yaml here', {
      hint: 'Name the file: quipu lint FILE; or let `quipu init` write one.',
    })
  }
  const { path, namedBy } = found
  const by = namedBy === '--config' ? null : namedBy
  return { path, source: readConfig({ path, namedBy: by }, process.cwd()) }
}
