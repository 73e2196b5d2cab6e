/** Which findings stand behind an objective: those of its edges that speak of what it promises. */
import { visible } from '../../src/base/visible.ts'
import type { FindingCode } from '../../src/finding/finding.ts'
import type { FindingSummary } from '../../src/objective/findings.ts'
import type { Indicator } from '../../src/objective/objective.ts'
import type { Detail, ObjectiveAssessment, Report } from '../../src/objective/report.ts'

/** Other indicators are of times and amounts, for which no message stands. */
const proofs: Partial<Readonly<Record<Indicator, readonly FindingCode[]>>> = {
  completeness: ['lost', 'filtered_undeclared', 'minted_not_here', 'unacknowledged'],
  uniqueness: ['duplicated', 'extra', 'unexpected', 'withdrawn_delivered', 'landed_though_failed'],
  integrity: ['altered'],
}

export function findingsFor(
  { pipeline, objective }: Pick<ObjectiveAssessment, 'pipeline' | 'objective'>,
  report: Report,
): FindingSummary[] {
  const { scope, indicator } = objective
  const codes = proofs[indicator] ?? []
  return report.pipelines
    .filter((p) => p.pipeline === pipeline)
    .flatMap((p) => p.edges)
    .filter((e) => scope.kind === 'end-to-end' || e.edge === scope.edge)
    .flatMap((e) => e.findings)
    .filter((f) => codes.includes(f.code))
}

/** The first ids of several findings, none of them twice; a summary shows none. */
export function idsOf(findings: readonly FindingSummary[], detail: Detail, max: number): string[] {
  if (detail === 'summary') return []
  const ids = new Set<string>()
  for (const finding of findings) {
    for (const { id } of finding.ids) {
      if (ids.size >= max) return [...ids]
      ids.add(visible(id))
    }
  }
  return [...ids]
}
