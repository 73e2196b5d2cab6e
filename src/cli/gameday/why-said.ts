/** Why each finding that stood in the end is there, as `quipu explain` says it. */
import { causesOf } from '../../diagnose/cause.ts'
import type { EdgeVerdict } from '../../finding/verdict.ts'
import type { Pipeline } from '../../hop/pipeline.ts'
import type { Store } from '../../store/store.ts'
import type { LogReader } from '../../transport/log.ts'
import { causeEvidenceOf } from '../cause-reader.ts'
import { lookIntoLogs } from '../explain-log.ts'
import type { WhySaid } from './played.ts'

export interface WhyQuestion {
  readonly pipeline: Pipeline
  /** By cluster. */
  readonly readers: ReadonlyMap<string, LogReader>
  /** ms */
  readonly now: number
}

export async function whyOf(store: Store, question: WhyQuestion): Promise<WhySaid[]> {
  const { pipeline, readers, now } = question
  const all = await store.verdicts({ pipeline: pipeline.name })
  const out: WhySaid[] = []
  for (const edge of pipeline.edges) {
    const verdicts = all.filter((v) => v.edge === edge.name && v.findings.length > 0)
    if (verdicts.length === 0) continue
    const { evidence } = await lookIntoLogs(readers, {
      // Where they lie among others is nobody's question here.
      ...{ pipeline, edge, topic: null },
      ids: verdicts.flatMap((v) => v.findings.flatMap((f) => f.ids.map(({ id }) => id))),
      span: spanOf(verdicts),
    })
    const asked = { pipeline, edge, verdicts, now, log: evidence }
    for (const of of await causeEvidenceOf(store, asked)) {
      const { window, findings } = of.verdict
      const causes = findings.flatMap((finding) => causesOf(finding, of))
      out.push({ edge: edge.name, window: window.start, causes })
    }
  }
  return out
}

function spanOf(verdicts: readonly EdgeVerdict[]): EdgeVerdict['window'] {
  return {
    start: Math.min(...verdicts.map(({ window }) => window.start)),
    end: Math.max(...verdicts.map(({ window }) => window.end)),
  }
}
