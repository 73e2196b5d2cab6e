/** From the `schema` of a topic to what its messages are held against, at every hop where they are seen. */

import { dirname, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { LOOK_ONE_IN, type ShapePlan } from '../drift/shape.ts'
import { type HopKey, hopKey } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { tallyPlans } from '../hop/plan.ts'
import type { RegistryPlace } from '../registry/access.ts'
import type { Path } from './document.ts'
import { lookOneIn, namesSubjects, type TopicSchemaInput } from './topic-schema.ts'

export interface SchemaContext {
  /** The pipeline file: paths in it start in its folder. */
  readonly file: string
  /** Null: it does not say where one is. */
  readonly registry: RegistryPlace | null
}

type Complain = (path: Path, message: string) => void

export function shapePlanOf(
  input: TopicSchemaInput,
  { file: pipelineFile, registry }: SchemaContext,
  wrong: Complain,
): ShapePlan {
  const { file, message, subject, versions, framing, format, sample, values = false } = input
  if (versions !== undefined && subject === undefined) {
    wrong(['versions'], '`versions` are those of a `subject`, and none is named')
  }
  if (subject !== undefined && registry === null) {
    wrong(['subject'], '`subject` needs a registry to look it up in: set `schemas.registry.url`')
  }
  if (subject !== undefined && framing !== undefined && !namesSubjects(framing)) {
    wrong(['framing'], `values framed as \`${framing}\` name no version of a \`subject\``)
  }
  if (message !== undefined && (file === undefined || file.endsWith('.avsc'))) {
    wrong(['message'], '`message` is that of a `file` that is a .proto or a contract')
  }
  return {
    oneIn: lookOneIn(sample) ?? LOOK_ONE_IN,
    framing: framing ?? (subject !== undefined ? 'confluent' : file !== undefined ? 'none' : null),
    format: format ?? null,
    file: file === undefined ? null : resolve(dirname(resolve(pipelineFile)), file),
    message: message ?? null,
    subject: subject ?? null,
    versions: versions === undefined ? null : [...new Set(versions)].sort((a, b) => a - b),
    registry,
    values,
  }
}

/**
 * One topic is held against one thing, by whichever agent sees it; and an edge that keeps fields is judged
 * on the messages that both of its ends look at.
 */
export function checkShapePlans(
  pipelines: readonly Pipeline[],
  complain: (path: Path, message: string) => void,
): void {
  const first = new Map<HopKey, { readonly place: string; readonly shape: ShapePlan }>()
  for (const { name: pipeline, hops } of pipelines) {
    for (const { name, hop, shape } of hops) {
      if (shape === undefined) continue
      const key = hopKey(hop)
      const other = first.get(key)
      if (other === undefined) first.set(key, { place: `${pipeline}.${name}`, shape })
      else if (!isDeepStrictEqual(other.shape, shape)) {
        const path = ['pipelines', pipeline, 'hops', name, 'schema']
        complain(path, `\`${other.place}\` says something else of this topic; say the same in both`)
      }
    }
  }
  const planOf = tallyPlans(pipelines)
  for (const { name: pipeline, edges } of pipelines) {
    for (const [i, { from, to, keep }] of edges.entries()) {
      if (keep === undefined) continue
      const looks = [...from, ...to].flatMap(({ name, hop }) => {
        const oneIn = planOf(hop).shape?.oneIn
        return oneIn === undefined ? [] : [{ name, oneIn }]
      })
      const other = looks.find(({ oneIn }) => oneIn !== looks[0]?.oneIn)
      if (other === undefined) continue
      const each = [looks[0], other].map((look) => `\`${look?.name}\` ${rateOf(look?.oneIn)}`)
      const message = `the hops of an edge with \`keep\` look at the same messages: ${each.join(', ')}`
      complain(['pipelines', pipeline, 'edges', i, 'keep'], message)
    }
  }
}

const rateOf = (oneIn = 1): string => (oneIn === 1 ? 'all' : `1/${oneIn}`)
