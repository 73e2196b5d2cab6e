/**
 * Whether a receiver can be connected to, with TLS where its address says so. Nothing is sent, so nobody is
 * woken; whether it takes what it gets only a test event can tell.
 */
import { connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { messageOf } from '../base/errors.ts'
import { visible } from '../base/visible.ts'
import type { AlertTarget } from '../config/alerting.ts'
import { hostOf } from './address.ts'
import { placeOf } from './place.ts'

const TIMEOUT_MS = 5_000
const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

/** Why it cannot be connected to, or null. Never throws. */
export async function knock(
  target: AlertTarget,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Promise<string | null> {
  const deadline = Date.now() + timeoutMs
  try {
    const url = new URL(target.url)
    const place = await placeOf(url, target, timeoutMs)
    if (!('address' in place)) return visible(place.why)
    const leftMs = Math.max(1, deadline - Date.now())
    const why = await connected(url, place.address, leftMs)
    if (why === null) return null
    return why === 'late' ? `no connection within ${timeoutMs} ms` : visible(why)
  } catch (error) {
    return visible(messageOf(error))
  }
}

/** Null: it can. `late`: nobody answered. */
function connected(url: URL, host: string, timeoutMs: number): Promise<string | null> {
  return new Promise((settle) => {
    const name = hostOf(url)
    const port = url.port === '' ? (PORTS[url.protocol] ?? 0) : Number(url.port)
    const isTls = url.protocol === 'https:'
    const socket = isTls
      ? // An address is no name: Node checks it against the certificate as it is.
        connectTls({ host, port, ...(isIP(name) === 0 ? { servername: name } : {}) })
      : connectTcp({ host, port })
    const timer = setTimeout(() => end('late'), timeoutMs)
    const end = (why: string | null): void => {
      clearTimeout(timer)
      settle(why)
      socket.destroy()
    }
    socket.on(isTls ? 'secureConnect' : 'connect', () => end(null))
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(error.message === '' ? (error.code ?? 'no connection') : error.message),
    )
  })
}
