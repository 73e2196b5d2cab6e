/** One line per edge, and one at the end that says what it comes to. */
import pc from 'picocolors'
import { visible } from '../src/base/visible.ts'
import { plural } from '../src/base/words.ts'
import type { CheckCode } from '../src/objective/check.ts'
import type { Assessment, EdgeSummary } from '../src/objective/summary.ts'
import { columnsOf, cut, WIDTH } from './lines.ts'
import { marks, shortCounts } from './words.ts'

export function renderCheck(
  { pipelines }: Assessment,
  code: CheckCode,
  { color = false }: { readonly color?: boolean } = {},
): string {
  const paint = pc.createColors(color)
  const edges = pipelines.flatMap((p) => p.edges)
  const words = Math.max(...edges.map((e) => marks[e.standing].word.length), 0)
  const lines = edges.map((edge) => {
    const { glyph, word } = marks[edge.standing]
    const label = `${glyph} ${word.padEnd(words)}`
    const tone =
      edge.standing === 'met'
        ? paint.green
        : edge.standing === 'breached'
          ? paint.red
          : paint.yellow
    const text = visible(`${edge.pipeline}  ${edge.edge}  ${shortCounts(edge)}`)
    return `${tone(label)}  ${cut(text, WIDTH - columnsOf(label) - 2)}`
  })
  return `${[...lines, lastLine(edges, code)].join('\n')}\n`
}

function lastLine(edges: readonly EdgeSummary[], code: CheckCode): string {
  const is = (standing: EdgeSummary['standing']): number =>
    edges.filter((e) => e.standing === standing).length
  if (code === 0) {
    const sampled = edges.filter((e) => e.sampling !== null).length
    return sampled === 0
      ? 'All good!'
      : `All good in the sample: ${sampled} of ${plural(edges.length, 'edge')} not judged on every message.`
  }
  if (code === 1) {
    return `Not good: ${is('breached')} of ${plural(edges.length, 'edge')} breached. See: quipu report`
  }
  if (edges.length === 0) return 'Cannot judge: nothing has been audited into this store.'
  const parts = (
    [
      [is('indeterminate'), 'without evidence enough'],
      [is('open'), 'not settled yet'],
      [is('no_data'), 'without data'],
    ] as const
  ).flatMap(([n, word]) => (n > 0 ? [`${plural(n, 'edge')} ${word}`] : []))
  return `Cannot judge: ${parts.join(', ')}. See: quipu report`
}
