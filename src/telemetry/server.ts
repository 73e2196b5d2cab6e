/**
 * `/metrics`, `/healthz` and `/readyz` over HTTP: reading only, and of bounded cost.
 *
 * Limits: GET and HEAD; headers of 8 KB, 50 of them, within 5 s; 32 connections, each closed after its
 * answer. On a loopback address the `Host` header must name one too: a page in a browser that has its
 * own name resolve to 127.0.0.1 is told nothing.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { messageOf } from '../base/errors.ts'
import { CONTENT_TYPES, type Format, formatFor } from './open-metrics.ts'

export interface ServerOptions {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** Null: there is none yet. */
  readonly metrics: (format: Format) => string | null
  /** Reasons; none: it is ready. */
  readonly whyNotReady: () => readonly string[]
}

export interface MetricsServer {
  /** `127.0.0.1:9464` */
  readonly address: string
  close(): Promise<void>
}

const HEADERS_BYTES_MAX = 8_192
const HEADERS_MAX = 50
const CONNECTIONS_MAX = 32
const TIMEOUT_MS = 5_000

/** @throws Error EADDRINUSE and the like */
export async function startMetricsServer(options: ServerOptions): Promise<MetricsServer> {
  const server = createServer(
    {
      maxHeaderSize: HEADERS_BYTES_MAX,
      headersTimeout: TIMEOUT_MS,
      requestTimeout: TIMEOUT_MS,
      keepAlive: false,
      connectionsCheckingInterval: TIMEOUT_MS,
    },
    (request, response) => {
      try {
        respond(request, response, answerTo(request, options))
      } catch (error) {
        // Who asks is told; who audits goes on.
        respond(request, response, { status: 500, text: `${messageOf(error)}\n` })
      }
    },
  )
  server.maxHeadersCount = HEADERS_MAX
  server.maxConnections = CONNECTIONS_MAX
  server.timeout = TIMEOUT_MS
  await listen(server, options)
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : options.port
  const host = isIP(options.host) === 6 ? `[${options.host}]` : options.host
  // The process may end whoever still asks.
  server.unref()
  return {
    address: `${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      // What goes wrong with one connection is no trouble of the others.
      server.on('error', () => {})
      resolve()
    })
  })
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly type?: string
}

function answerTo({ headers, method, url = '' }: IncomingMessage, options: ServerOptions): Answer {
  if (isLoopback(options.host) && !isLoopback(hostOf(headers.host ?? '')))
    return { status: 403, text: 'Expected a Host header that names this machine.\n' }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, text: 'Expected GET or HEAD.\n' }
  switch (url.split('?')[0]) {
    case '/metrics': {
      const format = formatFor(headers.accept ?? '')
      const text = options.metrics(format)
      if (text === null) return { status: 503, text: 'Nothing is known yet.\n' }
      return { status: 200, text, type: CONTENT_TYPES[format] }
    }
    case '/healthz':
      return { status: 200, text: 'alive\n' }
    case '/readyz': {
      const reasons = options.whyNotReady()
      if (reasons.length === 0) return { status: 200, text: 'ready\n' }
      return { status: 503, text: reasons.map((reason) => `${reason}\n`).join('') }
    }
    default:
      return { status: 404, text: 'Expected /metrics, /healthz or /readyz.\n' }
  }
}

function respond(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, text, type = 'text/plain; charset=utf-8' }: Answer,
): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
    Connection: 'close',
  })
  response.end(method === 'HEAD' ? undefined : text)
}

/** Without its port, and an IPv6 address without brackets. */
function hostOf(header: string): string {
  const [, v6, other] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(header) ?? []
  return v6 ?? other ?? ''
}

export function isLoopback(host: string): boolean {
  const name = host.toLowerCase()
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}
