/** Where the address of a target leads: a name is resolved once, and all that it leads to is checked. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Reach } from '../config/alerting.ts'
import { hostOf, refusal } from './address.ts'

/** All addresses of one name. @throws what the name server says */
export type Resolve = (host: string) => Promise<readonly string[]>

/** Either the address to connect to, or why there is none. */
export type Place =
  | { readonly address: string }
  | {
      readonly why: string
      /** Whether it stays so as long as the file does. */
      readonly isLasting: boolean
    }

/** @throws what the name server says */
export async function placeOf(
  url: URL,
  reach: Reach,
  timeoutMs: number,
  resolve: Resolve = resolved,
): Promise<Place> {
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return { why: 'it is no address of http or https', isLasting: true }
  const host = hostOf(url)
  const addresses = isIP(host) !== 0 ? [host] : await within(timeoutMs, resolve(host))
  const [address] = addresses
  if (address === undefined) return { why: `${host} has no address`, isLasting: false }
  for (const each of addresses) {
    const why = refusal(url, each, reach)
    if (why !== null) return { why, isLasting: false }
  }
  return { address }
}

async function resolved(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}

/** A name server cannot be given up, but need not be waited for. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer of the name server within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}
