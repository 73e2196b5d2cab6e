/** The transport within one process: one partition, kept in memory, for the demo and for tests. */
import { QuipuError } from '../base/errors.ts'
import { POLL_MAX } from './record-queue.ts'
import { refuseTooLarge } from './refused.ts'
import type { FrameReader, FrameRecord, FrameSender, Positions } from './transport.ts'

const PARTITION = '0'

export interface MemoryTransportOptions {
  /** The oldest records are deleted beyond this, as a topic's retention does. */
  readonly bytesMax?: number
}

export class MemoryTransport {
  readonly #log: MemoryLog

  constructor({ bytesMax = 256 * 2 ** 20 }: MemoryTransportOptions = {}) {
    this.#log = new MemoryLog(bytesMax)
  }

  sender(): FrameSender {
    return new MemorySender(this.#log)
  }

  reader(): FrameReader {
    return new MemoryReader(this.#log)
  }
}

class MemoryLog {
  readonly #bytesMax: number
  #records: Uint8Array[] = []
  #start = 0
  #bytes = 0
  readonly #waiting = new Set<() => void>()

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get start(): number {
    return this.#start
  }

  get end(): number {
    return this.#start + this.#records.length
  }

  append(bytes: Uint8Array): void {
    // A copy: what was sent does not change, whatever the sender does with its bytes.
    this.#records.push(bytes.slice())
    this.#bytes += bytes.length
    if (this.#bytes > this.#bytesMax) this.#deleteOldest()
    for (const done of [...this.#waiting]) done()
  }

  read(from: number): Uint8Array[] {
    return this.#records.slice(from - this.#start, from - this.#start + POLL_MAX)
  }

  appended(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#waiting.add(done)
    })
  }

  /** An eighth at once, so that the list is seldom copied. */
  #deleteOldest(): void {
    let count = 0
    while (this.#bytes > this.#bytesMax * 0.875 && count < this.#records.length - 1) {
      this.#bytes -= (this.#records[count] as Uint8Array).length
      count++
    }
    this.#records = this.#records.slice(count)
    this.#start += count
  }
}

class MemorySender implements FrameSender {
  readonly #log: MemoryLog
  #closed = false

  constructor(log: MemoryLog) {
    this.#log = log
  }

  async send(_key: string, bytes: Uint8Array): Promise<void> {
    if (this.#closed) throw new QuipuError('CONNECTION', 'the sender is closed')
    refuseTooLarge(bytes)
    this.#log.append(bytes)
  }

  async close(): Promise<void> {
    this.#closed = true
  }
}

class MemoryReader implements FrameReader {
  readonly #log: MemoryLog
  #next = 0
  #closed = false

  constructor(log: MemoryLog) {
    this.#log = log
  }

  async open(positions: Positions): Promise<void> {
    this.#next = positions[PARTITION] ?? 0
  }

  async poll(waitMs: number): Promise<readonly FrameRecord[]> {
    if (!this.#closed && this.#next >= this.#log.end && waitMs > 0) await this.#log.appended(waitMs)
    if (this.#closed) return []
    this.#next = Math.max(this.#next, this.#log.start)
    const first = this.#next
    const records = this.#log
      .read(first)
      .map((bytes, i) => ({ partition: PARTITION, position: first + i, bytes }))
    this.#next += records.length
    return records
  }

  async ends(): Promise<Positions> {
    return { [PARTITION]: this.#log.end }
  }

  reached(): Positions {
    return { [PARTITION]: Math.max(this.#next, this.#log.start) }
  }

  async close(): Promise<void> {
    this.#closed = true
  }
}
