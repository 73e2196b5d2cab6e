/** A hundred drawn days, played in memory with the real agents, collector, store, judge and engine. */
import { describe, expect, it } from 'vitest'
import { compare } from '../../src/cli/gameday/compare.ts'
import { drawGameDay } from '../../src/cli/gameday/draw.ts'
import { playInMemory } from '../../src/cli/gameday/memory-run.ts'
import { renderDay } from '../../src/cli/gameday/render.ts'

const SEEDS = 100
const AT_ONCE = 10
/** Several times what they take on a machine that does nothing else. */
const TIMEOUT_MS = 180_000

const spans = Array.from({ length: SEEDS / AT_ONCE }, (_, i) => [
  i * AT_ONCE + 1,
  (i + 1) * AT_ONCE,
]) as [number, number][]

/** What differs, as the command tells it: empty where nothing does. */
async function differences(from: number, to: number): Promise<string> {
  let text = ''
  for (let seed = from; seed <= to; seed++) {
    const day = drawGameDay(seed)
    const comparison = compare(day, await playInMemory(day))
    if (comparison.mismatches.length === 0) continue
    text += renderDay(day, { seed, replay: `quipu gameday --seed ${seed}`, ...comparison })
  }
  return text
}

describe('game days in memory', () => {
  it.each(spans)(
    'seeds %i to %i: all that is true is said, and nothing else',
    async (from, to) => {
      expect(await differences(from, to)).toBe('')
    },
    TIMEOUT_MS,
  )
})
