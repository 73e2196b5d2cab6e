/** Which spans carry the id of a message: that of its handler, and that of whoever sends it alone. */
import { hexOfWords, type IdWords } from '../../src/message/id.ts'
import { activeSpan, markSpan } from '../../src/telemetry/span.ts'
import type { Call } from './stamping.ts'

/** A span has one attribute of a name: of several messages it would name the last. */
export function markOne({ flights }: Call): void {
  const [flight] = flights
  if (flights.length === 1 && flight?.entries.length === 1) mark(flight.entries[0]?.words ?? null)
}

export function mark(words: IdWords | null): void {
  if (words === null) return
  const span = activeSpan()
  if (span !== null) markSpan(span, hexOfWords(words))
}
