/** The instrument itself: auditors that are broken on purpose, and a comparison that must find each. */
import { describe, expect, it } from 'vitest'
import { type Comparison, compare, type Mismatch } from '../../src/cli/gameday/compare.ts'
import { FALSE_LAW, MISSED_LAW } from '../../src/cli/gameday/compare-drift.ts'
import type { GameDay } from '../../src/cli/gameday/day.ts'
import { drawGameDay } from '../../src/cli/gameday/draw.ts'
import { playInMemory } from '../../src/cli/gameday/memory-run.ts'
import type { Played } from '../../src/cli/gameday/played.ts'
import type { Cause, CauseCode } from '../../src/finding/cause.ts'
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

/** Its number among the laws: of causes. */
const CAUSE_LAW = 10
/** Days that have what is told apart, and some to spare. */
const CAUSE_DAYS = 5

interface Teller {
  readonly name: string
  readonly tells: (cause: Cause) => Cause
  readonly expected: readonly (readonly [RegExp, RegExp])[]
}

const swapped: Readonly<Partial<Record<CauseCode, CauseCode>>> = {
  sent_again: 'client_retried',
  client_retried: 'sent_again',
}

const tellers: readonly Teller[] = [
  {
    name: 'takes the code for the client, and the client for the code',
    tells: (cause) => ({ ...cause, code: swapped[cause.code] ?? cause.code }),
    expected: [
      [/^client_retried of /, /^sent_again /],
      [/^sent_again of /, /^client_retried /],
    ],
  },
  {
    name: 'calls everything proven',
    tells: (cause) => ({ ...cause, certainty: 'proven' }),
    expected: [[/^a cause that is not known to be called so$/, /^unknown \(proven/]],
  },
]

describe('one who tells causes and', () => {
  // Twice written by clients and by the code, on the same day or another.
  const days = Array.from({ length: SEEDS }, (_, i) => drawGameDay(i + 1)).filter(
    (day) =>
      rates(day).some((r) => (r['written-twice'] ?? 0) > 0.02) &&
      rates(day).some((r) => (r.doubled ?? 0) > 0.01),
  )
  // One after the other: agents of one process flush together.
  const play = async (tamper?: Flaw): Promise<readonly (readonly [GameDay, Played])[]> => {
    const all: (readonly [GameDay, Played])[] = []
    for (const day of days.slice(0, CAUSE_DAYS))
      all.push([day, await playInMemory(day, tamper === undefined ? {} : { tamper })])
    return all
  }
  const compared = (all: Awaited<ReturnType<typeof play>>): readonly Comparison[] =>
    all.map(([day, played]) => compare(day, played))

  it.each(tellers)(
    '$name is found out, and it alone is to blame',
    async ({ tells, expected }) => {
      const whole = await play()
      const broken = whole.map(([day, played]) => {
        const why = played.why.map((said) => ({ ...said, causes: said.causes.map(tells) }))
        return [day, { ...played, why }] as const
      })
      const wrong = compared(broken).flatMap(({ mismatches }) => mismatches)
      expect(new Set(wrong.map(({ law }) => law))).toEqual(new Set([CAUSE_LAW]))
      for (const [is, said] of expected)
        expect(wrong.some((m) => is.test(m.expected) && said.test(m.found))).toBe(true)
      expect(compared(whole).flatMap(({ mismatches }) => mismatches)).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'has forgotten what befell agents knows less, and says nothing that is wrong',
    async () => {
      const sums = (all: readonly Comparison[]) => ({
        unknown: all.reduce((n, { causes }) => n + causes.unknown, 0),
        wrong: all.flatMap(({ mismatches }) => mismatches).filter(({ law }) => law === CAUSE_LAW),
      })
      const whole = sums(compared(await play()))
      const forgetful = sums(compared(await play(flaws.mishapsForgotten)))
      expect(forgetful.wrong).toEqual([])
      expect(forgetful.unknown).toBeGreaterThan(whole.unknown)
    },
    TIMEOUT_MS,
  )
})
