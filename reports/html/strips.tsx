/** @jsxRuntime automatic @jsxImportSource preact */
/** One row per edge, one cell per window: when it was well and when it was not, all on one axis. */
import type { VNode } from 'preact'
import { formatCount, formatInstant, formatWindow, plural } from '../../src/base/words.ts'
import type { StripCell } from '../../src/objective/report.ts'
import type { Standing } from '../../src/objective/standing.ts'
import { Mark, markOf, toneOf } from './mark.tsx'
import { type Cell, count, Details, Empty, some, Table } from './parts.tsx'
import { runsOf } from './strip-runs.ts'
import type { EdgeView, PipelineView } from './view.ts'

/** Units of the drawing: it is stretched to the width that there is. Cells are lines of some width. */
const WIDTH = 1_200
const HEIGHT = 24
/** A bad minute of a day is still seen. */
const CELL_WIDTH_MIN = 3
/** Rows of the table of what was not well; every edge has as many of them. */
const ROWS_MAX = 160

/** Told apart by height as well as by colour; drawn in this order, so that what is worse is not covered. */
const standings = ['no_data', 'open', 'met', 'indeterminate', 'breached'] as const

export function Strips(props: { readonly pipeline: PipelineView; readonly number: number }): VNode {
  const { edges, summary } = props.pipeline
  const cells = edges.flatMap((e) => e.cells)
  if (cells.length === 0) {
    return (
      <Empty>
        No window has been judged yet. The first is about one window and its lateness after the
        first message.
      </Empty>
    )
  }
  const from = Math.min(
    ...edges.flatMap((e) => e.cells.slice(0, 1)).map((c) => Date.parse(c.start)),
  )
  const to = Math.max(...edges.flatMap((e) => e.cells.slice(-1)).map((c) => Date.parse(c.end)))
  const middle = from + (to - from) / 2
  return (
    <>
      <div class="strips">
        {edges.map((edge, i) => (
          <div class="strip-row">
            <div class="strip-name">{edge.summary.edge}</div>
            <Strip edge={edge} from={from} to={to} place={`${props.number} ${i}`} />
            <div class="strip-sum">
              <Mark verdict={edge.summary.standing} />
            </div>
          </div>
        ))}
        <div class="strip-row axis" aria-hidden="true">
          <div />
          <div class="ticks">
            <span>{formatInstant(from)}</span>
            <span class="middle">{formatInstant(Math.round(middle / 1_000) * 1_000)}</span>
            <span>{formatInstant(to)}</span>
          </div>
          <div />
        </div>
      </div>
      {/* What the script says of a cell; empty without it. */}
      <p class="strip-words" aria-hidden="true" />
      <Legend />
      <Details summary="Windows that are not met, as a table">
        <Unwell edges={edges} pipeline={summary.pipeline} />
      </Details>
    </>
  )
}

function Strip(props: {
  readonly edge: EdgeView
  readonly from: number
  readonly to: number
  /** Numbers of its pipeline and edge: where the script finds its cells. */
  readonly place: string
}): VNode {
  const { edge, from, to } = props
  const runs = runsOf(edge.cells)
  const scale = WIDTH / Math.max(1, to - from)
  const path = (standing: Standing): string =>
    runs
      .filter((run) => run.standing === standing)
      .map((run) => {
        const left = (Date.parse(run.start) - from) * scale
        const exact = (Date.parse(run.end) - Date.parse(run.start)) * scale
        const width = standing === 'met' ? exact : Math.max(CELL_WIDTH_MIN, exact)
        return `M${round(Math.min(left, WIDTH - width))} ${HEIGHT / 2}h${round(width)}`
      })
      .join('')
  return (
    <div
      class="strip"
      data-edge={props.place}
      data-from={new Date(from).toISOString()}
      data-to={new Date(to).toISOString()}
    >
      <svg role="img" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
        <title>{`Windows of ${edge.summary.edge}`}</title>
        <desc>{wordsOf(runs)}</desc>
        {standings.map((standing) => {
          const d = path(standing)
          return d === '' ? null : <path class={`cell ${standing}`} d={d} />
        })}
      </svg>
    </div>
  )
}

const round = (n: number): number => Math.round(n * 10) / 10

/** `1,440 windows: 1,431 met, 9 breached` */
function wordsOf(runs: readonly StripCell[]): string {
  const windows = (standing: Standing): number =>
    runs.filter((r) => r.standing === standing).reduce((sum, r) => sum + r.windows, 0)
  const parts = [...standings]
    .reverse()
    .flatMap((s) => (windows(s) > 0 ? [`${formatCount(windows(s))} ${markOf(s).word}`] : []))
  const all = runs.reduce((sum, r) => sum + r.windows, 0)
  return `${plural(all, 'window')}: ${parts.join(', ')}.`
}

function Legend(): VNode {
  return (
    <ul class="legend" aria-label="What the cells mean">
      {(['met', 'breached', 'indeterminate', 'open', 'no_data'] as const).map((standing) => {
        const { glyph, word } = markOf(standing)
        return (
          <li class={toneOf[standing]}>
            <svg aria-hidden="true" width="18" height="14" viewBox="0 0 30 24">
              <path class={`cell ${standing}`} d={`M0 ${HEIGHT / 2}h30`} />
            </svg>
            <span aria-hidden="true">{glyph}</span> {word}
          </li>
        )
      })}
    </ul>
  )
}

function Unwell(props: { readonly edges: readonly EdgeView[]; readonly pipeline: string }): VNode {
  const lists = props.edges.map(({ summary, cells }) => ({
    edge: summary.edge,
    runs: runsOf(cells).filter((r) => r.standing !== 'met'),
  }))
  const unwell = lists.filter(({ runs }) => runs.length > 0).length
  const room = Math.max(1, Math.floor(ROWS_MAX / Math.max(1, unwell)))
  const left = lists.reduce((sum, { runs }) => sum + Math.max(0, runs.length - room), 0)
  const rows = lists.flatMap(({ edge, runs }) => runs.slice(0, room).map((r) => rowOf(edge, r)))
  if (rows.length === 0) return <p>Every window that was judged is met.</p>
  return (
    <>
      <Table
        caption={`Windows of ${props.pipeline} that are not met`}
        columns={[
          { name: 'Edge' },
          { name: 'When' },
          { name: 'Verdict' },
          { name: 'Windows', number: true },
          { name: 'Expected', number: true },
          { name: 'Lost', number: true },
          { name: 'Doubled', number: true },
          { name: 'Altered', number: true },
          { name: 'In flight', number: true },
          { name: 'Undetermined', number: true },
        ]}
        rows={rows}
      />
      {left === 0 ? null : (
        <p class="about">{formatCount(left)} more rows are in the JSON of the report.</p>
      )}
    </>
  )
}

function rowOf(edge: string, run: StripCell): Cell[] {
  const span = { start: Date.parse(run.start), end: Date.parse(run.end) }
  return [
    edge,
    { show: formatWindow(span), sort: span.start },
    <Mark verdict={run.standing} />,
    count(run.windows),
    count(run.expected),
    some(run.lost),
    some(run.duplicated),
    some(run.altered),
    some(run.inFlight),
    some(run.undetermined),
  ]
}
