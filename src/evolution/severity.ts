/** How bad a rule is held to be here: `off` leaves it out. What could not be read stays as it is. */
import type { Severity } from '../finding/finding.ts'
import { matchesGlob } from './glob.ts'
import type { ReportedFinding } from './report.ts'

export const levels = ['off', 'info', 'warning', 'error'] as const
export type Level = (typeof levels)[number]

/** A level for a rule; of some subjects only, where it is said. */
export interface LevelSetting {
  readonly rule: string
  readonly level: Level
  /** A pattern; null: all. */
  readonly subject: string | null
}

/**
 * Law: a setting for some subjects stands above one for all, of equals the first holds; a problem is
 * missing evidence, which no setting makes good.
 */
export function withLevels(
  findings: readonly ReportedFinding[],
  settings: readonly LevelSetting[],
): ReportedFinding[] {
  if (settings.length === 0) return [...findings]
  return findings.flatMap((finding) => {
    const level = finding.kind === 'problem' ? null : levelOf(finding, settings)
    if (level === 'off') return []
    return [level === null ? finding : { ...finding, severity: level satisfies Severity }]
  })
}

function levelOf(
  { rule, subject }: Pick<ReportedFinding, 'rule' | 'subject'>,
  settings: readonly LevelSetting[],
): Level | null {
  const ofRule = settings.filter((s) => s.rule === rule)
  const near = ofRule.find(
    (s) => s.subject !== null && subject !== null && matchesGlob(s.subject, subject),
  )
  return (near ?? ofRule.find((s) => s.subject === null))?.level ?? null
}
