/** `quipu audit`: its flags. What it does is in audit-run.ts. */
import { type Command, Option } from 'commander'
import type { ConfigFlags } from '../config/resolve.ts'
import { out, talk } from './io.ts'
import { brokerList, list, STORE_DEFAULT } from './options.ts'
import { stopOnSignals } from './signals.ts'
import { type Listen, listenAddress } from './telemetry-address.ts'

interface AuditFlags extends ConfigFlags {
  readonly store: string
  readonly once?: boolean
  readonly json?: boolean
  readonly from: 'earliest' | 'latest'
  readonly retention: string
  readonly metrics?: Listen
}

/** ms for what is still to be written out. */
const LINGER_MS = 3_000

export function registerAudit(program: Command): void {
  program
    .command('audit')
    .summary('watch topics, collect what agents report, and judge')
    .description(
      'Reads the topics beside everybody else, collects the frames of the agents, judges every window as it settles, and keeps the books in a store.',
    )
    .option('--config <file>', 'the pipeline file (else QUIPU_CONFIG, else ./quipu.yaml)')
    .option('--brokers <list>', 'HOST:PORT, with commas between', brokerList)
    .option('--topics <list>', 'without a file: topics in the order in which messages travel', list)
    .option('--groups <list>', 'without a file: GROUP[:TOPIC[:NEXT]], see below', list)
    .option('--services <list>', 'without a file: SERVICE[:TOPIC] that must be heard to send', list)
    .option('--window <time>', 'without a file: size of a window, such as 1m (default: 1m)')
    .option('--lateness <time>', 'without a file: deadline after its end (default: 2m)')
    .option('--audit-topic <name>', 'where the frames are (default: quipu.tallies)')
    .option('--store <file>', 'the store; made where there is none', STORE_DEFAULT)
    .addOption(
      new Option('--from <place>', 'where to begin to read a topic that was never audited')
        .choices(['earliest', 'latest'])
        .default('earliest'),
    )
    .option('--retention <time>', 'how long windows and verdicts are kept', '30d')
    .option(
      '--metrics <address>',
      'serve metrics on [HOST:]PORT; see docs/telemetry.md',
      listenAddress,
    )
    .option('--once', 'stop when all is read and every window is settled')
    .option('--json', 'one JSON verdict, or finding of drift, a line')
    .addHelpText(
      'after',
      `
A group is written GROUP[:TOPIC[:NEXT]]. It reads TOPIC (left out: the first topic)
and passes messages on to NEXT (left out: the topic after TOPIC, if no other group
reads TOPIC; \`-\`: to none). Where no group and no service feeds a topic, every
producer that is heard to send to it counts.

Examples:
  quipu audit --brokers localhost:9092 --topics flights
  quipu audit --brokers localhost:9092 --topics flights,flights.enriched \\
      --groups enrich:flights,warehouse:flights.enriched
  quipu audit --config quipu.yaml --once && quipu check`,
    )
    .action(async (flags: AuditFlags) => {
      const { runAudit } = await import('./audit-run.ts')
      const stop = stopOnSignals(talk)
      try {
        const code = await runAudit({
          ...flags,
          once: flags.once === true,
          json: flags.json === true,
          out: (line) => out(`${line}\n`),
          talk,
          stop: stop.signal,
        })
        process.exitCode = stop.exitCode() || code
      } finally {
        stop.end()
        // A client that gave up on a broker may hold the process for minutes; all is said and stored.
        setTimeout(() => process.exit(), LINGER_MS).unref()
      }
    })
}
