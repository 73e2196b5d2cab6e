/** `quipu doctor`: its flags. What it looks at is in doctor/examine.ts. */
import type { Command } from 'commander'
import { out } from './io.ts'
import { STORE_DEFAULT } from './options.ts'

interface DoctorFlags {
  readonly config?: string
  readonly store: string
  readonly alerts: boolean
  readonly json?: boolean
}

/** ms that the output has to be written out. */
const LINGER_MS = 1_000

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('check this machine, the file, the store, the brokers and the agents')
    .description(
      'Checks what an audit needs, and says what to do: this machine, the pipeline file, the store, the receivers of alerts, brokers with their topics and groups, and the agents that were heard. Changes nothing at the brokers, and alerts nobody.',
    )
    .option('--config <file>', 'the pipeline file (else QUIPU_CONFIG, else ./quipu.yaml)')
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--no-alerts', 'do not connect to the receivers of alerts')
    .option('--json', 'JSON of the schema quipu.doctor/v1')
    .addHelpText(
      'after',
      `
Every question has a limit of time; an answer that does not come is told as such.
Receivers of alerts are connected to, and sent nothing: quipu alert test does that.

Exit codes:
  0  nothing is wrong; there may be things to look at
  1  something is wrong
  2  wrong usage
  4  the doctor itself failed

Examples:
  quipu doctor
  quipu doctor --config quipu.yaml --store /var/lib/quipu/quipu.db
  quipu doctor --json | jq '.checks[] | select(.state != "ok")'`,
    )
    .action(async ({ config, store, alerts, json = false }: DoctorFlags) => {
      const { examine } = await import('./doctor/examine.ts')
      const { doctorCode } = await import('./doctor/check.ts')
      const named = config === undefined ? {} : { config }
      const checks = await examine({
        ...named,
        store,
        alerts,
        env: process.env,
        cwd: process.cwd(),
      })
      const exitCode = doctorCode(checks)
      process.exitCode = exitCode
      if (json) {
        const { jsonText } = await import('../../reports/json.ts')
        out(jsonText({ schema: 'quipu.doctor/v1', exitCode, checks }))
      } else {
        const { renderDoctor } = await import('./doctor/render.ts')
        const { isColorSupported } = (await import('picocolors')).default
        out(renderDoctor(checks, isColorSupported))
      }
      // A client that was given up may still be waiting for its broker.
      setTimeout(() => process.exit(), LINGER_MS).unref()
    })
}
