#!/usr/bin/env node
/** `quipu`: the commands. Each loads what it needs when it runs, so that `--help` is quick. */
import { Command, CommanderError } from 'commander'
import { messageOf, QuipuError } from '../base/errors.ts'
import { registerAlert } from './alert.ts'
import { registerAudit } from './audit.ts'
import { registerCheck } from './check.ts'
import { registerCoverage } from './coverage.ts'
import { registerDemo } from './demo.ts'
import { registerDoctor } from './doctor.ts'
import { registerExplain } from './explain.ts'
import { registerExport } from './export.ts'
import { registerForecast } from './forecast.ts'
import { registerGameday } from './gameday.ts'
import { registerInit } from './init.ts'
import { guardStreams, talk } from './io.ts'
import { registerLint } from './lint.ts'
import { registerLosses } from './losses.ts'
import { registerRecord } from './record.ts'
import { registerReplayList } from './replay-list.ts'
import { registerReport } from './report.ts'
import { registerSchema } from './schema.ts'
import { registerTop } from './top.ts'
import { registerTrace } from './trace.ts'
import { versionOf } from './version.ts'
import { registerWait } from './wait.ts'

/** DESIGN section 10. */
const USAGE = 2
const FAILURE = 4
/** ms that a failed command has to end by itself. */
const LINGER_MS = 500

function programOf(): Command {
  const program = new Command('quipu')
    .description(
      'Proves whether every message of a Kafka pipeline arrived, and names those that did not.',
    )
    .version(versionOf(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'quipu: ')),
    })
    .addHelpText(
      'after',
      `
Examples:
  quipu demo
  quipu audit --brokers localhost:9092 --topics flights --groups enrich
  quipu report
  quipu losses --kind lost --ndjson
  quipu check --since 1h

Exit codes: 0 all met, 1 breached, 2 wrong usage or configuration, 3 cannot judge,
4 failure, 130/143 stopped by a signal. \`quipu COMMAND --help\` says more.`,
    )
  for (const register of [
    registerDemo,
    registerInit,
    registerLint,
    registerDoctor,
    registerAudit,
    registerReport,
    registerTop,
    registerExplain,
    registerLosses,
    registerTrace,
    registerCheck,
    registerRecord,
    registerCoverage,
    registerForecast,
    registerReplayList,
    registerWait,
    registerExport,
    registerSchema,
    registerAlert,
    registerGameday,
  ]) {
    register(program)
  }
  return program
}

async function main(argv: readonly string[]): Promise<void> {
  guardStreams()
  try {
    await programOf().parseAsync(argv)
  } catch (error) {
    process.exitCode = tell(error)
    // A client that was given up may still be waiting for its broker.
    setTimeout(() => process.exit(), LINGER_MS).unref()
  }
}

/** Says what went wrong and gives the exit code. */
function tell(error: unknown): number {
  // Commander has said it already; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE
  if (error instanceof QuipuError) {
    talk(`quipu: ${error.message}`)
    if (error.hint !== undefined) talk(`hint: ${error.hint}`)
    if (debugging() && error.cause !== undefined) talk(stackOf(error.cause))
    return error.exitCode
  }
  talk(`quipu: ${messageOf(error)}`)
  talk(
    debugging()
      ? stackOf(error)
      : 'hint: This was not foreseen; QUIPU_DEBUG=1 shows where it happened.',
  )
  return FAILURE
}

const debugging = (): boolean => process.env.QUIPU_DEBUG === '1'

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : messageOf(error)

await main(process.argv)
