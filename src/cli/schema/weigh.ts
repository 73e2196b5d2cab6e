/** `--with-traffic`: what a store saw of the messages, held beside findings and versions. */
import { plural } from '../../base/words.ts'
import type { ReportedFinding } from '../../evolution/report.ts'
import type { SubjectVersions } from '../../evolution/sources/source.ts'
import { TRAFFIC_DAYS, withTraffic } from '../../evolution/usage.ts'
import type { SchemaTexts } from '../../evolution/usage-path.ts'
import { keptVersions } from '../../evolution/usage-versions.ts'
import { talk } from '../io.ts'
import { STORE_DEFAULT } from '../options.ts'
import { withStore } from '../store-reader.ts'
import { type Traffic, trafficIn } from './traffic.ts'

export interface Weighing {
  /** Without versions that are on no topic any more. @param retentionMs undefined: all stay */
  kept(retentionMs: number | undefined): readonly SubjectVersions[]
  weighed(findings: readonly ReportedFinding[]): readonly ReportedFinding[]
}

/** @throws QuipuError NOT_FOUND: there is no such store */
export async function weighing(
  store: string | true,
  subjects: readonly SubjectVersions[],
): Promise<Weighing> {
  const now = Date.now()
  const path = store === true ? STORE_DEFAULT : store
  const traffic = await withStore(path, (open) => trafficIn(open, subjects, now))
  return {
    kept(retentionMs) {
      if (retentionMs === undefined) return subjects
      const kept = keptVersions(subjects, traffic.of, retentionMs, now)
      for (const line of kept.told) talk(`traffic: ${line}`)
      return kept.subjects
    },
    weighed(findings) {
      const weighed = withTraffic(findings, traffic.of, textsOf(subjects, traffic))
      for (const line of silences(findings, weighed, traffic)) talk(`traffic: ${line}`)
      return weighed
    },
  }
}

function textsOf(
  subjects: readonly SubjectVersions[],
  traffic: Traffic,
): (finding: ReportedFinding) => SchemaTexts {
  const byName = new Map(subjects.map((subject) => [subject.subject, subject]))
  return ({ subject, against }) => {
    const versions = subject === null ? undefined : byName.get(subject)
    return {
      before: versions?.previous.find(({ name }) => name === against)?.text ?? null,
      after: versions?.next?.text ?? null,
      message: subject === null ? null : traffic.messageOf(subject),
    }
  }
}

/** Findings of which nothing was said are as they were, and people should know why. */
function silences(
  findings: readonly ReportedFinding[],
  weighed: readonly ReportedFinding[],
  traffic: Traffic,
): readonly string[] {
  const unsaid = new Map<string, number>()
  for (const [i, finding] of findings.entries()) {
    if (finding.subject === null || finding.kind === 'problem' || weighed[i] !== finding) continue
    unsaid.set(finding.subject, (unsaid.get(finding.subject) ?? 0) + 1)
  }
  return [...unsaid].map(([subject, count]) =>
    traffic.of(subject) === null
      ? `${subject}: nothing was looked at in ${TRAFFIC_DAYS} days, so its findings stay as they are`
      : `${subject}: where ${plural(count, 'finding')} would show in messages is not known`,
  )
}
