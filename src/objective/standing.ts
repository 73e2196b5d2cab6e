/** Many verdicts as one: the worst of them, so one bad minute is never averaged away. */
import type { EdgeVerdict } from '../finding/verdict.ts'

/** `open`: no window of it is settled yet, nothing is proven. */
export type Standing = 'breached' | 'indeterminate' | 'met' | 'open' | 'no_data'

/** Worst first. */
const standings: readonly Standing[] = ['breached', 'indeterminate', 'open', 'met', 'no_data']

/** Rules, first hit wins. */
export function standingOf(verdicts: readonly EdgeVerdict[]): Standing {
  const settled = verdicts.filter((v) => v.state !== 'open')
  // 1. Proven, even where the window is still open.
  if (verdicts.some((v) => v.verdict === 'breached')) return 'breached'
  // 2. One settled window that cannot be judged: all well is not proven.
  if (settled.some((v) => v.verdict === 'indeterminate')) return 'indeterminate'
  // 3. Some met, none worse; windows that saw nothing take nothing away.
  if (settled.some((v) => v.verdict === 'met')) return 'met'
  // 4. Nothing is settled that saw anything.
  if (settled.length < verdicts.length) return 'open'
  return 'no_data'
}

/** The worst; no data at all if there is nothing. `no_data` beside others is worse than `met`. */
export function worstOf(list: readonly Standing[]): Standing {
  if (list.every((s) => s === 'no_data')) return 'no_data'
  // An edge that saw nothing is not met (law 1): silence keeps the whole from being called well.
  const found = standings.find((s) => list.includes(s)) ?? 'no_data'
  return found === 'met' && list.includes('no_data') ? 'indeterminate' : found
}
