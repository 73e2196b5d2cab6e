/** What was left of the budget, window by window: from all of it down to what is left now. */
import { allowedOf, leftOf } from './budget.ts'
import { allOf, EventSum, sumEvents, type WindowEvents } from './events.ts'
import { isoOf } from './iso.ts'
import { BURN_POINTS_MAX, type BurnPoint } from './report.ts'

/** Of the budget that all windows together allow; none where nothing is allowed. */
export function burnDownOf(windows: readonly WindowEvents[], target: number): BurnPoint[] {
  const allowed = allowedOf(target, allOf(sumEvents(windows)))
  const step = Math.max(1, Math.ceil(windows.length / BURN_POINTS_MAX))
  const sum = new EventSum()
  const points: BurnPoint[] = []
  for (const [i, window] of windows.entries()) {
    sum.add(window)
    // The last one always.
    if ((i + 1) % step !== 0 && i !== windows.length - 1) continue
    const { bad, unknown } = sum.events()
    const left = leftOf({ low: bad, high: bad + unknown }, allowed)
    if (left !== null) points.push({ at: isoOf(window.end), left })
  }
  return points
}
