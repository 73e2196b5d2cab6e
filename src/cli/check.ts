/** `quipu check`: one answer and an exit code, for a pipeline that builds or ships. */
import type { Command } from 'commander'
import type { Baseline } from '../../reports/ci/baseline.ts'
import type { CheckCode } from '../../reports/ci/exit-code.ts'
import type { CiOptions, Outcome } from '../../reports/ci/outcome.ts'
import type { OutcomeState } from '../../reports/ci/states.ts'
import type { Report } from '../objective/report.ts'
import { talk } from './io.ts'
import { STORE_DEFAULT, sinceTime } from './options.ts'
import { type Output, outputsOf, put, wantedOf } from './outputs.ts'
import type { ReportOptions } from './report-reader.ts'

const FORMATS = ['text', 'json', 'junit', 'sarif', 'github', 'gitlab', 'markdown'] as const
type Format = (typeof FORMATS)[number]

interface CheckFlags extends ReportOptions {
  readonly format?: readonly Output<Format>[]
  readonly json?: boolean
  readonly baseline?: string
  readonly atRiskFails?: boolean
  readonly allowNoData?: boolean
}

export function registerCheck(program: Command): void {
  program
    .command('check')
    .summary('judge: exit with 0 only if every promise is kept')
    .description(
      'Judges every objective, every edge of pipelines without objectives, and the shape of messages; exits with 0 only if all is as promised.',
    )
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--pipeline <name>', 'only this pipeline')
    .option(
      '--since <time>',
      'edges: only windows that start since then: 1h, 7d, 2026-11-23T01:00Z; objectives keep their periods',
      sinceTime,
    )
    .option('--config <file>', 'objectives of this file, instead of those that were audited')
    .option('--fixture <file>', 'a run recorded by `quipu record`, instead of a store')
    .option('--baseline <file>', 'JSON of an earlier check: fail only where it is worse now')
    .option('--at-risk-fails', 'what is at risk fails, as what is breached does')
    .option('--allow-no-data', 'what saw no data is all right')
    .option(
      '--format <format>',
      `${FORMATS.join(', ')}; FORMAT=FILE writes to a file; may be given more than once (default: text, on GitHub github)`,
      outputsOf(FORMATS),
    )
    .option('--json', 'the same as --format json: the schema quipu.check/v1')
    .addHelpText(
      'after',
      `
On GitHub the report goes to the step summary as well.

Exit codes:
  0  every promise is kept
  1  an objective is breached, or an edge of a pipeline without objectives, or messages are not
     of the shape that was promised
  2  wrong usage
  3  cannot judge: something is not settled yet, saw no data, or lacks evidence
  4  the store cannot be read, or a result not written

Examples:
  quipu check --since 1h && deploy
  quipu check --format text --format junit=quipu.xml --format sarif=quipu.sarif
  quipu check --fixture run.ndjson --config quipu.yaml
  quipu check --json > before.json; …; quipu check --baseline before.json`,
    )
    .action(async (flags: CheckFlags) => {
      process.exitCode = await check(flags)
    })
}

async function check(flags: CheckFlags): Promise<number> {
  const wanted = wantedOf<Format>(withGithub(flags))
  const { readReport } = await import('./report-reader.ts')
  const { outcomesOf } = await import('../../reports/ci/outcome.ts')
  const { checkCode } = await import('../../reports/ci/exit-code.ts')
  const baseline = flags.baseline === undefined ? null : await baselineOf(flags.baseline)
  const measured = wanted.some(({ format }) => format === 'json' || format === 'markdown')
  const { report, file } = await readReport({ ...flags, measured })
  const options = {
    atRiskFails: flags.atRiskFails === true,
    noDataAllowed: flags.allowNoData === true,
    ...(baseline === null ? {} : { baseline }),
    ...(file === null ? {} : { file: (await import('./repository-path.ts')).repositoryPath(file) }),
  }
  const outcomes = outcomesOf(report)
  const code = checkCode(outcomes, options)
  const all = { report, outcomes, code, options }
  const texts = await Promise.all(wanted.map(async ({ format }) => rendered(format, all)))
  for (const [i, output] of wanted.entries()) put(output, texts[i] ?? '')
  await summarizeStep(report)
  return code
}

interface Checked {
  readonly report: Report
  readonly outcomes: readonly Outcome[]
  readonly code: CheckCode
  readonly options: CiOptions
}

async function rendered(format: Format, checked: Checked): Promise<string> {
  const { report, outcomes, code, options } = checked
  switch (format) {
    case 'text': {
      const { renderCheck } = await import('../../reports/check.ts')
      const { isColorSupported } = (await import('picocolors')).default
      const sampled = report.pipelines
        .flatMap((p) => p.edges)
        .filter((e) => e.sampling !== null).length
      return renderCheck(outcomes, { code, options, sampled, color: isColorSupported })
    }
    case 'json': {
      const { jsonText } = await import('../../reports/json.ts')
      const { at, since, standing, verdict, headline, objectives, pipelines, drift } = report
      const edges = pipelines.flatMap((p) => p.edges)
      const head = {
        schema: 'quipu.check/v1',
        at,
        since,
        exitCode: code,
        standing,
        verdict,
        headline,
      }
      const { judge } = await import('../../reports/ci/outcome.ts')
      const results = outcomes.map((o) => ({
        ...{ of: o.of, pipeline: o.key[0], name: o.key[1], state: o.state },
        judgement: judge(o, options),
      }))
      return jsonText({ ...head, results, objectives, edges, drift })
    }
    case 'junit':
      return (await import('../../reports/junit.ts')).renderJUnit(report, options)
    case 'sarif':
      return (await import('../../reports/sarif.ts')).renderSarif(report, options)
    case 'github':
      return (await import('../../reports/github.ts')).renderGithub(report, options)
    case 'gitlab':
      return (await import('../../reports/gitlab.ts')).renderGitlab(report, options)
    case 'markdown':
      return (await import('../../reports/markdown.ts')).renderMarkdown(report)
  }
}

/** Where nobody says what he wants, GitHub is told in its own words as well. */
function withGithub(flags: CheckFlags): CheckFlags {
  const { format = [], json = false } = flags
  if (format.length > 0 || json || process.env.GITHUB_ACTIONS !== 'true') return flags
  return { ...flags, format: [{ format: 'github', file: null }] }
}

/** @throws QuipuError CONFIG: it cannot be read, or is no check */
async function baselineOf(path: string): Promise<Baseline> {
  const { readFileSync } = await import('node:fs')
  const { messageOf, QuipuError } = await import('../base/errors.ts')
  const { baselineKey } = await import('../../reports/ci/baseline.ts')
  const { states } = await import('../../reports/ci/states.ts')
  const { z } = await import('zod')
  const schema = z.looseObject({
    schema: z.literal('quipu.check/v1'),
    results: z.array(
      z.looseObject({
        of: z.string(),
        pipeline: z.string(),
        name: z.string(),
        state: z.enum(states as [OutcomeState, ...OutcomeState[]]),
      }),
    ),
  })
  try {
    const { results } = schema.parse(JSON.parse(readFileSync(path, 'utf8')))
    return new Map(results.map((r) => [baselineKey(r.of, r.pipeline, r.name), r.state]))
  } catch (cause) {
    const why =
      cause instanceof z.ZodError ? 'it is no check of the schema quipu.check/v1' : messageOf(cause)
    throw new QuipuError('CONFIG', `cannot read the baseline ${path}: ${why}`, {
      hint: 'Write one with: quipu check --json > FILE',
      cause,
    })
  }
}

/** GitHub shows the report beside the step that made it; 1 MiB at most. */
async function summarizeStep(report: Report): Promise<void> {
  const file = process.env.GITHUB_STEP_SUMMARY
  if (process.env.GITHUB_ACTIONS !== 'true' || file === undefined || file === '') return
  const { appendFileSync } = await import('node:fs')
  const { renderMarkdown } = await import('../../reports/markdown.ts')
  const text = renderMarkdown(report)
  try {
    if (Buffer.byteLength(text) <= SUMMARY_BYTES_MAX) appendFileSync(file, `${text}\n`)
    else
      talk(
        'quipu: the report is too long for the step summary; write it with --format markdown=FILE',
      )
  } catch (error) {
    talk(`quipu: cannot write the step summary: ${String(error)}`)
  }
}

const SUMMARY_BYTES_MAX = 1_048_576
