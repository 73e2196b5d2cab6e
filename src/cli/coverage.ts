/** `quipu coverage`: what of each hop was seen, what is missing, and since when. */
import type { Command } from 'commander'
import type { HopSummary } from '../objective/hop-coverage.ts'
import { isoOf } from '../objective/iso.ts'
import { out } from './io.ts'
import { instant, STORE_DEFAULT, sinceTime } from './options.ts'
import type { ReadOptions } from './store-reader.ts'

/** It only grows: schemas/coverage.schema.json says what is in it. */
const SCHEMA = 'quipu.coverage/v1'

interface CoverageOptions extends ReadOptions {
  readonly hop?: string
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
      'windows that start since then, holes open since then: 1h, 7d, 2026-11-23T01:00Z (default: one day)',
      sinceTime,
    )
    .option('--until <time>', 'windows that start before then, holes that began before', instant)
    .option('--json', 'JSON of the schema quipu.coverage/v1')
    .addHelpText(
      'after',
      `
A hole that ended before --since is counted, and decides nothing. Holes of unknown times,
from before times were kept, are shown, and the windows decide.

Exit codes:
  0  every declared hop is seen whole in that time
  2  wrong usage
  3  a hop is not seen whole in that time, or there is none
  4  the store cannot be read

Examples:
  quipu coverage
  quipu coverage --hop enrich --since 7d
  quipu coverage --json | jq '.hops[] | select(.standing != "whole") | {hop, since, why}'`,
    )
    .action(async (options: CoverageOptions) => {
      const { ASKED_MS, coverageCode } = await import('../objective/hop-coverage.ts')
      const now = Date.now()
      const { until, since = (until ?? now) - ASKED_MS } = options
      const hops = await readHops({ ...options, since }, now)
      const exitCode = coverageCode(hops)
      process.exitCode = exitCode
      if (options.json) {
        const { jsonText } = await import('../../reports/json.ts')
        const [at, from] = [isoOf(now), isoOf(since)]
        const to = until === undefined ? null : isoOf(until)
        out(jsonText({ schema: SCHEMA, at, since: from, until: to, exitCode, hops }))
        return
      }
      const { renderHopCoverage } = await import('../../reports/hop-coverage.ts')
      const { isColorSupported } = (await import('picocolors')).default
      out(renderHopCoverage(hops, { since, until, color: isColorSupported }))
    })
}

/** @throws QuipuError NOT_FOUND: the store, or the hop asked for */
async function readHops(
  options: CoverageOptions & { readonly since: number },
  now: number,
): Promise<HopSummary[]> {
  const { read, unknown, withStore } = await import('./store-reader.ts')
  const { summarizeHops } = await import('../objective/hop-coverage.ts')
  const { store: path, hop: name, since, until } = options
  const hops = await withStore(path, async (store) => {
    const { pipelines, verdicts } = await read(store, options)
    const [coverage, instances, gaps] = await Promise.all([
      store.coverage(),
      store.instances(since),
      store.gaps(),
    ])
    return summarizeHops({
      ...{ pipelines, verdicts, coverage, instances, gaps, now, since, until },
    })
  })
  const found = hops.filter(({ hop }) => name === undefined || hop === name)
  if (name === undefined || found.length > 0) return found
  throw unknown('hop', name, [...new Set(hops.map(({ hop }) => hop))])
}
