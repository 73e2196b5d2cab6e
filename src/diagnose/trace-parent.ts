/**
 * The trace and the span that a record's `traceparent` names (W3C Trace Context). What comes from the wire
 * is hostile: anything but the one layout is no trace.
 */
import type { LogHeaders, LogRecord } from '../transport/log.ts'

const LAYOUT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/
const CHARS = 55

export interface TraceParent {
  /** 32 and 16 hex digits; empty: none. */
  readonly traceId: string
  readonly spanId: string
}

export function traceParentOf({ headers }: Pick<LogRecord, 'headers'>): TraceParent {
  const bytes = headerOf(headers, 'traceparent')
  const text = bytes?.length === CHARS ? bytes.toString('latin1') : ''
  const [, traceId = '', spanId = ''] = LAYOUT.exec(text) ?? []
  return { traceId, spanId }
}

function headerOf(headers: LogHeaders, name: string): Buffer | null {
  if (!Object.hasOwn(headers, name)) return null
  const value = headers[name]
  const first = Array.isArray(value) ? value[0] : value
  return Buffer.isBuffer(first) ? first : null
}
