/** The instrument itself: auditors that are broken on purpose, and a comparison that must find each. */
import { describe, expect, it } from 'vitest'
import { compare, type Mismatch } from '../../src/cli/gameday/compare.ts'
import { FALSE_LAW, MISSED_LAW } from '../../src/cli/gameday/compare-drift.ts'
import type { GameDay } from '../../src/cli/gameday/day.ts'
import { drawGameDay } from '../../src/cli/gameday/draw.ts'
import { playInMemory } from '../../src/cli/gameday/memory-run.ts'
import { type Flaw, flaws } from './flawed-stores.ts'

/** The seeds of the gate. */
const SEEDS = 100
/** Of those whose faults can show the flaw, so many are tried. */
const TRIES_MAX = 12
const TIMEOUT_MS = 180_000

const rates = (day: GameDay): Record<string, number>[] =>
  day.services.map((s) => ({ ...s.rates, ...s.clientRates }))

interface Row {
  readonly name: string
  readonly flaw: Flaw
  /** Whether the day has what the flaw gets wrong. */
  readonly shows: (day: GameDay) => boolean
  /** What it must be found by. */
  readonly laws: readonly number[]
}

const rows: readonly Row[] = [
  {
    name: 'counts in the window after',
    flaw: flaws.offByOneWindow,
    shows: () => true,
    laws: [2, 3, 5],
  },
  {
    name: 'takes a frame for received that it threw away',
    flaw: flaws.droppedFrameAccepted,
    shows: () => true,
    laws: [2, 3, 5],
  },
  {
    name: 'takes lag for loss',
    flaw: flaws.lagTakenAsLoss,
    shows: ({ faults }) => faults.some(({ kind }) => kind === 'lag'),
    laws: [2],
  },
  {
    name: 'counts a copy once',
    flaw: flaws.copyMiscounted,
    shows: (day) => rates(day).some((r) => (r['written-twice'] ?? 0) > 0.02),
    laws: [3, 5],
  },
  {
    name: 'forgets holes',
    flaw: flaws.holeIgnored,
    shows: ({ path }) => path.lost > 0.02,
    laws: [2, 3, 5],
  },
  {
    name: 'takes a death for a goodbye',
    flaw: flaws.deathTakenForGoodbye,
    shows: ({ faults }) => faults.some(({ kind }) => kind === 'kill'),
    laws: [2, 3, 5],
  },
  {
    name: 'takes a frame twice that came twice',
    flaw: flaws.repeatedFrameTaken,
    shows: ({ path }) => path.doubled > 0.05,
    laws: [2, 3, 5],
  },
  {
    name: 'forgets what messages looked like',
    flaw: flaws.shapesForgotten,
    shows: ({ drift }) => drift?.kind === 'retyped',
    laws: [FALSE_LAW, MISSED_LAW],
  },
  {
    name: 'tells of the window before what messages looked like',
    flaw: flaws.shapesTooEarly,
    shows: ({ drift }) => drift?.kind === 'retyped',
    laws: [FALSE_LAW],
  },
]

async function mismatches(day: GameDay, tamper?: Flaw): Promise<readonly Mismatch[]> {
  const played = await playInMemory(day, tamper === undefined ? {} : { tamper })
  return compare(day, played).mismatches
}

describe('an auditor that', () => {
  it.each(rows)(
    '$name is found out by the seeds of the gate, and it alone is to blame',
    async ({ flaw, shows, laws }) => {
      const days = Array.from({ length: SEEDS }, (_, i) => drawGameDay(i + 1)).filter(shows)
      let found: GameDay | undefined
      for (const day of days.slice(0, TRIES_MAX)) {
        const broken = await mismatches(day, flaw)
        if (!broken.some(({ law }) => laws.includes(law))) continue
        found = day
        break
      }
      expect(found).toBeDefined()
      expect(await mismatches(found as GameDay)).toEqual([])
    },
    TIMEOUT_MS,
  )
})
