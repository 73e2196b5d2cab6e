/** Code Quality JSON for GitLab: an entry for each open finding, told once for all versions. */
import { visibleJson } from '../../src/base/visible.ts'
import { type SchemaCheckReport, severities } from '../../src/evolution/report.ts'
import { fingerprintOf } from '../ci/fingerprint.ts'
import { grouped, headline } from './group.ts'
import { emptyReason } from './summary.ts'

const SEVERITIES = { error: 'critical', warning: 'minor', info: 'info' } as const
/** GitLab wants a path for each; where a finding has none. */
const FILE_DEFAULT = 'quipu.yaml'

export function renderGitlab(report: SchemaCheckReport): string {
  const told = grouped(report.findings.filter((f) => f.standing === 'open')).sort(
    (a, b) => severities.indexOf(a.finding.severity) - severities.indexOf(b.finding.severity),
  )
  const entries = told.map(({ finding }) => {
    const { rule, fingerprint, severity, place, placeBefore, against, kind, subject } = finding
    const at = place ?? placeBefore
    return {
      description: headline(finding),
      check_name: `quipu/${rule}`,
      // A problem is one of a version.
      fingerprint: fingerprintOf(subject, fingerprint, kind === 'problem' ? against : null),
      severity: SEVERITIES[severity],
      location: { path: at?.source ?? FILE_DEFAULT, lines: { begin: at?.line ?? 1 } },
    }
  })
  const empty = emptyReason(report)
  const nothing = {
    ...{ description: empty, check_name: 'quipu/nothing-compared', severity: 'critical' },
    fingerprint: fingerprintOf('nothing-compared'),
    location: { path: FILE_DEFAULT, lines: { begin: 1 } },
  }
  const all = empty === null ? entries : [...entries, nothing]
  return `${visibleJson(JSON.stringify(all, null, 2))}\n`
}
