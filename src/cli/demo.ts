/** `quipu demo`: its flags. What it does is in demo-run.ts. */
import type { Command } from 'commander'
import { out, talk } from './io.ts'
import { brokerList, whole } from './options.ts'

interface DemoFlags {
  readonly seed: number
  readonly messages: number
  readonly kafka?: boolean
  readonly brokers?: readonly string[]
  readonly json?: boolean
  /** False: none is written. */
  readonly report: string | false
}

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .summary('audit a pipeline with faults, and compare what was found')
    .description(
      'Runs a small pipeline whose faults are drawn from a seed, audits it, and compares what was found with what was injected. Exits with 0 only if they are the same, id by id.',
    )
    .option('--seed <n>', 'draws the faults', whole(0, 0xffff_ffff), 1)
    .option('--messages <n>', 'how many are sent', whole(120, 1_000_000), 5_000)
    .option('--kafka', 'on a real broker, which is started')
    .option('--brokers <list>', 'on these brokers: HOST:PORT, with commas between', brokerList)
    .option('--report <folder>', 'where report.html, report.json and report.md go', 'quipu-demo')
    .option('--no-report', 'write no files')
    .option('--json', 'what was injected and found, as JSON')
    .addHelpText(
      'after',
      `
Examples:
  quipu demo
  quipu demo --seed 7 --json
  quipu demo --kafka
  quipu demo --brokers localhost:9092`,
    )
    .action(async (flags: DemoFlags) => {
      const { runDemo } = await import('./demo-run.ts')
      const { brokers = [] } = flags
      // To name brokers is to ask for them.
      const kafka = flags.kafka === true || brokers.length > 0
      process.exitCode = await runDemo({
        ...flags,
        json: flags.json === true,
        kafka,
        brokers,
        out,
        talk,
      })
    })
}
