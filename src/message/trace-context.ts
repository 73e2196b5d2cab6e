/**
 * The `traceparent` header of a message, as the W3C defines it: version, trace, span and flags in
 * lowercase hex. Of an unknown version the same is read, if what follows is set apart. All else is none:
 * what comes from the wire is never believed by halves.
 */
export interface TraceContext {
  /** 32 hex digits, not all 0. */
  readonly traceId: string
  /** 16 hex digits, not all 0. */
  readonly spanId: string
}

const HEADER = 'traceparent'
/** Of version 00, and of what is known of later ones. */
const CHARS = 55
/** Of later versions; longer ones are not looked at. */
const CHARS_MAX = 512

/** Null: there is none that is valid. Never throws. */
export function traceContextOf(headers: unknown): TraceContext | null {
  if (headers === null || typeof headers !== 'object') return null
  try {
    if (!Object.hasOwn(headers, HEADER)) return null
    const text = textOf((headers as Record<string, unknown>)[HEADER])
    return text === null ? null : parsed(text)
  } catch {
    // A getter or a proxy, which may throw what it likes.
    return null
  }
}

/** A repeated one is none: nobody can say which is meant. */
function textOf(value: unknown): string | null {
  if (Array.isArray(value))
    return value.length === 1 && !Array.isArray(value[0]) ? textOf(value[0]) : null
  const isText = typeof value === 'string' || value instanceof Uint8Array
  if (!isText || value.length < CHARS || value.length > CHARS_MAX) return null
  return typeof value === 'string' ? value : Buffer.from(value).toString('latin1')
}

const LAYOUT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/s

function parsed(text: string): TraceContext | null {
  const [, version, traceId = '', spanId = '', rest] = LAYOUT.exec(text) ?? []
  if (version === undefined || version === 'ff') return null
  if (version === '00' && rest !== undefined) return null
  return /^0*$/.test(traceId) || /^0*$/.test(spanId) ? null : { traceId, spanId }
}
