/** `quipu forecast`: which group will reach the start of its log, and lose what it has not read. */
import type { Command } from 'commander'
import type { GroupForecast } from '../diagnose/forecast.ts'
import { out } from './io.ts'
import { duration, STORE_DEFAULT } from './options.ts'

const WITHIN_MS = 86_400_000

interface ForecastOptions {
  readonly store: string
  readonly pipeline?: string
  readonly group?: string
  /** ms */
  readonly within?: number
  readonly json?: boolean
}

export function registerForecast(program: Command): void {
  program
    .command('forecast')
    .summary('say which group will lose what it has not read, and when')
    .description(
      'Says which group will be passed by the start of its log, and lose what it has not read, if the group, the writers and the deletion go on as they went lately.',
    )
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--pipeline <name>', 'only groups of this pipeline')
    .option('--group <name>', 'only this consumer group')
    .option('--within <duration>', 'a loss within that time is a finding (default: 24h)', duration)
    .option('--json', 'JSON of the schema quipu.forecast/v1')
    .addHelpText(
      'after',
      `
The samples are those that a running \`quipu audit\` takes as it polls the groups. A log is deleted by
whole segments, so the number of messages is a range: with one segment less, and one more. Nothing is
foretold of a group that has committed nothing, by a few seconds of samples, or when the newest is older
than 15 minutes.

Exit codes:
  0  no group loses anything within that time
  1  one does
  2  wrong usage
  3  of a group, or a partition of one, nothing can be foretold
  4  the store cannot be read

Examples:
  quipu forecast
  quipu forecast --group enrich --within 6h
  quipu forecast --json | jq '.groups[] | select(.lossInMs != null) | {group, topic, lossAt}'`,
    )
    .action(async (options: ForecastOptions) => {
      const { forecastCode, forecastJson, renderForecast } = await import(
        '../../reports/forecast.ts'
      )
      const now = Date.now()
      const groups = await readForecast(options, now)
      const report = { now, withinMs: options.within ?? WITHIN_MS, groups }
      process.exitCode = forecastCode(report)
      if (options.json) {
        const { jsonText } = await import('../../reports/json.ts')
        out(jsonText(forecastJson(report)))
        return
      }
      const { isColorSupported } = (await import('picocolors')).default
      out(renderForecast(report, { color: isColorSupported }))
    })
}

/** @throws QuipuError NOT_FOUND: the store, or what is asked for by name */
async function readForecast(
  { store: path, pipeline, group }: ForecastOptions,
  now: number,
): Promise<readonly GroupForecast[]> {
  const { auditedIn, unknown, withStore } = await import('./store-reader.ts')
  const { forecastOf } = await import('../diagnose/forecast.ts')
  const { lagsOf } = await import('../diagnose/lags.ts')
  const { hopKey } = await import('../hop/hop.ts')
  const { LAGS_FACT } = await import('../store/facts.ts')
  const [pipelines, lags] = await withStore(path, async (store) => [
    await auditedIn(store),
    lagsOf(await store.fact(LAGS_FACT)),
  ])
  const names = pipelines.map(({ name }) => name)
  if (pipeline !== undefined && !names.includes(pipeline))
    throw unknown('pipeline', pipeline, names)
  const chosen = pipelines.filter(({ name }) => pipeline === undefined || name === pipeline)
  const hops = chosen.flatMap((p) => p.hops.map(({ hop }) => hop))
  const groups = hops.filter(({ role }) => role === 'consumer')
  const known = [...new Set(groups.map((hop) => hop.group))]
  if (group !== undefined && !known.includes(group)) throw unknown('group', group, known)
  const wanted = groups.filter((hop) => group === undefined || hop.group === group)
  const byKey = new Map(lags.map((one) => [hopKey(one.group), one]))
  const asked = wanted.map(
    (hop) => byKey.get(hopKey(hop)) ?? { group: hop, isCompacted: false, partitions: [] },
  )
  return forecastOf(asked, now)
}
