/**
 * Shapes for one judgement: as many as fit into memory. Beyond that, windows are put together, those of
 * the last hours at the last: the sums stay what they were, and only when each part came is told less
 * exactly.
 */
import { mergeShapes } from '../drift/merge.ts'
import type { StoredShape } from '../hop/evidence.ts'
import type { Store } from '../store/store.ts'

/** Windows read at once. */
const WINDOWS_MAX = 60
/** Shapes held at once: of 30 fields each takes some 40 KB, judged with the rest. */
const SHAPES_MAX = 10_000
/** ms: windows that start so long before the last one stay as they are as long as it can be. */
const RECENT_MS = 7_200_000
/** ms: sizes into which windows are put together, until few enough are left; the last one is for all. */
const SPANS_MS = [600_000, 3_600_000, 21_600_000, 86_400_000] as const

/** Of windows that start from `since` (ms) on, in no order. */
export async function heldShapes(
  store: Store,
  since: number,
  shapesMax: number = SHAPES_MAX,
): Promise<readonly StoredShape[]> {
  const windows = await store.shapeWindows(since)
  let held: readonly StoredShape[] = []
  for (let i = 0; i < windows.length; i += WINDOWS_MAX) {
    const next = await store.shapes(windows[i], windows[i + WINDOWS_MAX])
    held = fitted([...held, ...next], shapesMax, windows[i] as number)
  }
  return held
}

/** @param newest ms: windows from there on have just been read */
function fitted(
  shapes: readonly StoredShape[],
  shapesMax: number,
  newest: number,
): readonly StoredShape[] {
  let left = shapes
  for (const spanMs of SPANS_MS) {
    if (left.length <= shapesMax) break
    left = together(left, spanMs, newest - RECENT_MS)
  }
  return left.length <= shapesMax ? left : together(left, SPANS_MS[0], Number.POSITIVE_INFINITY)
}

/** What starts before `before`, put together by the spans that it falls into; longer ones stay. */
function together(
  shapes: readonly StoredShape[],
  spanMs: number,
  before: number,
): readonly StoredShape[] {
  const sums = new Map<string, StoredShape>()
  const out: StoredShape[] = []
  for (const one of shapes) {
    if (one.window >= before || one.spanMs >= spanMs) {
      out.push(one)
      continue
    }
    const window = Math.floor(one.window / spanMs) * spanMs
    const { declared, oneIn } = one.shape
    const key = JSON.stringify([window, one.key, one.writer?.instance, declared, oneIn])
    const sum = sums.get(key)
    const shape = sum === undefined ? one.shape : mergeShapes(sum.shape, one.shape)
    sums.set(key, { ...one, window, spanMs, shape })
  }
  return [...out, ...sums.values()]
}
