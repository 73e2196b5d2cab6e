/**
 * What becomes of one message: a pure function of the seed, the service and the message. So processes
 * need not agree on anything, and one that dies and comes again does the same as before.
 */
import type { ClientFate, DrawnService, Fate, GroupHop } from './day.ts'
import { chance } from './random.ts'

/** A message of a producer; its key. */
export interface MessageName {
  readonly service: string
  readonly index: number
}

export const keyOf = ({ service, index }: MessageName): string => `${service}/${index}`

/** What a message says: who it is, and how often it went round a loop. */
export const textOf = (key: string, round: number): string => `${key}#${round}`

export const roundOf = (value: string): number => Number(/#(\d+)/.exec(value)?.[1] ?? 0)

/** What an altered message says instead. */
export const alteredValue = (value: string): string => `${value} altered`

export function fateOf(
  seed: number,
  { name, rates }: DrawnService,
  key: string,
  round: number,
): Fate | null {
  // Once round is enough: a loop that never ends proves nothing.
  const fate = drawn(rates, chance(seed, name, key))
  return fate === 'again' && round > 0 ? null : fate
}

export function clientFateOf(
  seed: number,
  { name, clientRates }: DrawnService,
  topic: string,
  key: string,
  round: number,
): ClientFate | null {
  return drawn(clientRates, chance(seed, name, 'client', topic, key, round))
}

/** The topic to which a group sends a message that nothing happens to. */
export function routeOf(
  seed: number,
  { name, outputs }: GroupHop,
  key: string,
): string | undefined {
  return outputs[Math.floor(chance(seed, name, 'route', key) * outputs.length)]
}

export function partitionOf(key: string, partitions: number): number {
  return Math.floor(chance(0, 'partition', key) * partitions)
}

function drawn<F extends string>(
  rates: Readonly<Partial<Record<F, number>>>,
  at: number,
): F | null {
  let sum = 0
  for (const [fate, share] of Object.entries(rates) as [F, number][]) {
    sum += share
    if (at < sum) return fate
  }
  return null
}
