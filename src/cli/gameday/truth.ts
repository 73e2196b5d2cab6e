/**
 * The ledger: what truly passed, written down outside of the system under test by those who did it.
 * Plain lists and sets; ids as they went over the wire.
 */

/** One message at one hop, once. */
export interface Passing {
  /** 32 hex digits of its stamp. */
  readonly id: string
  /** What it said there. */
  readonly value: string
  /** ms, by the one clock that is right. */
  readonly at: number
  /** Topics and groups: where in the log. */
  readonly partition?: number
  readonly offset?: number
}

/** Evidence that the run destroyed as it injected a fault: what it explains, and no more. */
export interface Destroyed {
  /** The hop whose agent can no longer tell. */
  readonly hop: string
  readonly why: string
  /** Births of messages concerned, ms, both ends included. */
  readonly bornFrom: number
  readonly bornTo: number
  /** Offsets concerned: every window that reaches into them. `to` is the first one beyond. */
  readonly partition?: number
  readonly from?: number
  readonly to?: number
}

export interface Dropping extends Passing {
  readonly reason: string
}

export interface Truth {
  /**
   * By name of hop. Producers: what was acknowledged to the application. Topics: what a bare reader
   * found in the log, committed. Groups: what handlers finished. Sinks: what was stored.
   */
  readonly passed: ReadonlyMap<string, readonly Passing[]>
  /** By name of the group: what it said it had dropped, and why. */
  readonly dropped: ReadonlyMap<string, readonly Dropping[]>
  /** Ids whose send was refused to the application, or whose outcome it never learned. */
  readonly refused: ReadonlySet<string>
  /** Ids of aborted transactions. */
  readonly aborted: ReadonlySet<string>
  /**
   * By name of a topic or group: ids of sends into its topic whose offset the producer was never told
   * (`acks: 0`, a partition left out of the answer). Their window reaches to the log end polled after.
   */
  readonly unplaced: ReadonlyMap<string, ReadonlySet<string>>
  readonly destroyed: readonly Destroyed[]
  /** By name of a topic and partition: below this offset, records were deleted. */
  readonly deleted: ReadonlyMap<string, ReadonlyMap<number, number>>
}

/** The first 48 bits are the birth, ms. */
export const bornAt = (id: string): number => Number.parseInt(id.slice(0, 12), 16)

/** The last 10 bits tell the outputs of one message apart: 0 is the message itself. */
export function familyOf(id: string): string {
  const tail = Number.parseInt(id.slice(-3), 16) & ~0x3ff
  return `${id.slice(0, -3)}${tail.toString(16).padStart(3, '0')}`
}

/** Writes the truth as it happens. */
export class Ledger implements Truth {
  readonly passed: Map<string, Passing[]> = new Map()
  readonly dropped: Map<string, Dropping[]> = new Map()
  readonly refused: Set<string> = new Set()
  readonly aborted: Set<string> = new Set()
  readonly unplaced: Map<string, Set<string>> = new Map()
  readonly destroyed: Destroyed[] = []
  readonly deleted: Map<string, Map<number, number>> = new Map()

  pass(hop: string, passing: Passing): void {
    push(this.passed, hop, passing)
  }

  drop(hop: string, dropping: Dropping): void {
    push(this.dropped, hop, dropping)
  }

  unplace(hop: string, id: string): void {
    this.unplaced.set(hop, (this.unplaced.get(hop) ?? new Set()).add(id))
  }

  /** Records of the topic's partition below `to`. */
  delete(topic: string, partition: number, to: number): void {
    this.deleted.set(topic, (this.deleted.get(topic) ?? new Map()).set(partition, to))
  }

  destroy(destroyed: Destroyed): void {
    this.destroyed.push(destroyed)
  }
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
