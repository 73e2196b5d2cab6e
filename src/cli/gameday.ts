/** `quipu gameday`: its flags. What it does is in gameday/play-days.ts. */
import type { Command } from 'commander'
import { out, talk } from './io.ts'
import { brokerList, whole } from './options.ts'

interface GameDayFlags {
  readonly seed: number
  readonly count: number
  readonly kafka?: boolean
  readonly brokers?: readonly string[]
  readonly json?: boolean
}

export function registerGameday(program: Command): void {
  program
    .command('gameday')
    .summary('break a drawn pipeline on purpose, and see whether the audit tells the truth')
    .description(
      'Draws a pipeline, its traffic and its faults from a seed, audits it, and compares every verdict, and what is said of the shape of messages, with what truly passed. Exits with 0 only if nothing false was said and nothing was missed.',
    )
    .option('--seed <n>', 'draws the day', whole(0, 0xffff_ffff), 1)
    .option('--count <n>', 'so many days, of this seed and those after it', whole(1, 100_000), 1)
    .option('--kafka', 'on three real brokers, which are started, with processes killed')
    .option(
      '--brokers <list>',
      'on these brokers, in topics that are made and removed: HOST:PORT, with commas between',
      brokerList,
    )
    .option('--json', 'what was compared and what differs, as JSON')
    .addHelpText(
      'after',
      `
Exit codes:
  0  everything that was said is true, and all that is true was said
  1  a verdict and the truth differ
  2  wrong usage
  4  a day could not be played

Examples:
  quipu gameday --seed 7
  quipu gameday --count 100
  quipu gameday --kafka --count 2
  quipu gameday --brokers staging-1:9092 --json`,
    )
    .action(async (flags: GameDayFlags) => {
      const { playDays } = await import('./gameday/play-days.ts')
      const { brokers = [] } = flags
      // To name brokers is to ask for them.
      const kafka = flags.kafka === true || brokers.length > 0
      const json = flags.json === true
      process.exitCode = await playDays({ ...flags, kafka, brokers, json, out, talk })
    })
}
