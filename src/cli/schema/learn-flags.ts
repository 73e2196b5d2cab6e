/** `quipu schema learn`: its flags. */
import type { Command } from 'commander'
import { brokerList, instant, whole } from '../options.ts'

export interface LearnFlags {
  readonly topic?: string
  readonly file?: string
  /** ms */
  readonly since?: number
  readonly brokers?: readonly string[]
  readonly config?: string
  readonly cluster?: string
  readonly max: number
  readonly out?: string
  readonly values?: boolean
  readonly bounds?: boolean
  readonly json?: boolean
}

const MESSAGES_MAX = 10_000_000

export function registerSchemaLearn(schema: Command): void {
  schema
    .command('learn')
    .summary('draft a JSON Schema from the messages of a topic or a file')
    .description(
      'Reads messages and drafts a JSON Schema (2020-12) of what they have in common, with how many had each field and what is not sure. Joins no group of yours and commits nothing.',
    )
    .option('--topic <name>', 'the topic to read')
    .option('--file <file>', 'JSON lines instead of a topic; `-`: what comes in')
    .option('--since <time>', 'messages since then: 24h (ago), 2026-11-23T09:00Z', instant)
    .option(
      '--brokers <list>',
      'HOST:PORT, with commas between (else as the file says)',
      brokerList,
    )
    .option('--config <file>', 'the pipeline file (else QUIPU_CONFIG, else ./quipu.yaml)')
    .option('--cluster <name>', 'where the file declares several')
    .option(
      '--max <count>',
      'messages at most: the newest of a topic, the first of a file',
      whole(1, MESSAGES_MAX),
      100_000,
    )
    .option('--out <file>', 'write the schema there (default: to stdout)')
    .option('--values', 'show values: few texts that come again and again become an enumeration')
    .option('--bounds', 'take the ranges of numbers and lengths that were seen for bounds')
    .option('--json', 'JSON of the schema quipu.schema-learn/v1: the draft, what was seen, doubts')
    .addHelpText(
      'after',
      `
Messages with a schema id are read by the registry that the file names; others are read as
JSON. What was seen, and what is not sure, is told on stderr. The draft is a beginning: read
it before you promise it.

Exit codes:
  0  a draft is written
  2  wrong usage or configuration
  3  there is no message that can be read
  4  the topic or file cannot be read, or the draft not be written
  130/143  stopped by a signal; nothing is written

Examples:
  quipu schema learn --topic flights --since 24h --out schemas/flights.schema.json
  quipu schema learn --topic flights --brokers localhost:9092 --max 10000 --values
  kcat -C -e -t flights | quipu schema learn --file -`,
    )
    .action(async (flags: LearnFlags) => {
      const { learn } = await import('./learn.ts')
      const { stopOnSignals } = await import('../signals.ts')
      const { talk } = await import('../io.ts')
      const stop = stopOnSignals(talk)
      try {
        const code = await learn(flags, stop.signal)
        process.exitCode = stop.exitCode() || code
      } finally {
        stop.end()
      }
    })
}
