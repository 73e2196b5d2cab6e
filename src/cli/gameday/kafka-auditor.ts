/** `quipu audit` as its users run it, in a process that can be killed; keeps all that it says. */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseConfig } from '../../config/parse.ts'
import type { Drift } from '../../drift/judge.ts'
import type { EdgeVerdict } from '../../finding/verdict.ts'
import type { Pipeline } from '../../hop/pipeline.ts'
import { openSqliteStore } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import type { LogReader } from '../../transport/log.ts'
import { driftOf } from '../drift-reader.ts'
import type { GameDay } from './day.ts'
import { ORDER_SCHEMA } from './drift-values.ts'
import { type Crew, nodeProgram, type Worker } from './kafka-crew.ts'
import { pipelineFile, SCHEMA_FILE } from './pipeline-file.ts'
import type { Said, WhySaid } from './played.ts'
import { whyOf } from './why-said.ts'

export interface AuditorOptions {
  readonly day: GameDay
  readonly windowMs: number
  readonly prefix: string
  readonly brokers: readonly string[]
  readonly auditTopic: string
  /** Where schemas are looked up, if anywhere. */
  readonly registry: string | null
}

export class Auditor {
  readonly worker: Worker
  /** The pipeline file, which the services read as well. */
  readonly config: string
  readonly said: Said[] = []
  readonly #store: string
  readonly #file: string

  constructor(crew: Crew, options: AuditorOptions) {
    const { day, windowMs, prefix, brokers, auditTopic, registry } = options
    const folder = crew.folderOf('auditor')
    this.config = join(folder, 'quipu.yaml')
    this.#store = join(folder, 'quipu.db')
    this.#file = pipelineFile(day, { windowMs, prefix, brokers, registry })
    this.worker = crew.hire({
      name: 'auditor',
      args: [
        ...nodeProgram(new URL('../main.ts', import.meta.url), import.meta.url),
        ...['audit', '--config', this.config, '--store', this.#store, '--json'],
        ...['--audit-topic', auditTopic],
      ],
      isReady: (line) => line.startsWith('auditing '),
      take: (line) => this.#hear(line),
    })
  }

  async writeConfig(): Promise<void> {
    await this.worker.makeFolder()
    await writeFile(this.config, this.#file)
    await writeFile(join(dirname(this.config), SCHEMA_FILE), ORDER_SCHEMA)
  }

  /** What the store says of the shape of messages. */
  drift(): Promise<Drift | null> {
    return this.#read(null, async (store, audited) => {
      return (await driftOf(store, { audited, now: Date.now() }))[0] ?? null
    })
  }

  /** Why what was found is there. */
  why(reader: LogReader): Promise<readonly WhySaid[]> {
    return this.#read([], async (store, [pipeline]) => {
      if (pipeline === undefined) return []
      return whyOf(store, { pipeline, readers: new Map([['default', reader]]), now: Date.now() })
    })
  }

  async #read<T>(
    nothing: T,
    use: (store: Store, audited: readonly Pipeline[]) => Promise<T>,
  ): Promise<T> {
    if (!existsSync(this.#store)) return nothing
    const parsed = parseConfig(this.#file, this.config, {})
    const store = await openSqliteStore(this.#store)
    try {
      return await use(store, parsed.ok ? parsed.config.pipelines : [])
    } finally {
      await store.close()
    }
  }

  /** What the store says now, for what was settled and never told. */
  verdicts(): Promise<readonly EdgeVerdict[]> {
    return this.#read([], (store) => store.verdicts())
  }

  #hear(line: string): boolean {
    // It was asked to.
    if (line.startsWith('stopping;')) return true
    if (!line.startsWith('{')) return false
    try {
      const said = JSON.parse(line) as EdgeVerdict | { readonly drift: unknown }
      // Drift is read from the store in the end.
      if (!('drift' in said)) this.said.push({ at: Date.now(), verdict: said })
    } catch {
      // Cut off by a kill; the store has it if it was said.
    }
    return true
  }
}
