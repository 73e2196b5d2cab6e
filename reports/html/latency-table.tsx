/** @jsxRuntime automatic @jsxImportSource preact */
/** How long messages took, edge by edge, on one logarithmic scale. */
import type { VNode } from 'preact'
import { formatPercent } from '../../src/base/words.ts'
import type { LatencySummary } from '../../src/objective/latency.ts'
import { durationWords } from '../latency.ts'
import { oneInWords } from '../sampled.ts'
import { type Cell, Empty, Table } from './parts.tsx'
import type { View } from './view.ts'

interface Row {
  readonly edge: string
  readonly of: string
  readonly summary: LatencySummary
}

export function Latency({ view }: { readonly view: View }): VNode {
  const several = view.pipelines.length > 1
  const rows = view.pipelines.flatMap(({ summary }) =>
    summary.edges.flatMap(({ edge, latency }): Row[] => {
      if (latency === null) return []
      const sampled = latency.oneIn === 1 ? '' : ` (${oneInWords(latency.oneIn)})`
      const name = `${several ? `${summary.pipeline}: ` : ''}${edge}${sampled}`
      return [
        ...(latency.fromHop === null
          ? []
          : [{ edge: name, of: 'from the hop before', summary: latency.fromHop }]),
        ...(latency.fromBirth === null
          ? []
          : [{ edge: name, of: 'since birth', summary: latency.fromBirth }]),
      ]
    }),
  )
  if (rows.length === 0) return <Empty>No agent has measured a latency.</Empty>
  const most = Math.max(1, ...rows.map((r) => r.summary.maxMs))
  const within = rows.some((r) => r.summary.within.length > 0)
  return (
    <Table
      caption="Latency by edge"
      columns={[
        { name: 'Edge' },
        { name: 'Measured' },
        { name: 'p50', number: true },
        { name: 'p95', number: true },
        { name: 'p99', number: true },
        { name: 'Most', number: true },
        { name: 'p50 to p99, and most' },
        ...(within ? [{ name: 'In time' }] : []),
      ]}
      rows={rows.map((row) => rowOf(row, most, within))}
    />
  )
}

function rowOf({ edge, of, summary }: Row, most: number, within: boolean): Cell[] {
  const ms = (value: number): Cell => ({ show: durationWords(value), sort: value })
  const { p50Ms, p95Ms, p99Ms, maxMs } = summary
  return [
    edge,
    of,
    ms(p50Ms),
    ms(p95Ms),
    ms(p99Ms),
    ms(maxMs),
    <Range of={summary} most={most} name={`${edge}, ${of}`} />,
    ...(within ? [withinWords(summary)] : []),
  ]
}

function withinWords({ within, count }: LatencySummary): string {
  const words = within.map(
    (w) => `${formatPercent(w.count, count)} ≤ ${durationWords(w.thresholdMs)}`,
  )
  return words.join(', ') || '–'
}

const WIDTH = 160
const HEIGHT = 12

/** From 1 ms to the most of all; what is below is drawn at 1 ms. */
function Range(props: {
  readonly of: LatencySummary
  readonly most: number
  readonly name: string
}): VNode {
  const { p50Ms, p95Ms, p99Ms, maxMs } = props.of
  const scale = Math.log10(Math.max(10, props.most))
  const x = (ms: number): number =>
    Math.round((Math.log10(Math.max(1, ms)) / scale) * (WIDTH - 8) * 10) / 10 + 4
  return (
    <svg role="img" class="range" width={WIDTH} height={HEIGHT}>
      <title>
        {`${props.name}: p50 ${durationWords(p50Ms)}, p95 ${durationWords(p95Ms)}, p99 ${durationWords(p99Ms)}, most ${durationWords(maxMs)}`}
      </title>
      <path class="grid" d={`M4 6H${WIDTH - 4}`} />
      <path class="tail" d={`M${x(p99Ms)} 6H${x(maxMs)}`} />
      <path class="body" d={`M${x(p50Ms)} 6H${x(p99Ms)}`} />
      <circle class="middle" cx={x(p50Ms)} cy="6" r="3.5" />
      <circle class="most" cx={x(maxMs)} cy="6" r="2.5" />
    </svg>
  )
}
