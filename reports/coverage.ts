/** How much the audit itself could see, and how its figures were made. */
import type pc from 'picocolors'
import { formatCount, formatInstant, formatPercent, plural } from '../src/base/words.ts'
import type { Assessment } from '../src/objective/summary.ts'
import { clockWords } from './latency.ts'
import { glyphed, indented } from './lines.ts'

export function coverageLines(
  { coverage, pipelines }: Assessment,
  paint: ReturnType<typeof pc.createColors>,
): string[] {
  const { cells, seen, agents, dropped, foreign, clocks } = coverage
  const edges = pipelines.flatMap((p) => p.edges)
  const share = cells === 0 ? '' : ` (${formatPercent(seen, cells)})`
  const out = [
    paint.bold('Audit coverage'),
    cells === 0
      ? '  no window has been judged'
      : `  ${formatCount(seen)} of ${plural(cells, 'hop window')} seen whole${share}`,
  ]
  if (agents?.length === 0) {
    out.push(
      ...indented(
        'no agent has reported: wrap a client with `audited()`, or run `quipu audit`',
        '  ',
      ),
    )
  }
  for (const { service, instances, silent, frames, missingFrames, lastHeard } of agents ?? []) {
    const parts = [
      plural(instances, 'agent'),
      plural(frames, 'frame'),
      ...(missingFrames > 0 ? [`${formatCount(missingFrames)} missing`] : []),
      ...(silent > 0 ? [`${formatCount(silent)} silent`] : []),
      `last heard ${formatInstant(Date.parse(lastHeard))}`,
    ]
    const bad = missingFrames > 0 || silent > 0
    out.push(
      ...glyphed(
        bad ? '!' : '✓',
        `${service}: ${parts.join(', ')}`,
        bad ? paint.yellow : paint.green,
        '  ',
      ),
    )
  }
  for (const { reason, count } of dropped) {
    out.push(
      ...glyphed('!', `evidence given up: ${reason} (${formatCount(count)})`, paint.yellow, '  '),
    )
  }
  if (foreign > 0) {
    out.push(
      ...glyphed(
        '!',
        `${plural(foreign, 'record')} on the audit topic ${foreign === 1 ? 'is no frame' : 'are no frames'}`,
        paint.yellow,
        '  ',
      ),
    )
  }
  for (const note of clocks) out.push(...glyphed('!', clockWords(note), paint.yellow, '  '))
  if (edges.some((e) => e.latency !== null)) {
    const error = percent(coverage.quantileErrorRatio)
    const text = `latencies: quantiles within ${error}; least, most and shares exact, of what was measured`
    out.push(...glyphed('·', text, paint.dim, '  '))
  }
  const sampled = edges.filter((e) => e.sampling !== null)
  if (sampled.length > 0) {
    const sure = percent(coverage.confidenceRatio)
    const text = `${plural(sampled.length, 'edge')} sampled: counts are scaled up; their intervals hold the truth in ${sure} of cases`
    out.push(...glyphed('·', text, paint.dim, '  '))
  }
  return out
}

const percent = (ratio: number): string => `${Math.round(ratio * 100)}%`
