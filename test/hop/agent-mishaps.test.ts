/** Mishaps in the frames of an agent: why, never what. */
import { describe, expect, it } from 'vitest'
import { Agent } from '../../src/hop/agent.ts'
import type { Frame } from '../../src/hop/frame.ts'
import { decodeFrame } from '../../src/hop/frame-codec.ts'
import { consumerHop } from '../../src/hop/hop.ts'
import { MISHAPS_OF_KIND_MAX, type MishapKind, mishapKinds } from '../../src/hop/mishap.ts'
import { RECORD_BYTES_MAX } from '../../src/transport/transport.ts'

const NOW = 1_767_225_600_000
const hop = consumerHop('default', 'flights', 'enrich')

function start(refused = 0): { readonly agent: Agent; readonly frames: Frame[]; sizes: number[] } {
  const frames: Frame[] = []
  const sizes: number[] = []
  let left = refused
  const send = async (_: string, bytes: Uint8Array): Promise<void> => {
    sizes.push(bytes.length)
    if (left-- > 0) throw Object.assign(new Error('too large'), { permanent: true })
    frames.push(decodeFrame(bytes))
  }
  const sender = { send, close: async () => {} }
  const agent = new Agent({ service: 'enrich', sender, clock: () => NOW, timer: false })
  return { agent, frames, sizes }
}

describe('an agent', () => {
  it('sends what went wrong with its next frame, once', async () => {
    const { agent, frames } = start()
    agent.mishap({ hop, kind: 'rebalanced', detail: '1 of 2' })
    await agent.flush()
    await agent.flush()
    expect(frames.map(({ mishaps }) => mishaps.length)).toEqual([1, 0])
    expect(frames[0]?.mishaps[0]).toMatchObject({ hop, kind: 'rebalanced', at: NOW, count: 1 })
  })

  it('counts those of a frame that was refused for good', async () => {
    const { agent, frames } = start(1)
    agent.mishap({ hop, kind: 'handler_threw', count: 3 })
    await agent.flush()
    await agent.flush()
    expect(frames.map(({ mishaps }) => mishaps)).toEqual([[]])
    expect(frames[0]?.counts).toEqual([{ hop, name: 'mishaps-dropped', count: 3 }])
  })

  it('keeps to the size of a frame, with as many and as long ones as there can be', async () => {
    const { agent, frames, sizes } = start()
    const detail = '\u4e2d'.repeat(100)
    for (const kind of mishapKinds)
      for (let i = 0; i < MISHAPS_OF_KIND_MAX; i++)
        agent.mishap({ hop, kind, partition: i, from: i, to: i + 1, detail })
    await agent.flush()
    expect(frames.map(({ mishaps }) => mishaps.length)).toEqual([200])
    expect(Math.max(...sizes)).toBeLessThan(RECORD_BYTES_MAX / 4)
  })

  it('never throws at what it is told', async () => {
    const { agent, frames } = start()
    agent.mishap({ hop, kind: 'sought', detail: null as unknown as string })
    agent.mishap(null as never)
    agent.mishap({ hop, kind: 'cut' satisfies MishapKind })
    await agent.flush()
    expect(frames[0]?.mishaps.map(({ kind }) => kind)).toEqual(['cut'])
  })
})
