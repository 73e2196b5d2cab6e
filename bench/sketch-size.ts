/** How many bits a message of audit traffic takes, by how many messages a window has. */
import bloomFilters from 'bloom-filters'
import { Agent } from '../src/hop/agent.ts'
import { consumerHop } from '../src/hop/hop.ts'
import { Sketch } from '../src/sketch/sketch.ts'
import { FIRST_BIRTH, stampOf } from './sketch-samples.ts'
import type { BenchResult } from './types.ts'

export const name = 'sketch-size'

const WINDOW_MS = 60_000
const FLUSHES = 12
const PARTITIONS = 3

export const about: string =
  'how many bits a message of audit traffic takes\n' +
  'The encoded sketch of one window of so many stamps, of ids and with digests; the frames of an agent of one ' +
  `consumer of ${PARTITIONS} partitions that keeps ids only, for a window of ${WINDOW_MS / 1_000} s flushed once, and ${FLUSHES} times, as agents do; the ` +
  'same as if the messages had 200 bytes each. Beside it: a Bloom filter at 1% of as many ids, and the ' +
  'ids. Leaves out: what Kafka adds to a record, compression, other hops.'

const WINDOWS: readonly number[] = [1_000, 10_000, 100_000, 600_000, 1_000_000, 10_000_000]
const ID_BITS = 128
const MESSAGE_BYTES = 200

export async function run(): Promise<BenchResult> {
  const rows: BenchResult['rows'] = []
  for (const messages of WINDOWS) {
    const [ids, wide] = [sketchBytes(messages, 4), sketchBytes(messages, 5)]
    const [once, often] = [await frameBytes(messages, 1), await frameBytes(messages, FLUSHES)]
    const bits = (bytes: number): number => Number(((8 * bytes) / messages).toPrecision(3))
    rows.push({
      'messages a window': messages,
      'sketch, bytes': ids,
      sketch: bits(ids),
      'with digests': bits(wide),
      '1 frame': bits(once),
      [`${FLUSHES} frames`]: bits(often),
      'Bloom filter 1%': bits(bloomFilters.BloomFilter.create(messages, 0.01).size / 8),
      ids: ID_BITS,
      [`${FLUSHES} frames, %`]: Number(((100 * often) / (messages * MESSAGE_BYTES)).toPrecision(3)),
    })
  }
  return {
    rows,
    notes: [
      `from sketch to ids: bits a message; the last: % of the bytes of messages of ${MESSAGE_BYTES} bytes`,
      `a sketch is sent with each flush: ${FLUSHES} flushes of a large window are ${FLUSHES} tables`,
      'target: at most 0.3 bits a message at 1,000,000 a window; at most 2% of the bytes at 10,000 messages/s (600,000 a window) of 200 bytes',
    ],
  }
}

function sketchBytes(messages: number, limbs: 4 | 5): number {
  const sketch = new Sketch(undefined, limbs)
  for (let i = 0; i < messages; i++) {
    const [w0, w1, w2, w3] = stampAt(i, messages)
    sketch.add(w0, w1, w2, w3, 1, limbs === 4 ? 0 : i)
  }
  return sketch.toBytes().length
}

/** All that the agent sends for the window, its first and last words included. */
async function frameBytes(messages: number, flushes: number): Promise<number> {
  let bytes = 0
  let now = startMs
  const agent = new Agent({
    service: 'enrich',
    sender: {
      send: async (_, frame) => {
        bytes += frame.length
      },
      close: async () => {},
    },
    windowMs: WINDOW_MS,
    clock: () => now,
    timer: false,
  })
  const hop = consumerHop('default', 'flights', 'enrich')
  const recorder = agent.recorder(hop, 'passed')
  const next = Array.from({ length: PARTITIONS }, () => 0)
  let i = 0
  for (let flush = 1; flush <= flushes; flush++) {
    const from = [...next]
    for (; i < (flush * messages) / flushes; i++) {
      const partition = i % PARTITIONS
      recorder.add(stampAt(i, messages), partition, next[partition]!++)
    }
    next.forEach((end, partition) => {
      if (end > from[partition]!) agent.cover(hop, partition, from[partition]!, end)
    })
    now = startMs + (flush * WINDOW_MS) / flushes
    await agent.flush()
  }
  return bytes
}

const startMs = FIRST_BIRTH + WINDOW_MS - (FIRST_BIRTH % WINDOW_MS)

/** Births are spread over the window. */
function stampAt(i: number, messages: number): ReturnType<typeof stampOf> {
  return stampOf(i, startMs + Math.floor((i * WINDOW_MS) / messages))
}
