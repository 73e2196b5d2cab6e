/** Why the incidents of a report are there, as far as the store alone tells it: no log is searched. */
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { Incident, IncidentCause, Report } from '../objective/report.ts'
import type { Store } from '../store/store.ts'
import { causeEvidenceOf } from './cause-reader.ts'
import { shownCauses } from './explain-causes.ts'
import type { Input } from './report-input.ts'

/** The newest incidents, and of each the windows with the most findings: a look takes some ms a window. */
const INCIDENTS_MAX = 10
const WINDOWS_MAX = 10

export async function withCauses(report: Report, store: Store, input: Input): Promise<Report> {
  const newest = new Set(
    report.incidents.filter(({ standing }) => standing === 'breached').slice(0, INCIDENTS_MAX),
  )
  const incidents: Incident[] = []
  for (const incident of report.incidents)
    incidents.push(
      newest.has(incident)
        ? { ...incident, causes: await causesOf(incident, store, input) }
        : incident,
    )
  return { ...report, incidents }
}

async function causesOf(
  { pipeline: name, edge: edgeName, start, end }: Incident,
  store: Store,
  { pipelines, verdicts, now }: Input,
): Promise<readonly IncidentCause[] | null> {
  const pipeline = pipelines.find((p) => p.name === name)
  const edge = pipeline?.edges.find((e) => e.name === edgeName)
  if (pipeline === undefined || edge === undefined) return null
  const own = verdicts
    .filter((v) => v.pipeline === name && v.edge === edgeName)
    .filter(({ window }) => window.start >= Date.parse(start) && window.end <= Date.parse(end))
    .sort((a, b) => found(b) - found(a))
    .slice(0, WINDOWS_MAX)
  const evidence = await causeEvidenceOf(store, {
    ...{ pipeline, edge, now },
    ...{ verdicts: own, log: null },
  })
  return shownCauses(evidence).map(
    ({ code, finding, certainty, count, sentence, why }): IncidentCause => ({
      ...{ code, finding, certainty, count, sentence, why },
    }),
  )
}

const found = ({ findings }: EdgeVerdict): number =>
  findings.reduce((sum, { count }) => sum + count, 0)
