/**
 * Which messages of a path are bad, of how many, in PromQL: what the auditor counts, from its counters.
 *
 * Every edge expects what the one before handed on. So what is lost on any edge of a path adds up, and
 * with what the last edge expects it makes up what was sent.
 */
import type { EdgeDeclaration } from '../hop/pipeline.ts'
import type { Objective } from '../objective/objective.ts'
import type { Path } from '../objective/paths.ts'
import { type Counter, counterName, edgeMatchers, LATENCY, selectorOf } from './metrics.ts'

/** Signed sums of series. */
interface Term {
  readonly sign: 1 | -1
  /** The metric with its selector. */
  readonly series: string
  /** Without any such series: 0, and not nothing. */
  readonly optional: boolean
}

export interface EventQueries {
  /** @param range such as `5m`: how much each grew in it; left out: the counters themselves */
  bad(range?: string): string
  total(range?: string): string
}

/** Null where counters do not tell: those of times without a threshold, of windows, of shapes. */
export function eventQueries(
  pipeline: string,
  path: Path,
  objective: Objective,
): EventQueries | null {
  const { last, before } = path
  const all = [...before, last]
  const plus = (counter: Counter, edges: readonly EdgeDeclaration[], optional = true): Term => ({
    ...{ sign: 1, optional },
    series: counterName(counter) + selectorOf(edgeMatchers(pipeline, edges)),
  })
  const minus = (...args: Parameters<typeof plus>): Term => ({ ...plus(...args), sign: -1 })
  /** What was sent: asked for by every ratio of arrival. */
  const sent = [
    plus('expected', [last], false),
    minus('filtered', [last]),
    minus('dead_lettered', [last]),
    ...(before.length > 0 ? [plus('lost', before)] : []),
  ]
  switch (objective.indicator) {
    case 'completeness': {
      const lost = [plus('lost', all), ...(objective.refundLate ? [minus('recovered', all)] : [])]
      return queriesOf(lost, sent)
    }
    case 'uniqueness':
      return queriesOf(
        [plus('duplicated', all)],
        [
          plus('delivered', [last], false),
          plus('altered', [last]),
          plus('dead_lettered', [last]),
          plus('duplicated', [last]),
        ],
      )
    case 'integrity': {
      const asked = all.filter((edge) => (edge.preserve ?? null) !== null)
      if (asked.length === 0) return null
      return queriesOf(
        [plus('altered', asked)],
        [plus('delivered', [last], false), plus('altered', [last])],
      )
    }
    case 'timeliness': {
      const kind = objective.scope.kind === 'edge' ? 'edge' : 'full'
      const seconds = String((objective.thresholdMs ?? 0) / 1_000).replace('.', '\\.')
      const selector = selectorOf({
        ...edgeMatchers(pipeline, [last]),
        quipu_latency_kind: kind,
        // Written `60` by some exporters, and `60.0` by others.
        le: `~${seconds}(\\.0)?`,
      })
      const inTime: Term = { sign: -1, series: `${LATENCY}_bucket${selector}`, optional: true }
      return queriesOf([...sent, inTime], sent)
    }
    default:
      return null
  }
}

const queriesOf = (bad: readonly Term[], total: readonly Term[]): EventQueries => ({
  bad: (range) => (bad.length === 1 ? sumOf(bad, range) : `clamp_min(${sumOf(bad, range)}, 0)`),
  total: (range) => sumOf(total, range),
})

function sumOf(terms: readonly Term[], range: string | undefined): string {
  return terms
    .map(({ sign, series, optional }, i) => {
      const sum = range === undefined ? `sum(${series})` : `sum(increase(${series}[${range}]))`
      const value = optional ? `(${sum} or vector(0))` : sum
      const operator = sign === 1 ? '+' : '-'
      return i === 0 ? value : ` ${operator} ${value}`
    })
    .join('')
}
