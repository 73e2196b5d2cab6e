/** The edge from producer to topic, judged with both ends whole: what differs is in the tallies. */
import type { StoredTally } from '../../src/hop/evidence.ts'
import type { EdgeDeclaration } from '../../src/hop/pipeline.ts'
import { type Judgement, judgeEdge } from '../../src/reconcile/judge-edge.ts'
import { covered, evidence, HOPS, instance, PIPELINE } from './build.ts'
import { expectSums } from './expect.ts'

/** @param inherited copies that were found before */
export function judgeProduce(
  tallies: readonly StoredTally[],
  edge: EdgeDeclaration,
  inherited: ReadonlyMap<string, number> = new Map(),
): Judgement {
  const judgement = judgeEdge({
    pipeline: PIPELINE,
    edge,
    evidence: evidence({
      tallies,
      coverage: new Map([covered(HOPS.flights, [0, 100_000])]),
      instances: [instance({ hops: [HOPS.checkin] }), instance({ hops: [HOPS.flights] })],
    }),
    passages: new Map(),
    inherited,
  })
  expectSums(judgement)
  return judgement
}
