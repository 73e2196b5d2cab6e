/**
 * One POST with a bounded answer in a bounded time, to the very address that was checked.
 *
 * A name is resolved once; what it leads to is checked, and that address is connected to, so that a second
 * answer of a name server cannot lead elsewhere. No redirect is followed: it would be a way around both, and
 * would take the secrets along.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { messageOf } from '../base/errors.ts'
import { visible } from '../base/visible.ts'
import type { Reach } from '../config/alerting.ts'
import { placeOf, type Resolve } from './place.ts'
import type { Post } from './render/post.ts'

export interface Sent {
  readonly isDone: boolean
  /** Whether the same would be refused again. */
  readonly isLasting: boolean
  /** What came back, in words; never with what was sent. */
  readonly text: string
  /** Of `Retry-After`; null: it says nothing, or nothing that can be read. */
  readonly retryAfterMs: number | null
}

export interface SendOptions {
  readonly timeoutMs?: number
  /** How names are resolved. */
  readonly resolve?: Resolve
}

const TIMEOUT_MS = 10_000
/** Of an answer: it is read to show what it says, and no more. */
const ANSWER_BYTES_MAX = 16_384
const TEXT_CHARS_MAX = 200
/** Bodies that are refused as they are; all else may be put right meanwhile. */
const LASTING: ReadonlySet<number> = new Set([400, 413, 415, 422])

/** Never throws. */
export async function send(
  post: Post,
  reach: Reach,
  { timeoutMs = TIMEOUT_MS, resolve }: SendOptions = {},
): Promise<Sent> {
  const deadline = Date.now() + timeoutMs
  try {
    const url = new URL(post.url)
    const place = await placeOf(url, reach, timeoutMs, resolve)
    if (!('address' in place)) return failed(place.why, place.isLasting)
    const { address } = place
    return await exchange(url, address, post, Math.max(1, deadline - Date.now()))
  } catch (error) {
    return failed(messageOf(error), false)
  }
}

function exchange(
  url: URL,
  address: string,
  { headers, body }: Post,
  timeoutMs: number,
): Promise<Sent> {
  return new Promise((settle) => {
    const family = isIP(address)
    const lookup: LookupFunction = (_, { all }, found) => {
      if (all === true) found(null, [{ address, family }])
      else found(null, address, family)
    }
    const bytes = Buffer.from(body)
    const sent = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      ...{ method: 'POST', agent: false, lookup },
      headers: { 'user-agent': 'quipu', 'content-length': bytes.length, ...headers },
    })
    // Of all of it: an answer that trickles in is none either.
    const timer = setTimeout(() => {
      end(failed(`no answer within ${timeoutMs} ms`, false))
    }, timeoutMs)
    const end = (result: Sent): void => {
      clearTimeout(timer)
      settle(result)
      sent.destroy()
    }
    sent.on('error', (error: NodeJS.ErrnoException) =>
      // Several addresses tried in vain make an error without a text.
      end(failed(error.message === '' ? (error.code ?? 'no connection') : error.message, false)),
    )
    sent.on('response', (response) => readAnswer(response, end))
    sent.end(bytes)
  })
}

function readAnswer(response: IncomingMessage, end: (result: Sent) => void): void {
  const { statusCode: status = 0, headers } = response
  const retryAfterMs = retryAfter(headers['retry-after'])
  if (status >= 300 && status < 400) {
    end({ ...failed(`${status}: a redirect, which is not followed`, false), retryAfterMs })
    return
  }
  const chunks: Buffer[] = []
  let bytes = 0
  const done = (): void => {
    const said = visible(Buffer.concat(chunks).toString().trim()).slice(0, TEXT_CHARS_MAX)
    const text = said === '' ? String(status) : `${status}: ${said}`
    const isDone = status >= 200 && status < 300
    end({ isDone, isLasting: LASTING.has(status), text, retryAfterMs })
  }
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk.subarray(0, ANSWER_BYTES_MAX - bytes))
    bytes += chunk.length
    // The status has said it all.
    if (bytes >= ANSWER_BYTES_MAX) done()
  })
  response.on('error', () =>
    end({ ...failed(`${status}: its answer broke off`, false), retryAfterMs }),
  )
  response.on('end', done)
}

/** Seconds, or a date. */
function retryAfter(text: string | undefined): number | null {
  if (text === undefined) return null
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now())
}

const failed = (text: string, isLasting: boolean): Sent => ({
  ...{ isDone: false, isLasting, retryAfterMs: null },
  text: visible(text).slice(0, TEXT_CHARS_MAX),
})
