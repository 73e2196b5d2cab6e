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

/** What a process says on a line of its own: words of the harness, and no trouble. */
const WORD = 'gameday: '
export const READY: string = `${WORD}ready`
/** Nothing left to do by itself, and whether things are put aside. */
export const pendingWord = (count: number): string => `${WORD}pending ${count}`

/** Null: the line is none of these. */
export function pendingIn(line: string): number | null {
  const count = line.startsWith(pendingWord(0).slice(0, -1)) ? line.split(' ').at(-1) : undefined
  return count === undefined ? null : Number(count)
}

export type Kill = Extract<DrawnFault, { kind: 'kill' }>

/** The deaths of a service, in their order. */
export function killsOf(faults: readonly DrawnFault[], service: string): readonly Kill[] {
  return faults
    .filter((fault) => fault.kind === 'kill')
    .filter((fault) => fault.service === service)
    .sort((a, b) => a.at - b.at)
}
