/** `quipu coverage`: what of each hop was seen, what is missing, and since when. */
import type { Command } from 'commander'
import type { HopSummary } from '../objective/hop-coverage.ts'
import { out } from './io.ts'
import { instant, STORE_DEFAULT } from './options.ts'
import type { ReadOptions } from './store-reader.ts'

interface CoverageOptions extends ReadOptions {
  readonly hop?: string
  /** ms */
  readonly until?: number
  readonly json?: boolean
}

export function registerCoverage(program: Command): void {
  program
    .command('coverage')
    .summary('show what each hop saw, what is missing, and since when')
    .description(
      'Shows what of each hop was seen: its windows, offsets and agents, what is missing, since when.',
    )
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--pipeline <name>', 'only this pipeline')
    .option('--hop <name>', 'only this hop, by its name in the pipeline')
    .option(
      '--since <time>',
      'only windows that start since then: 1h, 7d, 2026-11-23T01:00Z',
      instant,
    )
    .option('--until <time>', 'only windows that start before then', instant)
    .option('--json', 'JSON of the schema quipu.coverage/v1')
    .addHelpText(
      'after',
      `
Offsets that nobody watched have no time: with --since or --until they are shown, and
only the windows decide.

Exit codes:
  0  every declared hop is seen whole
  2  wrong usage
  3  a hop is not seen whole, or there is none
  4  the store cannot be read

Examples:
  quipu coverage
  quipu coverage --hop enrich --since 1h
  quipu coverage --json | jq '.hops[] | select(.standing != "whole") | {hop, since, why}'`,
    )
    .action(async (options: CoverageOptions) => {
      const { coverageCode } = await import('../objective/hop-coverage.ts')
      const now = Date.now()
      const hops = await readHops(options, now)
      const exitCode = coverageCode(hops)
      process.exitCode = exitCode
      if (options.json) {
        const { jsonText } = await import('../../reports/json.ts')
        const [since, until] = [isoOrNull(options.since), isoOrNull(options.until)]
        const at = new Date(now).toISOString()
        out(jsonText({ schema: 'quipu.coverage/v1', at, since, until, exitCode, hops }))
        return
      }
      const { renderHopCoverage } = await import('../../reports/hop-coverage.ts')
      const { isColorSupported } = (await import('picocolors')).default
      out(renderHopCoverage(hops, { color: isColorSupported }))
    })
}

/** @throws QuipuError NOT_FOUND: the store, or the hop asked for */
async function readHops(options: CoverageOptions, now: number): Promise<HopSummary[]> {
  const { read, unknown, withStore } = await import('./store-reader.ts')
  const { summarizeHops } = await import('../objective/hop-coverage.ts')
  const { store: path, hop: name, since, until } = options
  const hops = await withStore(path, async (store) => {
    const { pipelines, verdicts } = await read(store, options)
    const asked = verdicts.filter((v) => until === undefined || v.window.start < until)
    const [coverage, instances, gaps] = await Promise.all([
      store.coverage(),
      store.instances(),
      store.gaps(),
    ])
    return summarizeHops({
      ...{ pipelines, verdicts: asked, coverage, instances, gaps, now, since, until },
    })
  })
  const found = hops.filter(({ hop }) => name === undefined || hop === name)
  if (name === undefined || found.length > 0) return found
  throw unknown('hop', name, [...new Set(hops.map(({ hop }) => hop))])
}

const isoOrNull = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString()
