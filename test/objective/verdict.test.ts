/** The rules of a verdict, worst first. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BurnState, Events, ObjectiveVerdict } from '../../src/objective/report.ts'
import { type Grounds, verdictOf, worstVerdict } from '../../src/objective/verdict.ts'

const burning: BurnState = {
  ...{ severity: 'page', speed: 'quick', longMs: 1, shortMs: 1 },
  ...{ factor: 1, long: 2, short: 2, firing: true },
}
const of = (good: number, bad: number, unknown: number): Events => ({ good, bad, unknown })

const judge = (events: Events, parts: Partial<Grounds> = {}): ObjectiveVerdict =>
  verdictOf({ events, target: 0.99, minEvents: 0, burn: [], exhaustsInMs: null, ...parts })

describe('an objective of 99%', () => {
  it.each<readonly [string, Events, Partial<Grounds>, ObjectiveVerdict]>([
    // 1 of 100 is just what is allowed.
    ['all that is allowed is bad', of(99, 1, 0), {}, 'met'],
    ['one more', of(98, 2, 0), {}, 'breached'],
    // Whatever the 2 are, 1 of 102 is allowed, and 3 are not.
    ['what is unknown decides', of(99, 1, 2), {}, 'indeterminate'],
    ['it may be bad and is still allowed', of(99, 0, 1), {}, 'met'],
    ['it may be good and is still too much', of(90, 9, 1), {}, 'breached'],
    ['nothing but unknown', of(0, 0, 100), {}, 'indeterminate'],
    ['nothing', of(0, 0, 0), {}, 'no_data'],
    ['nothing, and a tier that fires', of(0, 0, 0), { burn: [burning] }, 'no_data'],
    ['met, and a tier fires', of(100, 0, 0), { burn: [burning] }, 'at_risk'],
    ['a tier that does not', of(100, 0, 0), { burn: [{ ...burning, firing: false }] }, 'met'],
    ['met, and running out', of(100, 0, 0), { exhaustsInMs: 1 }, 'at_risk'],
    // Not met for sure: what burns makes it no worse.
    ['between, and a tier fires', of(99, 1, 2), { burn: [burning] }, 'indeterminate'],
    ['breached, and a tier fires', of(98, 2, 0), { burn: [burning] }, 'breached'],
    // 99 events of at least 100.
    ['too few to say that it is missed', of(97, 2, 0), { minEvents: 100 }, 'indeterminate'],
    ['just enough to say so', of(98, 2, 0), { minEvents: 100 }, 'breached'],
    [
      'too few to say that it is in danger',
      of(99, 0, 0),
      { minEvents: 100, burn: [burning] },
      'met',
    ],
    // Nothing bad has happened: few events are no reproach.
    ['few, and all well', of(12, 0, 0), { minEvents: 100 }, 'met'],
    ['none of at least 100', of(0, 0, 0), { minEvents: 100 }, 'no_data'],
    // Strict: the promise is broken for good, however few there are.
    ['strict, one bad', of(1_000, 1, 0), { target: 1 }, 'breached'],
    ['strict, one bad of few', of(1, 1, 0), { target: 1, minEvents: 100 }, 'breached'],
    ['strict, one unknown', of(1_000, 0, 1), { target: 1 }, 'indeterminate'],
    ['strict, all good', of(1_000, 0, 0), { target: 1 }, 'met'],
  ])('%s', (_, events, parts, verdict) => {
    expect(judge(events, parts)).toBe(verdict)
  })
})

const events = fc.record({ good: fc.nat(2_000), bad: fc.nat(50), unknown: fc.nat(50) })
const target = fc.integer({ min: 1, max: 1_000 }).map((n) => n / 1_000)

describe('with unknowns', () => {
  it('is what it would be if they were known, wherever that does not depend on them', () => {
    fc.assert(
      fc.property(events, target, (e, t) => {
        const asGood = judge(of(e.good + e.unknown, e.bad, 0), { target: t })
        const asBad = judge(of(e.good, e.bad + e.unknown, 0), { target: t })
        const verdict = judge(e, { target: t })
        expect(verdict).toBe(asGood === asBad ? asGood : 'indeterminate')
      }),
    )
  })

  it('learning more never turns met into breached, nor back', () => {
    fc.assert(
      fc.property(events, target, fc.nat(50), fc.nat(50), (e, t, a, b) => {
        const [good, bad] = [
          Math.min(a, e.unknown),
          Math.min(b, e.unknown - Math.min(a, e.unknown)),
        ]
        const before = judge(e, { target: t })
        const after = judge(of(e.good + good, e.bad + bad, e.unknown - good - bad), { target: t })
        if (before !== 'indeterminate') expect(after).toBe(before)
      }),
    )
  })
})

it.each<readonly [readonly ObjectiveVerdict[], ObjectiveVerdict]>([
  [[], 'no_data'],
  [['met', 'met'], 'met'],
  // Silence is never a promise kept.
  [['met', 'no_data'], 'no_data'],
  [['no_data', 'indeterminate'], 'indeterminate'],
  [['at_risk', 'indeterminate'], 'at_risk'],
  [['met', 'breached', 'at_risk'], 'breached'],
])('the worst of %j is %s', (list, worst) => {
  expect(worstVerdict(list)).toBe(worst)
})
