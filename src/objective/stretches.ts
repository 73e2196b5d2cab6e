/**
 * Stretches of time: what windows and cells of many windows have in common. A window that no such cell
 * touches is a stretch by itself.
 */
import type { Span } from './spans.ts'

export interface Stretch extends Span {
  /** Starts of the windows in it. */
  readonly windows: readonly number[]
}

/** Ascending, apart from each other. @param windows starts */
export function stretchesOf(
  windows: Iterable<number>,
  windowMs: number,
  cells: Iterable<Span>,
): Stretch[] {
  const all: { start: number; end: number; isWindow: boolean }[] = []
  for (const { start, end } of cells) all.push({ start, end, isWindow: false })
  for (const start of windows) all.push({ start, end: start + windowMs, isWindow: true })
  const out: { start: number; end: number; windows: number[] }[] = []
  for (const { start, end, isWindow } of all.sort((a, b) => a.start - b.start)) {
    let last = out.at(-1)
    if (last === undefined || start >= last.end) {
      last = { start, end, windows: [] }
      out.push(last)
    }
    last.end = Math.max(last.end, end)
    if (isWindow) last.windows.push(start)
  }
  return out
}
