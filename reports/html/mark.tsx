/** @jsxRuntime automatic @jsxImportSource preact */
/** What stands for a verdict: glyph, word and colour, never colour alone. */
import type { VNode } from 'preact'
import type { Severity } from '../../src/finding/finding.ts'
import type { ObjectiveVerdict } from '../../src/objective/report.ts'
import type { Standing } from '../../src/objective/standing.ts'
import { verdictMarks } from '../promises.ts'
import { marks, severityGlyphs } from '../words.ts'

/** Classes of the style sheet. */
export type Tone = 'good' | 'bad' | 'warn' | 'idle'

export const toneOf: Readonly<Record<Standing | ObjectiveVerdict, Tone>> = {
  met: 'good',
  breached: 'bad',
  at_risk: 'warn',
  indeterminate: 'warn',
  open: 'idle',
  no_data: 'idle',
}

const severityTones: Readonly<Record<Severity, Tone>> = {
  error: 'bad',
  warning: 'warn',
  info: 'idle',
}

export const markOf = (
  verdict: Standing | ObjectiveVerdict,
): { readonly glyph: string; readonly word: string } =>
  verdict === 'open' ? marks.open : verdictMarks[verdict]

export function Mark({ verdict }: { readonly verdict: Standing | ObjectiveVerdict }): VNode {
  const { glyph, word } = markOf(verdict)
  return <Badge glyph={glyph} word={word} tone={toneOf[verdict]} />
}

/** Words that are not a verdict, told in the same way. */
export function Badge(props: {
  readonly glyph: string
  readonly word: string
  readonly tone: Tone
}): VNode {
  return (
    <span class={`mark ${props.tone}`}>
      <span aria-hidden="true">{props.glyph}</span> {props.word}
    </span>
  )
}

const severityWords: Readonly<Record<Severity, string>> = {
  error: 'Error',
  warning: 'Warning',
  info: 'Note',
}

/** The glyph of a line that says what is wrong in words; its weight is read out. */
export function SeverityGlyph({ severity }: { readonly severity: Severity }): VNode {
  return (
    <span class={`glyph ${severityTones[severity]}`}>
      <span aria-hidden="true">{severityGlyphs[severity]}</span>
      <span class="unseen">{severityWords[severity]}: </span>
    </span>
  )
}
