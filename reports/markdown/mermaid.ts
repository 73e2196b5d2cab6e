/** The pipeline as the text of a mermaid graph, which many places draw. */
import type { ReportHop } from '../../src/objective/report.ts'
import type { EdgeSummary } from '../../src/objective/summary.ts'
import { marks, shortCounts } from '../words.ts'
import { mermaidText } from './escape.ts'

/** Above that many edges a drawing tells nothing. */
export const DRAWN_EDGES_MAX = 40

/** Brackets by role: what runs has corners, what keeps is round, and what is written to is a store. */
const brackets: Readonly<Record<ReportHop['role'], readonly [string, string]>> = {
  producer: ['["', '"]'],
  consumer: ['["', '"]'],
  stream: ['[/"', '"/]'],
  topic: ['(["', '"])'],
  sink: ['[("', '")]'],
}

export function mermaidOf(edges: readonly EdgeSummary[], hops: readonly ReportHop[]): string[] {
  const names = [...new Set(edges.flatMap((e) => [...e.from, ...e.to]))]
  const roles = new Map(hops.map((hop) => [hop.hop, hop.role]))
  const idOf = (name: string): string => `h${names.indexOf(name)}`
  const lines = ['flowchart LR']
  for (const name of names) {
    const [open, close] = brackets[roles.get(name) ?? 'producer']
    lines.push(`  ${idOf(name)}${open}${mermaidText(name)}${close}`)
  }
  const bad: number[] = []
  let drawn = 0
  for (const edge of edges) {
    const { glyph, word } = marks[edge.standing]
    const label = edge.standing === 'met' ? `${glyph} ${word}` : `${glyph} ${shortCounts(edge)}`
    const line = edge.standing === 'met' ? '-->' : edge.standing === 'breached' ? '==>' : '-.->'
    for (const from of edge.from) {
      for (const to of edge.to) {
        lines.push(`  ${idOf(from)} ${line}|"${mermaidText(label)}"| ${idOf(to)}`)
        if (edge.standing === 'breached') bad.push(drawn)
        drawn++
      }
    }
  }
  if (bad.length > 0) lines.push(`  linkStyle ${bad.join(',')} stroke:#b3261e`)
  return lines
}
