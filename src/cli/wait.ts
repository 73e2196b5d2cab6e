/** `quipu wait`: returns when all windows up to a time are settled, so that a job can start on whole data. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { CheckCode } from '../../reports/ci/exit-code.ts'
import type { Outcome } from '../../reports/ci/outcome.ts'
import type { Report } from '../objective/report.ts'
import { out, talk } from './io.ts'
import { duration, instant, STORE_DEFAULT } from './options.ts'
import type { ReadOptions } from './store-reader.ts'
import { versionOf } from './version.ts'

const SCHEMA = 'quipu.wait/v1'
const DAY_MS = 86_400_000
/** ms between two looks into the store. */
const LOOK_MS = 500
/** ms after which it is said again what is waited for, though it is the same. */
const TELL_MS = 30_000

interface WaitOptions extends ReadOptions {
  /** ms */
  readonly until?: number
  readonly timeout: number
  readonly final?: boolean
  readonly json?: boolean
}

export function registerWait(program: Command): void {
  program
    .command('wait')
    .summary('wait until all windows up to a time are settled, then judge them')
    .description('Waits until all windows up to a time are settled, then judges them.')
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--pipeline <name>', 'only this pipeline')
    .option(
      '--until <time>',
      'windows that start before then, also in the future: 2026-11-23T09:00Z, 1h (ago); default: now',
      instant,
    )
    .option('--since <time>', 'and since then; default: the day before --until', instant)
    .option('--timeout <time>', 'give up after so long: 30m, 0s (one look)', duration, 3_600_000)
    .option('--final', 'wait for the deadlines too: what is late until then is counted')
    .option('--json', 'JSON of the schema quipu.wait/v1')
    .addHelpText(
      'after',
      `
The auditor must run beside it, on the same store.

Exit codes:
  0  settled, and every edge is met
  1  an edge is breached
  2  wrong usage
  3  cannot judge: it took too long, or an edge saw no data or lacks evidence
  4  the store cannot be read

Examples:
  quipu wait --pipeline flights --until 2026-11-23T09:00Z --timeout 30m && ./start-the-job
  quipu wait --final --json | jq .exitCode`,
    )
    .action(async (options: WaitOptions) => {
      const { stopOnSignals } = await import('./signals.ts')
      const stop = stopOnSignals(talk)
      try {
        const code = await wait(options, stop.signal)
        process.exitCode = stop.exitCode() || code
      } finally {
        stop.end()
      }
    })
}

async function wait(options: WaitOptions, stop: AbortSignal): Promise<number> {
  const { withStore } = await import('./store-reader.ts')
  const { look } = await import('./wait-look.ts')
  const { pendingOf, toldAt } = await import('../objective/waiting.ts')
  const { reportOf } = await import('../objective/report-of.ts')
  const { outcomesOf } = await import('../../reports/ci/outcome.ts')
  const { checkCode } = await import('../../reports/ci/exit-code.ts')
  const { until = Date.now(), timeout, final = false } = options
  const since = options.since ?? until - DAY_MS
  if (since >= until) {
    const { QuipuError } = await import('../base/errors.ts')
    const { isoOf } = await import('../objective/iso.ts')
    throw new QuipuError('CONFIG', `no window starts from ${isoOf(since)} until ${isoOf(until)}`, {
      hint: 'Name a --since that is before --until.',
    })
  }
  const startedAt = Date.now()
  return withStore(options.store, async (store) => {
    const tellPending = teller()
    let told = Number.POSITIVE_INFINITY
    for (;;) {
      const now = Date.now()
      const seen = await look(store, { ...options, since, until })
      const { pipelines, verdicts } = seen
      told = toldAt({ ...seen, now, until }, told)
      const pending = pendingOf({ ...seen, toldAt: told, now, until, final })
      const left = startedAt + timeout - now
      const isLast = left <= 0 || stop.aborted
      if (pending.length > 0 && !isLast) {
        tellPending(pending, now)
        await sleep(Math.min(LOOK_MS, left), undefined, { signal: stop }).catch(() => {})
        continue
      }
      // Of the windows, not of the objectives: those have periods of their own.
      const promises: [] = []
      const report = reportOf({
        ...{ pipelines, promises, verdicts, now, since },
        ...{ detail: 'ids', version: versionOf() },
      })
      const outcomes = outcomesOf(report)
      const code = checkCode(outcomes)
      // What is proven stays proven; all else may still change.
      const exitCode = pending.length > 0 && code !== 1 ? 3 : code
      await print({ ...options, since, until, final }, { report, outcomes, pending, exitCode })
      return exitCode
    }
  })
}

interface Waited {
  readonly report: Report
  readonly outcomes: readonly Outcome[]
  readonly pending: readonly string[]
  readonly exitCode: CheckCode
}

async function print(
  { json, since, until, final }: WaitOptions & { since: number; until: number; final: boolean },
  { report, outcomes, pending, exitCode }: Waited,
): Promise<void> {
  const { at, standing, pipelines } = report
  if (json) {
    const { isoOf } = await import('../objective/iso.ts')
    const { jsonText } = await import('../../reports/json.ts')
    const span = { since: isoOf(since), until: isoOf(until), final }
    const edges = pipelines.flatMap((p) => p.edges)
    const settled = pending.length === 0
    out(jsonText({ schema: SCHEMA, at, ...span, settled, pending, exitCode, standing, edges }))
    return
  }
  const { renderCheck } = await import('../../reports/check.ts')
  const { isColorSupported } = (await import('picocolors')).default
  out(renderCheck(outcomes, { code: exitCode, color: isColorSupported }))
  for (const reason of pending) talk(`gave up waiting for ${reason}`)
}

/** Says what is waited for when that changes, and once in a while. */
function teller(): (pending: readonly string[], now: number) => void {
  let said = ''
  let saidAt = 0
  return (pending, now) => {
    const [first = ''] = pending
    const more = pending.length > 1 ? ` (and ${pending.length - 1} more)` : ''
    const text = `waiting for ${first}${more}`
    if (text === said && now - saidAt < TELL_MS) return
    said = text
    saidAt = now
    talk(text)
  }
}
