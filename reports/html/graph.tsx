/** @jsxRuntime automatic @jsxImportSource preact */
/** The pipeline as a drawing: hops by role, edges with their verdict, what is wrong and how long it takes. */
import type { VNode } from 'preact'
import { formatCount, plural } from '../../src/base/words.ts'
import type { EdgeSummary, Standing } from '../../src/objective/summary.ts'
import { durationWords } from '../latency.ts'
import { columnsOf, cut } from '../lines.ts'
import {
  DRAWN_EDGES_MAX,
  type EdgeBox,
  type GraphLayout,
  type HopBox,
  layoutOf,
} from './graph-layout.ts'
import { markOf, toneOf } from './mark.tsx'
import { Empty, Scrolled } from './parts.tsx'
import type { PipelineView } from './view.ts'

/** Wider ones scroll: shrunk to the page, names would be below 10 pixels. */
const FITS = 1_410
const LABEL_COLUMNS_MAX = 15

export function Graph({ pipeline }: { readonly pipeline: PipelineView }): VNode {
  const { edges, pipeline: name } = pipeline.summary
  if (edges.length === 0) return <Empty>No edge is declared: there is nothing to compare.</Empty>
  if (edges.length > DRAWN_EDGES_MAX) {
    return <Empty>{plural(edges.length, 'edge')}: too many to draw. The table has all.</Empty>
  }
  const layout = layoutOf(pipeline)
  const bad = edges.filter((e) => e.standing !== 'met')
  return (
    <Scrolled name={`Graph of ${name}`} class="graph-frame">
      <svg
        role="img"
        class={layout.width > FITS ? 'graph large' : 'graph'}
        width={layout.width}
        height={layout.height}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
      >
        <title>{`Hops and edges of ${name}`}</title>
        <desc>
          {`${plural(edges.length, 'edge')}, ${bad.length === 0 ? 'all met' : bad.map(edgeWords).join('; ')}. The table below has every number.`}
        </desc>
        <Lines layout={layout} />
        {layout.hops.map((hop) => (
          <Hop hop={hop} />
        ))}
        {layout.edges.map((edge) => (
          <Knot box={edge} />
        ))}
      </svg>
    </Scrolled>
  )
}

const edgeWords = ({ edge, standing }: EdgeSummary): string => `${edge}: ${markOf(standing).word}`

/** Under all boxes, those that are well first. */
function Lines({ layout }: { readonly layout: GraphLayout }): VNode {
  const order: readonly Standing[] = ['no_data', 'open', 'met', 'indeterminate', 'breached']
  const sorted = [...layout.edges].sort(
    (a, b) => order.indexOf(a.edge.standing) - order.indexOf(b.edge.standing),
  )
  return (
    <g>
      {sorted.map(({ edge, lines }) => (
        <g class={`line ${edge.standing} ${toneOf[edge.standing]}`}>
          {lines.map(({ path, end }) => (
            <>
              <path d={path} />
              {end === null ? null : (
                <path
                  class="arrow"
                  d={`M${end.x - 7} ${end.y - 4}L${end.x} ${end.y}L${end.x - 7} ${end.y + 4}z`}
                />
              )}
            </>
          ))}
        </g>
      ))}
    </g>
  )
}

/** What runs has corners, what keeps is round, and what is written to has a lid. */
function Hop({ hop }: { readonly hop: HopBox }): VNode {
  const { x, y, width, height, role, deadLetter, name, note } = hop
  const [left, top] = [x - width / 2, y - height / 2]
  const round = role === 'topic' ? height / 2 : role === 'sink' ? 10 : 4
  const box = { x: left, y: top, width, height, rx: round }
  const low = role === 'sink' ? 4 : 0
  const kind = role === null ? 'undeclared' : deadLetter ? 'dead-letter' : role
  return (
    <g class={`hop ${kind}`}>
      <rect {...box} />
      {role === 'sink' ? (
        <path class="lid" d={`M${left} ${top + 7}q${width / 2} 8 ${width} 0`} />
      ) : null}
      <text x={x} y={y + low - 2}>
        {name}
      </text>
      <text class="note" x={x} y={y + low + 12}>
        {note}
      </text>
    </g>
  )
}

function Knot({ box }: { readonly box: EdgeBox }): VNode {
  const { x, y, edge } = box
  const { glyph } = markOf(edge.standing)
  const tone = toneOf[edge.standing]
  const [first, second] = labelsOf(edge)
  const p99Ms = edge.latency?.fromHop?.p99Ms ?? edge.latency?.fromBirth?.p99Ms
  return (
    <g class={`knot ${tone}`}>
      <circle cx={x} cy={y} r={9} />
      <text class="sign" x={x} y={y + 4}>
        {glyph}
      </text>
      <text class="label" x={x} y={y - (second === undefined ? 16 : 28)}>
        {cut(first, LABEL_COLUMNS_MAX)}
      </text>
      {second === undefined ? null : (
        <text class="label" x={x} y={y - 15}>
          {cut(second, LABEL_COLUMNS_MAX)}
        </text>
      )}
      <text class="note" x={x} y={y + 23}>
        {p99Ms === undefined ? expectedWords(edge) : `p99 ${durationWords(p99Ms)}`}
      </text>
    </g>
  )
}

const expectedWords = ({ counts: { expected } }: EdgeSummary): string =>
  expected === 0 ? 'no messages' : `of ${formatCount(expected)}`

/** What is wrong with it, most of it first; else how it stands. */
function labelsOf({ counts, standing, sampling }: EdgeSummary): readonly [string, string?] {
  const about = sampling === null ? '' : '≈'
  const harms = (
    [
      [counts.lost, 'lost'],
      [counts.altered, 'altered'],
      [counts.duplicated, 'doubled'],
      [counts.unexpected, 'unexpected'],
      [counts.extra, 'extra'],
      [counts.undetermined, 'unknown'],
      [counts.in_flight, 'in flight'],
    ] as const
  ).flatMap(([n, word]) => (n > 0 ? [`${about}${formatCount(n)} ${word}`] : []))
  const [first = markOf(standing).word, second, ...others] = harms
  if (second === undefined) return [first]
  const more = others.length === 0 ? '' : ' …'
  // On one line where there is room.
  const joined = `${first}, ${second}${more}`
  return columnsOf(joined) <= LABEL_COLUMNS_MAX ? [joined] : [first, `${second}${more}`]
}
