/** @jsxRuntime automatic @jsxImportSource preact */
/** What was promised, whether it was kept, and how much room is left. */
import type { VNode } from 'preact'
import { formatCount, formatWindow } from '../../src/base/words.ts'
import type { Budget, BurnState, ObjectiveAssessment } from '../../src/objective/report.ts'
import { durationWords } from '../latency.ts'
import {
  budgetWords,
  byNeed,
  eventWords,
  exhaustionWords,
  indicatorLabels,
  periodWords,
  scopeWords,
  targetWords,
  valueWords,
} from '../promises.ts'
import { BurnDown } from './burn-down.tsx'
import { Badge, Mark, type Tone, toneOf } from './mark.tsx'
import { type Cell, count, Details, Empty, Table } from './parts.tsx'
import type { View } from './view.ts'

export function Objectives({ view }: { readonly view: View }): VNode {
  const { objectives } = view.report
  if (objectives.length === 0) {
    return (
      <Empty>
        No objective is declared, so edges are judged by themselves. Write one under{' '}
        <code>objectives:</code> in <code>quipu.yaml</code>.
      </Empty>
    )
  }
  const several = view.pipelines.length > 1
  const sorted = byNeed(objectives)
  const burning = sorted.filter((o) => o.budget?.left != null && o.burnDown.length > 1)
  return (
    <>
      <Table
        caption="Objectives"
        columns={[
          { name: 'Objective' },
          { name: 'Verdict' },
          { name: 'Target', number: true },
          { name: 'Actual', number: true },
          { name: 'Events' },
          { name: 'Error budget' },
          { name: 'Runs out' },
        ]}
        rows={sorted.map((o) => rowOf(o, several))}
        stacked
      />
      {burning.length === 0 ? null : (
        <>
          <h3>Budgets over time</h3>
          <div class="charts">
            {burning.slice(0, CHARTS_MAX).map((o) => (
              <BurnDown of={o} name={nameOf(o, several)} />
            ))}
          </div>
          {burning.length > CHARTS_MAX ? (
            <p class="about">{`The ${CHARTS_MAX} that need it most, of ${burning.length}.`}</p>
          ) : null}
        </>
      )}
      <Details summary="Burn rates, and the windows that spent the most">
        {sorted.slice(0, MORE_MAX).map((o) => (
          <More of={o} name={nameOf(o, several)} />
        ))}
      </Details>
    </>
  )
}

const nameOf = ({ pipeline, objective }: ObjectiveAssessment, several: boolean): string =>
  several ? `${pipeline} / ${objective.id}` : objective.id

function rowOf(assessed: ObjectiveAssessment, several: boolean): Cell[] {
  const { objective, verdict, sentence, reasons, value, events, budget } = assessed
  return [
    <>
      <strong>{nameOf(assessed, several)}</strong>
      <span class="sentence">{sentence}</span>
      {verdict === 'met'
        ? null
        : reasons.slice(0, REASONS_MAX).map((reason) => <span class="reason">{reason}</span>)}
    </>,
    <Mark verdict={verdict} />,
    { show: targetWords(objective.target), sort: objective.target },
    { show: valueWords(value, objective.target), sort: value?.low ?? -1 },
    eventWords(events, objective),
    { show: <Left budget={budget} tone={toneOf[verdict]} />, sort: budget?.left?.low ?? 2 },
    exhaustionWords(budget) ?? <span class="dim">–</span>,
  ]
}

/** Worst first. */
const CHARTS_MAX = 8
/** Objectives of which burn rates and worst windows are shown; the JSON has all. */
const MORE_MAX = 20
/** Under one objective; the JSON has all. */
const REASONS_MAX = 3

const BAR_WIDTH = 96

function Left(props: { readonly budget: Budget | null; readonly tone: Tone }): VNode {
  const { budget, tone } = props
  const words = budgetWords(budget)
  const left = budget?.left
  if (left == null) return <span class="dim">{words}</span>
  const low = Math.min(1, Math.max(0, left.low)) * BAR_WIDTH
  const high = Math.min(1, Math.max(0, left.high)) * BAR_WIDTH
  return (
    <span class="budget">
      <svg class={tone} aria-hidden="true" width={BAR_WIDTH} height="8">
        <rect class="track" width={BAR_WIDTH} height="8" rx="4" />
        <rect class="maybe" width={Math.round(high)} height="8" rx="4" />
        <rect class="sure" width={Math.round(low)} height="8" rx="4" />
      </svg>
      <span>{words}</span>
    </span>
  )
}

function More(props: { readonly of: ObjectiveAssessment; readonly name: string }): VNode {
  const { objective, burn, worst, period, budget } = props.of
  const spent =
    budget === null
      ? ''
      : ` Budget: ${formatCount(Math.floor(budget.allowed))} bad ${objective.budget} allowed, ${spentWords(budget)} spent.`
  return (
    <div class="more">
      <h4>{props.name}</h4>
      <p class="about">
        {indicatorLabels[objective.indicator]} ({objective.indicator}), {scopeWords(objective)},
        over {periodWords(objective.period)}:{' '}
        {formatWindow({ start: Date.parse(period.start), end: Date.parse(period.end) })}.{spent}
        {objective.description === null ? '' : ` ${objective.description}`}
      </p>
      {burn.length === 0 ? null : (
        <Table
          caption={`Burn rates of ${props.name}`}
          columns={[
            { name: 'Alert' },
            { name: 'State' },
            { name: 'Fires above', number: true },
            { name: 'Long window', number: true },
            { name: 'Short window', number: true },
          ]}
          rows={burn.map(burnRow)}
        />
      )}
      {worst.length === 0 ? null : (
        <Table
          caption={`Windows that spent the most of ${props.name}`}
          columns={[{ name: 'Window' }, { name: 'Edge' }, { name: 'Bad', number: true }]}
          rows={worst.map(({ edge, start, end, bad }) => {
            const span = { start: Date.parse(start), end: Date.parse(end) }
            return [{ show: formatWindow(span), sort: span.start }, edge, count(bad)]
          })}
        />
      )}
    </div>
  )
}

function spentWords({ spent }: Budget): string {
  const [low, high] = [formatCount(Math.floor(spent.low)), formatCount(Math.ceil(spent.high))]
  return low === high ? low : `${low} to ${high}`
}

function burnRow(burn: BurnState): Cell[] {
  const rate = (value: number | null, ms: number): string =>
    value === null
      ? `no events in ${durationWords(ms)}`
      : `${formatCount(Math.floor(value))}${decimals(value)}× over ${durationWords(ms)}`
  return [
    `${burn.severity}, ${burn.speed}`,
    burn.firing ? (
      <Badge glyph="✗" word="firing" tone="bad" />
    ) : (
      <Badge glyph="✓" word="quiet" tone="good" />
    ),
    { show: `${Number(burn.factor.toPrecision(3))}×`, sort: burn.factor },
    { show: rate(burn.long, burn.longMs), sort: burn.long ?? -1 },
    { show: rate(burn.short, burn.shortMs), sort: burn.short ?? -1 },
  ]
}

const decimals = (value: number): string => `.${Math.floor((value % 1) * 10)}`
