/** What an edge promises: to preserve, to be sampled alike, to carry ids on. Whether that can be kept. */
import type { EdgeDeclaration, HopDeclaration, Pipeline } from '../hop/pipeline.ts'
import { DIGESTS_MAX, RATES_MAX, tallyPlans } from '../hop/plan.ts'
import {
  PRESERVE_NAME_MAX,
  type Preserve,
  type PreservePart,
  preserveName,
  preserveOf,
} from '../message/digest.ts'
import type { Path } from './document.ts'

export function promiseOf(
  parts: readonly PreservePart[] | undefined,
  wrong: (message: string) => void,
): Preserve | null {
  const preserve = parts === undefined ? null : preserveOf(parts)
  if (preserve === null || preserveName(preserve).length <= PRESERVE_NAME_MAX) return preserve
  wrong(`expected headers whose names have fewer than ${PRESERVE_NAME_MAX} characters together`)
  return null
}

/** Samples of unequal rates hold different ids: their difference would be no difference (law 7). */
export function checkRates({ from, to }: EdgeDeclaration, wrong: (message: string) => void): void {
  const sampled = [...from, ...to].filter(({ oneIn }) => oneIn !== 1)
  const other = sampled.find(({ oneIn }) => oneIn !== sampled[0]?.oneIn)
  if (other === undefined) return
  const each = [sampled[0] as HopDeclaration, other].map((d) => `\`${d.name}\` 1/${d.oneIn}`)
  wrong(`the hops of an edge are sampled alike, or not at all: ${each.join(', ')}`)
}

/**
 * What a service passes on is another record: its timestamp, and its place, are not those of the record
 * that it received. Ids made of them would be lost in one topic and unexpected in the next.
 */
export function checkTimes({ from, to }: EdgeDeclaration, wrong: (message: string) => void): void {
  const before = from.find(({ hop }) => hop.role !== 'producer')
  if (before === undefined) return
  for (const { name, hop, identity } of to) {
    if (hop.role !== 'topic' || identity === undefined) continue
    if (identity.identity.by === 'offset')
      wrong(`what \`${before.name}\` passes on has another offset in \`${name}\`: use the stamp`)
    else if (identity.time.by === 'timestamp')
      wrong(
        `what \`${before.name}\` passes on has another timestamp in \`${name}\`: take \`time\` of ` +
          'its topics from a `{ header: NAME }` or a `{ json: /pointer }`',
      )
  }
}

/** What a hop keeps is limited, over all pipelines; an edge that asks for more is refused. */
export function checkPlans(
  pipelines: readonly Pipeline[],
  complain: (path: Path, message: string) => void,
): void {
  const planOf = tallyPlans(pipelines)
  for (const { name, edges } of pipelines) {
    for (const [i, { from, to, preserve }] of edges.entries()) {
      const ends = [...from, ...to]
      const rate = ends.find(({ oneIn }) => oneIn !== 1)?.oneIn
      const digest = preserve && preserveName(preserve)
      for (const end of ends) {
        const plan = planOf(end.hop)
        const path = ['pipelines', name, 'edges', i]
        if (rate !== undefined && !plan.oneIn.includes(rate)) {
          complain(path, `\`${end.name}\` would be sampled at more than ${RATES_MAX} rates`)
        }
        if (digest !== null && !plan.preserve.some((p) => preserveName(p) === digest)) {
          complain(
            path,
            `\`${end.name}\` would keep more than ${DIGESTS_MAX} kinds of \`preserve\``,
          )
        }
      }
    }
  }
}
