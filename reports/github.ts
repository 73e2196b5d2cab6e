/**
 * Workflow commands for GitHub: an annotation for each objective (or edge) that is not met, worst first.
 * GitHub shows 10 errors and 10 warnings of a step and drops the rest without a word, so the last of
 * each says how many more there are.
 */

import { commandData, commandProperty } from '../src/base/workflow-command.ts'
import type { Report } from '../src/objective/report.ts'
import {
  type CiOptions,
  type Judgement,
  judge,
  type Outcome,
  outcomesOf,
  stateWords,
  worstFirst,
} from './ci/outcome.ts'

/** Of a step, for each of the two levels. */
const ANNOTATIONS_MAX = 10
/** In all, GitHub takes about 64 KiB for one. */
const FACTS_MAX = 3

/** Nothing at all where all is met. */
export function renderGithub(report: Report, options: CiOptions = {}): string {
  const sorted = worstFirst(outcomesOf(report))
  const of = (...judgements: readonly Judgement[]): Outcome[] =>
    sorted.filter((o) => judgements.includes(judge(o, options)))
  const lines = [
    ...commandsOf('error', of('failed'), options),
    ...commandsOf('warning', of('unknown', 'warned'), options),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function commandsOf(
  level: 'error' | 'warning',
  outcomes: readonly Outcome[],
  { file }: CiOptions,
): string[] {
  const first = outcomes.slice(0, ANNOTATIONS_MAX)
  const more = outcomes.length - first.length
  return first.map((outcome, i) => {
    const { pipeline, name, place } = outcome
    const properties = {
      ...(file === undefined ? {} : { file }),
      // A line alone would be one of no file.
      ...(file === undefined || place === null
        ? {}
        : { line: String(place.line), endLine: String(place.line), col: String(place.column) }),
      title: outcome.of === 'pipeline' ? pipeline : `${pipeline}/${name}`,
    }
    const list = Object.entries(properties).map(
      ([key, value]) => `${key}=${commandProperty(value)}`,
    )
    const last = i === first.length - 1 && more > 0 ? `\n+${more} more` : ''
    return `::${level} ${list.join(',')}::${commandData(messageOf(outcome) + last)}`
  })
}

function messageOf({ state, sentence, reasons, facts }: Outcome): string {
  const [reason = sentence] = reasons
  return [`${stateWords[state]}: ${reason}`, ...facts.slice(0, FACTS_MAX)].join('\n')
}
