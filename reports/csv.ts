/**
 * Ids of findings as CSV (RFC 4180): one row each, CRLF, a head.
 *
 * Law: no cell is a formula. What a spreadsheet would run (`=`, `+`, `-`, `@`, tab, return at the
 * beginning) gets an apostrophe before it, which shows it as text.
 */
import { visible } from '../src/base/visible.ts'
import { isoOf } from '../src/objective/iso.ts'
import type { IdRow } from '../src/objective/shape-rows.ts'

const COLUMNS = [
  'pipeline',
  'edge',
  'kind',
  'id',
  'times',
  'born',
  'copy_of',
  'window_start',
  'window_end',
  'state',
  'revision',
  'evidence',
  'field',
] as const

/** Lines with their ends, the head first; rows may be without end, so they are never held together. */
export function* renderCsv(rows: Iterable<IdRow>): Generator<string> {
  yield lineOf(COLUMNS)
  for (const row of rows) {
    yield lineOf([
      row.pipeline,
      row.edge,
      row.kind,
      row.id ?? '',
      String(row.times),
      row.born ?? '',
      row.copyOf ?? '',
      isoOf(row.window.start),
      isoOf(row.window.end),
      row.state,
      String(row.revision),
      row.evidence,
      row.path ?? '',
    ])
  }
}

const lineOf = (cells: readonly string[]): string => `${cells.map(cellOf).join(',')}\r\n`

/** Blanks before it do not keep a spreadsheet from running it. */
const FORMULA = /^\s*[=+\-@\t\r＝＋－＠]/

function cellOf(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text
  const shown = visible(harmless)
  return /[",\r\n]/.test(shown) ? `"${shown.replace(/"/g, '""')}"` : shown
}
