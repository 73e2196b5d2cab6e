/**
 * A game day in memory, in simulated time: the real agents, collector, store, judge and engine over an
 * in-memory Kafka, and beside them a ledger that knows what truly passed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flushAll, shutdown } from '../../../agents/kafkajs.ts'
import { parseConfig } from '../../config/parse.ts'
import type { Drift } from '../../drift/judge.ts'
import { lookers } from '../../drift/lookers.ts'
import type { Frame } from '../../hop/frame.ts'
import type { Pipeline } from '../../hop/pipeline.ts'
import { tallyPlans } from '../../hop/plan.ts'
import { openSqliteStore } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { MemoryKafka } from '../../testbed/memory-kafka.ts'
import { makeTopics } from '../../transport/kafka/make-topics.ts'
import { MemoryTransport } from '../../transport/memory.ts'
import { driftOf } from '../drift-reader.ts'
import { stampOf } from './client-faults.ts'
import {
  type DrawnFault,
  type DrawnHop,
  type DrawnSend,
  type DrawnService,
  type GameDay,
  isGroup,
  isProducer,
  isTopic,
} from './day.ts'
import { needsRegistry, ORDER_SCHEMA } from './drift-values.ts'
import { Auditor } from './memory-auditor.ts'
import { LossyPath } from './memory-path.ts'
import { GroupService, ProducerService, type Touch, type World } from './memory-service.ts'
import { pipelineFile, SCHEMA_FILE } from './pipeline-file.ts'
import type { Played, Said, WhySaid } from './played.ts'
import { Dice } from './random.ts'
import { Registry } from './registry.ts'
import { bornAt, Ledger } from './truth.ts'
import { whyOf } from './why-said.ts'

export interface MemoryOptions {
  /** Puts a flaw between the store and the auditor: what the comparison must find. */
  readonly tamper?: (store: Store, windowMs: number) => Store
}

const EPOCH = Date.UTC(2026, 0, 1)
const WINDOW_MS = 60_000
/** A turn: every agent flushes, the auditor looks. */
const TURN_MS = 15_000
/** Three heartbeats: after so long an agent counts as dead. */
const SILENT_MS = 3 * TURN_MS
/** Turns after the last deadline at most; a day that is not settled by then never will be. */
const DRAIN_TURNS_MAX = 60

export async function playInMemory(day: GameDay, options: MemoryOptions = {}): Promise<Played> {
  const registry = needsRegistry(day) ? await Registry.start() : null
  try {
    return await new MemoryRun(day, options, registry).play()
  } finally {
    await registry?.close()
  }
}

type Process = ProducerService | GroupService

class MemoryRun {
  readonly #day: GameDay
  readonly #options: MemoryOptions
  readonly #ledger = new Ledger()
  readonly #broker: MemoryKafka
  readonly #transport = new MemoryTransport()
  readonly #path: LossyPath
  readonly #dice: Dice
  readonly #pipeline: Pipeline
  /** Of what is promised of messages. */
  readonly #folder: string
  readonly #registry: Registry | null
  readonly #said: Said[] = []
  readonly #processes = new Map<string, Process>()
  readonly #dead: Process[] = []
  /** By topic and partition: one past the last offset. */
  readonly #ends = new Map<string, number>()
  /** By service: what its agent has seen and not told of. */
  readonly #untold = new Map<string, Touch[]>()
  readonly #toldAt = new Map<string, number>()
  /** By service and partition: what its group had committed whenever a frame was sent, ascending. */
  readonly #committed = new Map<string, { readonly at: number; readonly offset: number }[]>()
  #auditor: Auditor | null = null
  #store: Store | null = null
  #now = EPOCH
  /** What is to happen, by time. */
  #agenda: { readonly at: number; readonly act: () => Promise<void> | void }[] = []

  constructor(day: GameDay, options: MemoryOptions, registry: Registry | null) {
    this.#day = day
    this.#registry = registry
    this.#options = options
    this.#broker = new MemoryKafka({ clock: () => this.#now })
    this.#dice = new Dice(day.seed ^ 0x5eed)
    this.#folder = mkdtempSync(join(tmpdir(), 'quipu-gameday-'))
    this.#pipeline = pipelineOf(day, this.#folder, registry)
    this.#path = new LossyPath({
      ...{ seed: day.seed, path: day.path, windowMs: WINDOW_MS, clock: () => this.#now },
      to: this.#transport.sender(),
      onLost: (sender, frame) => this.#lost(sender, frame),
    })
  }

  async play(): Promise<Played> {
    const { day } = { day: this.#day }
    const bare = await this.#prepare()
    const store = await openSqliteStore(':memory:')
    let drift: Drift | null = null
    let why: readonly WhySaid[] = []
    try {
      this.#store = this.#heard(this.#options.tamper?.(store, WINDOW_MS) ?? store)
      this.#auditor = this.#makeAuditor()
      for (const { name } of day.services) await this.#start(name)
      this.#plan()
      await this.#run()
      for (const process of this.#processes.values()) await process.stop()
      await this.#path.pump(Number.POSITIVE_INFINITY)
      await this.#turns(4)
      await this.#auditor.close()
      const query = { audited: [this.#pipeline], now: this.#now }
      drift = (await driftOf(this.#store, query))[0] ?? null
      const readers = new Map([['default', this.#broker.logReader()]])
      why = await whyOf(this.#store, { pipeline: this.#pipeline, readers, now: this.#now })
    } finally {
      for (const { mortal } of [...this.#dead, ...this.#processes.values()]) mortal.bury()
      await shutdown()
      await bare.disconnect()
      await store.close()
      rmSync(this.#folder, { recursive: true, force: true })
    }
    return {
      truth: this.#ledger,
      said: this.#said,
      drift,
      why,
      startsAt: EPOCH,
      brokersDie: false,
      windowMs: WINDOW_MS,
      evidenceAgeMs: day.path.delayWindowsMax * WINDOW_MS + 2 * TURN_MS,
    }
  }

  /** Topics, and a bare reader that writes down what lies in them. */
  async #prepare(): Promise<{ disconnect: () => Promise<void> }> {
    const topics = this.#day.hops.filter(isTopic)
    const kafka = this.#broker.kafka('ledger')
    const admin = kafka.admin()
    const partitioned = topics.map(({ topic, partitions }) => ({
      topic,
      numPartitions: partitions,
    }))
    await makeTopics(admin, partitioned)
    const nameOf = new Map(topics.map(({ topic, name }) => [topic, name]))
    const reader = kafka.consumer({ groupId: 'ledger' })
    await reader.connect()
    await reader.subscribe({ topics: [...nameOf.keys()], fromBeginning: true })
    await reader.run({
      eachMessage: async ({ topic, partition, message }) => {
        const id = stampOf(message.headers)
        this.#ends.set(`${topic}/${partition}`, Number(message.offset) + 1)
        if (id === null) return
        this.#ledger.pass(nameOf.get(topic) ?? topic, {
          ...{ id, value: String(message.value), at: this.#now },
          ...{ partition, offset: Number(message.offset) },
        })
      },
    })
    return reader
  }

  #world(): World {
    const { hops } = this.#day
    return {
      day: this.#day,
      ledger: this.#ledger,
      windowMs: WINDOW_MS,
      clock: () => this.#now,
      kafka: () => this.#broker.kafka(),
      audit: (mortal, { name, skewWindows }) => ({
        ...{ service: name, windowMs: WINDOW_MS, flushMs: TURN_MS, timer: false },
        latenessMs: this.#day.latenessWindows * WINDOW_MS,
        planOf: tallyPlans([this.#pipeline]),
        lookers: lookers({ env: {}, onTrouble: () => {}, clock: () => this.#now }),
        clock: () => this.#now + skewWindows * WINDOW_MS,
        random: (n) => this.#random(n),
        audit: { sender: this.#path.sender(name, () => !mortal.isDead) },
      }),
      touched: (service, touch) => {
        const list = this.#untold.get(service)
        if (list === undefined) this.#untold.set(service, [touch])
        else list.push(touch)
      },
      endOf: (topic, partition) => this.#ends.get(`${topic}/${partition}`) ?? 0,
      partitions: (topic) => hops.filter(isTopic).find((h) => h.topic === topic)?.partitions ?? 1,
    }
  }

  #random(n: number): Uint8Array {
    return Uint8Array.from({ length: n }, () => this.#dice.whole(0, 255))
  }

  async #start(service: string, name: string = service): Promise<void> {
    const drawn = this.#day.services.find(({ name }) => name === service) as DrawnService
    const hop = ownHop(this.#day.hops, service)
    const world = this.#world()
    const process = isGroup(hop)
      ? new GroupService(world, drawn, hop)
      : new ProducerService(world, drawn, hop)
    this.#processes.set(name, process)
    await process.start()
    // An agent says hello at once.
    await this.#flush()
  }

  /** Writes down every verdict as it is said. */
  #heard(store: Store): Store {
    const saveVerdicts: Store['saveVerdicts'] = async (verdicts, at) => {
      await store.saveVerdicts(verdicts, at)
      for (const verdict of verdicts) this.#said.push({ at: this.#now, verdict })
    }
    return new Proxy(store, {
      get: (target, name) => {
        if (name === 'saveVerdicts') return saveVerdicts
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }

  #makeAuditor(): Auditor {
    // A frame that comes after another agent has taken over would be of a process that is fenced.
    const hasDelays = this.#day.faults.every(({ kind }) => kind !== 'kill-auditor')
    return new Auditor({
      pipeline: this.#pipeline,
      store: this.#store as Store,
      reader: () => this.#transport.reader(),
      sender: (isLive) => this.#path.sender(AUDITOR, isLive, hasDelays),
      kafka: () => this.#broker.kafka('auditor'),
      ...{ flushMs: TURN_MS, clock: () => this.#now, random: (n) => this.#random(n) },
    })
  }

  #plan(): void {
    for (const drawn of this.#day.sends)
      this.#at(drawn.at, async () => {
        const process = this.#processes.get(drawn.service)
        // Whoever is down sends nothing.
        if (!(process instanceof ProducerService) || process.mortal.isDead) return
        if (drawn.bornWindows !== null) this.#stray(drawn)
        await process.mortal.alive(process.send(drawn)).catch(() => {})
      })
    for (const fault of this.#day.faults) this.#planFault(fault)
  }

  #planFault(fault: DrawnFault): void {
    switch (fault.kind) {
      case 'kill':
        this.#at(fault.at, () => this.#processes.get(fault.service)?.doom(fault.after))
        // It dies of its message; if there is none, of nothing.
        this.#at(fault.at + 1, () => this.#kill(fault.service, fault.downWindows))
        break
      case 'kill-auditor':
        this.#at(fault.at, () => this.#auditor?.doom(fault.after))
        this.#at(fault.at + 1, async () => {
          await this.#auditor?.mortal.die()
          this.#auditor = null
        })
        this.#at(fault.at + 1 + fault.downWindows, () => {
          this.#auditor ??= this.#makeAuditor()
        })
        break
      case 'lag': {
        const lag = (isLagging: boolean) => (): void => {
          const process = this.#processes.get(fault.service)
          if (process instanceof GroupService && !process.mortal.isDead) process.lag(isLagging)
        }
        this.#at(fault.at, lag(true))
        this.#at(fault.at + fault.downWindows, lag(false))
        break
      }
      case 'replay':
        this.#at(fault.at, () => {
          const process = this.#processes.get(fault.service)
          if (process instanceof GroupService && !process.mortal.isDead)
            process.replay(fault.messages)
        })
        break
      case 'skip':
        this.#at(fault.at, () => {
          const process = this.#processes.get(fault.service)
          if (process instanceof GroupService && !process.mortal.isDead)
            process.skip(fault.messages)
        })
        break
      case 'delete':
        this.#at(fault.at, () => this.#groupOf(fault.service)?.lag(true))
        this.#at(fault.at + fault.downWindows, async () => {
          const process = this.#groupOf(fault.service)
          if (process === undefined) return
          await this.#delete(process, fault.service, fault.messages)
        })
        this.#at(fault.at + fault.downWindows + fault.afterWindows, () =>
          this.#groupOf(fault.service)?.lag(false),
        )
        break
      case 'join': {
        const name = `${fault.service} ${SECOND}`
        this.#at(fault.at, () => this.#start(fault.service, name))
        this.#at(fault.at + fault.forWindows, async () => {
          await this.#processes.get(name)?.stop()
          this.#processes.delete(name)
        })
        break
      }
      case 'kill-broker':
        // There is no broker here that could die.
        break
    }
  }

  /** Of a process that lives. */
  #groupOf(service: string): GroupService | undefined {
    const process = this.#processes.get(service)
    return process instanceof GroupService && !process.mortal.isDead ? process : undefined
  }

  /**
   * So many messages of every partition that the group has not read; the last one stays. Where nothing
   * is left to read, nobody learns that the group has been sent on.
   */
  async #delete({ next }: GroupService, service: string, messages: number): Promise<void> {
    const { topic } = ownHop(this.#day.hops, service)
    const partitions = [...next].flatMap(([partition, from]) => {
      const last = (this.#ends.get(`${topic}/${partition}`) ?? 0) - 1
      const to = Math.min(from + messages, last)
      return to > from ? [{ partition, offset: String(to) }] : []
    })
    const name = this.#day.hops.filter(isTopic).find((h) => h.topic === topic)?.name ?? topic
    for (const { partition, offset } of partitions)
      this.#ledger.delete(name, partition, Number(offset))
    await this.#broker.kafka('retention').admin().deleteTopicRecords({ topic, partitions })
  }

  #at(windows: number, act: () => Promise<void> | void): void {
    this.#agenda.push({ at: EPOCH + Math.round(windows * WINDOW_MS), act })
    this.#agenda.sort((a, b) => a.at - b.at)
  }

  async #kill(service: string, downWindows: number): Promise<void> {
    const process = this.#processes.get(service)
    if (process === undefined) return
    await process.mortal.die()
    this.#dead.push(process)
    this.#destroy(service)
    const back = this.#now + Math.round(downWindows * WINDOW_MS)
    this.#at((back - EPOCH) / WINDOW_MS, () => {
      this.#takeOver(service)
      return this.#start(service)
    })
  }

  /** The dead one may have handled all that its group had not committed, as far as anybody knows. */
  #takeOver(service: string): void {
    const hop = ownHop(this.#day.hops, service)
    if (!isGroup(hop)) return
    for (const [place, to] of this.#ends) {
      const [topic, partition] = place.split('/')
      if (topic !== hop.topic) continue
      // It may have gone on from its commit again, whatever it had told of above.
      const from = this.#committedAt(service, Number(partition))
      for (const name of hopsOf(this.#day.hops, service))
        this.#ledger.destroy({
          ...{ hop: name, why: `${service} was killed`, bornFrom: 1, bornTo: 0 },
          ...{ partition: Number(partition), from, to },
        })
    }
  }

  /** What the agent of a dead process had seen and not told of is known to nobody. */
  #destroy(service: string): void {
    const { skewWindows } = this.#day.services.find((s) => s.name === service) as DrawnService
    const why = `${service} was killed`
    for (const { id, partition, offset } of this.#untold.get(service) ?? []) {
      const place =
        partition === undefined || offset === undefined
          ? {}
          : { partition, from: offset, to: offset + 1 }
      const birth = bornAt(id)
      for (const name of hopsOf(this.#day.hops, service))
        this.#ledger.destroy({ hop: name, why, bornFrom: birth, bornTo: birth, ...place })
    }
    this.#untold.delete(service)
    // What somebody silent may have done ends three heartbeats after its last word, no sooner.
    const last = (this.#toldAt.get(service) ?? this.#now) + skewWindows * WINDOW_MS
    for (const name of hopsOf(this.#day.hops, service))
      this.#ledger.destroy({ hop: name, why, bornFrom: last, bornTo: last + SILENT_MS })
  }

  /** Births that no agent believes are counted apart: of their windows nothing is known. */
  #stray({ bornWindows }: DrawnSend): void {
    const birth = Math.round(this.#now + (bornWindows ?? 0) * WINDOW_MS)
    const born = { bornFrom: birth, bornTo: birth }
    for (const { name } of this.#day.hops)
      this.#ledger.destroy({ hop: name, why: 'births that nobody believes', ...born })
  }

  #lost(sender: string, { deltas, covered, windowMs, goodbye, sentAt }: Frame): void {
    const hops = sender === AUDITOR ? this.#day.hops.filter(isTopic).map((h) => h.name) : null
    const concerned = hops ?? hopsOf(this.#day.hops, sender)
    const why = `a frame of ${sender} was lost`
    const births = deltas.map(({ window }) => window)
    // Whoever was not heard to say goodbye has fallen silent.
    if (goodbye && sender !== AUDITOR) {
      for (const hop of concerned)
        this.#ledger.destroy({ hop, why, bornFrom: sentAt, bornTo: sentAt + SILENT_MS })
      this.#takeOver(sender)
    }
    for (const hop of concerned) {
      if (births.length > 0)
        this.#ledger.destroy({
          ...{ hop, why },
          ...{ bornFrom: Math.min(...births), bornTo: Math.max(...births) + windowMs - 1 },
        })
      for (const { hop: watched, partition, from, to } of covered)
        if (isAt(this.#day.hops, hop, watched.topic))
          this.#ledger.destroy({ ...{ hop, why, bornFrom: 1, bornTo: 0 }, partition, from, to })
    }
  }

  async #run(): Promise<void> {
    const traffic = EPOCH + this.#day.windows * WINDOW_MS
    while (this.#now < traffic || this.#agenda.length > 0) await this.#turn()
    const skewed = Math.max(0, ...this.#day.services.map((s) => s.skewWindows))
    const last = Math.max(this.#now, this.#newestBirth())
    const end = last + (this.#day.latenessWindows + 2 + skewed * 0) * WINDOW_MS
    while (this.#now < end || !this.#isIdle()) await this.#turn()
    for (let i = 0; i < DRAIN_TURNS_MAX && !(await this.#auditor?.settled()); i++)
      await this.#turn()
  }

  /** Of those that are believed. */
  #newestBirth(): number {
    let newest = 0
    for (const list of this.#ledger.passed.values())
      for (const { id } of list) {
        const birth = bornAt(id)
        if (birth <= this.#now + 10 * WINDOW_MS) newest = Math.max(newest, birth)
      }
    return newest
  }

  #isIdle(): boolean {
    return [...this.#processes.values()].every((p) => !(p instanceof GroupService) || p.isIdle)
  }

  async #turns(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.#turn()
  }

  async #turn(): Promise<void> {
    const end = this.#now + TURN_MS
    for (;;) {
      const next = this.#agenda[0]
      if (next === undefined || next.at > end) break
      this.#agenda.shift()
      this.#now = Math.max(this.#now, next.at)
      await next.act()
    }
    this.#now = end
    for (const process of this.#processes.values())
      if (!process.mortal.isDead) await process.mortal.alive(process.tick()).catch(() => {})
    await this.#broker.idle()
    await this.#registry?.quiet()
    await this.#flush()
    await this.#path.pump()
    if (this.#auditor !== null && !(await this.#auditor.turn())) this.#auditor = null
    await this.#registry?.quiet()
  }

  /** A frame with all that was seen is on its way. */
  #tell(service: string): void {
    this.#untold.delete(service)
    this.#toldAt.set(service, this.#now)
  }

  async #noteCommits(service: string): Promise<void> {
    const hop = ownHop(this.#day.hops, service.replace(` ${SECOND}`, ''))
    if (!isGroup(hop)) return
    const admin = this.#broker.kafka('ledger').admin()
    const found = await admin.fetchOffsets({ groupId: hop.group, topics: [hop.topic] })
    for (const { partition, offset } of found.flatMap(({ partitions }) => partitions)) {
      const place = `${service} ${partition}`
      const polls = this.#committed.get(place) ?? []
      this.#committed.set(place, [...polls, { at: this.#now, offset: Math.max(0, Number(offset)) }])
    }
  }

  /** What its group had committed at its last word: by a clock that is behind, that seems long ago. */
  #committedAt(service: string, partition: number): number {
    const drawn = this.#day.services.find(({ name }) => name === service)
    const behind = Math.min(0, drawn?.skewWindows ?? 0) * WINDOW_MS
    const last = (this.#toldAt.get(service) ?? this.#now) + behind
    const polls = this.#committed.get(`${service} ${partition}`) ?? []
    return polls.findLast(({ at }) => at <= last)?.offset ?? 0
  }

  async #flush(): Promise<void> {
    await flushAll()
    for (const [service, process] of this.#processes) {
      if (process.mortal.isDead) continue
      this.#tell(service)
      await this.#noteCommits(service)
    }
  }
}

/** A second member of a group, among the processes. */
const SECOND = 'second'

/** The sender of the topic agents, for those who ask who a frame was of. */
const AUDITOR = 'the auditor'

function pipelineOf(day: GameDay, folder: string, registry: Registry | null): Pipeline {
  writeFileSync(join(folder, SCHEMA_FILE), ORDER_SCHEMA)
  const text = pipelineFile(day, { windowMs: WINDOW_MS, registry: registry?.url ?? null })
  const result = parseConfig(text, join(folder, 'quipu.yaml'), {})
  const pipeline = result.ok ? result.config.pipelines[0] : undefined
  if (!result.ok || pipeline === undefined)
    throw new Error(result.ok ? 'no pipeline' : (result.issues[0]?.message ?? ''))
  return pipeline
}

function ownHop(hops: readonly DrawnHop[], service: string) {
  const hop = hops.find((h) => (isGroup(h) || isProducer(h)) && h.service === service)
  if (hop === undefined || !(isGroup(hop) || isProducer(hop))) throw new Error(`no hop ${service}`)
  return hop
}

/** Whether a hop is a topic or one of its readers. */
function isAt(hops: readonly DrawnHop[], name: string, topic: string): boolean {
  const hop = hops.find((h) => h.name === name)
  return hop !== undefined && (isTopic(hop) || isGroup(hop)) && hop.topic === topic
}

/** All hops at which the agent of a service watches. */
function hopsOf(hops: readonly DrawnHop[], service: string): string[] {
  return hops.flatMap((hop) => (!isTopic(hop) && hop.service === service ? [hop.name] : []))
}
