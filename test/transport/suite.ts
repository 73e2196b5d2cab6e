/** What every transport must do: one suite, run over each implementation. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type FrameReader,
  type FrameRecord,
  type FrameSender,
  type Positions,
  RECORD_BYTES_MAX,
} from '../../src/transport/transport.ts'

/** One transport that nobody else uses. */
export interface Transport {
  sender(): FrameSender
  reader(): FrameReader
}

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const textOf = ({ bytes }: FrameRecord): string => Buffer.from(bytes).toString()

/** Polls until the reader has come to the ends of now. */
export async function readToEnd(reader: FrameReader): Promise<FrameRecord[]> {
  const ends = await reader.ends()
  const records: FrameRecord[] = []
  const until = Date.now() + 20_000
  const behind = (): boolean =>
    Object.entries(ends).some(([p, end]) => (reader.reached()[p] ?? 0) < end)
  while (behind()) {
    if (Date.now() > until) throw new Error(`at ${JSON.stringify(reader.reached())} for ever`)
    records.push(...(await reader.poll(200)))
  }
  return records
}

function positionsAfter(records: readonly FrameRecord[]): Positions {
  const positions: Record<string, number> = {}
  for (const { partition, position } of records) {
    positions[partition] = Math.max(positions[partition] ?? 0, position + 1)
  }
  return positions
}

/** @param open a transport that holds nothing */
export function describeTransport(name: string, open: () => Promise<Transport>): void {
  describe(`${name} as a transport`, () => {
    let transport: Transport
    const opened: { close(): Promise<void> }[] = []

    beforeEach(async () => {
      transport = await open()
    })

    afterEach(async () => {
      for (const end of opened.splice(0)) await end.close()
    })

    const sender = (): FrameSender => {
      const end = transport.sender()
      opened.push(end)
      return end
    }

    const reader = async (positions: Positions = {}): Promise<FrameReader> => {
      const end = transport.reader()
      opened.push(end)
      await end.open(positions)
      return end
    }

    test('delivers the bytes that were sent, whatever they are', async () => {
      const all = fc.sample(fc.uint8Array({ maxLength: 2_000 }), { numRuns: 20, seed: 1 })
      const end = sender()
      for (const bytes of [...all, new Uint8Array(0), bytesOf('no frame at all')]) {
        await end.send('a', bytes)
      }
      const records = await readToEnd(await reader())
      expect(records.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual(
        [...all, new Uint8Array(0), bytesOf('no frame at all')].map((b) =>
          Buffer.from(b).toString('hex'),
        ),
      )
    })

    test('keeps the bytes as they were, whatever the sender does with its array', async () => {
      const bytes = bytesOf('frame')
      await sender().send('a', bytes)
      bytes.fill(0)
      expect((await readToEnd(await reader())).map(textOf)).toEqual(['frame'])
    })

    test('keeps the order of each key, over more records than one poll returns', async () => {
      const end = sender()
      const keys = ['a', 'b', 'c', 'd']
      const numbers = Array.from({ length: 600 }, (_, n) => n)
      const sendAll = async (key: string): Promise<void> => {
        for (const n of numbers) await end.send(key, bytesOf(`${key}${n}`))
      }
      await Promise.all(keys.map(sendAll))
      const from = await reader()
      const texts: string[] = []
      const until = Date.now() + 20_000
      while (texts.length < 2_400 && Date.now() < until) {
        const records = await from.poll(200)
        expect(records.length).toBeLessThanOrEqual(1_000)
        texts.push(...records.map(textOf))
      }
      for (const key of keys) {
        expect(texts.filter((text) => text.startsWith(key))).toEqual(
          numbers.map((n) => `${key}${n}`),
        )
      }
    })

    test('starts behind the positions it is given, each partition by itself', async () => {
      const end = sender()
      for (const key of ['a', 'b', 'c', 'd', 'e']) await end.send(key, bytesOf(`${key}0`))
      const first = await readToEnd(await reader())
      expect(first).toHaveLength(5)
      for (const key of ['a', 'b', 'c', 'd', 'e']) await end.send(key, bytesOf(`${key}1`))

      const positions = positionsAfter(first)
      const rest = await readToEnd(await reader(positions))
      expect(
        rest
          .filter(({ partition, position }) => position >= (positions[partition] ?? 0))
          .map(textOf)
          .sort(),
      ).toEqual(['a1', 'b1', 'c1', 'd1', 'e1'])
    })

    test('has read to the end at once when it starts there', async () => {
      await sender().send('a', bytesOf('frame'))
      const positions = positionsAfter(await readToEnd(await reader()))
      expect(await readToEnd(await reader(positions))).toEqual([])
    })

    test('gives all records to each reader', async () => {
      await sender().send('a', bytesOf('frame'))
      const [one, two] = [await reader(), await reader()]
      expect((await readToEnd(one)).map(textOf)).toEqual(['frame'])
      expect((await readToEnd(two)).map(textOf)).toEqual(['frame'])
    })

    test('waits for a record, and no longer than it is told', async () => {
      const from = await reader()
      const end = sender()
      await end.send('a', bytesOf('first'))
      await readToEnd(from)

      const before = Date.now()
      expect(await from.poll(300)).toEqual([])
      expect(Date.now() - before).toBeGreaterThanOrEqual(290)
      expect(await from.poll(0)).toEqual([])

      const next = from.poll(15_000)
      await end.send('a', bytesOf('second'))
      expect((await next).map(textOf)).toEqual(['second'])
      expect(Date.now() - before).toBeLessThan(10_000)
    })

    test('says where it has come only when its user has the records', async () => {
      await sender().send('a', bytesOf('frame'))
      const from = await reader()
      const ends = await from.ends()
      const [partition, end] = Object.entries(ends).find(([, at]) => at > 0) ?? ['', 0]
      expect(end).toBe(1)
      expect(from.reached()[partition] ?? 0).toBe(0)
      await readToEnd(from)
      expect(from.reached()[partition]).toBe(1)
    })

    test('carries the largest record, and refuses larger ones for good', async () => {
      const end = sender()
      await end.send('a', new Uint8Array(RECORD_BYTES_MAX).fill(7))
      await expect(end.send('a', new Uint8Array(RECORD_BYTES_MAX + 1))).rejects.toMatchObject({
        permanent: true,
      })
      const [record, ...others] = await readToEnd(await reader())
      expect(others).toEqual([])
      expect(record?.bytes.length).toBe(RECORD_BYTES_MAX)
    })

    test('closes twice, takes nothing after, returns nothing after', async () => {
      const [end, from] = [sender(), await reader()]
      await end.send('a', bytesOf('frame'))
      const waiting = from.poll(0).then(() => from.poll(5_000))
      await Promise.all([from.close(), end.close()])
      await Promise.all([from.close(), end.close()])
      await waiting
      expect(await from.poll(10_000)).toEqual([])
      await expect(end.send('a', bytesOf('late'))).rejects.toThrow('closed')
    })
  })
}
