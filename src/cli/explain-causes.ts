/** Why, over the windows of an incident: like causes of its windows as one. Pure. */
import type { ShownCause } from '../../reports/explain.ts'
import { causesOf } from '../diagnose/cause.ts'
import type { CauseEvidence } from '../diagnose/cause-evidence.ts'
import { explainCause } from '../diagnose/explain-cause.ts'
import { CAUSE_FACTS_MAX, type Cause, type CauseFact } from '../finding/cause.ts'
import { FINDING_IDS_MAX } from '../finding/finding.ts'
import { shownId } from '../objective/findings.ts'

/** Ids shown of one cause. */
const IDS_MAX = 20
/** Kinds of evidence that were lacking, told of one cause. */
const LACKING_MAX = 8

const order: readonly Cause['certainty'][] = ['proven', 'likely', 'unknown']

/** @param evidence of one edge, one for each window */
export function shownCauses(evidence: readonly CauseEvidence[]): ShownCause[] {
  const [first] = evidence
  if (first === undefined) return []
  const causes = merged(
    evidence.flatMap((of) => of.verdict.findings.flatMap((finding) => causesOf(finding, of))),
  )
  return causes.map((cause): ShownCause => {
    const { sentence, certainty: why, next } = explainCause(cause, { edge: first.edge.name })
    const { code, rule, finding, count, certainty, proof, lacking } = cause
    const ids = cause.ids.slice(0, IDS_MAX).map(shownId)
    return { code, rule, finding, count, certainty, sentence, why, next, ids, proof, lacking }
  })
}

/** Counts add up; of facts the first ones are kept. The surest come first, then those of the most. */
function merged(causes: readonly Cause[]): Cause[] {
  const groups = new Map<string, Cause[]>()
  for (const cause of causes) {
    const key = JSON.stringify([cause.finding, cause.rule, cause.code, cause.certainty])
    groups.set(key, [...(groups.get(key) ?? []), cause])
  }
  return [...groups.values()]
    .map((group): Cause => {
      const [first] = group as [Cause]
      const proof = new Map<string, CauseFact>()
      for (const fact of group.flatMap((cause) => cause.proof))
        proof.set(JSON.stringify(fact), fact)
      return {
        ...first,
        count: group.reduce((sum, { count }) => sum + count, 0),
        ids: group.flatMap(({ ids }) => ids).slice(0, FINDING_IDS_MAX),
        proof: [...proof.values()].slice(0, CAUSE_FACTS_MAX),
        lacking: [...new Set(group.flatMap(({ lacking }) => lacking))].slice(0, LACKING_MAX),
      }
    })
    .sort((a, b) => order.indexOf(a.certainty) - order.indexOf(b.certainty) || b.count - a.count)
}
