/** What the process of one service is told: all else it draws itself. */
import type { DrawnFault, GameDay } from './day.ts'

export interface WorkerPlan {
  readonly day: GameDay
  /** The service that this process is. */
  readonly service: string
  readonly brokers: readonly string[]
  /** Before the name of every topic, group and transaction. */
  readonly prefix: string
  readonly auditTopic: string
  /** The pipeline file. */
  readonly config: string
  /** Path of its journal. */
  readonly journal: string
  /** ms: when the day begins. */
  readonly startsAt: number
  readonly windowMs: number
  readonly flushMs: number
}

/** What a process says of itself, on a line of its own. */
export type Word =
  | { readonly kind: 'born' | 'ready' }
  /** So many things are put aside, or still to be sent. */
  | { readonly kind: 'pending'; readonly count: number }
  /** A group has read all below `next`, and handled the message before `handled`. */
  | {
      readonly kind: 'read'
      readonly partition: number
      readonly next: number
      readonly handled: number
    }

const BEFORE = 'gameday: '

export function say(word: Word): void {
  console.log(`${BEFORE}${JSON.stringify(word)}`)
}

/** Null: the line is trouble that somebody tells. */
export function wordIn(line: string): Word | null {
  return line.startsWith(BEFORE) ? (JSON.parse(line.slice(BEFORE.length)) as Word) : null
}

export type Kill = Extract<DrawnFault, { kind: 'kill' }>

/** The deaths of a service, in their order. */
export function killsOf(faults: readonly DrawnFault[], service: string): readonly Kill[] {
  return faults
    .filter((fault) => fault.kind === 'kill')
    .filter((fault) => fault.service === service)
    .sort((a, b) => a.at - b.at)
}
