/** Findings as people read them: the same one against several versions is told once. */
import { visible } from '../../src/base/visible.ts'
import type { ReportedFinding } from '../../src/evolution/report.ts'
import { cut } from '../lines.ts'

export interface Told {
  readonly finding: ReportedFinding
  /** Further versions it stands against. */
  readonly also: readonly string[]
}

/** In their order; the first of each stands for all. */
export function grouped(findings: readonly ReportedFinding[]): Told[] {
  const groups = new Map<string, { finding: ReportedFinding; also: string[] }>()
  for (const finding of findings) {
    const { fingerprint, standing, message } = finding
    // A problem says in its words what is wrong with that one version.
    const key = JSON.stringify([fingerprint, standing, finding.kind === 'problem' ? message : ''])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { finding, also: [] })
    else if (finding.against !== null) group.also.push(finding.against)
  }
  return [...groups.values()]
}

/** Characters of one text of somebody else's. */
const TEXT_MAX = 1_000
const VERSIONS_SHOWN_MAX = 5

/** Safe to show: bounded, nothing hidden, one line. */
export const shown = (text: string): string => cut(visible(text), TEXT_MAX)

/** Who reads what, in words; null: of one schema alone. */
export function directionWords({ finding, also }: Told): string | null {
  const { direction, against } = finding
  const listed = against === null ? [] : [against, ...also]
  const more = listed.length - VERSIONS_SHOWN_MAX
  const names = listed.slice(0, VERSIONS_SHOWN_MAX).map(shown).join(', ')
  const versions = more > 0 ? `${names} and ${more} more` : names
  if (direction === 'backward') return `the new schema cannot read what ${versions} wrote`
  if (direction === 'forward') return `${versions} cannot read what the new schema writes`
  return listed.length === 0 ? null : `against ${versions}`
}

/** In one line, for places that have no more. */
export const headline = ({ subject, message }: ReportedFinding): string =>
  shown(subject === null ? message : `${subject}: ${message}`)
