/** One answer for a pipeline that builds or ships: may it go on? Pure. */
import type { Assessment } from './summary.ts'

/** 0 all met; 1 breached, or a finding of severity error; 3 could not judge. */
export type CheckCode = 0 | 1 | 3

/** Worst first, first hit wins. */
export function checkCode({ standing, pipelines }: Assessment): CheckCode {
  const edges = pipelines.flatMap((p) => p.edges)
  // 1. Something is proven. Above 3: missing evidence elsewhere takes nothing away from it.
  if (edges.some((e) => e.standing === 'breached')) return 1
  if (edges.some((e) => e.findings.some((f) => f.severity === 'error'))) return 1
  // 2. An edge that is open, saw nothing, or lacks evidence is not met: silence is not consent.
  return standing === 'met' ? 0 : 3
}
