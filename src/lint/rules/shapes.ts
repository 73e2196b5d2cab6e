/** Promises of shape that nobody could judge: no one looks into the messages. */
import type { HopDeclaration, Pipeline } from '../../hop/pipeline.ts'
import { lookedTopicsOf } from '../../objective/looked-topics.ts'
import { pathsOf } from '../../objective/paths.ts'
import { endsOf, type Hit, type LintRule, objectivesOf } from '../rule.ts'

export const validityUnknown: LintRule = {
  id: 'QL306',
  name: 'validity-unknown',
  severity: 'warning',
  purpose: 'Nobody looks into the messages of a topic that declares no `schema`.',
  check: (subject) =>
    objectivesOf(subject)
      .filter(({ objective }) => objective.indicator === 'validity')
      .filter(({ pipeline, objective }) =>
        pathsOf(pipeline, objective.scope).every((p) => lookedTopicsOf(p, pipeline).length === 0),
      )
      .map(({ path }) => ({
        path: [...path, 'indicator'],
        message:
          'no topic on its way declares a `schema`, so it would have no data: add one, such as `schema: { file: … }` or `schema: observe`',
      })),
}

export const keepUnseen: LintRule = {
  id: 'QL601',
  name: 'keep-unseen',
  severity: 'warning',
  purpose: 'Whether a field is kept is seen only where somebody looks into messages at both ends.',
  check: ({ config }) =>
    config.pipelines.flatMap((pipeline) =>
      pipeline.edges.flatMap((edge, i): Hit[] => {
        if ((edge.keep ?? []).length === 0) return []
        const blind = endsOf(edge).find((end) => !end.deadLetter && !isLookedInto(end, pipeline))
        if (blind === undefined) return []
        const where = blind.hop.topic === '' ? `\`${blind.name}\`` : `\`${blind.hop.topic}\``
        const message =
          blind.hop.topic === ''
            ? `nobody looks into what comes to ${where}, so \`keep\` cannot be judged: name it on an edge between topics`
            : `the topic ${where} declares no \`schema\`, so \`keep\` cannot be judged: add one, such as \`schema: observe\``
        return [{ path: ['pipelines', pipeline.name, 'edges', i, 'keep'], message }]
      }),
    ),
}

export const schemaUnusable: LintRule = {
  id: 'QL602',
  name: 'schema-unusable',
  severity: 'error',
  purpose: 'Messages cannot be held against a schema file that is not there, or cannot be used.',
  check: ({ config, schemaTrouble }) =>
    config.pipelines.flatMap(({ name: pipeline, hops }) =>
      hops.flatMap(({ name, shape }): Hit[] => {
        const trouble = shape === undefined ? null : schemaTrouble(shape)
        const path = ['pipelines', pipeline, 'hops', name, 'schema', 'file']
        return trouble === null ? [] : [{ path, message: trouble }]
      }),
    ),
}

/** At producers and consumers as the topic is. */
function isLookedInto({ hop }: HopDeclaration, { hops }: Pipeline): boolean {
  if (hop.role === 'sink' || hop.role === 'stream') return false
  return hops.some(
    ({ shape, hop: other }) =>
      shape !== undefined && other.cluster === hop.cluster && other.topic === hop.topic,
  )
}
