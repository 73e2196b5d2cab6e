/** @jsxRuntime automatic @jsxImportSource preact */
/** How much of an error budget was left, over time; where it is not known, a band from bad to good. */
import type { VNode } from 'preact'
import { formatInstant } from '../../src/base/words.ts'
import type { BurnPoint, ObjectiveAssessment } from '../../src/objective/report.ts'
import { budgetWords } from '../promises.ts'
import { toneOf } from './mark.tsx'

const WIDTH = 520
const HEIGHT = 168
const LEFT = 52
const RIGHT = 12
const TOP = 12
const BOTTOM = 26
/** Overspent further than that is drawn at the edge. */
const DEPTH_MAX = 2

export function BurnDown(props: {
  readonly of: ObjectiveAssessment
  readonly name: string
}): VNode {
  const { burnDown, budget, verdict, objective, period } = props.of
  const points = bendsOf(burnDown)
  const [first] = points as [BurnPoint]
  const last = points.at(-1) as BurnPoint
  const calendar = objective.period.kind === 'calendar'
  const from = Date.parse(calendar ? period.start : first.at)
  const to = Math.max(from + 1, Date.parse(calendar ? period.end : last.at))
  const floor = Math.max(-DEPTH_MAX, Math.min(0, ...points.map((p) => p.left.low)))
  const x = (at: string | number): number =>
    round(LEFT + (((typeof at === 'number' ? at : Date.parse(at)) - from) / (to - from)) * INNER)
  const y = (left: number): number => {
    const share = (1 - Math.min(1, Math.max(floor, left))) / (1 - floor)
    return round(TOP + share * (HEIGHT - TOP - BOTTOM))
  }
  const line = (pick: (p: BurnPoint) => number, list: readonly BurnPoint[]): string =>
    list.map((p) => `${x(p.at)} ${y(pick(p))}`).join('L')
  const band = `M${line((p) => p.left.high, points)}L${line((p) => p.left.low, [...points].reverse())}z`
  const ticks = floor < 0 ? [1, 0, floor] : [1, 0.5, 0]
  return (
    <figure class="burn">
      <figcaption>
        <strong>{props.name}</strong> <span>{budgetWords(budget)}</span>
      </figcaption>
      <svg role="img" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} class={toneOf[verdict]}>
        <title>{`Error budget of ${props.name} over time`}</title>
        <desc>
          {`From ${percent(first.left.low)} at ${formatInstant(Date.parse(first.at))} to ${percent(last.left.low)} at ${formatInstant(Date.parse(last.at))}, at the bad end of what is known.`}
        </desc>
        {ticks.map((tick) => (
          <>
            <path class={tick === 0 ? 'zero' : 'grid'} d={`M${LEFT} ${y(tick)}H${WIDTH - RIGHT}`} />
            <text class="tick" x={LEFT - 8} y={y(tick) + 4}>
              {percent(tick)}
            </text>
          </>
        ))}
        {calendar ? <path class="ideal" d={`M${LEFT} ${y(1)}L${WIDTH - RIGHT} ${y(0)}`} /> : null}
        <path class="band" d={band} />
        <path class="run" d={`M${line((p) => p.left.low, points)}`} />
        <circle class="now" cx={x(last.at)} cy={y(last.left.low)} r="3.5" />
        <text class="when" x={LEFT} y={HEIGHT - 6}>
          {formatInstant(from).replace(':00Z', 'Z')}
        </text>
        <text class="when end" x={WIDTH - RIGHT} y={HEIGHT - 6}>
          {formatInstant(to).replace(':00Z', 'Z')}
        </text>
      </svg>
      <details>
        <summary>{`Data of ${props.name}`}</summary>
        <table>
          <caption class="unseen">{`Error budget of ${props.name} left`}</caption>
          <thead>
            <tr>
              <th scope="col">Until</th>
              <th scope="col" class="number">
                Left, at least
              </th>
              <th scope="col" class="number">
                At most
              </th>
            </tr>
          </thead>
          <tbody>
            {thinned(points).map((p) => (
              <tr>
                <th scope="row">{formatInstant(Date.parse(p.at))}</th>
                <td class="number">{percent(p.left.low)}</td>
                <td class="number">{percent(p.left.high)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}

const INNER = WIDTH - LEFT - RIGHT

/** Points at which a line may bend: level ones between others say nothing more. */
function bendsOf(points: readonly BurnPoint[]): BurnPoint[] {
  const same = (a: BurnPoint, b: BurnPoint | undefined): boolean =>
    b === undefined || (a.left.low === b.left.low && a.left.high === b.left.high)
  return points.filter(
    (p, i) =>
      i === 0 || i === points.length - 1 || !same(p, points[i - 1]) || !same(p, points[i + 1]),
  )
}

/** Rows of the table; as many as say enough. */
const ROWS_MAX = 40

function thinned(points: readonly BurnPoint[]): BurnPoint[] {
  const step = Math.ceil(points.length / ROWS_MAX)
  return points.filter((_, i) => i % step === 0 || i === points.length - 1)
}

/** Rounded down: never more is left than there is. */
const percent = (share: number): string =>
  `${share < 0 ? '−' : ''}${Math.abs(Math.floor(share * 100))}%`

const round = (n: number): number => Math.round(n * 10) / 10
