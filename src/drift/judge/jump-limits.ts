/** The figures of the test that a jump must pass: see jumps.ts. */
export const GROUP_MIN = 200
export const BASELINE_MIN = 20
/** Groups that are remembered: a day and more of minutes. */
export const BASELINE_MAX = 2_000
export const RUN = 3
export const SIGMA = 4
/** Groups in a run that stand off by half of that only. */
export const WEAK_MAX = 2
/** Groups that say what is usual just now. */
export const RECENT = 5
export const SETTLE_MS = 86_400_000
