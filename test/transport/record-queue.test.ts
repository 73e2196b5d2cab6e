import { describe, expect, test } from 'vitest'
import { RecordQueue } from '../../src/transport/record-queue.ts'
import type { FrameRecord } from '../../src/transport/transport.ts'

const record = (position: number, length = 1): FrameRecord => ({
  partition: '0',
  position,
  bytes: new Uint8Array(length),
})

describe('the queue between client and reader', () => {
  test('is full by records and by bytes, and has room again after a poll', async () => {
    const queue = new RecordQueue()
    for (let n = 0; n < 2_000; n++) queue.push(record(n))
    expect(queue.isFull).toBe(true)
    const room = queue.room(10_000)
    expect(await queue.poll(0)).toHaveLength(1_000)
    await room
    expect(queue.isFull).toBe(false)

    queue.push(record(2_000, 16 * 2 ** 20))
    expect(queue.isFull).toBe(true)
    await queue.poll(0)
    await queue.poll(0)
    expect(queue.isFull).toBe(false)
  })

  test('does not wait for room beyond its time', async () => {
    const queue = new RecordQueue()
    queue.push(record(0, 16 * 2 ** 20))
    await queue.room(20)
    expect(queue.isFull).toBe(true)
  })

  test('tells places without records in their order', async () => {
    const queue = new RecordQueue()
    queue.passed('1', 5)
    expect(queue.reached()).toEqual({ '1': 5 })
    queue.push(record(0))
    queue.passed('0', 3)
    expect(queue.reached()).toEqual({ '1': 5 })
    expect(await queue.poll(0)).toHaveLength(1)
    expect(queue.reached()).toEqual({ '0': 3, '1': 5 })
  })

  test('gives what it holds before it fails, then fails each poll', async () => {
    const queue = new RecordQueue()
    const waiting = queue.poll(10_000)
    queue.push(record(0))
    queue.fail(new Error('crashed'))
    expect(await waiting).toHaveLength(1)
    await expect(queue.poll(10_000)).rejects.toThrow('crashed')
    await expect(queue.poll(0)).rejects.toThrow('crashed')
    queue.end()
    expect(await queue.poll(10_000)).toEqual([])
  })
})
