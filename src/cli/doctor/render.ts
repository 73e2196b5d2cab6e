/** The list for a terminal: what is well, what is not, what to do; the sum comes last. */
import pc from 'picocolors'
import { visible } from '../../base/visible.ts'
import { plural } from '../../base/words.ts'
import { type CheckResult, type CheckState, checkStates } from './check.ts'

const GLYPHS: Readonly<Record<CheckState, string>> = { ok: '✓', warn: '!', fail: '✗' }

export function renderDoctor(results: readonly CheckResult[], color: boolean): string {
  const colors = pc.createColors(color)
  const paint = { ok: colors.green, warn: colors.yellow, fail: colors.red }
  const lines = results.flatMap(({ id, subject, state, message, todo }) => [
    `${paint[state](GLYPHS[state])} ${id}  ${visible(subject)}: ${visible(message)}`,
    ...(todo === null ? [] : [`    → ${visible(todo)}`]),
  ])
  return `${[...lines, '', sumOf(results)].join('\n')}\n`
}

function sumOf(results: readonly CheckResult[]): string {
  const count = (state: CheckState): number => results.filter((r) => r.state === state).length
  const words = { ok: 'ok', warn: 'to look at', fail: 'wrong' }
  const parts = checkStates
    .filter((state) => state === 'ok' || count(state) > 0)
    .map((state) => `${count(state)} ${words[state]}`)
  const head = plural(results.length, 'check')
  return count('warn') + count('fail') === 0
    ? `All good! ${head}.`
    : `${head}: ${parts.join(', ')}.`
}
