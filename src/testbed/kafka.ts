/** A Kafka for tests, the demo and game days: one that runs already, or one of its own. */

import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { QuipuError } from '../base/errors.ts'
import { containerEngine, containerEngineAnswers } from './container.ts'
import { configOf, type Engine } from './engine.ts'
import { missingTools } from './jars.ts'
import { javaEngine } from './java.ts'
import { freePorts } from './ports.ts'
import type { Running } from './process.ts'
import { type Seat, serverProperties } from './properties.ts'
import { untilReady } from './ready.ts'

export interface TestKafka {
  /** `host:port`, in the order of the indexes below. */
  readonly brokers: string[]
  /** False for the brokers that `KAFKA_BROKERS` names: those are left alone. */
  readonly own: boolean
  /** SIGKILL; resolves when the process is gone. */
  kill(index: number): Promise<void>
  /** SIGTERM; resolves when the process is gone. */
  terminate(index: number): Promise<void>
  /** Starts a stopped broker again on its port and data; resolves when the cluster lists it. */
  restart(index: number): Promise<void>
  /** SIGSTOP: the broker keeps its connections and answers nothing. */
  pause(index: number): Promise<void>
  /** SIGCONT. */
  resume(index: number): Promise<void>
  /** Stops every broker and removes its data. May be called twice. */
  close(): Promise<void>
}

export interface StartKafkaOptions {
  /** Three brokers replicate three times and want two in sync. */
  readonly brokers?: 1 | 3
  /** Further lines of `server.properties`; they win over the defaults. */
  readonly config?: Readonly<Record<string, string>>
  /** Gets what the brokers print (warnings and errors) and what is being fetched. */
  readonly log?: (line: string) => void
}

/** An orderly stop takes 0.5 s; one that lost its quorum never ends by itself. */
const terminateMsMax = 20_000

/** Two processes can pick the same free port at the same moment. */
const startsMax = 3

/** Lines of a dying broker that are worth showing. */
const linesKept = 30

export async function startKafka({
  brokers = 1,
  config = {},
  log = () => {},
}: StartKafkaOptions = {}): Promise<TestKafka> {
  const named = process.env.KAFKA_BROKERS
  if (named && brokers === 1) return foreign(brokersIn(named))

  const engine = await chooseEngine(log)
  for (let attempt = 1; ; attempt++) {
    const cluster = new Cluster(engine, config, log)
    try {
      await cluster.start(brokers)
      return cluster
    } catch (error) {
      await cluster.close()
      if (attempt === startsMax) throw error
      log(`Starting again: ${(error as Error).message}`)
    }
  }
}

/** Does all of `startKafka` that can be missing on a machine, and throws the same errors. */
export async function prepareKafka(log: (line: string) => void = () => {}): Promise<void> {
  const named = process.env.KAFKA_BROKERS
  if (named) await foreign(brokersIn(named))
  else await chooseEngine(log)
}

async function chooseEngine(log: (line: string) => void): Promise<Engine> {
  const missing = await missingTools()
  if (missing.length === 0) return javaEngine(log)
  if (await containerEngineAnswers()) return containerEngine()
  throw new QuipuError(
    'MISSING_PART',
    `No Kafka can be started: ${missing.join(' and ')} missing`,
    {
      hint: 'On Debian, run `apt-get install default-jre-headless maven`; or start a container engine; or set KAFKA_BROKERS to a running broker.',
    },
  )
}

/** In base64url; one that begins with `-` would be taken for an option: 1 in 64. */
function newClusterId(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0] as number) & 0x7f
  return bytes.toString('base64url')
}

function brokersIn(list: string): string[] {
  return list.split(',').map((broker) => broker.trim())
}

async function foreign(brokers: string[]): Promise<TestKafka> {
  await untilReady({ brokers, nodes: [], timeoutMs: 15_000 })
  const refuse = async (): Promise<never> => {
    throw new QuipuError(
      'FORBIDDEN',
      `The brokers ${brokers.join(',')} are not ours to stop: KAFKA_BROKERS names them`,
      { hint: 'Unset KAFKA_BROKERS to have brokers started for the test.' },
    )
  }
  return {
    brokers,
    own: false,
    kill: refuse,
    terminate: refuse,
    restart: refuse,
    pause: refuse,
    resume: refuse,
    close: async () => {},
  }
}

class Cluster implements TestKafka {
  readonly brokers: string[] = []
  readonly own = true
  readonly #engine: Engine
  readonly #config: Readonly<Record<string, string>>
  readonly #log: (line: string) => void
  readonly #lines: string[] = []
  #folder: string | undefined
  #seats: Seat[] = []
  #running: (Running | undefined)[] = []
  readonly #onExit = (): void => this.#abandon()

  constructor(
    engine: Engine,
    config: Readonly<Record<string, string>>,
    log: (line: string) => void,
  ) {
    this.#engine = engine
    this.#config = config
    this.#log = log
  }

  async start(count: number): Promise<void> {
    process.once('exit', this.#onExit)
    const folder = await mkdtemp(join(tmpdir(), 'quipu-kafka-'))
    this.#folder = folder
    const ports = await freePorts(2 * count)
    this.#seats = Array.from({ length: count }, (_, i) => ({
      nodeId: i + 1,
      port: ports[2 * i] as number,
      controllerPort: ports[2 * i + 1] as number,
      folder: join(folder, String(i + 1)),
    }))
    this.brokers.push(...this.#seats.map((seat) => `127.0.0.1:${seat.port}`))
    const clusterId = newClusterId()
    await Promise.all(
      this.#seats.map(async (seat) => {
        await mkdir(seat.folder)
        await writeFile(configOf(seat), serverProperties(seat, this.#seats, this.#config))
        await this.#engine.format(seat, clusterId)
      }),
    )
    await Promise.all(this.#seats.map((_, i) => this.#launch(i)))
    await this.#ready(this.#seats.map((_, i) => i))
  }

  async kill(index: number): Promise<void> {
    const broker = this.#at(index)
    await broker.signal('SIGKILL')
    await broker.gone
  }

  async terminate(index: number): Promise<void> {
    const broker = this.#at(index)
    await broker.signal('SIGTERM')
    const timer = setTimeout(() => {
      this.#log(`Broker ${index} did not stop in ${terminateMsMax} ms and is killed`)
      void broker.signal('SIGKILL')
    }, terminateMsMax)
    await broker.gone
    clearTimeout(timer)
  }

  async restart(index: number): Promise<void> {
    if (!this.#at(index).isGone()) {
      throw new Error(`Expected broker ${index} to be stopped before it is started again`)
    }
    await this.#launch(index)
    await this.#ready([index])
  }

  async pause(index: number): Promise<void> {
    await this.#at(index).signal('SIGSTOP')
  }

  async resume(index: number): Promise<void> {
    await this.#at(index).signal('SIGCONT')
  }

  async close(): Promise<void> {
    process.off('exit', this.#onExit)
    await Promise.all(
      this.#running.map(async (broker) => {
        if (broker === undefined || broker.isGone()) return
        await broker.signal('SIGKILL')
        await broker.gone
      }),
    )
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
  }

  #at(index: number): Running {
    const broker = this.#running[index]
    if (broker !== undefined) return broker
    throw new Error(`Expected a broker from 0 to ${this.#seats.length - 1}, got ${index}`)
  }

  async #launch(index: number): Promise<void> {
    this.#running[index] = await this.#engine.start(this.#seats[index] as Seat, (text) => {
      this.#lines.push(text)
      if (this.#lines.length > linesKept) this.#lines.shift()
      this.#log(`[broker ${index}] ${text}`)
    })
  }

  /** Asks one of the brokers that were just started, so that it is known to answer itself. */
  async #ready(indexes: readonly number[]): Promise<void> {
    const started = indexes.map((index) => this.#at(index))
    try {
      await untilReady({
        brokers: indexes.map((index) => this.brokers[index] as string),
        nodes: indexes.map((index) => (this.#seats[index] as Seat).nodeId),
        // Short of a broker, the coordinator may rightly have to wait for its replicas.
        groups: this.#running.every((broker) => broker?.isGone() === false),
        abandoned: () => started.some((broker) => broker.isGone()),
      })
    } catch (cause) {
      throw new QuipuError(
        'CONNECTION',
        `${(cause as Error).message}\n${this.#lines.join('\n')}`.trimEnd(),
        { cause },
      )
    }
  }

  /** The process is ending: nothing asynchronous will run any more. */
  #abandon(): void {
    for (const broker of this.#running) {
      if (broker === undefined || broker.isGone()) continue
      try {
        process.kill(broker.pid, 'SIGKILL')
      } catch {
        // Gone in the meantime.
      }
    }
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
  }
}
