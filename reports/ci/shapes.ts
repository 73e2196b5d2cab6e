/**
 * What a build is told of drift: an outcome for each finding that is an error, by pipeline, code, topic,
 * schema and field. Warnings and notes fail nothing.
 *
 * An objective of `validity` says how many messages may be invalid. Of findings on its way it bears the
 * error, unless it is breached itself.
 */
import { visible } from '../../src/base/visible.ts'
import type { DriftFinding } from '../../src/drift/finding.ts'
import type { ObjectiveAssessment, Report, ShapeFinding } from '../../src/objective/report.ts'

/** Objectives that speak of the messages of a finding. A field that is dropped makes none invalid. */
export function validityOf(
  { code, pipeline, hops }: Pick<ShapeFinding, 'code' | 'pipeline' | 'hops'>,
  { objectives, pipelines }: Pick<Report, 'objectives' | 'pipelines'>,
): ObjectiveAssessment[] {
  if (code === 'field_dropped') return []
  const edges = pipelines.filter((p) => p.pipeline === pipeline).flatMap((p) => p.edges)
  return objectives.filter(({ pipeline: of, objective: { indicator, scope } }) => {
    if (of !== pipeline || indicator !== 'validity') return false
    if (scope.kind === 'end-to-end') return true
    const edge = edges.find((e) => e.edge === scope.edge)
    return edge !== undefined && [...edge.from, ...edge.to].some((hop) => hops.includes(hop))
  })
}

/** Errors that stand on their own: no objective bears them. */
export function unborneOf(
  report: Pick<Report, 'objectives' | 'pipelines' | 'drift'>,
): ShapeFinding[] {
  return report.drift.findings.filter(({ severity, ...finding }) => {
    if (severity !== 'error') return false
    const judged = validityOf(finding, report).filter(({ verdict }) => verdict !== 'no_data')
    return judged.length === 0 || judged.some(({ verdict }) => verdict === 'breached')
  })
}

/** Errors on the way of an objective of `validity`. */
export function errorsFor(assessment: ObjectiveAssessment, report: Report): ShapeFinding[] {
  return report.drift.findings.filter(
    (f) => f.severity === 'error' && validityOf(f, report).includes(assessment),
  )
}

/** The same for the same drift in every run, and a name to show; neither depends on counts or times. */
export const shapeName = ({
  code,
  topic,
  schema,
  path,
}: Pick<DriftFinding, 'code' | 'topic' | 'schema' | 'path'>): string =>
  [code, topic, schema, path].filter((part) => part !== '').join(' ')

/** The first ids of several findings, none of them twice. */
export function shapeIds(findings: readonly ShapeFinding[], max: number): string[] {
  return [...new Set(findings.flatMap(({ ids }) => ids))].slice(0, max).map(visible)
}
