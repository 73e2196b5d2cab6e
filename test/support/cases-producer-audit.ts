/** The auditor on a scene: reads all there is, waits until nothing more can come, and says what it found. */
import type { Kafka } from 'kafkajs'
import { AuditEngine } from '../../src/cli/audit-engine.ts'
import { type Finding, findingCodes } from '../../src/finding/finding.ts'
import type { EdgeVerdict, WindowVerdict } from '../../src/finding/verdict.ts'
import { isSilent } from '../../src/hop/evidence.ts'
import { type Assessment, summarize } from '../../src/objective/summary.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { kafkaReader, kafkaSender } from '../../src/transport/kafka.ts'
import { patientClient, type Scene } from './cases-producer.ts'

export interface AuditOptions {
  /** ms that pass for the auditor once all is read: deadlines that lie ahead are over then. */
  readonly laterMs?: number
  /** What the auditor reads with. */
  readonly kafka?: Kafka
  /** Services that are still there, and stay. */
  readonly alive?: readonly string[]
  /** What happens while the auditor is there. */
  readonly during?: () => Promise<void>
}

export interface Audit {
  readonly verdicts: readonly EdgeVerdict[]
  /** Each verdict on its way to those, in the order in which it was said. */
  readonly history: readonly EdgeVerdict[]
  readonly assessment: Assessment
}

/** Turns of the auditor: bounded, so that what never settles is for the test to say. */
const TURNS_MAX = 600
const TURN_MS = 200

/** All other services have ended, or are dead. */
export async function audit(
  { brokers, auditTopic, pipeline }: Scene,
  { laterMs = 0, kafka = patientClient(brokers), alive = [], during }: AuditOptions = {},
): Promise<Audit> {
  let aheadMs = 0
  const clock = (): number => Date.now() + aheadMs
  const store = await openSqliteStore(':memory:')
  const transport = { kafka: patientClient(brokers), topic: auditTopic }
  const history: EdgeVerdict[] = []
  try {
    const engine = await AuditEngine.start({
      pipelines: [pipeline],
      store,
      reader: kafkaReader(transport),
      sender: () => kafkaSender(transport),
      kafkas: new Map([['default', kafka]]),
      name: auditTopic,
      flushMs: 200,
      clock,
    })
    try {
      let isOver = during === undefined
      const happening = during?.().finally(() => {
        isOver = true
      })
      // Until it is awaited below, nobody else hears of its failure.
      happening?.catch(() => {})
      while (!isOver) history.push(...(await engine.turn(TURN_MS)))
      await happening
      for (let turns = 0; turns < TURNS_MAX; turns++) {
        history.push(...(await engine.turn(TURN_MS)))
        if (!(await engine.caughtUp()) || !(await engine.idle())) continue
        if (aheadMs < laterMs) {
          aheadMs = laterMs
          continue
        }
        const { judged, open } = await engine.progress(clock())
        if (judged > 0 && open === 0 && (await areGone(store, [auditTopic, ...alive], clock())))
          break
      }
      // Until nothing more is said of all that there is, but of windows that are still open.
      for (let turns = 0; turns < TURNS_MAX; turns++) {
        const changed = await engine.drain()
        history.push(...(changed ?? []))
        if (changed?.every(({ state }) => state === 'open') === true) break
      }
    } finally {
      await engine.close()
    }
    const verdicts = await store.verdicts()
    const [instances, gaps] = [await store.instances(), await store.gaps()]
    const latencies = await store.latencies()
    const now = clock()
    const assessment = summarize({
      ...{ pipelines: [pipeline], verdicts, latencies, instances, gaps, now },
    })
    return { verdicts, history, assessment }
  } finally {
    await store.close()
  }
}

async function areGone(store: Store, not: readonly string[], now: number): Promise<boolean> {
  const instances = await store.instances()
  const others = instances.filter(({ service }) => !not.some((name) => service.endsWith(name)))
  return others.every((i) => i.goodbye !== null || isSilent(i, now))
}

/** All that was said of one edge, for comparison with all that is true of it. */
export interface Said {
  /** Of its windows, in their order. */
  readonly verdicts: readonly WindowVerdict[]
  /** Summed; only what is not 0. */
  readonly counts: Readonly<Record<string, number>>
  /** Messages by code over all windows, and windows with a hole; `info` is left out. */
  readonly findings: Readonly<Record<string, number>>
}

export function said({ verdicts }: Pick<Audit, 'verdicts'>, edge: string): Said {
  const own = verdicts.filter((v) => v.edge === edge)
  own.sort((a, b) => a.window.start - b.window.start)
  const counts: Record<string, number> = {}
  for (const [name, n] of own.flatMap((v) => Object.entries(v.counts)))
    if (n !== 0) counts[name] = (counts[name] ?? 0) + n
  const findings: Record<string, number> = {}
  for (const { code, count } of own.flatMap((v) => v.findings))
    if (findingCodes[code] !== 'info')
      findings[code] = (findings[code] ?? 0) + (code === 'hole' ? 1 : count)
  return { verdicts: own.map((v) => v.verdict), counts, findings }
}

/** Ids (hex) of all findings of a code, sorted. */
export function idsOf({ verdicts }: Audit, edge: string, code: Finding['code']): string[] {
  return verdicts
    .filter((v) => v.edge === edge)
    .flatMap((v) => v.findings)
    .filter((f) => f.code === code)
    .flatMap((f) => f.ids.flatMap(({ id, times }) => Array.from({ length: times }, () => id)))
    .sort()
}

/** Codes of all accusations that were ever made, also of those taken back. */
export function everAccused({ history }: Audit): string[] {
  const errors = history.flatMap(({ edge, findings }) =>
    findings.filter((f) => findingCodes[f.code] === 'error').map((f) => `${edge}: ${f.code}`),
  )
  return [...new Set(errors)].sort()
}
