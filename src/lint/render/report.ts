/** What the renderers are given. */
import type { LintResult } from '../lint.ts'
import type { LintSeverity } from '../rule.ts'

export interface LintReport extends LintResult {
  /** As people name it from where they are; slashes are `/`. */
  readonly file: string
  /** Of this package. */
  readonly version: string
}

export function countOf({ findings }: LintResult, severity: LintSeverity): number {
  return findings.filter((f) => f.severity === severity).length
}

/** 0: fit for use; 1: not. */
export const lintCode = (result: LintResult): 0 | 1 => (countOf(result, 'error') > 0 ? 1 : 0)
