/** The processes of a game day: started, killed, paused, ended in order, and never left behind. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Running, spawnBound } from '../../testbed/process.ts'

/** ms that a process has to connect and say that it is ready. */
const READY_MS = 60_000
/** Brokers that have just come back may know no topics yet. */
const START_TRIES_MAX = 5
const START_AGAIN_MS = 2_000
/** ms that it has for an orderly end before it is killed. */
const END_MS = 20_000
/** Last lines of a process, for the error that tells of its end. */
const LINES_KEPT = 20
/** Kinds of trouble that are told once each. */
const TOLD_MAX = 1_000
/** ms between two looks. */
const LOOK_MS = 50

export interface Program {
  readonly name: string
  /** Of `node`: script and arguments. */
  readonly args: readonly string[]
  /** Whether a line says that it has begun its work. */
  readonly isReady: (line: string) => boolean
  /** Takes what is no talk; whether it did. */
  readonly take: (line: string) => boolean
}

/** The program of a source file: with the loader that it needs, or as it was built. */
export function nodeProgram(source: URL, from: string): readonly string[] {
  const path = fileURLToPath(source)
  return from.endsWith('.ts')
    ? ['--import', fileURLToPath(import.meta.resolve('tsx')), path]
    : [path.replace(/\.ts$/, '.js')]
}

/** One program that may be killed and started again. */
export class Worker {
  readonly name: string
  readonly #program: Program
  /** Its own, removed with it if this process dies. */
  readonly #folder: string
  readonly #talk: (line: string) => void
  #running: Running | null = null
  #lines: string[] = []
  readonly #told = new Set<string>()
  #isReady = false
  #isPaused = false
  #toEnd = false

  constructor(program: Program, folder: string, talk: (line: string) => void) {
    this.name = program.name
    this.#program = program
    this.#folder = folder
    this.#talk = talk
  }

  /** Resolves when it has begun its work. @param mayDie by itself: it is gone then, and no error */
  async start(signal: AbortSignal, mayDie: boolean = false): Promise<void> {
    this.#isReady = false
    this.#isPaused = false
    this.#toEnd = mayDie
    this.#lines = []
    await this.makeFolder()
    const { args, isReady, take } = this.#program
    this.#running = await spawnBound(process.execPath, args, this.#folder, (line) => {
      if (isReady(line)) this.#isReady = true
      else if (!take(line)) this.#keep(line)
    })
    const patience = Date.now() + READY_MS
    while (!this.#isReady) {
      signal.throwIfAborted()
      if (this.#running.isGone()) {
        if (mayDie) return
        throw new Error(this.#ending('ended by itself'))
      }
      if (Date.now() > patience) throw new Error(this.#ending('did not begin'))
      await sleep(LOOK_MS)
    }
  }

  /** As whoever supervises processes does: one that could not begin gets another chance. */
  async startPatiently(signal: AbortSignal): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.start(signal)
      } catch (error) {
        if (tries === START_TRIES_MAX || signal.aborted) throw error
        await this.kill()
        await sleep(START_AGAIN_MS, undefined, { signal })
      }
    }
  }

  async makeFolder(): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
  }

  /** Resolves when its process is gone, however that came about. */
  async gone(): Promise<void> {
    await this.#running?.gone
  }

  async kill(): Promise<void> {
    this.#toEnd = true
    const running = this.#running
    if (running === null) return
    await running.signal('SIGKILL')
    await running.gone
  }

  async pause(): Promise<void> {
    this.#isPaused = true
    await this.#running?.signal('SIGSTOP')
  }

  async resume(): Promise<void> {
    this.#isPaused = false
    await this.#running?.signal('SIGCONT')
  }

  /** Asks for an orderly end; whether it came to one. */
  async end(): Promise<boolean> {
    this.#toEnd = true
    const running = this.#running
    if (running === null || running.isGone()) return true
    if (this.#isPaused) await this.resume()
    await running.signal('SIGTERM')
    const isOrderly = await Promise.race([
      running.gone.then(() => true),
      sleep(END_MS, false, { ref: false }),
    ])
    if (!isOrderly) await this.kill()
    return isOrderly
  }

  /** @throws Error if it ended in the middle of its work, though nobody asked it to */
  check(): void {
    if (this.#running === null || !this.#isReady || this.#toEnd) return
    if (!this.#running.isGone()) return
    throw new Error(this.#ending('ended by itself'))
  }

  #ending(what: string): string {
    return [`${this.name} ${what}:`, ...this.#lines].join('\n')
  }

  #keep(line: string): void {
    this.#lines.push(line)
    if (this.#lines.length > LINES_KEPT) this.#lines.shift()
    // A broker that is away is told of in every frame.
    const kind = line.replace(/\d+/g, '#')
    if (this.#told.has(kind)) return
    if (this.#told.size < TOLD_MAX) this.#told.add(kind)
    this.#talk(`${this.name}: ${line}`)
  }
}

/** All workers of one run. */
export class Crew {
  readonly #workers: Worker[] = []
  readonly #folder: string
  readonly #talk: (line: string) => void

  constructor(folder: string, talk: (line: string) => void) {
    this.#folder = folder
    this.#talk = talk
  }

  /** What belongs to one worker: it goes with it if this process dies. */
  folderOf(name: string): string {
    return join(this.#folder, name)
  }

  hire(program: Program): Worker {
    const worker = new Worker(program, this.folderOf(program.name), this.#talk)
    this.#workers.push(worker)
    return worker
  }

  check(): void {
    for (const worker of this.#workers) worker.check()
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.kill()))
  }
}
