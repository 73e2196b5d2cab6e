/**
 * Puts the id of a message on the span that is active, so that its trace can be found from the id and the
 * id from the trace. Only where the host has `@opentelemetry/api` and a span that records; it never fails
 * and never waits.
 *
 * `messaging.message.id` belongs to whoever instruments the client: what a span has cannot be read, so
 * it is not written over. Ours is written once a span: a handler's is of the message that it handles, not
 * of what it sends.
 */
const MESSAGE_ID = 'quipu.message.id'

/** The part of it that is used. */
interface TraceApi {
  getActiveSpan(): ActiveSpan | undefined
}

interface ActiveSpan {
  isRecording(): boolean
  setAttribute(name: string, value: string): unknown
}

const marked = new WeakSet<ActiveSpan>()
let trace: TraceApi | null = null
let loading: Promise<void> | null = null

/** Asks for it once; until it has come, and where there is none, no span is touched. */
export function loadTraceApi(): Promise<void> {
  loading ??= import('@opentelemetry/api')
    .then((api) => {
      // Those before 1.2 cannot say which span is active.
      if (typeof api.trace?.getActiveSpan === 'function') trace = api.trace
    })
    // Nor may one that somebody put in its place, and that throws when it is looked at.
    .catch(() => {})
  return loading
}

/** The one that `markSpan` may write to; null: the text of the id need not be made. */
export function activeSpan(): ActiveSpan | null {
  if (trace === null) return null
  try {
    const span = trace.getActiveSpan()
    return span?.isRecording() === true && !marked.has(span) ? span : null
  } catch {
    return null
  }
}

/** @param id 32 hex digits */
export function markSpan(span: ActiveSpan, id: string): void {
  try {
    marked.add(span)
    span.setAttribute(MESSAGE_ID, id)
  } catch {
    // A span of somebody else's making.
  }
}
