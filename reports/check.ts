/** One line for each outcome, and one at the end that says what it comes to. */
import pc from 'picocolors'
import { plural } from '../src/base/words.ts'
import { worseThan } from './ci/baseline.ts'
import type { CheckCode } from './ci/exit-code.ts'
import type { CiOptions, Outcome } from './ci/outcome.ts'
import type { OutcomeState } from './ci/states.ts'
import { columnsOf, cut, WIDTH } from './lines.ts'
import { verdictMarks } from './promises.ts'
import { marks } from './words.ts'

export interface CheckView {
  readonly code: CheckCode
  readonly options?: CiOptions
  /** Edges that are judged on a sample. */
  readonly sampled?: number
  readonly color?: boolean
}

/** @param outcomes their texts are safe to show */
export function renderCheck(
  outcomes: readonly Outcome[],
  { code, options = {}, sampled = 0, color = false }: CheckView,
): string {
  const paint = pc.createColors(color)
  const words = Math.max(...outcomes.map(({ state }) => markOf(state).word.length), 0)
  const { baseline } = options
  const judged = outcomes.filter((o) => baseline === undefined || worseThan(o, baseline))
  const lines = outcomes.map((outcome) => {
    const { glyph, word } = markOf(outcome.state)
    const label = `${glyph} ${word.padEnd(words)}`
    const isKnown = outcome.state !== 'met' && !judged.includes(outcome)
    const known = isKnown ? '  (no worse than in the baseline)' : ''
    const text = [outcome.pipeline, outcome.name, outcome.brief].join('  ')
    const room = WIDTH - columnsOf(label) - columnsOf(known) - 2
    return `${toneOf(outcome.state, paint)(label)}  ${cut(text, room)}${known}`
  })
  return `${[...lines, lastLine(outcomes, judged, code, sampled)].join('\n')}\n`
}

const markOf = (state: OutcomeState): { readonly glyph: string; readonly word: string } =>
  state === 'open' ? marks.open : verdictMarks[state]

function toneOf(state: OutcomeState, paint: ReturnType<typeof pc.createColors>) {
  if (state === 'met') return paint.green
  return state === 'breached' ? paint.red : paint.yellow
}

function lastLine(
  outcomes: readonly Outcome[],
  judged: readonly Outcome[],
  code: CheckCode,
  sampled: number,
): string {
  const is = (state: OutcomeState): number => judged.filter((o) => o.state === state).length
  if (code === 0) {
    if (outcomes.some((o) => o.state !== 'met' && !judged.includes(o)))
      return 'Nothing is worse than in the baseline.'
    if (sampled === 0) return 'All good!'
    return `All good in the sample: ${plural(sampled, 'edge')} not judged on every message.`
  }
  const what = (n: number): string => plural(n, nounOf(judged))
  if (code === 1) {
    const atRisk = is('breached') === 0 ? `${what(is('at_risk'))} at risk` : null
    return `Not good: ${atRisk ?? `${is('breached')} of ${what(judged.length)} breached`}. See: quipu report`
  }
  if (outcomes.every(({ of }) => of === 'pipeline')) {
    return 'Cannot judge: nothing has been audited into this store.'
  }
  const parts = (
    [
      [is('indeterminate'), 'without evidence enough'],
      [is('open'), 'not settled yet'],
      [is('no_data'), 'without data'],
    ] as const
  ).flatMap(([n, word]) => (n > 0 ? [`${what(n)} ${word}`] : []))
  // All that is known is met, and more may come.
  if (parts.length === 0) return 'Cannot judge: not all is settled yet.'
  return `Cannot judge: ${parts.join(', ')}. See: quipu report`
}

function nounOf(outcomes: readonly Outcome[]): string {
  const kinds = new Set(outcomes.map(({ of }) => of))
  const [kind = 'edge'] = kinds
  return kinds.size > 1 ? 'promise' : kind
}
