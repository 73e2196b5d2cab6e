import { describe, expect, it } from 'vitest'
import { runDemo } from '../../src/cli/demo-run.ts'

async function play(seed: number, messages = 1_500): Promise<Record<string, unknown>> {
  let text = ''
  const code = await runDemo({
    seed,
    messages,
    kafka: false,
    brokers: [],
    json: true,
    report: false,
    out: (part) => {
      text += part
    },
    talk: () => {},
  })
  return { code, ...(JSON.parse(text) as Record<string, unknown>) }
}

describe('the demo', () => {
  it.each(Array.from({ length: 50 }, (_, i) => i + 1))(
    'finds exactly what seed %i injects',
    { timeout: 60_000 },
    async (seed) => {
      const { code, match, unexplained, injected, found } = await play(seed)
      expect({ unexplained, found }).toEqual({ unexplained: [], found: injected })
      expect({ code, match }).toEqual({ code: 0, match: true })
    },
  )

  it('gives the same ids for the same seed, and shows what a count audit cannot', async () => {
    const once = await play(2)
    const again = await play(2)
    expect(again).toEqual(once)
    const edges = once.countAudit as { edge: string; from: number; to: number }[]
    expect(edges.filter((e) => e.from !== e.to).map((e) => e.edge)).toEqual(['enrich → enriched'])
  })
})
