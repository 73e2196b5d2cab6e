/** `quipu trace`: the way of one message across all hops. */
import { existsSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import type { Trace } from '../diagnose/trace.ts'
import type { IdentitySpec } from '../message/identity.ts'
import type { Store } from '../store/store.ts'
import { out, talk } from './io.ts'
import { brokerList, duration, instant, list, STORE_DEFAULT } from './options.ts'
import type { ScopeFlags } from './trace-scope.ts'

interface TraceFlags extends ScopeFlags {
  readonly store: string
  readonly foreign?: boolean
  /** ms */
  readonly since?: number
  readonly until?: number
  /** ms */
  readonly timeout?: number
  readonly log: boolean
  readonly traceUrl?: string
  readonly recordUrl?: string
  readonly json?: boolean
}

/** ms: births of a foreign id that nothing else tells. */
const SINCE_MS = 3_600_000
/** ms that logs are searched. */
const TIMEOUT_MS = 10_000
/** ms between two lines that say how far the search is. */
const TELL_MS = 2_000

const CODES = { fine: 0, wrong: 1, unknown: 3 } as const

export function registerTrace(program: Command): void {
  program
    .command('trace')
    .summary('show the way of one message across all hops')
    .description(
      'Shows the way of one message: where it lies in each topic, what each edge says of it, and what could not be known.',
    )
    .argument(
      '<id>',
      'an id, TOPIC:PARTITION:OFFSET, or a key, header or field that ids are made of',
    )
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--config <file>', 'the pipeline file (else QUIPU_CONFIG, else ./quipu.yaml)')
    .option('--brokers <list>', 'HOST:PORT, with commas between', brokerList)
    .option('--pipeline <name>', 'only this pipeline')
    .option('--topics <list>', 'without a pipeline: topics in the order of travel', list)
    .option(
      '--groups <list>',
      'without a pipeline: GROUP[:TOPIC[:NEXT]], as in `quipu audit`',
      list,
    )
    .option(
      '--identity <where>',
      'with --topics: ids are `key`, `header:NAME` or `json:/POINTER`',
      identity,
    )
    .option('--foreign', 'ID is a key, header or field, even if it looks like an id or a place')
    .option('--since <time>', 'of a foreign id: born since then (default: 1h)', instant)
    .option('--until <time>', 'of a foreign id: born until then (default: now)', instant)
    .option('--timeout <time>', 'how long the logs are searched at most (default: 10s)', duration)
    .option('--no-log', 'ask no broker')
    .option('--trace-url <template>', 'such as https://jaeger/trace/{traceId}')
    .option('--record-url <template>', 'such as https://ui/topics/{topic}/{partition}/{offset}')
    .option('--json', 'JSON of the schema quipu.trace/v1')
    .addHelpText(
      'after',
      `
Contents of messages are compared, never shown.

Exit codes:
  0  found, and nothing is wrong with it
  1  something is wrong with it
  2  wrong usage
  3  cannot say: not found, not judged, or evidence is missing
  4  failure

Examples:
  quipu trace 0193590a-7c11-7a40-9a13-5a0c00000400
  quipu trace flights:2:18211 --brokers localhost:9092
  quipu trace order-4711 --foreign --since 2h
  quipu trace order-4711 --brokers localhost:9092 --topics orders --identity key`,
    )
    .action(async (id: string, flags: TraceFlags) => {
      const { stopOnSignals } = await import('./signals.ts')
      const stop = stopOnSignals(talk)
      try {
        const trace = await traceOf(id, flags, stop.signal)
        await print(trace, flags)
        process.exitCode = stop.exitCode() || CODES[trace.state]
      } finally {
        stop.end()
      }
    })
}

async function traceOf(asked: string, flags: TraceFlags, signal: AbortSignal): Promise<Trace> {
  await checkLinks(flags)
  const { auditedIn, withStore } = await import('./store-reader.ts')
  const { scopeOf } = await import('./trace-scope.ts')
  const { lookersOf } = await import('./trace-logs.ts')
  const { gatherTrace } = await import('./trace-gather.ts')
  const { targetOf } = await import('../diagnose/trace-target.ts')
  const run = async (store: Store | null): Promise<Trace> => {
    const { pipelines, clusters } = scopeOf(flags, store === null ? [] : await auditedIn(store))
    const lookers = flags.log ? await lookersOf(clusters) : new Map()
    const now = Date.now()
    let told = now
    try {
      return await gatherTrace({
        ...{ asked, pipelines, store, lookers, now, signal },
        target: targetOf(asked, flags.foreign === true),
        noLog: flags.log
          ? 'no brokers are named: no log was searched'
          : '--no-log: no log was searched',
        noStore: `there is no store at ${flags.store}: nobody judged it`,
        since: flags.since ?? now - SINCE_MS,
        until: flags.until ?? now,
        timeoutMs: flags.timeout ?? TIMEOUT_MS,
        onProgress: (line) => {
          if (Date.now() - told < TELL_MS) return
          told = Date.now()
          talk(line)
        },
      })
    } finally {
      await Promise.all([...lookers.values()].map((looker) => looker.close()))
    }
  }
  // A store that is named must be there; the default one may not be.
  if (flags.store === STORE_DEFAULT && !existsSync(flags.store)) return run(null)
  return withStore(flags.store, run)
}

async function checkLinks({ traceUrl, recordUrl }: TraceFlags): Promise<void> {
  const { linkProblem } = await import('../../reports/trace-links.ts')
  const { QuipuError } = await import('../base/errors.ts')
  const check = (flag: string, template: string | undefined, names: readonly string[]): void => {
    const problem = template === undefined ? null : linkProblem(template, names)
    if (problem !== null) throw new QuipuError('CONFIG', `${flag} ${template}: ${problem}`)
  }
  check('--trace-url', traceUrl, ['traceId', 'spanId'])
  check('--record-url', recordUrl, ['topic', 'partition', 'offset'])
}

async function print(
  trace: Trace,
  { store, json, traceUrl, recordUrl }: TraceFlags,
): Promise<void> {
  const links = { trace: traceUrl ?? null, record: recordUrl ?? null }
  if (json) {
    const { jsonText } = await import('../../reports/json.ts')
    const { traceJson } = await import('../../reports/trace-json.ts')
    out(jsonText(traceJson(trace, Date.now(), links)))
    return
  }
  const { renderTrace } = await import('../../reports/trace.ts')
  const { isColorSupported } = (await import('picocolors')).default
  const { storeFlag } = await import('./explain-next.ts')
  out(renderTrace(trace, { color: isColorSupported, links, flags: storeFlag(store) }))
}

function identity(value: string): IdentitySpec {
  const [by, rest] = [value.split(':', 1)[0], value.slice(value.indexOf(':') + 1)]
  if (value === 'key') return { by: 'key' }
  if (by === 'header' && rest !== '' && rest !== value) return { by: 'header', name: rest }
  if (by === 'json' && rest.startsWith('/')) return { by: 'json', pointer: rest }
  throw new InvalidArgumentError('Expected `key`, `header:NAME` or `json:/POINTER`.')
}
