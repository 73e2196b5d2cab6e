/**
 * A judgement on one message in n, as counts of all: every count times n, so that the sums still hold.
 *
 * The ids are those of the sample; `args.sampled` says how many there were. How far the scaled counts
 * may be off is told where they are summed over windows (objective/), not window by window.
 */
import type { Finding } from '../finding/finding.ts'
import type { Counts, HopPassage } from '../finding/verdict.ts'
import type { Judgement } from './judge-edge.ts'

export function scaled(judgement: Judgement, oneIn: number): Judgement {
  const passage = (hop: HopPassage): HopPassage => ({ ...hop, count: hop.count * oneIn })
  return {
    ...judgement,
    evidence: 'sampled',
    counts: Object.fromEntries(
      Object.entries(judgement.counts).map(([name, count]) => [name, count * oneIn]),
    ) as unknown as Counts,
    from: judgement.from.map(passage),
    to: judgement.to.map(passage),
    findings: judgement.findings.map(
      (finding): Finding => ({
        ...finding,
        count: finding.count * oneIn,
        evidence: 'sampled',
        args: { ...finding.args, sampled: finding.count, oneIn },
      }),
    ),
  }
}
