/** How soon a true jump is found: counts of one field, even before and after. */
import { type HopShape, judgeDrift } from '../../../src/drift/judge.ts'
import { at, field, hop, inputOf, variant } from '../judge/build.ts'
import { binomial, type Unit, unitOf } from './random.ts'

const TRIALS = 100
/** Windows before the jump, and after it. */
const BEFORE = 40
const AFTER = 12

/** Windows from the jump until it is found; null: not within `AFTER`. */
function foundAfter(before: number, after: number, looked: number, seed: number): number | null {
  const unit = unitOf(seed)
  const shapes: HopShape[] = []
  for (let t = 0; t < BEFORE + AFTER; t++) {
    shapes.push(windowOf(t, t < BEFORE ? before : after, looked, unit))
    if (t < BEFORE) continue
    const { findings } = judgeDrift(inputOf([hop('t')], shapes))
    if (findings.length > 0) return t - BEFORE + 1
  }
  return null
}

export function* powers(): Generator<string> {
  const rows = [
    [0.01, 0.1, 200],
    [0.01, 0.06, 200],
    [0.1, 0.3, 200],
    [0.5, 0.7, 200],
    [0, 1, 200],
    [0.01, 0.1, 1_000],
  ] as const
  for (const [before, after, looked] of rows) {
    const found = Array.from({ length: TRIALS }, (_, seed) =>
      foundAfter(before, after, looked, seed),
    ).filter((windows) => windows !== null)
    found.sort((a, b) => a - b)
    const within = (windows: number): string =>
      `${((found.filter((n) => n <= windows).length * 100) / TRIALS).toFixed(1)}%`
    yield `nulls ${before * 100}% to ${after * 100}%, ${looked} looked at in a window: found within 3 windows ${within(3)}, within 4 ${within(4)}, within 12 ${within(12)}`
  }
}

function windowOf(t: number, rate: number, count: number, unit: Unit): HopShape {
  const nulls = binomial(unit, count, rate)
  const types = { null: nulls, integer: count - nulls }
  const root = field('', { of: count, present: count, objects: count, types: { object: count } })
  const one = field('/a', { of: count, present: count, nulls, types, distinct: [1, 2, 3] })
  return at('t', t, [variant({ count, fields: [root, one] })])
}
