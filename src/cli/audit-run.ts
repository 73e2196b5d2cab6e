/** `quipu audit`: runs until it is told to stop; prints verdicts as they settle. */
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka, RetryOptions } from 'kafkajs'
import { parseDuration } from '../base/duration.ts'
import { messageOf, QuipuError } from '../base/errors.ts'
import { plural } from '../base/words.ts'
import { ALERTING_DEFAULT } from '../config/alerting.ts'
import type { Cluster } from '../config/config.ts'
import { type ConfigFlags, resolveConfig } from '../config/resolve.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import { openStoreForAuditor } from '../store/auditor-store.ts'
import { PROMISES_FACT, SEEN_UNTIL_FACT } from '../store/facts.ts'
import { storeFailure } from '../store/sqlite-errors.ts'
import type { Condition } from '../telemetry/readiness.ts'
import { ensureAuditTopic, kafkaReader } from '../transport/kafka.ts'
import { AlertTeller } from './audit-alerts.ts'
import { DriftTeller, driftLine } from './audit-drift.ts'
import { AuditEngine, clusterOf } from './audit-engine.ts'
import { House } from './audit-house.ts'
import { StoreAlarm } from './audit-store-alarm.ts'
import { connectionOf } from './connection.ts'
import { checkTimes, findTopics } from './preflight.ts'
import { Telemetry } from './telemetry.ts'
import type { Listen } from './telemetry-address.ts'

export interface AuditOptions extends ConfigFlags {
  /** Path of the SQLite store; made where there is none. */
  readonly store: string
  /** Stop when the topics are read to their ends and every window is settled. */
  readonly once: boolean
  /** One JSON verdict a line instead of text. */
  readonly json: boolean
  readonly from: 'earliest' | 'latest'
  /** How long windows and verdicts are kept, such as `30d`. */
  readonly retention: string
  /** Where metrics are served; left out: nowhere. */
  readonly metrics?: Listen
  readonly flushMs?: number
  readonly out: (line: string) => void
  readonly talk: (line: string) => void
  /** Asks for a clean end. */
  readonly stop: AbortSignal
}

/** A turn waits so long for frames, ms. */
const TURN_MS = 500
/** With `once`: where no window is known after so long, there is nothing to wait for, ms. */
const QUIET_MS = 15_000
/** Births of the last 7 days are believed; with a day to settle nothing younger may be forgotten. */
const RETENTION_MS_MIN = 8 * 86_400_000
/** ms between two looks at how far everything is read, for those who wait for it. */
const LOOK_MS = 2_000
/** ms between two tries where the store cannot be written. */
const STORE_RETRY_MS = 2_000
/** Repeated trouble is told again after so long, ms. */
const TROUBLE_REPEAT_MS = 30_000

/** Returns when stopped, or with `once` when done. @throws QuipuError */
export async function runAudit(options: AuditOptions): Promise<number> {
  const { talk, stop } = options
  const config = resolveConfig(options, process.env, process.cwd())
  const retentionMs = parseDuration(options.retention)
  if (retentionMs === null || retentionMs < RETENTION_MS_MIN)
    throw new QuipuError('CONFIG', `--retention ${options.retention}: expected 8d or more`, {
      hint: 'Late messages of the last seven days are still judged.',
    })
  if (config.kafka === null)
    throw new QuipuError('CONFIG', 'no Kafka brokers are named', {
      hint: 'use --brokers HOST:PORT or `kafka: { brokers: [...] }` in quipu.yaml',
    })
  const { Kafka, logLevel } = await import('kafkajs').catch((cause: unknown) => {
    throw new QuipuError('MISSING_PART', 'kafkajs is not installed', {
      hint: 'run: npm install kafkajs',
      cause,
    })
  })
  const open = (cluster: Cluster, retry?: RetryOptions): Kafka =>
    new Kafka({
      clientId: 'quipu',
      logLevel: logLevel.NOTHING,
      ...connectionOf(cluster),
      ...(retry === undefined ? {} : { retry }),
    })
  const kafkas = new Map(
    Object.entries(config.kafka.clusters).map(([name, cluster]) => [name, open(cluster)]),
  )
  for (const { hops } of config.pipelines)
    for (const { hop } of hops) if (hop.cluster !== '') clusterOf(kafkas, hop.cluster)
  const { topic, cluster } = config.kafka.audit
  const transport = {
    kafka: clusterOf(kafkas, cluster),
    brokers: config.kafka.clusters[cluster]?.brokers ?? [],
    topic,
    onTrouble: quietly(talk),
  }
  // What can be refused is asked first, so that a mistake leaves nothing behind.
  await findTopics(config.pipelines, config.kafka, open)
  await checkTimes(config.pipelines, config.kafka, open, talk)
  if (stop.aborted) return 0
  const store = await openStoreForAuditor(options.store)
  let telemetry: Telemetry | null = null
  try {
    await ensureAuditTopic(transport)
    await store.setFact(PROMISES_FACT, config.promises)
    const drift = new DriftTeller({
      ...{ store, pipelines: config.pipelines, onTrouble: transport.onTrouble },
      tell: (of) => options.out(options.json ? JSON.stringify({ drift: of }) : driftLine(of)),
      tellMore: (n) => talk(`${plural(n, 'more drift finding')}: quipu report`),
    })
    await drift.open()
    const alerts = new AlertTeller({
      ...{ store, path: options.store, env: process.env },
      alerting: config.alerting ?? ALERTING_DEFAULT,
      onTrouble: transport.onTrouble,
    })
    alerts.open()
    const alarm = new StoreAlarm({
      ...{ alerting: config.alerting ?? ALERTING_DEFAULT, env: process.env },
      ...{ path: resolve(options.store), onTrouble: transport.onTrouble },
    })
    telemetry = await Telemetry.open({
      ...{ store, pipelines: config.pipelines, promises: config.promises, env: process.env, talk },
      ...{ path: options.store, listen: options.metrics ?? null, onTrouble: transport.onTrouble },
    })
    const engine = await AuditEngine.start({
      pipelines: config.pipelines,
      store,
      reader: kafkaReader(transport),
      audit: { kafka: transport.kafka, topic },
      kafkas,
      name: topic,
      from: options.from,
      onTrouble: transport.onTrouble,
      ...(options.flushMs === undefined ? {} : { flushMs: options.flushMs }),
    })
    const names = config.pipelines.map((p) => p.name).join(', ')
    talk(`auditing ${names}; frames on ${topic}, evidence in ${options.store}; Ctrl-C ends`)
    try {
      await loop(engine, options, stop, {
        house: new House(store, retentionMs),
        ...{ drift, alerts, alarm, telemetry },
        onTrouble: transport.onTrouble,
        note: (until) => store.setFact(SEEN_UNTIL_FACT, until),
        write: () => store.setFact('audited', true),
      })
    } finally {
      await alarm.close()
      await engine.close()
    }
    // The registries have said their last by now.
    await drift.close(options.once && !stop.aborted)
    await alerts.close(options.once && !stop.aborted)
  } finally {
    await telemetry?.close()
    await store.close()
  }
  return 0
}

interface Books {
  readonly house: House
  readonly drift: DriftTeller
  readonly alerts: AlertTeller
  readonly alarm: StoreAlarm
  readonly telemetry: Telemetry | null
  /** @param until ms: all that was written by then is judged */
  readonly note: (until: number) => Promise<void>
  /** Changes nothing. @throws what the store has against being written */
  readonly write: () => Promise<void>
  readonly onTrouble: (text: string) => void
}

async function loop(
  engine: AuditEngine,
  { once, json, out }: AuditOptions,
  stop: AbortSignal,
  { house, drift, alerts, alarm, telemetry, note, write, onTrouble }: Books,
): Promise<void> {
  const tell = (changed: readonly EdgeVerdict[]): void => {
    telemetry?.judged(changed)
    for (const verdict of changed)
      if (verdict.state !== 'open') out(json ? JSON.stringify(verdict) : lineOf(verdict))
  }
  const quietAt = Date.now() + QUIET_MS
  let until: number | null = null
  // Of a clock that nobody sets.
  let lookAt = 0
  let condition: Condition = { isCaughtUp: false, seenUntil: null, storedAt: null }
  /** Whether all is done. */
  const turn = async (): Promise<boolean> => {
    await telemetry?.turn({ ...condition, isCaughtUp: await engine.caughtUp() })
    await house.turn()
    tell(await engine.turn(TURN_MS))
    if (await engine.caughtUp()) await drift.turn()
    await alerts.turn(await engine.caughtUp())
    if (performance.now() >= lookAt && (await engine.caughtUp())) {
      const until = await engine.seenUntil()
      tell(await engine.judge())
      if (until !== null) {
        await note(until)
        condition = { ...condition, seenUntil: until, storedAt: Date.now() }
      }
      lookAt = performance.now() + LOOK_MS
    }
    if (!once || !(await engine.caughtUp())) return false
    // The windows that are there once all is read: a service that runs on would keep it for ever.
    const now = Date.now()
    const { judged, open } = await engine.progress(until ?? now)
    if (judged > 0) until ??= now
    if (open > 0 || (judged === 0 && now < quietAt)) return false
    const last = await engine.drain()
    if (last === null) return false
    tell(last)
    return (await engine.progress(until ?? now)).open === 0
  }
  let failed: unknown = null
  while (!stop.aborted) {
    try {
      if (await turn()) return
      if (failed !== null) await write()
      failed = null
    } catch (error) {
      const failure = storeFailure(error)
      // The same one again is no new try: it is what somebody ended with.
      if (once || failure === null || error === failed) throw error
      void alarm.turn(error)
      if (failure === 'lasting') throw error
      onTrouble(`${messageOf(error)}; trying again until it can`)
      failed = error
      await sleep(STORE_RETRY_MS, undefined, { signal: stop }).catch(() => undefined)
      continue
    }
    void alarm.turn(null)
  }
}

/** `12:03:00 flights  flights → enrich  breached  2 of 5,012 lost` */
function lineOf({ window, pipeline, edge, verdict, state, counts }: EdgeVerdict): string {
  const at = new Date(window.start).toISOString().slice(11, 19)
  const parts: string[] = []
  const say = (n: number, word: string): void => {
    if (n > 0) parts.push(`${n.toLocaleString('en-US')} ${word}`)
  }
  say(counts.lost, 'lost')
  say(counts.duplicated + counts.extra, 'doubled')
  say(counts.unexpected, 'unexpected')
  say(counts.in_flight, 'in flight')
  say(counts.undetermined, 'undetermined')
  say(counts.recovered, 'recovered')
  const of = `${counts.expected.toLocaleString('en-US')} expected`
  const revised = state === 'revised' ? ' (revised)' : ''
  return [at, pipeline, edge, `${verdict}${revised}`, [of, ...parts].join(', ')].join('  ')
}

/** Tells the same trouble once in a while, not at every turn. */
function quietly(talk: (line: string) => void): (text: string) => void {
  const told = new Map<string, number>()
  return (text) => {
    const kind = messageOf(text).replace(/\d+/g, '#')
    const now = Date.now()
    if (now - (told.get(kind) ?? 0) < TROUBLE_REPEAT_MS) return
    if (told.size > 1_000) told.clear()
    told.set(kind, now)
    talk(text)
  }
}
