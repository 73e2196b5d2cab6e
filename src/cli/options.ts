/** Values of flags, read strictly; what will not do is a usage error. */
import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../base/duration.ts'
import { instantOf } from '../message/instant.ts'
import { talk } from './io.ts'

export const STORE_DEFAULT = './quipu.db'

/** `a,b`; may be given more than once. */
export function list(value: string, before: readonly string[] | undefined): readonly string[] {
  const items = value.split(',').map((item) => item.trim())
  if (items.some((item) => item === '')) {
    throw new InvalidArgumentError('Expected names with commas between them, such as a,b.')
  }
  return [...(before ?? []), ...items]
}

/** As kafkajs takes them: it cuts at the first colon. */
const BROKER = /^[^\s:/[\]]+:(\d{1,5})$/
const PORT_MAX = 65_535

/** `HOST:PORT,HOST:PORT`; may be given more than once. */
export function brokerList(
  value: string,
  before: readonly string[] | undefined,
): readonly string[] {
  const wrong = list(value, undefined).find((broker) => {
    const port = Number(BROKER.exec(broker)?.[1] ?? 0)
    return port < 1 || port > PORT_MAX
  })
  if (wrong !== undefined)
    throw new InvalidArgumentError(
      `Expected HOST:PORT, with commas between, such as localhost:9092; \`${wrong}\` is none.`,
    )
  return list(value, before)
}

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number): (value: string) => number {
  return (value) => {
    const n = Number(value)
    if (!/^\d{1,15}$/.test(value) || n < min || n > max) {
      throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`)
    }
    return n
  }
}

/** ms of `30m`, `0s`. */
export function duration(value: string): number {
  const ms = parseDuration(value)
  if (ms === null) throw new InvalidArgumentError('Expected a duration such as 30m or 0s.')
  return ms
}

/** ms since 1970 of `1h` ago, or of an instant such as `2026-11-23T01:00:00Z`. */
export function instant(value: string): number {
  const ago = parseDuration(value)
  if (ago !== null) return Date.now() - ago
  const at = instantOf(value)
  if (at === null) {
    throw new InvalidArgumentError(
      'Expected a duration such as 1h, or an instant such as 2026-11-23T01:00:00Z.',
    )
  }
  return at
}

/** The beginning of what is asked for. In the future there is nothing to show: most likely a slip. */
export function sinceTime(value: string): number {
  const at = instant(value)
  if (at > Date.now()) talk(`quipu: --since ${value} is in the future: nothing was born since then`)
  return at
}
