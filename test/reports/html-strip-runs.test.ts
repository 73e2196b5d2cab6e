import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { atMost, runsOf } from '../../reports/html/strip-runs.ts'
import type { StripCell } from '../../src/objective/report.ts'
import type { Standing } from '../../src/objective/standing.ts'

const MINUTE = 60_000
const standings = ['breached', 'indeterminate', 'open', 'met', 'no_data'] as const

/** Minutes in a row. */
const cellsOf = (list: readonly Standing[]): StripCell[] =>
  list.map((standing, i) => ({
    start: new Date(i * MINUTE).toISOString(),
    end: new Date((i + 1) * MINUTE).toISOString(),
    ...{ standing, windows: 1, expected: 10, lost: standing === 'breached' ? 1 : 0 },
    ...{ duplicated: 0, altered: 0, inFlight: 0, undetermined: 0 },
  }))

const cells = fc.array(fc.constantFrom(...standings), { maxLength: 200 }).map(cellsOf)

const sum = (list: readonly StripCell[], name: 'windows' | 'expected' | 'lost'): number =>
  list.reduce((total, cell) => total + cell[name], 0)

describe('cells of a strip, put together', () => {
  it('are one where neighbours stand alike', () => {
    const runs = runsOf(cellsOf(['met', 'met', 'breached', 'breached', 'breached', 'met']))
    expect(runs.map((r) => [r.standing, r.windows, r.lost])).toEqual([
      ['met', 2, 0],
      ['breached', 3, 3],
      ['met', 1, 0],
    ])
    expect(runs[1]).toMatchObject({
      start: new Date(2 * MINUTE).toISOString(),
      end: new Date(5 * MINUTE).toISOString(),
    })
  })

  it('are two where there is a gap between', () => {
    const [a, , b] = cellsOf(['met', 'met', 'met']) as [StripCell, StripCell, StripCell]
    expect(runsOf([a, b])).toHaveLength(2)
  })

  it('lose no message and no window', () => {
    fc.assert(
      fc.property(fc.record({ cells, max: fc.integer({ min: 1, max: 50 }) }), ({ cells, max }) => {
        for (const list of [runsOf(cells), atMost(cells, max)]) {
          expect(sum(list, 'windows')).toBe(sum(cells, 'windows'))
          expect(sum(list, 'expected')).toBe(sum(cells, 'expected'))
          expect(sum(list, 'lost')).toBe(sum(cells, 'lost'))
        }
      }),
    )
  })

  it('are as few as asked for, and none better than the worst of its windows', () => {
    fc.assert(
      fc.property(fc.record({ cells, max: fc.integer({ min: 1, max: 50 }) }), ({ cells, max }) => {
        const list = atMost(cells, max)
        expect(list.length).toBeLessThanOrEqual(max)
        for (const cell of cells) {
          const holder = list.find((run) => run.start <= cell.start && cell.end <= run.end)
          expect(standings.indexOf(holder?.standing as Standing)).toBeLessThanOrEqual(
            standings.indexOf(cell.standing),
          )
        }
      }),
    )
  })

  it('stay as they are where they fit', () => {
    const list = cellsOf(['met', 'breached', 'met'])
    expect(atMost(list, 3)).toEqual(list)
  })
})
