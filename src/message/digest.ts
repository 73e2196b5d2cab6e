/**
 * The digest of what an edge promises to preserve: 32 bits of the value, the key, or named headers.
 *
 * It is folded together with the id (`id+digest`), so a message that was altered on the way shows as
 * one missing and one extra of the same id. Hops compute it on their own, so it must be the same for
 * what was handed to a client and what arrives: text counts as its UTF-8 bytes, null as undefined.
 *
 * Each promised part gives, in the order value, key, headers (by name):
 *
 * | part         | words                                                               |
 * | ------------ | ------------------------------------------------------------------- |
 * | value or key | kind (1 nothing, 2 bytes, 3 unreadable); if bytes: length, CRC-32   |
 * | one header   | number of distinct values (0: absent), then of each the words above |
 *
 * The values of one header are a set: neither their order nor how often they come matters. No sequence
 * of words is the beginning of another. Each is added to the state, which a round of xor-shift and
 * multiply then mixes. Agents of different versions are compared (law 7), so whoever changes a word of
 * this changes the name too.
 *
 * Laws:
 * - `digestOf` never throws, and copies no bytes; text is encoded once, as the client does.
 * - A change of one part that changes its CRC-32, and leaves its length, always changes the digest; any
 *   other accident passes unseen once in 2^32. It is no defence against a forger: anyone can make a
 *   value with a given CRC-32.
 * - Trace headers are never digested, even if named: every hop rightly changes them.
 */
import { crc32 } from 'node:zlib'
import type { Identifiable } from './identity.ts'

export type PreservePart = 'value' | 'key' | { readonly headers: readonly string[] }

export interface Preserve {
  readonly value: boolean
  readonly key: boolean
  /** As given, sorted, distinct. */
  readonly headers: readonly string[]
}

/** The name goes into every frame, and frames take names of 4,096 characters. */
export const PRESERVE_NAME_MAX = 1_000
/** Of a repeated header no more values than this are digested: the first ones. */
const REPEATS_MAX = 1_000

const NOTHING = 1
const BYTES = 2
const UNREADABLE = 3

/** Primes between 2^30 and 2^31. */
const MIX = 0x6784d909
const LAST_MIX = 0x5190d013

const TRACE_HEADER =
  /^(?:(?:traceparent|tracestate|baggage|quipu)$|b3|x-b3-|x-datadog-|dd-pathway-ctx)/i

/** A header that hops change by design: of tracing, or our own. Upper and lower case are the same. */
export function isTraceHeader(name: string): boolean {
  return TRACE_HEADER.test(name)
}

/** Parts in any order, with repetitions, as one promise; null if none of them can be kept. */
export function preserveOf(parts: readonly PreservePart[]): Preserve | null {
  const named = parts.flatMap((part) => (typeof part === 'string' ? [] : part.headers))
  const headers = [...new Set(named)].filter((name) => !isTraceHeader(name)).sort()
  const [value, key] = [parts.includes('value'), parts.includes('key')]
  return value || key || headers.length > 0 ? { value, key, headers } : null
}

/** `id+digest(key,value,headers:a,b)`: the canonical text, part of law 7. Two promises never share it. */
export function preserveName({ value, key, headers }: Preserve): string {
  const parts = [key ? 'key' : '', value ? 'value' : '']
  const named = headers.filter((name) => !isTraceHeader(name))
  if (named.length > 0) parts.push(`headers:${named.map(escaped).join(',')}`)
  return `id+digest(${parts.filter((part) => part !== '').join(',')})`
}

/** Anything but letters, digits, `.`, `_`, `-` as `%` and four hexadecimal digits. */
function escaped(name: string): string {
  return name.replace(
    /[^A-Za-z0-9._-]/g,
    (char) => `%${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The digest of a message, uint32. */
export function digestOf(message: Identifiable, { value, key, headers }: Preserve): number {
  let state = 0
  if (value)
    state = absorbPart(
      state,
      readPart(() => message.value),
    )
  if (key)
    state = absorbPart(
      state,
      readPart(() => message.key),
    )
  for (const name of headers) {
    if (isTraceHeader(name)) continue
    const parts = headerParts(message, name)
    state = absorb(state, parts.length)
    for (const part of parts) state = absorbPart(state, part)
  }
  state = Math.imul(state ^ (state >>> 16), LAST_MIX)
  return (state ^ (state >>> 16)) >>> 0
}

interface Part {
  readonly kind: typeof NOTHING | typeof BYTES | typeof UNREADABLE
  readonly length: number
  readonly checksum: number
}

const NO_PART: Part = { kind: NOTHING, length: 0, checksum: 0 }
const UNREADABLE_PART: Part = { kind: UNREADABLE, length: 0, checksum: 0 }

/** Whatever cannot be read is one and the same, so it accuses nobody at hops that see the same. */
function readPart(read: () => unknown): Part {
  try {
    return partOf(read())
  } catch {
    return UNREADABLE_PART
  }
}

function partOf(data: unknown): Part {
  if (data === null || data === undefined) return NO_PART
  if (data instanceof Uint8Array) {
    // An object can say anything of its length; what is no number throws here, where it is caught.
    return { kind: BYTES, length: data.length >>> 0, checksum: crc32(data) }
  }
  // Clients write numbers and objects as their text, so that is what arrives.
  const text = typeof data === 'string' ? data : String(data)
  return { kind: BYTES, length: Buffer.byteLength(text), checksum: crc32(text) }
}

/** The distinct values of a header, sorted; one in all but rare messages. */
function headerParts(message: Identifiable, name: string): readonly Part[] {
  try {
    const { headers } = message
    if (headers === null || typeof headers !== 'object' || !Object.hasOwn(headers, name)) return []
    const data = (headers as Record<string, unknown>)[name]
    if (data === undefined) return []
    if (!Array.isArray(data)) return [readPart(() => data)]
    const distinct = new Map<string, Part>()
    for (const item of data.slice(0, REPEATS_MAX)) {
      const part = readPart(() => item)
      distinct.set(`${part.kind} ${part.length} ${part.checksum}`, part)
    }
    return [...distinct.values()].sort(
      (a, b) => a.kind - b.kind || a.length - b.length || a.checksum - b.checksum,
    )
  } catch {
    return [UNREADABLE_PART]
  }
}

function absorbPart(state: number, { kind, length, checksum }: Part): number {
  const started = absorb(state, kind)
  return kind === BYTES ? absorb(absorb(started, length), checksum) : started
}

function absorb(state: number, word: number): number {
  const x = (state + word) | 0
  return Math.imul(x ^ (x >>> 16), MIX)
}
