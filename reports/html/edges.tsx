/** @jsxRuntime automatic @jsxImportSource preact */
/** Edges as sums: dispositions that add up to what was expected, and what stands beside them. */
import type { VNode } from 'preact'
import type { EdgeSummary } from '../../src/objective/summary.ts'
import { durationWords } from '../latency.ts'
import { sampledWords } from '../sampled.ts'
import { sharesOf } from '../words.ts'
import { Mark } from './mark.tsx'
import { type Cell, count, some, Table } from './parts.tsx'

export function Edges(props: {
  readonly pipeline: string
  readonly edges: readonly EdgeSummary[]
}): VNode {
  const sampled = props.edges.flatMap((e) => {
    const words = sampledWords(e)
    return words === null ? [] : [`${e.edge}: ${words}`]
  })
  return (
    <>
      <Table
        caption={`Edges of ${props.pipeline}`}
        columns={[
          { name: 'Edge' },
          { name: 'Verdict' },
          { name: 'Expected', number: true },
          { name: 'Delivered', number: true },
          { name: 'Lost', number: true },
          { name: 'Altered', number: true },
          { name: 'Filtered', number: true },
          { name: 'Dead letters', number: true },
          { name: 'In flight', number: true },
          { name: 'Undetermined', number: true },
          { name: 'Doubled', number: true },
          { name: 'p99', number: true },
          { name: 'Share' },
        ]}
        rows={props.edges.map(rowOf)}
      />
      <p class="about">
        Expected is the sum of the columns up to undetermined; doubled stands beside it.
      </p>
      {sampled.map((words) => (
        <p class="about">{words}</p>
      ))}
    </>
  )
}

function rowOf(edge: EdgeSummary): Cell[] {
  const { counts: c, latency } = edge
  const p99Ms = latency?.fromHop?.p99Ms ?? latency?.fromBirth?.p99Ms
  return [
    edge.declared ? edge.edge : `${edge.edge} (no longer declared)`,
    <Mark verdict={edge.standing} />,
    count(c.expected),
    count(c.delivered),
    some(c.lost),
    some(c.altered),
    some(c.filtered),
    some(c.dead_lettered),
    some(c.in_flight),
    some(c.undetermined),
    some(c.duplicated),
    p99Ms === undefined ? '–' : { show: durationWords(p99Ms), sort: p99Ms },
    sharesOf(edge).join(', ') || '–',
  ]
}
