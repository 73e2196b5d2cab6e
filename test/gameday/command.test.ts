/** The command as it is called. */
import { describe, expect, it } from 'vitest'
import { drawGameDay } from '../../src/cli/gameday/draw.ts'
import { renderDay } from '../../src/cli/gameday/render.ts'
import { quipu } from '../support/quipu.ts'

const TIMEOUT_MS = 60_000

describe('quipu gameday', () => {
  it(
    'tells how many verdicts there were and how many were open, and exits with 0 where all is true',
    async () => {
      const { code, stdout } = await quipu(['gameday', '--seed', '3', '--json'])
      const { stage, days, judged, unexplained, failed } = JSON.parse(stdout)
      expect({ code, stage, days, unexplained, failed }).toEqual({
        ...{ code: 0, stage: 'memory', days: 1, unexplained: 0, failed: [] },
      })
      expect(judged).toBeGreaterThan(0)
    },
    TIMEOUT_MS,
  )

  it.each([
    ['no day at all', ['--count', '0']],
    ['a seed that is none', ['--seed', 'x']],
  ])(
    '%s is a wrong usage',
    async (_, flags) => {
      const { code, stdout } = await quipu(['gameday', ...flags])
      expect([code, stdout]).toEqual([2, ''])
    },
    TIMEOUT_MS,
  )
})

describe('a failing day', () => {
  it('names edge, window, what was expected and found, and how to play it again', () => {
    const text = renderDay(drawGameDay(7), {
      ...{ seed: 7, replay: 'quipu gameday --seed 7', judged: 1, indeterminate: 0, unexplained: 0 },
      drift: { expected: 0, found: 0, wrong: 0, missed: 0 },
      causes: { matrix: [], right: 0, unknown: 0, wrong: 0 },
      mismatches: [{ law: 5, edge: 't1 → g2', window: 0, expected: 'lost: 00', found: 'met' }],
    })
    expect(text).toContain('t1 → g2, window 1970-01-01T00:00:00.000Z: `met` is said only where')
    expect(text).toContain('expected: lost: 00')
    expect(text).toContain('found:    met')
    expect(text).toContain('again: quipu gameday --seed 7')
  })
})
