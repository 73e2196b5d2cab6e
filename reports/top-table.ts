/** The table of `quipu top`: one line for each edge. */
import type pc from 'picocolors'
import { visible } from '../src/base/visible.ts'
import type { Standing } from '../src/objective/standing.ts'
import { columnsOf, cut } from './lines.ts'
import type { TopCount, TopEdge } from './top-state.ts'
import { marks } from './words.ts'

type Paint = ReturnType<typeof pc.createColors>

/** Not known: nothing was judged, or nobody asked. Never a 0, never 100%. */
const UNKNOWN = '–'

const COLUMNS = [
  ['msg/s', 7],
  ['flight', 7],
  ['behind', 7],
  ['missing', 8],
  ['doubled', 8],
  ['seen', 6],
] as const
const STANDING_COLUMNS = 15
const NUMBER_COLUMNS = COLUMNS.reduce((n, [, columns]) => n + columns, 0)

/** As many as the longest name takes, if there is room. */
export function nameColumns(edges: readonly TopEdge[], width: number): number {
  const longest = Math.max(...edges.map(({ edge }) => columnsOf(visible(edge))), 1)
  return Math.min(longest, Math.max(1, width - STANDING_COLUMNS - NUMBER_COLUMNS - 2))
}

export function tableHead(columns: number, width: number, paint: Paint): string {
  const names = COLUMNS.map(([name, columns]) => name.padStart(columns)).join('')
  const lead = ' '.repeat(columns + 1 + STANDING_COLUMNS + 1)
  return paint.dim(cut(`${lead}${names}`, width))
}

/** @param columns of its name */
export function tableRow(edge: TopEdge, columns: number, width: number, paint: Paint): string {
  const { glyph, word } = marks[edge.standing]
  const name = cut(visible(edge.edge), columns)
  const tone = toneOf(edge.standing, paint)
  const about = edge.isSampled ? '~' : ''
  const counts = [
    edge.rate === null ? UNKNOWN : about + rateText(edge.rate),
    edge.inFlight === null ? UNKNOWN : about + countText(edge.inFlight),
    edge.behind === null ? UNKNOWN : countText(edge.behind),
    wrongText(edge.missing, about),
    wrongText(edge.duplicated, about),
    shareText(edge.seen, edge.cells),
  ]
  const padded = counts.map((text, i) => text.padStart(COLUMNS[i]?.[1] ?? 0))
  const wrong = [null, null, null, edge.missing, edge.duplicated]
  const tinted = padded.map((text, i) => ((wrong[i]?.count ?? 0) > 0 ? paint.red(text) : text))
  const standing = `${glyph} ${word}`.padEnd(STANDING_COLUMNS)
  const row = `${name}${' '.repeat(columns - columnsOf(name) + 1)}`
  // Too narrow for all of it: then without colours, which take no room and cannot be cut.
  const plain = `${row}${standing} ${padded.join('')}`
  if (columnsOf(plain) > width) return cut(plain, width)
  return `${row}${tone(standing)} ${tinted.join('')}`
}

export function toneOf(standing: Standing, paint: Paint): (text: string) => string {
  if (standing === 'breached') return paint.red
  if (standing === 'met') return paint.green
  return standing === 'open' ? paint.dim : paint.yellow
}

/** At least so many where not all is known: then none is not told from some. */
function wrongText(told: TopCount | null, about: string): string {
  if (told === null) return UNKNOWN
  const { count, isExact } = told
  if (isExact) return about + countText(count)
  return count === 0 ? '?' : `≥${about}${countText(count)}`
}

/** In five columns at most, and whole up to 99,999; rounded down, so that none is not made of some. */
function countText(n: number): string {
  if (n < 100_000) return String(Math.floor(n))
  const [size, unit] = n < 1e6 ? [1e3, 'k'] : n < 1e9 ? [1e6, 'M'] : [1e9, 'G']
  const part = n / size
  return `${part < 10 ? Math.floor(part * 10) / 10 : Math.floor(part)}${unit}`
}

function rateText(rate: number): string {
  if (rate === 0) return '0'
  if (rate < 0.1) return '<0.1'
  return rate < 100 ? String(Math.floor(rate * 10) / 10) : countText(rate)
}

/** Rounded down: 100% only where all of it was seen. */
function shareText(part: number, whole: number): string {
  if (whole === 0) return UNKNOWN
  if (part === whole) return '100%'
  const tenths = Math.floor((1_000 * part) / whole)
  return tenths === 0 && part > 0 ? '<0.1%' : `${tenths / 10}%`
}
