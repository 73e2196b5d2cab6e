/** What a message becomes on its way through the wire, by the rules of kafkajs 2.2.4. */
import type { IHeaders, Message } from 'kafkajs'

export type WireHeaders = Record<string, Buffer | Buffer[]>

/** Text becomes UTF-8, bytes are copied (the sender may use its buffer again), null stays null. */
export function wireBytes(value: unknown): Buffer | null {
  if (value === null || value === undefined) return null
  if (Buffer.isBuffer(value)) return Buffer.from(value)
  // kafkajs measures before it writes: this throws its TypeError for what has no byte length.
  Buffer.byteLength(value as string)
  // A Uint8Array that is no Buffer is sent as text such as `1,2`.
  return Buffer.from(String(value))
}

/**
 * A repeated header comes back as an array, an array of one as a plain Buffer, an empty one not at
 * all; null, undefined and numbers throw. Header names may be hostile: they become own properties.
 */
export function wireHeaders(headers: IHeaders | undefined): WireHeaders {
  const out: WireHeaders = {}
  // The default applies to undefined alone: `headers: null` throws here, as there.
  for (const name of Object.keys(headers === undefined ? {} : headers)) {
    const value = (headers as IHeaders)[name]
    const values = Array.isArray(value) ? value : [value]
    const bytes = values.map((v) => {
      Buffer.byteLength(v as string)
      return wireBytes(v) as Buffer
    })
    if (bytes.length === 0) continue
    define(out, name, bytes.length === 1 ? (bytes[0] as Buffer) : bytes)
  }
  return out
}

/** A copy for one consumer, so that what a handler does to its message stays with it. */
export function copyHeaders(headers: WireHeaders): WireHeaders {
  const out: WireHeaders = {}
  for (const name of Object.keys(headers)) {
    const value = headers[name] as Buffer | Buffer[]
    define(out, name, Array.isArray(value) ? value.map((v) => Buffer.from(v)) : Buffer.from(value))
  }
  return out
}

function define(headers: WireHeaders, name: string, value: Buffer | Buffer[]): void {
  if (name !== '__proto__') headers[name] = value
  else
    Object.defineProperty(headers, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
}

/** Bytes a record takes in a fetch, roughly: what bounds a batch. */
export function wireSize(message: {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: WireHeaders
}): number {
  let size = 12 + (message.key?.length ?? 0) + (message.value?.length ?? 0)
  for (const name of Object.keys(message.headers)) {
    const value = message.headers[name] as Buffer | Buffer[]
    const values = Array.isArray(value) ? value : [value]
    for (const v of values) size += name.length + 2 + v.length
  }
  return size
}

export function timestampOf(message: Message, now: number): string {
  return message.timestamp === undefined || message.timestamp === null
    ? String(now)
    : String(message.timestamp)
}
