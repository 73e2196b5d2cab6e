/**
 * The partition of a message is chosen once. kafkajs asks its partitioner again at each retry, while it
 * skips brokers that have answered: key-less messages then move, a part is lost and a part doubled.
 */
import { createRequire } from 'node:module'
import type { ICustomPartitioner, PartitionerArgs } from 'kafkajs'
import { NOWHERE } from '../../src/hop/tally.ts'
import { ENTRY, type Entry } from './entry.ts'

export interface PartitionMemory {
  /** What the client gets instead of the caller's `createPartitioner`. */
  readonly create: ICustomPartitioner
  /** Chooses, or repeats what was chosen. */
  choose(args: PartitionerArgs): number
}

export function partitionMemory(createPartitioner: ICustomPartitioner): PartitionMemory {
  let partitioner: ReturnType<ICustomPartitioner> | null = null
  const choose = (args: PartitionerArgs): number => {
    partitioner ??= createPartitioner()
    const entry = (args.message as { [ENTRY]?: Entry })[ENTRY]
    if (entry === undefined) return partitioner(args)
    if (entry.isChosen) return entry.chosen
    const chosen = partitioner(args)
    entry.isChosen = true
    entry.chosen = chosen
    entry.partition = Number.isInteger(chosen) && chosen >= 0 ? chosen : NOWHERE
    return chosen
  }
  const create = (): ReturnType<ICustomPartitioner> => {
    partitioner = createPartitioner()
    return choose
  }
  return { create, choose }
}

/** The client's own default, or null where kafkajs cannot be loaded. */
export function defaultPartitioner(): ICustomPartitioner | null {
  try {
    const kafkajs = createRequire(import.meta.url)('kafkajs') as typeof import('kafkajs')
    return kafkajs.Partitioners.DefaultPartitioner
  } catch {
    return null
  }
}
