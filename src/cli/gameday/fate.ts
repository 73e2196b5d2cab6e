/**
 * What becomes of one message: a pure function of the seed, the service and the message. So processes
 * need not agree on anything, and one that dies and comes again does the same as before.
 */
import type { ClientFate, DrawnService, Fate, GameDay, GroupHop } from './day.ts'
import { orderOf } from './drift-values.ts'
import { chance } from './random.ts'

/** A message of a producer; its key. */
export interface MessageName {
  readonly service: string
  readonly index: number
}

export const keyOf = ({ service, index }: MessageName): string => `${service}/${index}`

/** What a message says: who it is, and how often it went round a loop. */
const textOf = (key: string, round: number): string => `${key}#${round}`

/** What a message says that its producer sends. */
export function writtenValue(day: GameDay, service: string, key: string): string {
  const text = textOf(key, 0)
  return day.drift === null ? text : orderOf(day, service, key, text)
}

/** What it says once it goes round a loop. */
export function againValue(key: string, value: string): string {
  const round = roundOf(value)
  if (!value.startsWith('{')) return textOf(key, round + 1)
  return value.replace(textOf(key, round), textOf(key, round + 1))
}

export const roundOf = (value: string): number => Number(/#(\d+)/.exec(value)?.[1] ?? 0)

/** What an altered message says instead; what can be read still can. */
export const alteredValue = (value: string): string =>
  value.endsWith('"}') ? value.replace(/"note":"[a-z ]*/, '$& altered') : `${value} altered`

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
