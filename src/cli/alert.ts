/** `quipu alert`: whether those who should be told can be, and what came of telling them. */
import type { Command } from 'commander'
import type { ObjectiveSeverity } from '../objective/objective.ts'
import { severities } from '../objective/objective.ts'
import { STORE_DEFAULT, whole } from './options.ts'

export interface AlertTestFlags {
  readonly config?: string
  readonly route?: number
  readonly severity?: ObjectiveSeverity
  readonly json?: boolean
}

export interface AlertStatusFlags {
  readonly store: string
  readonly json?: boolean
}

const ROUTES_MAX = 1_000

export function registerAlert(program: Command): void {
  const alert = program
    .command('alert')
    .helpCommand(false)
    .summary('try the routes of alerts, and see what was told')
    .description(
      'Tries the routes of alerts, and shows what was told. `quipu audit` sends them: see `alerting` in the pipeline file.',
    )
  alert
    .command('test')
    .summary('send a test event through each route')
    .description('Sends a test event to each target of the pipeline file, and says what came back.')
    .option('--config <file>', 'the pipeline file (else QUIPU_CONFIG, else ./quipu.yaml)')
    .option('--route <n>', 'only this route, from 1', whole(1, ROUTES_MAX))
    .addOption(
      alert
        .createOption('--severity <severity>', 'what the event says (default: ticket)')
        .choices([...severities]),
    )
    .option('--json', 'JSON: what came back from each target')
    .addHelpText(
      'after',
      `
The event fires, and is resolved at once, so that nothing stays open.

Exit codes:
  0  every target took it
  1  one did not
  2  wrong usage or configuration

Examples:
  quipu alert test
  quipu alert test --route 1 --severity page`,
    )
    .action(async (flags: AlertTestFlags) => {
      const { testAlerts } = await import('./alert-test.ts')
      process.exitCode = await testAlerts(flags)
    })
  alert
    .command('status')
    .summary('show what fires, what waits to be sent, and what came of it')
    .description('Shows what fires, what waits to be sent, and what came of it, by target.')
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--json', 'the same as JSON')
    .addHelpText(
      'after',
      `
Exit codes:
  0  nothing fires, and everything was sent
  1  something fires
  3  something could not be sent so far
  4  the store cannot be read

Examples:
  quipu alert status
  quipu alert status --json | jq '.firing[].key'`,
    )
    .action(async (flags: AlertStatusFlags) => {
      const { alertStatus } = await import('./alert-status.ts')
      process.exitCode = await alertStatus(flags)
    })
}
