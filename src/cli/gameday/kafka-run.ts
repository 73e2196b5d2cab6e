/**
 * Plays a drawn day on real brokers: every service a process of its own, the auditor as well, so that
 * each can be killed, paused and started again. Nothing of it is left behind: no process, no topic, no
 * group, no file, even when it is interrupted.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import { QuipuError } from '../../base/errors.ts'
import { DEFAULT_BOUNDS } from '../../message/window.ts'
import type { TestKafka } from '../../testbed/kafka.ts'
import { kafkaLogReader } from '../../transport/kafka-log.ts'
import { type GameDay, isGroup } from './day.ts'
import { needsRegistry } from './drift-values.ts'
import { Auditor } from './kafka-auditor.ts'
import { Crew, nodeProgram, type Worker } from './kafka-crew.ts'
import type { Entry } from './kafka-entry.ts'
import { playFaults } from './kafka-faults.ts'
import { readJournal } from './kafka-journal.ts'
import { readLogs } from './kafka-log.ts'
import { makePlace, placeOf, removePlace, withAdmin } from './kafka-place.ts'
import { type Word, type WorkerPlan, wordIn } from './kafka-plan.ts'
import { truthOf } from './kafka-truth.ts'
import type { Played } from './played.ts'
import { Registry } from './registry.ts'
import { bornAt } from './truth.ts'

export interface KafkaRunOptions {
  readonly brokers: readonly string[]
  /** Null: the brokers are somebody's, and none of them is touched. */
  readonly cluster: TestKafka | null
  readonly windowMs?: number
  readonly talk: (line: string) => void
  readonly signal: AbortSignal
  /** Keeps journals and books here; default: they are removed. */
  readonly folder?: string
}

/** Two of them are longer than the session of a dead consumer lasts, which is 6 s. */
const WINDOW_MS = 3_000
const FLUSH_MS = 500
/** ms that the processes have until the day begins: so much each, and so much for all. */
const LEAD_EACH_MS = 700
const LEAD_MS = 2_000
/** A topic agent sends every 5 s; what it sent is judged within a turn or two. */
const EVIDENCE_AGE_MS = 8_000
/** ms beyond the day's end within which everybody must have done with all that was sent. */
const DRAIN_MS = 90_000
/** ms without a new verdict after which no further one is waited for; less where nothing is open. */
const SILENT_MS = 8_000
const SILENT_WHOLE_MS = 2_000
/** ms beyond the last deadline that the auditor has to settle all windows. */
const SETTLE_MS = 60_000
const LOOK_MS = 250

/** @throws QuipuError if no broker answers; Error if a process does what it was not told to */
export async function playOnKafka(day: GameDay, options: KafkaRunOptions): Promise<Played> {
  const { brokers, talk, signal, windowMs = WINDOW_MS } = options
  const { plainClient } = await import('./kafka-client.ts').catch((cause: unknown) => {
    throw new QuipuError('MISSING_PART', 'kafkajs is not installed', {
      hint: 'run: npm install kafkajs',
      cause,
    })
  })
  const kafka = plainClient(brokers, 'gameday')
  const prefix = `gameday.${randomBytes(4).toString('hex')}.`
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), `quipu-gameday-${process.pid}-`)))
  const crew = new Crew(folder, talk)
  const registry = needsRegistry(day) ? await Registry.start() : null
  try {
    const run = { ...options, windowMs, prefix, kafka, crew, registry: registry?.url ?? null }
    return await play(options.cluster === null ? withoutBrokerFaults(day) : day, run)
  } finally {
    await crew.dismiss()
    await registry?.close()
    await removePlace(kafka, prefix).catch((error: unknown) =>
      talk(`topics and groups under ${prefix} are left behind: ${String(error)}`),
    )
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
    signal.throwIfAborted()
  }
}

const withoutBrokerFaults = (day: GameDay): GameDay => ({
  ...day,
  faults: day.faults.filter(({ kind }) => kind !== 'kill-broker'),
})

interface Run extends KafkaRunOptions {
  readonly windowMs: number
  readonly prefix: string
  readonly kafka: Kafka
  readonly crew: Crew
  /** Where schemas are looked up, if anywhere. */
  readonly registry: string | null
}

async function play(day: GameDay, run: Run): Promise<Played> {
  const { brokers, cluster, windowMs, talk, signal, prefix, kafka, crew, registry } = run
  const place = placeOf(day, prefix)
  const { auditTopic } = place
  await makePlace(kafka, day, place)
  const auditor = new Auditor(crew, { day, windowMs, prefix, brokers, auditTopic, registry })
  await auditor.writeConfig()
  await auditor.worker.startPatiently(signal)

  const lead = LEAD_MS + LEAD_EACH_MS * day.services.length
  const startsAt = Math.ceil((Date.now() + lead) / windowMs) * windowMs
  const shared = { day, brokers, prefix, auditTopic, startsAt, windowMs, flushMs: FLUSH_MS }
  const services = day.services.map(
    ({ name }) => new Service(crew, { ...shared, service: name, config: auditor.config }),
  )
  await Promise.all(services.map((service) => service.hire()))
  const workers = new Map(services.map(({ name, worker }) => [name, worker]))
  const faults = playFaults(day, {
    workers,
    auditor: auditor.worker,
    cluster,
    startsAt,
    windowMs,
    signal,
    talk,
  })
  await within(faults, () => crew.check())

  await withAdmin(kafka, async (admin) => {
    const patience = Math.max(Date.now(), startsAt + day.windows * windowMs) + DRAIN_MS
    while (
      services.some(({ pending }) => pending > 0) ||
      (await behind(admin, day, prefix, services)) !== null
    ) {
      signal.throwIfAborted()
      crew.check()
      if (Date.now() > patience) throw new Error(await reasonOf(admin, day, prefix, services))
      await sleep(LOOK_MS)
    }
  })
  for (const { worker } of services)
    if (!(await worker.end())) throw new Error(`${worker.name} did not end when it was asked to`)
  const journals = new Map(services.map((service) => [service.name, service.journal()]))
  const deadline = lastDeadline(day, journals, windowMs)
  await untilSettled(auditor, deadline, day.latenessWindows * windowMs, run)
  if (!(await auditor.worker.end())) throw new Error('the auditor did not end when it was asked to')
  const at = Date.now()
  for (const verdict of await auditor.verdicts()) auditor.said.push({ at, verdict })

  const logs = await readLogs(kafka, place.topics, `${prefix}reader`, signal)
  const truth = truthOf({ day, prefix, flushMs: FLUSH_MS, journals, logs })
  const heldBackMs = day.path.delayed > 0 ? day.path.delayWindowsMax * windowMs : 0
  const evidenceAgeMs = EVIDENCE_AGE_MS + heldBackMs
  const drift = await auditor.drift()
  const reader = kafkaLogReader({ kafka, brokers })
  const why = await auditor.why(reader).finally(() => reader.close())
  const brokersDie = cluster !== null
  const { said } = auditor
  return { truth, said, drift, why, startsAt, brokersDie, windowMs, evidenceAgeMs }
}

/** A service and its process. */
class Service {
  readonly name: string
  readonly worker: Worker
  pending = Number.POSITIVE_INFINITY
  /** By partition; of the process that lives now. */
  readonly reached: Map<number, Extract<Word, { kind: 'read' }>> = new Map()
  readonly #plan: WorkerPlan
  readonly #planFile: string

  constructor(crew: Crew, plan: Omit<WorkerPlan, 'journal'>) {
    const folder = crew.folderOf(plan.service)
    this.name = plan.service
    this.#plan = { ...plan, journal: join(folder, 'journal') }
    this.#planFile = join(folder, 'plan.json')
    this.worker = crew.hire({
      name: plan.service,
      args: [
        ...nodeProgram(new URL('./worker.ts', import.meta.url), import.meta.url),
        this.#planFile,
      ],
      isReady: (line) => wordIn(line)?.kind === 'ready',
      take: (line) => {
        const word = wordIn(line)
        if (word !== null) this.#hear(word)
        return word !== null
      },
    })
  }

  #hear(word: Word): void {
    if (word.kind === 'born') this.reached.clear()
    if (word.kind === 'pending') this.pending = word.count
    if (word.kind === 'read') this.reached.set(word.partition, word)
  }

  async hire(): Promise<void> {
    await this.worker.makeFolder()
    await writeFile(this.#planFile, JSON.stringify(this.#plan))
  }

  journal(): readonly Entry[] {
    return readJournal<Entry>(this.#plan.journal)
  }
}

/** Waits for the work, and looks meanwhile whether all is as it should be. */
async function within(work: Promise<void>, check: () => void): Promise<void> {
  let isOver = false
  const ending = work.finally(() => {
    isOver = true
  })
  ending.catch(() => {})
  while (!isOver) {
    check()
    await sleep(LOOK_MS)
  }
  await ending
}

/** Which group has not read to the end, or may read something again; null: none. */
async function behind(
  admin: Admin,
  day: GameDay,
  prefix: string,
  services: readonly Service[],
): Promise<string | null> {
  for (const hop of day.hops.filter(isGroup)) {
    const topic = `${prefix}${hop.topic}`
    const reached = services.find(({ name }) => name === hop.service)?.reached
    const [of] = await admin.fetchOffsets({ groupId: `${prefix}${hop.group}`, topics: [topic] })
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      if (high === low) continue
      const committed = of?.partitions.find((p) => p.partition === partition)?.offset ?? '-1'
      const { next, handled } = reached?.get(partition) ?? { next: 0, handled: 0 }
      // kafkajs does not commit what lies behind the last message: a marker of a transaction.
      if (Number(committed) >= Number(high)) continue
      if (next >= Number(high) && Number(committed) >= handled) continue
      const places = `has read to ${next} and committed ${committed} of ${high}`
      return `${hop.name} ${places} in partition ${partition}`
    }
  }
  return null
}

async function reasonOf(
  admin: Admin,
  day: GameDay,
  prefix: string,
  services: readonly Service[],
): Promise<string> {
  const waiting = services.filter(({ pending }) => pending > 0)
  const asides = waiting.map(({ name, pending }) => `${name} has ${pending} things put aside`)
  return [
    'the day did not come to its end',
    ...asides,
    await behind(admin, day, prefix, services),
  ].join('; ')
}

/** ms: the deadline of the last window that anybody believes. */
function lastDeadline(
  { latenessWindows }: GameDay,
  journals: ReadonlyMap<string, readonly Entry[]>,
  windowMs: number,
): number {
  const births = [...journals.values()]
    .flat()
    .flatMap((entry) => (entry.kind === 'tried' ? [bornAt(entry.id)] : []))
    .filter((birth) => birth < Date.now() + DEFAULT_BOUNDS.skewMs)
  const last = births.reduce((a, b) => Math.max(a, b), 0)
  return (Math.floor(last / windowMs) + 1 + latenessWindows) * windowMs
}

async function untilSettled(
  auditor: Auditor,
  deadline: number,
  latenessMs: number,
  run: Run,
): Promise<void> {
  const { crew, signal } = run
  for (;;) {
    signal.throwIfAborted()
    crew.check()
    const now = Date.now()
    const silentFor = now - Math.max(deadline, auditor.said.at(-1)?.at ?? 0)
    if (now > deadline + SETTLE_MS) return
    if (silentFor > SILENT_WHOLE_MS) {
      const verdicts = await auditor.verdicts()
      // One that was killed and reads what it missed has not come to the last window yet.
      const hasCome = verdicts.some((v) => v.window.end + latenessMs >= deadline)
      const isWhole =
        hasCome &&
        verdicts.every(({ verdict, state }) => state !== 'open' && verdict !== 'indeterminate')
      if (isWhole || (hasCome && silentFor > SILENT_MS)) return
    }
    await sleep(LOOK_MS)
  }
}
