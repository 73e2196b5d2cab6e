/** What a game day comes to, in words. Pure. */
import { formatCount, plural } from '../../base/words.ts'
import { laws } from './compare.ts'
import type { CauseCell } from './compare-causes.ts'
import type { GameDay } from './day.ts'
import type { DayResult, DaysResult } from './play-days.ts'

/** Mismatches of one day that are told; the first ones say most. */
const TOLD_MAX = 8

export function renderDay(day: GameDay, { seed, replay, mismatches }: DayResult): string {
  const faults = day.faults.map((f) => ('service' in f ? `${f.kind} ${f.service}` : f.kind))
  const { drift } = day
  const what = drift?.kind == null ? 'messages looked into' : `${drift.service}: ${drift.kind}`
  const shape = drift === null ? '' : `; ${what}`
  const lines = [
    `seed ${seed}: ${plural(mismatches.length, 'mismatch', 'mismatches')}; ${plural(day.hops.length, 'hop', 'hops')}, ${faults.join(', ') || 'no process harmed'}${shape}`,
  ]
  for (const { law, edge, window, expected, found } of mismatches.slice(0, TOLD_MAX)) {
    const at = new Date(window).toISOString()
    lines.push(
      `  ${edge}, window ${at}: ${laws[law - 1]}`,
      `    expected: ${expected}`,
      `    found:    ${found}`,
    )
  }
  if (mismatches.length > TOLD_MAX) lines.push(`  and ${mismatches.length - TOLD_MAX} more`)
  lines.push(`  again: ${replay}`, '')
  return lines.join('\n')
}

export function renderDays({
  stage,
  days,
  judged,
  indeterminate,
  unexplained,
  drift,
  causes,
  failed,
}: DaysResult): string {
  const share = judged === 0 ? 0 : (100 * indeterminate) / judged
  const where = stage === 'memory' ? 'in memory' : 'on brokers'
  const why =
    indeterminate === 0
      ? ''
      : unexplained === 0
        ? ', all for evidence that was destroyed'
        : `, ${formatCount(unexplained)} of them without a reason`
  if (days === 0) return 'No day was played to its end.\n'
  const end =
    failed.length === 0
      ? 'Everything that was said is true, and all that is true was said.'
      : `${plural(failed.length, 'day', 'days')} failed: seeds ${failed.map(({ seed }) => seed).join(', ')}.`
  return [
    `${plural(days, 'day', 'days')} ${where}, ${formatCount(judged)} verdicts at their ends`,
    `indeterminate: ${formatCount(indeterminate)} (${share.toFixed(1)}%)${why}`,
    `shape of messages: ${drift.found} of ${drift.expected} found, ${drift.wrong} false, ${drift.missed} missed`,
    `causes, by message: ${formatCount(causes.right)} right, ${formatCount(causes.unknown)} unknown, ${formatCount(causes.wrong)} wrong`,
    ...matrixLines(causes.matrix),
    end,
    '',
  ].join('\n')
}

/** What is true, and what was said of it, a line each. */
function matrixLines(matrix: readonly CauseCell[]): readonly string[] {
  const width = Math.max(0, ...matrix.map(({ is }) => is.length))
  const count = Math.max(0, ...matrix.map((cell) => formatCount(cell.count).length))
  return matrix.map(
    (cell) =>
      `  ${cell.is.padEnd(width)}  said ${formatCount(cell.count).padStart(count)} times: ${cell.said}`,
  )
}
