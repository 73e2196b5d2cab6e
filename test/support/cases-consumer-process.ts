/** The service as a process of its own, and what it said before its end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { numberOf } from './cases-consumer.ts'
import { HANDLED, LEFT, type ServicePlan, STOPPED } from './cases-consumer-plan.ts'

const SCRIPT = fileURLToPath(new URL('./cases-consumer-service.ts', import.meta.url))
const TSX = fileURLToPath(import.meta.resolve('tsx'))

export class Service {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown[]>
  #output = ''

  constructor(plan: ServicePlan) {
    const args = ['--import', TSX, SCRIPT, JSON.stringify(plan)]
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#ended = once(this.#child, 'close')
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk
      })
  }

  get output(): string {
    return this.#output
  }

  /** What it has handled: numbers, in order. */
  get handled(): number[] {
    const lines = this.#output.split('\n').filter((line) => line.startsWith(HANDLED))
    return lines.map(numberOf)
  }

  get hasStopped(): boolean {
    return this.#output.includes(`${STOPPED}\n`)
  }

  get hasLeft(): boolean {
    return this.#output.includes(`${LEFT}\n`)
  }

  /** Its exit code, or the signal that ended it. */
  async end(): Promise<unknown> {
    const [code, signal] = await this.#ended
    return code ?? signal
  }

  /** Without a chance to say goodbye. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}
