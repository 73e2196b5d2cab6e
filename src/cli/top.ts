/** `quipu top`: where the audited edges stand, as the auditor says it. */
import { type Command, InvalidArgumentError } from 'commander'
import { duration, STORE_DEFAULT } from './options.ts'

interface TopFlags {
  readonly store: string
  readonly pipeline?: string
  /** ms */
  readonly last?: number
  /** ms */
  readonly every?: number
  readonly once?: boolean
  readonly json?: boolean
  readonly color: boolean
}

const LAST_MS = 3_600_000
const EVERY_MS = 2_000
/** ms: more looks only keep the disk busy; fewer than one a day is no live view. */
const EVERY_MIN_MS = 200
const EVERY_MAX_MS = 86_400_000

export function registerTop(program: Command): void {
  program
    .command('top')
    .summary('show live where each edge stands: rates, lag, losses, coverage')
    .description(
      'Shows live what the store says: of each edge its rate, lag, what is missing and doubled, and how much of it was seen; the newest findings, and agents that fell silent.',
    )
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--pipeline <name>', 'only this pipeline')
    .option('--last <duration>', 'messages born so long ago, and later (default: 1h)', duration)
    .option('--every <duration>', 'how often to look (default: 2s)', every)
    .option('--once', 'look once, print it, and end')
    .option('--json', 'one object of the schema quipu.top/v1 a line, one line a look')
    .option('--no-color', 'no colours; NO_COLOR and TERM=dumb do the same')
    .addHelpText(
      'after',
      `
On a terminal it takes another screen, and gives the old one back: q or Ctrl-C ends it. Anywhere else,
and on a dumb terminal, it prints one frame and ends.

Columns: msg/s is the rate of messages expected in the newest five settled windows; flight, messages that
are not there yet; behind, what a group had not read when it was asked last; seen, the share of hops and
windows that the audit saw whole. – is not known, ≥ at least, ? not known to be none, ~ scaled from a sample.

Examples:
  quipu top
  quipu top --pipeline flights --last 15m --every 5s
  quipu top --once
  quipu top --json --once | jq '.pipelines[].edges[] | {edge, standing, rate, missing}'

Exits with 0 whatever it shows; \`quipu check\` judges.`,
    )
    .action(async (flags: TopFlags) => {
      const { isColorSupported } = (await import('picocolors')).default
      const { runTop } = await import('./top-run.ts')
      const { store, pipeline, last: lastMs = LAST_MS, every: everyMs = EVERY_MS } = flags
      const { once = false, json = false } = flags
      process.exitCode = await runTop({
        ...{ store, lastMs, everyMs, once, json },
        ...(pipeline === undefined ? {} : { pipeline }),
        color: flags.color && isColorSupported && process.env.TERM !== 'dumb',
      })
    })
}

function every(value: string): number {
  const ms = duration(value)
  if (ms < EVERY_MIN_MS || ms > EVERY_MAX_MS) {
    throw new InvalidArgumentError('Expected a duration from 200ms to 24h.')
  }
  return ms
}
