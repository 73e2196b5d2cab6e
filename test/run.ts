/** The whole gate in one command: `npm test`. Its last line is `N passed, N failed`. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { prepareAlertmanager } from '../src/testbed/alertmanager.ts'
import { findChromium } from '../src/testbed/chromium.ts'
import { prepareKafka } from '../src/testbed/kafka.ts'
import { preparePostgres } from '../src/testbed/postgres.ts'
import { preparePromtool } from '../src/testbed/promtool.ts'
import { nothing, plus, readVitest, type Tally } from './support/tally.ts'

const help = `Usage: npm test -- [options]

Without options everything runs: the steps of the gate, the build, all tests.

  --check        format, lint, import table, types, dead code
  --build        dist/ and a lint of what would be published
  --unit         tests that need nothing but Node
  --integration  tests against a real Kafka, PostgreSQL, browser and promtool, and of the packed package
  --help         this text

Options add up. Kafka is KAFKA_BROKERS if set, else Apache Kafka fetched with mvn and run with java,
else a container. Without any of them the integration tests are listed as not run. PostgreSQL is the
initdb in POSTGRES_BIN if set, else in PATH, else under /usr/lib/postgresql; the browser is CHROMIUM if
set, else a chromium in PATH; rules are checked by PROMTOOL if set, else a promtool in PATH; alerts are
sent to ALERTMANAGER if set, else to a prometheus-alertmanager in PATH. Without one of them the tests
that need it are listed as not run. With CI=true that is a failure, and so is every skipped test.

Exit code 0 if nothing failed, else 1.
`

const parts = ['check', 'build', 'unit', 'integration'] as const
type Part = (typeof parts)[number]

const inCi = ['true', '1'].includes(process.env.CI ?? '')
const scratch = mkdtempSync(join(tmpdir(), 'quipu-test-'))

interface Step {
  readonly part: Part
  readonly name: string
  run(): Tally | Promise<Tally>
}

const steps: readonly Step[] = [
  command('check', 'format, lint, imports', 'biome', 'check', '--error-on-warnings', '.'),
  command('check', 'types', 'tsc', '--noEmit'),
  command('check', 'dead code', 'knip', '--no-progress'),
  command('build', 'build', 'npm', 'run', '--silent', 'build'),
  command('build', 'package', 'npm', 'run', '--silent', 'publint'),
  { part: 'unit', name: 'unit tests', run: () => vitest('unit') },
  { part: 'unit', name: 'conformance', run: conformance },
  { part: 'integration', name: 'integration tests', run: integration },
]

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean' },
      build: { type: 'boolean' },
      unit: { type: 'boolean' },
      integration: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  const chosen = parts.filter((part) => values[part])
  const wanted = new Set<Part>(chosen.length > 0 ? chosen : parts)

  const lines: string[] = []
  let total = nothing
  for (const step of steps.filter(({ part }) => wanted.has(part))) {
    console.log(`\n── ${step.name}`)
    const startedMs = performance.now()
    const tally = await step.run()
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1)
    lines.push(`${summary(step.name, tally)} (${seconds} s)`)
    total = plus(total, tally)
  }
  console.log(`\n── summary\n${lines.join('\n')}`)
  for (const name of total.failures) console.log(`failed: ${name}`)
  for (const name of total.skipped) console.log(`${inCi ? 'failed, skipped' : 'not run'}: ${name}`)

  // A gate that silently runs less each month is no gate.
  const failed = total.failures.length + (inCi ? total.skipped.length : 0)
  process.exitCode = failed === 0 ? 0 : 1
  console.log(`${total.passed} passed, ${failed} failed`)
}

function command(part: Part, name: string, program: string, ...args: string[]): Step {
  return {
    part,
    name,
    run: () => (run(program, args) === 0 ? { ...nothing, passed: 1 } : failure(name)),
  }
}

function run(program: string, args: readonly string[]): number {
  const path = `${join(import.meta.dirname, '..', 'node_modules', '.bin')}:${process.env.PATH}`
  const { status } = spawnSync(program, args, {
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  })
  return status ?? 1
}

/** Verdicts of others on pairs of schemas: no part of this project, run where they lie beside it. */
function conformance(): Tally {
  const folder = join(import.meta.dirname, '..', '..', 'shared', 'conformance')
  if (existsSync(folder)) return vitest('conformance')
  console.log(`There are no cases at ${folder}; the rules have tests of their own.`)
  return nothing
}

function vitest(project: Part | 'conformance'): Tally {
  const file = join(scratch, `${project}.json`)
  const status = run('vitest', [
    'run',
    `--project=${project}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ])
  return readVitest(file, project, status)
}

async function integration(): Promise<Tally> {
  try {
    await prepareKafka((line) => console.log(line))
  } catch (error) {
    const { message, hint } = error as Error & { hint?: string }
    console.log(`The integration tests cannot run: ${message}`)
    if (hint !== undefined) console.log(hint)
    if (inCi) return failure(`integration tests: ${message}`)
    return { ...nothing, skipped: integrationTests() }
  }
  await explainSkips()
  return vitest('integration')
}

/** Without PostgreSQL, a browser or promtool their tests skip themselves, and the summary names each of them. */
async function explainSkips(): Promise<void> {
  await explain('against PostgreSQL', preparePostgres)
  await explain('of pages', findChromium)
  await explain('of exported rules', preparePromtool)
  await explain('against Alertmanager', prepareAlertmanager)
}

async function explain(tests: string, prepare: () => Promise<unknown>): Promise<void> {
  try {
    await prepare()
  } catch (error) {
    const { message, hint } = error as Error & { hint?: string }
    console.log(`The tests ${tests} cannot run: ${message}`)
    if (hint !== undefined) console.log(hint)
  }
}

function integrationTests(): string[] {
  const program = join(import.meta.dirname, '..', 'node_modules', '.bin', 'vitest')
  const { stdout } = spawnSync(program, ['list', '--project=integration'], {
    encoding: 'utf8',
    env: { ...process.env, QUIPU_TEST_LIST: '1' },
  })
  const names = stdout.split('\n').filter((line) => line.startsWith('['))
  return names.length > 0 ? names : ['integration tests (all)']
}

function failure(name: string): Tally {
  return { ...nothing, failures: [name] }
}

function summary(name: string, { passed, failures, skipped }: Tally): string {
  const skips = skipped.length === 0 ? '' : `, ${skipped.length} not run`
  return `${name}: ${passed} passed, ${failures.length} failed${skips}`
}

try {
  await main()
} catch (error) {
  console.error(error)
  process.exitCode = 1
  console.log('0 passed, 1 failed')
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
