/** `quipu init`: the first pipeline file, with comments. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { QuipuError } from '../base/errors.ts'
import type { Ask, InitFlags } from './init/answers.ts'
import type { Found } from './init/look.ts'
import { out, talk } from './io.ts'
import { brokerList, list } from './options.ts'
import { writeNew, writeWhole } from './whole-file.ts'

interface Flags extends InitFlags {
  readonly output: string
  readonly force?: boolean
  readonly yes?: boolean
}

export function registerInit(program: Command): void {
  program
    .command('init')
    .summary('write a first pipeline file')
    .description(
      'Writes a first pipeline file with comments, from flags, from questions (on a terminal), and from what a broker tells of its topics and who reads them.',
    )
    .option('--output <file>', 'where to; `-`: stdout', 'quipu.yaml')
    .option('--force', 'overwrite the file')
    .option('--yes', 'ask nothing, take what is proposed')
    .option('--pipeline <name>', 'the name of the pipeline')
    .option('--team <name>', 'the team that owns it')
    .option('--contact <text>', 'where to reach it')
    .option(
      '--brokers <list>',
      'HOST:PORT, with commas between; asked for topics and groups',
      brokerList,
    )
    .option('--topics <list>', 'topics in the order in which messages travel', list)
    .option('--groups <list>', 'GROUP[:TOPIC[:NEXT]], as for `quipu audit`', list)
    .option('--services <list>', 'SERVICE[:TOPIC]: who sends', list)
    .addHelpText(
      'after',
      `
A broker tells who reads a topic, not where messages go on from there: such edges are
left to you, since a wrong one would accuse a group of losing everything.

Exit codes:
  0  the file is written
  2  wrong usage, or there is a file already
  4  no broker answers, or the file cannot be written

Examples:
  quipu init
  quipu init --brokers localhost:9092 --yes
  quipu init --topics flights,flights.enriched --groups enrich --services checkin
  quipu init --output - --yes | less`,
    )
    .action(async (flags: Flags) => {
      const { output, force = false } = flags
      // Asked first: nobody should answer questions for nothing.
      if (output !== '-' && !force && existsSync(output)) throw thereIsOne(output)
      const { fileOf } = await import('./init/draft.ts')
      const { draftOf } = await import('./init/answers.ts')
      const asks = flags.yes !== true && process.stdin.isTTY === true
      const asking = asks ? await terminal() : null
      let text = ''
      try {
        text = fileOf(await draftOf(flags, asking?.ask ?? null, look))
      } finally {
        asking?.close()
      }
      text = `${schemaLine(output)}${text}`
      await refuseUnfit(text)
      if (output === '-') {
        out(text)
        return
      }
      if (force) writeWhole(output, text)
      else if (!writeNew(output, text)) throw thereIsOne(output)
      talk(
        `wrote ${output}; check it with: quipu lint${output === 'quipu.yaml' ? '' : ` ${output}`}`,
      )
    })
}

/** Where the package lies beside the file, editors are told of its schema; a wrong path would be an error there. */
function schemaLine(output: string): string {
  const place = 'node_modules/quipu-audit/schemas/pipeline.schema.json'
  const folder = output === '-' ? '.' : dirname(output)
  return existsSync(join(folder, place)) ? `# yaml-language-server: $schema=${place}\n` : ''
}

/** Names from flags and answers may be none. @throws QuipuError CONFIG: what `quipu lint` would say */
async function refuseUnfit(text: string): Promise<void> {
  const { lint } = await import('../lint/lint.ts')
  const wrong = lint(text, 'quipu.yaml', process.env).findings.find((f) => f.severity === 'error')
  if (wrong === undefined) return
  throw new QuipuError('CONFIG', `this would make no pipeline file: ${wrong.message}`, {
    hint: 'Give another name; nothing was written.',
  })
}

/** Questions are talk: stdout is for the file. Lines that come before they are asked for are kept. */
async function terminal(): Promise<{ readonly ask: Ask; readonly close: () => void }> {
  const { createInterface } = await import('node:readline')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // Nothing is written yet, so there is nothing to tidy up.
  lines.once('SIGINT', () => process.exit(130))
  const answers = lines[Symbol.asyncIterator]()
  return {
    ask: async (question, fallback) => {
      const shown = fallback === '' ? '' : ` [${fallback}]`
      lines.setPrompt(`${question}${shown}: `)
      lines.prompt()
      const { value, done } = await answers.next()
      if (done === true) throw new QuipuError('CONFIG', 'the questions were not answered')
      return value.trim() || fallback
    },
    close: () => lines.close(),
  }
}

async function look(brokers: readonly string[]): Promise<Found> {
  const { Kafka, logLevel } = await import('kafkajs').catch((cause: unknown) => {
    throw new QuipuError('MISSING_PART', 'kafkajs is not installed', {
      hint: 'run: npm install kafkajs; or name topics and groups yourself',
      cause,
    })
  })
  const { lookAround } = await import('./init/look.ts')
  const kafka = new Kafka({
    ...{ clientId: 'quipu', brokers: [...brokers], logLevel: logLevel.NOTHING },
    ...{ connectionTimeout: 3_000, retry: { initialRetryTime: 200, retries: 3 } },
  })
  return await lookAround(kafka, brokers)
}

const thereIsOne = (path: string): QuipuError =>
  new QuipuError('CONFIG', `there is a file already: ${path}`, {
    hint: 'Overwrite it with --force, or write elsewhere with --output FILE.',
  })
