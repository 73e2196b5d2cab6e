/**
 * Identity: where a hop finds the id of a message, and its birth time.
 *
 * An id that we did not mint becomes a UUIDv8: 48 bits of birth time, 64 bits of SHA-256, ordinal 0.
 */
import { hash as hashOf } from 'node:crypto'
import { type IdWords, isId, wordsOfBytes } from './id.ts'
import { instantOf } from './instant.ts'
import { readStamp } from './stamp.ts'

export type IdentitySpec =
  | { readonly by: 'stamp' }
  | { readonly by: 'header'; readonly name: string }
  | { readonly by: 'key' }
  | { readonly by: 'json'; readonly pointer: string }
  | { readonly by: 'offset' }

export type TimeSpec =
  | { readonly by: 'timestamp' }
  | { readonly by: 'header'; readonly name: string }
  | { readonly by: 'json'; readonly pointer: string }

/** What identity is read from; the shape a Kafka record has in any client. */
export interface Identifiable {
  readonly headers?: unknown
  readonly key?: unknown
  readonly value?: unknown
  /** ms since 1970, as number or decimal text */
  readonly timestamp?: unknown
}

export interface Place {
  readonly cluster: string
  readonly topic: string
  readonly partition: number
  readonly offset: number | string
}

/** A foreign id longer than this is not read. */
export const FOREIGN_BYTES_MAX = 4096
/** A JSON value longer than this is not parsed for its identity. */
const JSON_BYTES_MAX = 1 << 20
const POINTER_STEPS_MAX = 32

/** `stamp`, `header:ce_id`, `key`, `json:/order/id`, `offset`: the canonical text, part of law 7. */
export function identityName(spec: IdentitySpec, time: TimeSpec = { by: 'timestamp' }): string {
  if (spec.by === 'stamp') return 'stamp'
  return `${sourceName(spec)};time=${sourceName(time)}`
}

function sourceName(spec: IdentitySpec | TimeSpec): string {
  if (spec.by === 'header') return `header:${spec.name}`
  if (spec.by === 'json') return `json:${spec.pointer}`
  return spec.by
}

/**
 * The id of a message, or null if it has none that can be read. Never throws.
 *
 * `header: NAME` that already holds 16 bytes of our layout is taken as it is; so is any id that an
 * agent of another hop made.
 */
export function identify(
  message: Identifiable,
  spec: IdentitySpec,
  time: TimeSpec,
  place: Place,
): IdWords | null {
  try {
    if (spec.by === 'stamp') {
      const reading = readStamp(message.headers)
      return reading.kind === 'stamped' ? reading.words : null
    }
    const source = spec.by === 'offset' ? placeText(place) : foreignSource(message, spec)
    if (source === null) return null
    const bytes = typeof source === 'string' ? Buffer.from(source) : source
    if (bytes.length === 0 || bytes.length > FOREIGN_BYTES_MAX) return null
    if (spec.by === 'header' && isId(bytes)) return wordsOfBytes(bytes)
    const birth = birthTime(message, time)
    return birth === null ? null : foreignId(birth, bytes)
  } catch {
    return null
  }
}

/** The id of a message that carries none: its place in the log. */
export function offsetId(message: Identifiable, place: Place): IdWords | null {
  return identify(message, { by: 'offset' }, { by: 'timestamp' }, place)
}

function placeText({ cluster, topic, partition, offset }: Place): string {
  return JSON.stringify([cluster, topic, partition, String(offset)])
}

/** The UUIDv8 of foreign bytes born at `birth` (ms). */
export function foreignId(birth: number, bytes: Uint8Array): IdWords {
  // At once: an object for each costs half as much again.
  const hash = hashOf('sha256', bytes, 'buffer')
  const high = hash.readUInt32BE(0)
  const low = hash.readUInt32BE(4)
  // 64 bits of hash in the 64 bits above the ordinal: 12 | 28 + 2 | 22.
  return [
    Math.floor(birth / 65536) >>> 0,
    (((birth % 65536) << 16) | (8 << 12) | (high >>> 20)) >>> 0,
    ((2 << 30) | ((high & 0xfffff) << 10) | (low >>> 22)) >>> 0,
    ((low & 0x3fffff) << 10) >>> 0,
  ]
}

function foreignSource(
  message: Identifiable,
  spec: Exclude<IdentitySpec, { by: 'stamp' | 'offset' }>,
): Uint8Array | string | null {
  if (spec.by === 'key') return bytesOrText(message.key)
  if (spec.by === 'header') return bytesOrText(headerValue(message.headers, spec.name))
  return scalarText(atPointer(message.value, spec.pointer))
}

function bytesOrText(value: unknown): Uint8Array | string | null {
  if (value instanceof Uint8Array || typeof value === 'string') return value
  return null
}

function headerValue(headers: unknown, name: string): unknown {
  if (headers === null || typeof headers !== 'object' || !Object.hasOwn(headers, name)) return null
  const value = (headers as Record<string, unknown>)[name]
  return Array.isArray(value) ? value[0] : value
}

function scalarText(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value === 'boolean') return String(value)
  return null
}

/** JSON Pointer (RFC 6901) into a JSON value given as bytes or text; undefined where nothing is. */
function atPointer(value: unknown, pointer: string): unknown {
  const text = bytesOrText(value)
  if (text === null || text.length > JSON_BYTES_MAX) return undefined
  let at: unknown = JSON.parse(typeof text === 'string' ? text : Buffer.from(text).toString('utf8'))
  const steps = pointer === '' ? [] : pointer.slice(1).split('/')
  if (steps.length > POINTER_STEPS_MAX) return undefined
  for (const step of steps) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, key)) return undefined
    at = (at as Record<string, unknown>)[key]
  }
  return at
}

/** Birth time in ms: a whole number of ms since 1970, as number or text, or an instant of ISO 8601. */
export function birthTime(message: Identifiable, time: TimeSpec): number | null {
  const source =
    time.by === 'timestamp'
      ? message.timestamp
      : time.by === 'header'
        ? headerValue(message.headers, time.name)
        : atPointer(message.value, time.pointer)
  if (typeof source === 'number') return msOf(source)
  if (source === null || source === undefined) return null
  const text = typeof source === 'string' ? source : bytesToShortText(source)
  if (text === null || text.length === 0 || text.length > 64) return null
  return msOf(/^\d+$/.test(text) ? Number(text) : (instantOf(text) ?? Number.NaN))
}

function bytesToShortText(source: unknown): string | null {
  if (!(source instanceof Uint8Array) || source.length > 64) return null
  return Buffer.from(source).toString('latin1')
}

function msOf(n: number): number | null {
  return Number.isFinite(n) && n >= 0 && n < 2 ** 48 ? Math.floor(n) : null
}
