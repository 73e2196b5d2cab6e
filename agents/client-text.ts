/** What an agent runs and where, for people who look for a producer: frames carry it. */
import { createRequire } from 'node:module'
import { hostname } from 'node:os'

/** `checkin/1.4.2 kafkajs/2.2.4 node/20.19.0`; what is not known is left out. */
export function clientText(service: string, version: string | undefined): string {
  const client = clientVersion()
  return [
    version === undefined ? service : `${service}/${version}`,
    ...(client === null ? [] : [`kafkajs/${client}`]),
    `node/${process.versions.node}`,
  ].join(' ')
}

export function hostText(): string {
  try {
    return hostname()
  } catch {
    return ''
  }
}

/** Null where another client takes its place. */
function clientVersion(): string | null {
  try {
    const found: unknown = createRequire(import.meta.url)('kafkajs/package.json')
    const { version } = found as { readonly version?: unknown }
    return typeof version === 'string' ? version : null
  } catch {
    return null
  }
}
