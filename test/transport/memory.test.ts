import { describe, expect, test } from 'vitest'
import { MemoryTransport } from '../../src/transport/memory.ts'
import { describeTransport, readToEnd } from './suite.ts'

describeTransport('memory', async () => new MemoryTransport())

describe('the memory transport', () => {
  test('deletes its oldest records beyond its limit, and readers go on behind them', async () => {
    const transport = new MemoryTransport({ bytesMax: 1_000 })
    const sender = transport.sender()
    const [early, late] = [transport.reader(), transport.reader()]
    await early.open({})
    for (let n = 0; n < 25; n++) await sender.send('a', new Uint8Array(100).fill(n))
    await late.open({ '0': 3 })
    for (const reader of [early, late]) {
      const records = await readToEnd(reader)
      expect(records.length).toBeGreaterThan(7)
      expect(records.length).toBeLessThanOrEqual(10)
      expect(records.map(({ position }) => position).at(-1)).toBe(24)
      for (const { position, bytes } of records) expect(bytes[0]).toBe(position)
    }
  })
})
