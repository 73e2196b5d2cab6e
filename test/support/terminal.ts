/** A pseudo-terminal with a shell command in it, by `script` of util-linux. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Of util-linux; others of that name take other options. */
const SCRIPT = 'script'

export const hasTerminals: boolean =
  spawnSync(SCRIPT, ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false

/** Looks, 50 ms apart, for what is waited for. */
const LOOKS_MAX = 300

export class Terminal {
  readonly #folder: string
  readonly #child: ChildProcess
  readonly #ended: Promise<number>
  #shown = ''

  /** @param folder where what the terminal was like before and after is written; one for each */
  constructor(folder: string, command: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder
    const lines = [
      'stty cols 90 rows 20',
      'tty > tty',
      'stty -g > before',
      // The command itself, and no shell around it, is what signals go to.
      `sh -c 'echo $$ > pid; exec ${command}'`,
      'code=$?',
      'stty -g > after',
      'exit $code',
    ]
    this.#child = spawn(SCRIPT, ['-qfec', lines.join('\n'), '/dev/null'], { cwd: folder, env })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#shown += text
    })
    this.#ended = once(this.#child, 'close').then(([code]) => code as number)
  }

  /** All that was written to it. */
  get shown(): string {
    return this.#shown
  }

  /** @throws Error if it never shows that, after what it has shown before */
  async until(text: string | RegExp, after = 0): Promise<void> {
    for (let look = 0; look < LOOKS_MAX; look++) {
      const rest = this.#shown.slice(after)
      if (typeof text === 'string' ? rest.includes(text) : text.test(rest)) return
      await sleep(50)
    }
    throw new Error(`waited in vain for ${text} in ${JSON.stringify(this.#shown.slice(after))}`)
  }

  press(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  resize(columns: number, rows: number): void {
    const size = ['cols', String(columns), 'rows', String(rows)]
    execFileSync('stty', ['-F', this.#read('tty'), ...size])
  }

  signal(name: NodeJS.Signals): void {
    process.kill(Number(this.#read('pid')), name)
  }

  /** The exit code, and whether the terminal is as it was. */
  async ended(): Promise<{ readonly code: number; readonly isAsBefore: boolean }> {
    const code = await this.#ended
    return { code, isAsBefore: this.#read('after') === this.#read('before') }
  }

  /** Ends what is still there. */
  close(): void {
    if (this.#child.exitCode !== null) return
    if (existsSync(join(this.#folder, 'pid'))) this.signal('SIGKILL')
    this.#child.kill()
  }

  #read(name: string): string {
    return readFileSync(join(this.#folder, name), 'utf8').trim()
  }
}
