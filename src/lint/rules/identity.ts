/** What ids that are no stamps cannot say. */
import type { HopDeclaration } from '../../hop/pipeline.ts'
import { endsOf, type LintRule, objectivesOf, scopeOf } from '../rule.ts'

const byKey = ({ identity }: HopDeclaration): boolean => identity?.identity.by === 'key'

export const keysRepeat: LintRule = {
  id: 'QL201',
  name: 'keys-repeat',
  severity: 'error',
  purpose: 'Keys repeat, so with `identity: key` a second message of a key would be called a copy.',
  check: (subject) =>
    objectivesOf(subject)
      .filter(({ objective }) => ['uniqueness', 'integrity'].includes(objective.indicator))
      .flatMap(({ pipeline, objective, path }) => {
        const hop = scopeOf(pipeline, objective).flatMap(endsOf).find(byKey)
        if (hop === undefined) return []
        const message = `\`${hop.name}\` takes ids from keys, which give completeness only: use the stamp or a header there, or leave \`${objective.indicator}\` out`
        return [{ path: [...path, 'indicator'], message }]
      }),
}

export const brokerTime: LintRule = {
  id: 'QL202',
  name: 'broker-time',
  severity: 'note',
  purpose:
    'Where the broker gives messages their time (LogAppendTime), their producer does not know the id or window made of it.',
  check: ({ config }) =>
    config.pipelines.flatMap(({ name, edges }) =>
      edges
        .filter(({ from }) => from.some(({ hop }) => hop.role === 'producer'))
        .flatMap(({ to }) => to)
        .filter(({ identity }) => identity?.time.by === 'timestamp')
        .map((hop) => ({
          path: ['pipelines', name, 'hops'],
          key: hop.name,
          message: `\`time: timestamp\` needs message.timestamp.type=CreateTime on \`${hop.hop.topic}\`, which \`quipu doctor\` asks the broker; \`time: { header: NAME }\` does without`,
        })),
    ),
}

export const sampledStrict: LintRule = {
  id: 'QL203',
  name: 'sampled-strict',
  severity: 'warning',
  purpose: 'A sample proves that messages are lost or invalid, and never that none is.',
  check: (subject) =>
    objectivesOf(subject)
      .filter(({ objective }) => objective.target === 1)
      .flatMap(({ pipeline, objective, path }) => {
        const isOfShape = objective.indicator === 'validity'
        const hop = scopeOf(pipeline, objective)
          .flatMap(endsOf)
          .find((d) => d.oneIn > 1 || (isOfShape && (d.shape?.oneIn ?? 1) > 1))
        if (hop === undefined) return []
        const lookedAt = `one message in ${hop.shape?.oneIn} of \`${hop.name}\` is looked at, so a target of 100% can be breached and never met: lower it, or add \`sample: all\` to its \`schema\``
        const sampled = `\`${hop.name}\` is sampled at 1/${hop.oneIn}, so a target of 100% can be breached and never met: lower it, or leave \`sample\` out`
        return [{ path: [...path, 'target'], message: hop.oneIn > 1 ? sampled : lookedAt }]
      }),
}
