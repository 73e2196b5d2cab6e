/** `quipu losses`: the ids that are missing or too many, with their evidence. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { suggestion } from '../base/nearest.ts'
import { plural } from '../base/words.ts'
import { type FindingCode, findingCodes } from '../finding/finding.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import { out, talk } from './io.ts'
import { list, STORE_DEFAULT, sinceTime } from './options.ts'
import type { ReadOptions } from './store-reader.ts'

interface LossesOptions extends ReadOptions {
  readonly kind?: readonly FindingCode[]
  readonly json?: boolean
  readonly ndjson?: boolean
}

const CODES = Object.keys(findingCodes)

export function registerLosses(program: Command): void {
  program
    .command('losses')
    .summary('list lost, altered, doubled and unexpected messages by id')
    .description(
      'Lists messages that are lost, altered, doubled or unexpected, by id, with the evidence.',
    )
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--pipeline <name>', 'only this pipeline')
    .option('--edge <name>', "only this edge, such as 'enrich -> enriched'")
    .option('--kind <list>', 'only these kinds (or `all`), such as lost,altered', kinds)
    .option(
      '--since <time>',
      'only windows that start since then: 1h, 7d, 2026-11-23T01:00Z',
      sinceTime,
    )
    .addOption(new Option('--json', 'JSON of the schema quipu.losses/v1').conflicts('ndjson'))
    .option('--ndjson', 'one JSON object a line, for other programs')
    .addHelpText(
      'after',
      `
Kinds: ${wrapped(CODES)}
Without --kind: those that are proven to be wrong with a message.

Examples:
  quipu losses
  quipu losses --edge 'enrich -> enriched' --kind lost
  quipu losses --since 1h --ndjson | jq -r .id`,
    )
    .action(async (options: LossesOptions) => {
      const { read, withStore } = await import('./store-reader.ts')
      const { lossRows } = await import('../objective/losses.ts')
      const { verdicts } = await withStore(options.store, (store) => read(store, options))
      const rows = lossRows(verdicts, options.kind)
      if (options.json || options.ndjson) {
        const { jsonText } = await import('../../reports/json.ts')
        if (options.json) {
          const since = options.since === undefined ? null : new Date(options.since).toISOString()
          const at = new Date().toISOString()
          out(jsonText({ schema: 'quipu.losses/v1', at, since, losses: [...rows] }))
        } else for (const row of rows) out(jsonText(row, 0))
        return
      }
      const { renderLosses } = await import('../../reports/losses.ts')
      const { isColorSupported } = (await import('picocolors')).default
      let lines = 0
      for (const text of renderLosses(rows, { color: isColorSupported })) {
        out(text)
        lines++
      }
      if (lines === 0) out('None found.\n')
      const unjudged = verdicts.filter(isUnjudged).length
      if (unjudged > 0)
        talk(
          `not judged yet, or without evidence: ${plural(unjudged, 'window')}; see: quipu report`,
        )
    })
}

/** Nothing found there is not the same as nothing there. */
function isUnjudged({ state, verdict }: EdgeVerdict): boolean {
  return state === 'open' || verdict === 'indeterminate'
}

function kinds(value: string, before: readonly string[] | undefined): readonly string[] {
  const names = list(value, before)
  if (names.includes('all')) return CODES
  const wrong = names.find((name) => !CODES.includes(name))
  if (wrong !== undefined) {
    throw new InvalidArgumentError(`There is no kind \`${wrong}\`${suggestion(wrong, CODES)}`)
  }
  return names
}

function wrapped(names: readonly string[]): string {
  let [text, column] = ['', 7]
  for (const [i, name] of names.entries()) {
    const item = i === names.length - 1 ? name : `${name}, `
    if (column + item.length > 80) {
      text = `${text.trimEnd()}\n       `
      column = 7
    }
    text += item
    column += item.length
  }
  return text
}
