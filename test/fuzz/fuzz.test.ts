/** Ten thousand inputs in the gate; a million by hand: `npm run fuzz -- --count 1000000`. */
import { describe, expect, test } from 'vitest'
import { kinds } from './mutate.ts'
import { drawn, flawIn } from './target.ts'
import { targets } from './targets.ts'

const SEED = 1
const COUNT = 10_000

const drawnOf = new Map<string, number>()
let accepted = 0

describe('every decoder', () => {
  test(`keeps its word for ${COUNT} hostile inputs`, { timeout: 120_000 }, async () => {
    for (let i = 0; i < COUNT; i++) {
      const { target, input, countsLooks } = drawn(targets, SEED, i)
      const flaw = await flawIn(target, input, countsLooks)
      if (flaw !== null) {
        const again = `npm run fuzz -- --decoder ${target.name} --seed ${SEED} --at ${i} --count 1`
        expect.fail(`${target.name}: ${flaw.why}, ${input.kind}; again: ${again}`)
      }
      for (const name of [target.name, input.kind]) {
        drawnOf.set(name, (drawnOf.get(name) ?? 0) + 1)
      }
      if (input.kind === 'valid') accepted++
    }
  })

  test('has been given some of each kind, and valid ones, which it must accept', () => {
    for (const name of [...targets.map((target) => target.name), ...kinds]) {
      expect(drawnOf.get(name), name).toBeGreaterThan(0)
    }
    expect(accepted).toBeGreaterThan(COUNT / 20)
  })
})
