/** How long an agent may keep its process waiting at the end, by a clock that stands still. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { shutdown } from '../../../agents/kafkajs.ts'
import type { FrameSender } from '../../../src/transport/transport.ts'
import { bench } from './setup.ts'

/** Two seconds for the last frame, and half a one for what the timer of the frame may be late. */
const BOUND_MS = 2_500

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const run = (count: number) => Array.from({ length: count }, (_, i) => ({ offset: String(i) }))

/** Takes a frame and never answers. */
function deafSender(): { readonly sender: FrameSender; readonly asked: () => number } {
  let asked = 0
  const sender: FrameSender = {
    send: () => {
      asked++
      return new Promise(() => {})
    },
    close: () => new Promise(() => {}),
  }
  return { sender, asked: () => asked }
}

it.each([
  ['disconnect', (end: () => Promise<void>) => end()],
  ['shutdown', () => shutdown()],
])('%s waits so long for a broker that is away, and no longer', async (_, leave) => {
  const { sender, asked } = deafSender()
  const { consumer } = bench({ audit: { sender } })
  const [audited, fake] = await consumer({ eachMessage: async () => {} })
  await fake.deliver({ messages: run(3) })
  let isOver = false
  const leaving = leave(() => audited.disconnect()).then(() => {
    isOver = true
  })
  await vi.advanceTimersByTimeAsync(1_500)
  // It does wait, since a frame is on its way.
  expect([isOver, asked()]).toEqual([false, 1])
  await vi.advanceTimersByTimeAsync(BOUND_MS - 1_500)
  expect(isOver).toBe(true)
  await leaving
})

it('a handler is never kept waiting, however long nobody hears its agent', async () => {
  const { sender, asked } = deafSender()
  const { consumer } = bench({ audit: { sender }, timer: true, flushMs: 100 })
  let handled = 0
  const [, fake] = await consumer({
    eachMessage: async () => {
      handled++
    },
  })
  for (let i = 0; i < 50; i++) {
    await fake.deliver({ messages: run(10) })
    await vi.advanceTimersByTimeAsync(100)
  }
  // One frame is under way all the time: no other is tried, nothing piles up.
  expect([handled, asked()]).toEqual([500, 1])
})
