/**
 * One HTTP request with a bounded answer in a bounded time.
 *
 * A redirect is not followed: it would send the secret of one registry to whoever it names.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { ANSWER_BYTES_MAX, REQUESTS_AT_ONCE } from './limits.ts'

export interface HttpAnswer {
  readonly status: number
  readonly text: string
  /** Of `Retry-After`, if it is a number. */
  readonly retryAfterMs: number | null
}

/** No answer, or none that could be read; `isLasting`: trying again is of no use. */
export class NoAnswer extends Error {
  readonly isLasting: boolean

  constructor(message: string, isLasting: boolean, cause?: unknown) {
    super(message, { cause })
    this.name = 'NoAnswer'
    this.isLasting = isLasting
  }
}

export interface HttpOptions {
  readonly base: URL
  readonly authorization: string | null
  /** PEM; null: the usual ones. */
  readonly ca: string | null
  readonly timeoutMs: number
  /** Whether the process may end while it is waited for: it is somebody else's. */
  readonly isBackground: boolean
}

export interface Http {
  /** @param body sent with POST; null: GET. @throws NoAnswer */
  send(path: string, body: string | null): Promise<HttpAnswer>
  close(): void
}

const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json'

export function http({ base, authorization, ca, timeoutMs, isBackground }: HttpOptions): Http {
  const isTls = base.protocol === 'https:'
  const keep = { keepAlive: true, maxSockets: REQUESTS_AT_ONCE }
  const agent = isTls
    ? new HttpsAgent({ ...keep, ...(ca === null ? {} : { ca }) })
    : new HttpAgent(keep)
  const headers = {
    accept: `${MEDIA_TYPE}, application/json`,
    ...(authorization === null ? {} : { authorization }),
  }

  const send = (path: string, body: string | null): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const options = {
        agent,
        method: body === null ? 'GET' : 'POST',
        headers: body === null ? headers : { ...headers, 'content-type': MEDIA_TYPE },
      }
      const url = new URL(path, base)
      const sent = isTls ? httpsRequest(url, options) : httpRequest(url, options)
      // Of all of it: an answer that trickles in is none either.
      const timer = setTimeout(() => {
        sent.destroy(new NoAnswer(`no answer within ${timeoutMs} ms`, false))
      }, timeoutMs)
      if (isBackground) {
        timer.unref()
        // Nor may one that others have used and left.
        sent.on('socket', (socket) => socket.unref())
      }
      const settle = (result: HttpAnswer | Error): void => {
        clearTimeout(timer)
        if (result instanceof Error) reject(noAnswerOf(result))
        else resolve(result)
      }
      sent.on('error', settle)
      sent.on('response', (response) => {
        if (response.statusCode !== undefined && isRedirect(response.statusCode)) {
          settle(new NoAnswer('it answers with a redirect, which is not followed', true))
          sent.destroy()
          return
        }
        readAnswer(response, settle)
      })
      sent.end(body ?? undefined)
    })
  return { send, close: () => agent.destroy() }
}

function readAnswer(response: IncomingMessage, settle: (result: HttpAnswer | Error) => void): void {
  const chunks: Buffer[] = []
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= ANSWER_BYTES_MAX) chunks.push(chunk)
    else {
      settle(new NoAnswer(`its answer has more than ${ANSWER_BYTES_MAX} bytes`, true))
      response.destroy()
    }
  })
  response.on('error', settle)
  response.on('aborted', () => settle(new NoAnswer('its answer broke off', false)))
  response.on('end', () => {
    const { statusCode = 0, headers } = response
    const after = headers['retry-after']
    const retryAfterMs =
      after !== undefined && /^\d{1,6}$/.test(after) ? Number(after) * 1000 : null
    settle({ status: statusCode, text: Buffer.concat(chunks).toString(), retryAfterMs })
  })
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400
}

/** What no waiting mends: names and certificates that are wrong. */
const LASTING = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|EPROTO|ENOTFOUND)/

function noAnswerOf(error: Error): NoAnswer {
  if (error instanceof NoAnswer) return error
  const { code = '' } = error as NodeJS.ErrnoException
  // Several addresses tried in vain make an error without a text.
  const message = error.message === '' ? code : error.message
  return new NoAnswer(message, LASTING.test(code), error)
}
