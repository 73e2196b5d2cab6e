/** Objectives and agreements for a terminal: worst first, in one line each, and why under it. */
import type pc from 'picocolors'
import type {
  AgreementView,
  ObjectiveAssessment,
  ObjectiveVerdict,
} from '../src/objective/report.ts'
import { columnsOf, glyphed, WIDTH, wrap } from './lines.ts'
import {
  budgetWords,
  byNeed,
  eventWords,
  exhaustionWords,
  periodWords,
  scopeWords,
  targetWords,
  valueWords,
  verdictMarks,
} from './promises.ts'

type Colors = ReturnType<typeof pc.createColors>

/** Of one pipeline; their texts are safe to show. */
export function objectiveLines(
  objectives: readonly ObjectiveAssessment[],
  agreements: readonly AgreementView[],
  paint: Colors,
): string[] {
  if (objectives.length === 0) return []
  const words = Math.max(...objectives.map((o) => verdictMarks[o.verdict].word.length))
  const ids = Math.max(...objectives.map((o) => columnsOf(o.objective.id)))
  const out = ['', paint.bold('Promises')]
  for (const assessment of byNeed(objectives)) {
    const { glyph, word } = verdictMarks[assessment.verdict]
    const { id } = assessment.objective
    const mark = toneOf(assessment.verdict, paint)(`${glyph} ${word.padEnd(words)}`)
    const lead = `  ${mark}  ${id}${' '.repeat(ids - columnsOf(id))}  `
    const indent = ' '.repeat(2 + 2 + words + 2 + ids + 2)
    const [first = '', ...rest] = wrap(factsOf(assessment), Math.max(30, WIDTH - indent.length))
    out.push(lead + first, ...rest.map((line) => indent + line))
    if (assessment.verdict === 'met') continue
    for (const reason of assessment.reasons) out.push(...glyphed('·', reason, paint.dim, '    '))
  }
  for (const { agreement, verdict } of agreements) {
    const { glyph, word } = verdictMarks[verdict]
    const who = agreement.consumers
      .map(({ name, contact }) => (contact === null ? name : `${name} (${contact})`))
      .join(', ')
    const text = `${word}: ${agreement.promises.join(', ')}, agreed with ${who}`
    out.push(...glyphed(glyph, text, toneOf(verdict, paint), '  '))
  }
  return out
}

function factsOf({ objective, value, events, budget }: ObjectiveAssessment): string {
  const exhausted = exhaustionWords(budget)
  return [
    `${valueWords(value, objective.target)} of at least ${targetWords(objective.target)}`,
    `${eventWords(events, objective)}, ${scopeWords(objective)}, ${periodWords(objective.period)}`,
    budgetWords(budget) + (exhausted === null ? '' : `, used up ${exhausted}`),
  ].join('; ')
}

function toneOf(verdict: ObjectiveVerdict, paint: Colors): (text: string) => string {
  if (verdict === 'met') return paint.green
  return verdict === 'breached' ? paint.red : paint.yellow
}
