/** What all clients of one in-memory Kafka share: the log, the groups, the clock, and who is at work. */
import { misuse } from './memory-errors.ts'
import { MemoryGroup } from './memory-group.ts'
import { MemoryLog, type Transaction } from './memory-log.ts'

/** Yields to everything else that is ready to run; takes no time of any clock. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

interface Worker {
  /** Nothing to read, no handler running. */
  readonly isParked: () => boolean
}

export class MemoryBroker {
  readonly log: MemoryLog = new MemoryLog()
  readonly clock: () => number
  readonly groups: Map<string, MemoryGroup> = new Map()
  readonly workers: Set<Worker> = new Set()
  /** The newest epoch and transaction of each transactional id. */
  readonly #transactional = new Map<string, { epoch: number; current: Transaction | null }>()
  readonly #idleWaiters = new Set<() => void>()
  #sends = 0
  #ids = 0

  constructor(clock: () => number) {
    this.clock = clock
  }

  group(id: string): MemoryGroup {
    const group = this.groups.get(id) ?? new MemoryGroup(id, this.log)
    this.groups.set(id, group)
    return group
  }

  nextId(): string {
    return String(++this.#ids)
  }

  /** Counts a send as work until it has resolved. */
  async sending<T>(work: () => Promise<T>): Promise<T> {
    this.#sends++
    try {
      return await work()
    } finally {
      this.#sends--
      this.settled()
    }
  }

  /** Called by whoever has come to rest. */
  settled(): void {
    if (!this.#isQuiet()) return
    for (const waiter of this.#idleWaiters) waiter()
    this.#idleWaiters.clear()
  }

  async idle(): Promise<void> {
    // Twice quiet with a turn between: what a resolved send or handler goes on to do counts too.
    for (let quiet = 0; quiet < 2; ) {
      if (this.#isQuiet()) quiet++
      else {
        quiet = 0
        await new Promise<void>((resolve) => {
          this.#idleWaiters.add(resolve)
        })
      }
      await nextTurn()
    }
  }

  #isQuiet(): boolean {
    if (this.#sends > 0) return false
    for (const worker of this.workers) if (!worker.isParked()) return false
    return true
  }

  /** A producer starts to use a transactional id: an older one is fenced, what it left open aborted. */
  fence(transactionalId: string): number {
    const known = this.#transactional.get(transactionalId)
    if (known?.current?.state === 'open') this.end(known.current, false)
    const epoch = (known?.epoch ?? -1) + 1
    this.#transactional.set(transactionalId, { epoch, current: null })
    return epoch
  }

  isFenced(transactionalId: string, epoch: number): boolean {
    return this.#transactional.get(transactionalId)?.epoch !== epoch
  }

  begin(transactionalId: string, producerId: string, epoch: number): Transaction {
    const state = this.#transactional.get(transactionalId)
    if (state === undefined) throw misuse('The producer id has not been initialized')
    state.current = { producerId, epoch, state: 'open', partitions: new Set() }
    return state.current
  }

  end(transaction: Transaction, committed: boolean): void {
    transaction.state = committed ? 'committed' : 'aborted'
    const now = String(this.clock())
    for (const partition of transaction.partitions) {
      partition.endTransaction(transaction, committed, now)
    }
    this.log.changed()
  }

  /** Aborts what is open, as the broker does when the transaction timeout has passed. */
  expireTransactions(): void {
    for (const [id, { current }] of this.#transactional)
      if (current?.state === 'open') this.fence(id)
  }
}
