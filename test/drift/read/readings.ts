/** Readings as tests want them. */
import type { Reading, Value } from '../../../src/drift/read/reader.ts'

export function valueIn(reading: Reading): Value {
  if (reading.kind === 'value') return reading.value
  throw new Error(reading.kind === 'undecodable' ? reading.reason : reading.kind)
}

export const undecodable = (reason: string): Reading => ({ kind: 'undecodable', reason })
export const TOO_LARGE: Reading = { kind: 'too_large' }

/** With plain objects in place of records, and entries in place of maps, to compare with. */
export function plain(value: Value): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') }
  if (value instanceof Map) return { entries: [...value].map(([key, one]) => [key, plain(one)]) }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const record = {}
  for (const [name, one] of Object.entries(value)) {
    const property = { value: plain(one), enumerable: true, configurable: true, writable: true }
    Object.defineProperty(record, name, property)
  }
  return record
}
