/** A strip as one line of signs: each the worst of the windows that it stands for. */
import type { StripCell } from '../../src/objective/report.ts'
import type { Standing } from '../../src/objective/standing.ts'

export const signs: Readonly<Record<Standing, string>> = {
  breached: '█',
  indeterminate: '▒',
  open: '…',
  met: '▁',
  no_data: '·',
}

/** Worst first. */
const order: readonly Standing[] = ['breached', 'indeterminate', 'open', 'met', 'no_data']

/** @param from @param to ms: the span of the whole line */
export function heatLine(
  cells: readonly StripCell[],
  { from, to, columns }: { readonly from: number; readonly to: number; readonly columns: number },
): string {
  const worst: Standing[] = Array.from({ length: columns }, () => 'no_data')
  const scale = columns / Math.max(1, to - from)
  for (const { start, end, standing } of cells) {
    const first = Math.floor((Date.parse(start) - from) * scale)
    // Half-open: a cell that ends where a column begins is not in it.
    const last = Math.ceil((Date.parse(end) - from) * scale) - 1
    for (let at = Math.max(0, first); at <= Math.min(columns - 1, last); at++) {
      if (order.indexOf(standing) < order.indexOf(worst[at] as Standing)) worst[at] = standing
    }
  }
  return worst.map((standing) => signs[standing]).join('')
}
