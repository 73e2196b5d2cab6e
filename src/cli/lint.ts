/** `quipu lint`: whether a pipeline file can be used, and what in it is likely not what was meant. */
import { writeFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { messageOf, QuipuError } from '../base/errors.ts'
import type { LintFormat } from '../lint/render/formats.ts'
import { out } from './io.ts'

const FORMATS: readonly LintFormat[] = ['text', 'json', 'github', 'sarif']

interface Output {
  readonly format: LintFormat
  /** null: stdout */
  readonly file: string | null
}

interface LintFlags {
  readonly config?: string
  readonly format?: readonly Output[]
  readonly json?: boolean
  readonly strict?: boolean
  readonly schema?: boolean
}

export function registerLint(program: Command): void {
  program
    .command('lint')
    .summary('check a pipeline file, without a broker')
    .description(
      'Checks a pipeline file: whether auditor and agents can use it, and what in it is likely not what was meant. Asks no broker.',
    )
    .argument('[file]', 'the pipeline file (else QUIPU_CONFIG, else ./quipu.yaml)')
    .option('--config <file>', 'the same as [file], as other commands take it')
    .option(
      '--format <format>',
      'text, json, github or sarif; FORMAT=FILE writes to a file; may be given more than once (default: text)',
      outputs,
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
  const wanted = outputsOf(flags)
  const { path, source } = await textOf(file ?? flags.config)
  const { strict = false } = flags
  const result = lint(source, path, process.env, { strict })
  const report = { ...result, file: placeOf(path), version: await versionOf() }
  process.exitCode = lintCode(result)
  for (const { format, file: target } of wanted) {
    const text = renderers[format](report)
    if (target === null) out(text)
    else write(target, text)
  }
}

function outputsOf({ format = [], json = false }: LintFlags): readonly Output[] {
  const all: readonly Output[] = json ? [...format, { format: 'json', file: null }] : format
  if (all.length === 0) return [{ format: 'text', file: null }]
  const spoken = all.filter((o) => o.file === null)
  if (spoken.length > 1) {
    const names = spoken.map((o) => o.format).join(' and ')
    throw new QuipuError('CONFIG', `--format: ${names} would both be printed`, {
      hint: `Write one of them to a file: --format ${spoken[1]?.format}=FILE`,
    })
  }
  return all
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

/** Annotations are found by their path from the top of the repository. */
function placeOf(path: string): string {
  const top = process.env.GITHUB_WORKSPACE
  const [cwd, root] = [process.cwd(), top === undefined || top === '' ? null : resolve(top)]
  const near = [root, cwd].flatMap((from) => (from === null ? [] : [relative(from, path)]))
  const within = near.find((place) => !place.startsWith('..') && place !== '')
  return (within ?? path).replaceAll('\\', '/')
}

/** `FORMAT` or `FORMAT=FILE` */
function outputs(value: string, before: readonly Output[] | undefined): readonly Output[] {
  const [name = '', ...rest] = value.split('=')
  const format = FORMATS.find((f) => f === name)
  const file = rest.length === 0 ? null : rest.join('=')
  if (format === undefined || file === '') {
    throw new InvalidArgumentError(`Expected one of ${FORMATS.join(', ')}, or FORMAT=FILE.`)
  }
  return [...(before ?? []), { format, file: file === '-' ? null : file }]
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (cause) {
    throw new QuipuError('FORBIDDEN', `cannot write ${file}: ${messageOf(cause)}`, {
      hint: 'Name a file in a folder that exists and that this user may write.',
      cause,
    })
  }
}

async function versionOf(): Promise<string> {
  const { createRequire } = await import('node:module')
  const found = createRequire(import.meta.url)('quipu-audit/package.json') as { version: string }
  return found.version
}
