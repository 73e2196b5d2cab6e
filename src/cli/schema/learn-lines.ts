/** JSON lines, one message each. A line of any length costs bounded memory. */
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { messageOf, QuipuError } from '../../base/errors.ts'
import { VALUE_BYTES_MAX } from '../../drift/read/reader.ts'
import type { MessageSource, RawMessage } from './learn-source.ts'

const NEW_LINE = 0x0a
/** One byte more than is read: so that what was cut is seen to be too large. */
const LINE_BYTES_MAX: number = VALUE_BYTES_MAX + 1

export class LinesSource implements MessageSource {
  readonly name: string
  isCut = false
  readonly #file: string
  readonly #max: number

  /** `-`: what comes in. */
  constructor(file: string, max: number) {
    this.name = file === '-' ? 'stdin' : basename(file)
    this.#file = file
    this.#max = max
  }

  async *messages(stop: AbortSignal): AsyncIterable<RawMessage> {
    const input = this.#file === '-' ? process.stdin : createReadStream(this.#file)
    const onStop = (): void => void input.destroy()
    stop.addEventListener('abort', onStop, { once: true })
    let count = 0
    try {
      for await (const line of linesOf(input)) {
        if (line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)) continue
        if (count === this.#max) {
          this.isCut = true
          return
        }
        count++
        yield { value: line, headers: undefined, at: null }
      }
    } catch (cause) {
      if (stop.aborted) return
      throw new QuipuError('FORBIDDEN', `cannot read ${this.#file}: ${messageOf(cause)}`, {
        hint: 'Name a file of JSON lines that this user may read, or - for stdin.',
        cause,
      })
    } finally {
      stop.removeEventListener('abort', onStop)
      input.destroy()
    }
  }
}

async function* linesOf(input: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let parts: Buffer[] = []
  let length = 0
  const keep = (part: Buffer): void => {
    const kept = part.subarray(0, LINE_BYTES_MAX - length)
    parts.push(kept)
    length += kept.length
  }
  for await (const chunk of input) {
    let from = 0
    for (let end = chunk.indexOf(NEW_LINE); end >= 0; end = chunk.indexOf(NEW_LINE, from)) {
      keep(chunk.subarray(from, end))
      yield Buffer.concat(parts)
      parts = []
      length = 0
      from = end + 1
    }
    if (length < LINE_BYTES_MAX) keep(chunk.subarray(from))
  }
  if (length > 0) yield Buffer.concat(parts)
}
