/**
 * The terminal as `quipu top` uses it: another screen, which leaves what was there before as it was.
 *
 * Law: whatever happens after `open`, short of a kill that no process sees, `close` runs and gives back the
 * screen, the cursor and how keys are read; a second `close` does nothing.
 */
/** The other screen, a hidden cursor, and no line that goes on in the next one. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
/** Of the line, and of all below it. */
const ERASE_REST = '\u001b[K'
const ERASE_BELOW = '\u001b[J'
/** What Ctrl-C sends while keys are read one by one. */
const CTRL_C = '\u0003'
/** Keys that are no characters, such as arrows; several may come at once. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: what they begin with
const SPECIAL = /\u001b(?:\[[\d;]*[@-~]|O.)/g

/** Of a terminal that does not say how large it is. */
const WIDTH_DEFAULT = 80
const HEIGHT_DEFAULT = 24

export interface Keys {
  readonly onQuit: () => void
  readonly onInterrupt: () => void
  readonly onResize: () => void
}

export class TopScreen {
  readonly #out: NodeJS.WriteStream
  readonly #in: NodeJS.ReadStream
  readonly #keys: Keys
  #isOpen = false

  constructor(out: NodeJS.WriteStream, input: NodeJS.ReadStream, keys: Keys) {
    this.#out = out
    this.#in = input
    this.#keys = keys
  }

  get size(): { readonly width: number; readonly height: number } {
    // A terminal of no columns is one that nobody has told its size.
    return {
      width: this.#out.columns || WIDTH_DEFAULT,
      height: this.#out.rows || HEIGHT_DEFAULT,
    }
  }

  open(): void {
    this.#isOpen = true
    // Also where something throws that nobody awaits.
    process.on('exit', this.close)
    this.#out.on('resize', this.#keys.onResize)
    this.#out.write(ENTER)
    if (!this.#in.isTTY) return
    this.#in.setRawMode(true)
    this.#in.on('data', this.#pressed)
    this.#in.resume()
  }

  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return
    this.#out.write(`${HOME}${lines.map((line) => line + ERASE_REST).join('\r\n')}${ERASE_BELOW}`)
  }

  readonly close = (): void => {
    if (!this.#isOpen) return
    this.#isOpen = false
    process.off('exit', this.close)
    this.#out.off('resize', this.#keys.onResize)
    this.#out.write(LEAVE)
    if (!this.#in.isTTY) return
    this.#in.off('data', this.#pressed)
    this.#in.setRawMode(false)
    this.#in.pause()
  }

  readonly #pressed = (bytes: Buffer): void => {
    const keys = bytes.toString('latin1')
    if (keys.includes(CTRL_C)) this.#keys.onInterrupt()
    else if (/q/i.test(keys.replace(SPECIAL, ''))) this.#keys.onQuit()
  }
}
