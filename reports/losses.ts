/** The list of ids for a terminal. */
import pc from 'picocolors'
import { visible } from '../src/base/visible.ts'
import { formatCount, formatInstant, formatWindow } from '../src/base/words.ts'
import { findingCodes } from '../src/finding/finding.ts'
import type { LossRow } from '../src/objective/losses.ts'
import { WIDTH, wrap } from './lines.ts'
import { severityGlyphs } from './words.ts'

/** Rows of one pipeline, edge, window and kind stand together under one head. */
export function* renderLosses(
  rows: Iterable<LossRow>,
  { color = false }: { readonly color?: boolean } = {},
): Generator<string> {
  const paint = pc.createColors(color)
  let group = ''
  for (const row of rows) {
    const { pipeline, edge, kind, window, evidence, revision } = row
    const revised = revision === 0 ? '' : `, revision ${revision}`
    const head = `${kind}  ${edge}  (${pipeline})  ${formatWindow(window)}  ${evidence}${revised}`
    if (head !== group) {
      const glyph = severityGlyphs[findingCodes[kind]]
      const [first = '', ...rest] = wrap(`${glyph} ${visible(head)}`, WIDTH, '  ')
      const tone = findingCodes[kind] === 'error' ? paint.red : paint.yellow
      yield `${tone(first)}\n`
      for (const line of rest) yield `${line}\n`
      group = head
    }
    yield `  ${idLine(row)}\n`
  }
}

function idLine({ id, times, born, copyOf, evidence }: LossRow): string {
  if (id === null) return unnamedLine(times, evidence)
  const many = times === 1 ? '' : ` ×${times}`
  const origin =
    copyOf === undefined ? `born ${formatInstant(Date.parse(born as string))}` : `copy of ${copyOf}`
  return `${id}${many}  ${origin}`
}

function unnamedLine(times: number, evidence: LossRow['evidence']): string {
  const more = `${formatCount(times)} more`
  if (evidence === 'sampled') return `… about ${more} that were not looked at (sampled)`
  return `… ${evidence === 'estimated' ? 'at least ' : ''}${more} that cannot be named`
}
