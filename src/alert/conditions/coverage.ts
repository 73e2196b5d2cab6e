/**
 * The audit itself cannot see: hops nobody watches whole, windows that cannot be judged, strange records
 * among the frames, an auditor that does not keep up. One alert of each pipeline: an agent that falls
 * silent is seen at several hops and edges.
 *
 * A consumer that is behind is behind: no evidence is missing, so that is none of it.
 */
import { formatCount, plural } from '../../base/words.ts'
import type { AlertingConfig } from '../../config/alerting.ts'
import type { HopSummary } from '../../objective/hop-coverage.ts'
import type { ObjectiveSeverity } from '../../objective/objective.ts'
import type { Incident } from '../../objective/report.ts'
import type { Condition } from '../condition.ts'
import { judgedWithin, type Known, ownerOf } from '../known.ts'
import { factsOf, quoted, spanText, summaryOf } from '../words.ts'

/** ms: an auditor that starts has to read what came meanwhile. */
const BEHIND_MS = 120_000
export const BEHIND_KEY = 'auditor/behind'

export function coverageConditions(known: Known): Condition[] {
  const severity = known.alerting.coverage
  if (severity === 'off') return []
  const pipelines = known.pipelines.flatMap(({ name }) => unseen(name, severity, known))
  return [...pipelines, ...strange(severity, known)]
}

/** What a hop is called in words; null: nothing is wrong with it. */
const wrong: Readonly<Record<HopSummary['standing'], string | null>> = {
  unseen: 'no agent has ever reported',
  hole: 'evidence is missing',
  silent: 'its agent fell silent',
  ...{ behind: null, open: null, whole: null },
}

function unseen(pipeline: string, severity: ObjectiveSeverity, known: Known): Condition[] {
  const hops = known.hops.filter((h) => h.pipeline === pipeline && wrong[h.standing] !== null)
  const edges = known.report.incidents.filter(
    (i) => i.pipeline === pipeline && i.open && i.standing === 'indeterminate' && lacks(i),
  )
  if (hops.length === 0 && edges.length === 0) return []
  const sinces = [...hops.map(({ since }) => since), ...edges.map(({ start }) => start)]
  const since = sinces.filter((at) => at !== null).sort()[0]
  const starts = edges.map(({ start }) => start).sort()
  const ends = edges.map(({ end }) => end).sort()
  const where =
    hops.length > 0
      ? hops.map(({ hop, standing }) => `${hop}: ${wrong[standing]}`).join('; ')
      : edges.map(({ edge, windows }) => `${edge}: ${plural(windows, 'window')}`).join('; ')
  return [
    {
      ...{ key: `${pipeline}/coverage`, kind: 'coverage', severity },
      ...{ pipeline, objective: null, edge: null },
      ...ownerOf(known, pipeline),
      since: since === undefined ? known.now : Date.parse(since),
      windows:
        starts[0] === undefined
          ? null
          : {
              ...{ first: starts[0], last: ends.at(-1) ?? starts[0] },
              count: Math.max(...edges.map(({ windows }) => windows)),
            },
      summary: summaryOf(`${pipeline} cannot be judged as a whole: ${where}`),
      facts: factsOf([
        ...hops.map(({ hop, standing, at }) => [hop, `${wrong[standing]}, ${at}`] as const),
        ...edges.map(
          ({ edge, windows }) => [edge, `${plural(windows, 'window')} not judged`] as const,
        ),
      ]),
      ...{ samples: [], evidence: null, isGoingOn: true, tally: null },
      next: `quipu coverage --pipeline ${quoted(pipeline)}`,
      forMs: judgedWithin(known, pipeline),
    },
  ]
}

/** Messages under way lack nothing but time. */
const lacks = ({ findings }: Incident): boolean =>
  findings.some(({ severity }) => severity === 'warning')

const ofAll: Pick<Condition, 'kind' | 'pipeline' | 'objective' | 'edge' | 'owner' | 'links'> = {
  ...{ kind: 'coverage', pipeline: '', objective: null, edge: null, owner: {} },
  links: { runbook: null, report: null },
}

function strange(severity: ObjectiveSeverity, { now, report }: Known): Condition[] {
  const { foreign } = report.coverage
  if (foreign === 0) return []
  const are = `${plural(foreign, 'record')} on the audit topic ${foreign === 1 ? 'is no frame' : 'are no frames'}`
  return [
    {
      ...ofAll,
      ...{ key: 'audit-topic/foreign', severity, since: now, windows: null },
      summary: summaryOf(`${are}: somebody else writes there, or an agent is too new`),
      facts: factsOf([['records', formatCount(foreign)]]),
      ...{ samples: [], evidence: null, isGoingOn: false },
      ...{ tally: { bad: foreign, until: 0 }, next: 'quipu coverage', forMs: 0 },
    },
  ]
}

/**
 * While the auditor is behind nothing else is known now.
 * @param behindMs for which it has not read all that there is; 0: it has
 */
export function behindConditions(
  { coverage: severity }: AlertingConfig,
  behindMs: number,
  now: number,
): Condition[] {
  if (severity === 'off' || behindMs < BEHIND_MS) return []
  return [
    {
      ...ofAll,
      ...{ key: BEHIND_KEY, severity, since: now - behindMs, windows: null },
      summary: summaryOf(`the auditor has not caught up with its topics for ${spanText(behindMs)}`),
      facts: [],
      ...{ samples: [], evidence: null, isGoingOn: true, tally: null },
      ...{ next: 'quipu doctor', forMs: 0 },
    },
  ]
}
