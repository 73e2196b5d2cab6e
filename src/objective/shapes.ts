/** What drifted and which versions were seen, as a report shows it. Pure. */
import { explainDrift } from '../drift/explain.ts'
import type { DriftFinding } from '../drift/finding.ts'
import type { Drift, VersionSeen } from '../drift/judge.ts'
import { uuidOfHex } from '../message/id.ts'
import { isoOf } from './iso.ts'
import type { Detail, ShapeFinding, Shapes, ShapeVersion } from './report.ts'

/** @param since ms: what was over by then is left out */
export function shapesOf(
  list: readonly Drift[],
  { since = 0, detail }: { readonly since?: number | undefined; readonly detail: Detail },
): Shapes {
  return {
    findings: list.flatMap(({ findings }) =>
      findings.filter((f) => f.until > since).map((f) => findingOf(f, detail)),
    ),
    versions: list.flatMap(({ versions }) =>
      versions.filter((v) => v.lastSeen > since).map(versionOf),
    ),
  }
}

function findingOf(finding: DriftFinding, detail: Detail): ShapeFinding {
  const told = detail === 'summary' ? countsOnly(finding) : finding
  const { sentence, certainty, next } = explainDrift(told)
  return {
    ...told,
    ...{ since: isoOf(finding.since), until: isoOf(finding.until) },
    ids: told.ids.map(uuidOfHex),
    ...{ sentence, certainty, next },
  }
}

/** Without anything of single messages: neither their ids nor values of them. */
function countsOnly(finding: DriftFinding): DriftFinding {
  const { values: _, ...args } = finding.args
  return { ...finding, ids: [], args }
}

const versionOf = (version: VersionSeen): ShapeVersion => ({
  ...version,
  ...{ firstSeen: isoOf(version.firstSeen), lastSeen: isoOf(version.lastSeen) },
})
