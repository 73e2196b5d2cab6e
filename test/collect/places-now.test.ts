/** Places of a log, read whole or not told at all. */
import { describe, expect, it } from 'vitest'
import { type PlacesNow, placesNow } from '../../src/collect/places-now.ts'
import type { LogReader, LogRecord } from '../../src/diagnose/log.ts'
import { topicHop } from '../../src/hop/hop.ts'
import { bytesOfWords } from '../../src/message/id.ts'
import { STAMP_HEADER } from '../../src/message/stamp.ts'
import { hex, id } from '../reconcile/build.ts'

const STAMPED = { identity: { by: 'stamp' }, time: { by: 'timestamp' } } as const

interface Log {
  /** By offset: which message, of which epoch; null: no data. */
  readonly records: readonly (readonly [message: number, epoch: number] | null)[]
  readonly low?: number
  /** Nothing may be read from here on yet. */
  readonly stable?: number
  /** Its id is among headers that are not read. */
  readonly hidden?: number
}

/** Three offsets an answer, as if records were large. */
function readerOf({ records, low = 0, stable = records.length, hidden = -1 }: Log): LogReader {
  const at = (offset: number): readonly LogRecord[] => {
    const record = records[offset]
    if (record === undefined || record === null || offset < low) return []
    const headers = { [STAMP_HEADER]: Buffer.from(bytesOfWords(id(record[0]))) }
    const place = { partition: 0, offset, timestamp: 0, key: null, value: null }
    const named = offset === hidden ? { headers: {}, hasMoreHeaders: true as const } : { headers }
    return [{ ...place, ...named, leaderEpoch: record[1] }]
  }
  return {
    partitions: async () => [{ partition: 0, low, high: stable }],
    offsetsAt: async () => new Map(),
    read: async (_, __, from, to) => {
      const next = Math.min(from + 3, to, stable)
      const found = Array.from({ length: Math.max(0, next - from) }, (_, i) => at(from + i)).flat()
      return { records: found, looked: found.length, next: Math.max(next, Math.min(low, to)) }
    },
    close: async () => {},
  }
}

/** Ten of the first leader; then others of the third. */
const OLD = Array.from({ length: 10 }, (_, n) => [n, 0] as const)
const CUT = [...OLD, ...Array.from({ length: 15 }, (_, n) => [30 + n, 2] as const)]

/** Counts the answers, each of which takes so long (ms). */
class Answers {
  times = 0
  readonly #ms: number

  constructor(ms = 0) {
    this.#ms = ms
  }

  of(reader: LogReader): LogReader {
    const read: LogReader['read'] = (...asked) => {
      this.times++
      return reader.read(...asked)
    }
    return { ...reader, read }
  }

  readonly clock = (): number => this.times * this.#ms
}

const look = (
  log: Log,
  from: number,
  to: number,
  answers = new Answers(),
): Promise<PlacesNow | null> => {
  const [topic, where] = [topicHop('default', 'flights'), new Map([[0, [[from, to] as const]]])]
  return placesNow(answers.of(readerOf(log)), topic, where, STAMPED, answers.clock)
}

describe('the places of a log', () => {
  it('tell who stands there, and of which leaders from just before on', async () => {
    const places = await look({ records: CUT }, 10, 20)
    // One more stands just below: it is of the log as well.
    expect([...(places?.ids ?? [])].sort()).toEqual(
      [9, ...Array.from({ length: 10 }, (_, n) => 30 + n)].map((n) => hex(n)).sort(),
    )
    expect(places?.epochs.get(0)).toEqual([
      { epoch: 0, from: 9, to: 10 },
      { epoch: 2, from: 10, to: 20 },
    ])
  })

  it('may hold nothing', async () => {
    const places = await look({ records: [...OLD, null, null, [40, 1]] }, 10, 12)
    expect([...(places?.ids ?? [])]).toEqual([hex(9)])
  })

  it.each<[string, Log, number, number]>([
    ['are deleted in part', { records: CUT, low: 12 }, 10, 20],
    ['cannot all be read yet', { records: CUT, stable: 18 }, 10, 20],
    ['lie beyond the end', { records: CUT }, 10, 40],
    ['hold one whose id is not read', { records: CUT, hidden: 15 }, 10, 20],
  ])('are not told where they %s', async (_, log, from, to) => {
    expect(await look(log, from, to)).toBe(null)
  })

  it('are not looked at where they are too many', async () => {
    const many = { records: Array.from({ length: 20_001 }, (_, n) => [n % 30, 0] as const) }
    const answers = new Answers()
    expect(await look(many, 0, 20_001, answers)).toBe(null)
    expect(answers.times).toBe(0)
    expect(await look(many, 0, 20_000)).not.toBe(null)
  })

  it('are not told where it takes too long to see them', async () => {
    // All would come in four answers.
    expect(await look({ records: CUT }, 10, 20, new Answers(2_000))).not.toBe(null)
    const slow = new Answers(4_000)
    expect(await look({ records: CUT }, 10, 20, slow)).toBe(null)
    expect(slow.times).toBe(3)
  })

  it('are told where the log begins with them', async () => {
    expect((await look({ records: CUT, low: 10 }, 10, 20))?.epochs.get(0)).toEqual([
      { epoch: 2, from: 10, to: 20 },
    ])
  })
})
