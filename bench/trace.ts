/**
 * How long does it take to find one message in a topic of a million, or to prove that it is not there?
 *
 * Workload: one broker on this machine, a topic of 6 partitions with 1,000,000 stamped records of 200 B,
 * born and written at an even rate over 20 minutes, by their times; nothing was cut into segments by hand.
 *
 * Timed, each on a new client, from its making until the answer: the search as `quipu trace` makes it, for
 * ids at random places of the topic; the same for ids that are not there, which reads from ten minutes before the birth to
 * the end of the log; and the whole command as a process, with the start of Node and the compiling of its
 * sources, without a store. Not timed: filling the topic, and a first round of each.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Kafka, logLevel } from 'kafkajs'
import { searchLog } from '../src/diagnose/log-search.ts'
import {
  bytesOfWords,
  hexOfWords,
  type IdWords,
  uuidOfHex,
  wordsOfParts,
} from '../src/message/id.ts'
import { STAMP_HEADER } from '../src/message/stamp.ts'
import { DEFAULT_BOUNDS } from '../src/message/window.ts'
import { startKafka } from '../src/testbed/kafka.ts'
import { kafkaLogReader } from '../src/transport/kafka-log.ts'
import type { BenchResult } from './types.ts'

export const name = 'trace'
export const about = 'time to find one message in a topic of a million records (target: under 2 s)'

const RECORDS = 1_000_000
const PARTITIONS = 6
const VALUE_BYTES = 200
const SPAN_MS = 20 * 60_000
const PER_SEND = 5_000
const ROUNDS = 9
const COMMANDS = 5
const TARGET_S = 2
const TOPIC = 'million'
const TAG = 4711
/** A sequence that no message has. */
const NOBODY = 2 ** 24 - 1

const MAIN = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const TSX = fileURLToPath(import.meta.resolve('tsx'))

export async function run(): Promise<BenchResult> {
  const broker = await startKafka()
  try {
    const start = Date.now() - SPAN_MS
    await fill(broker.brokers, start)
    const places = Array.from({ length: ROUNDS + 1 }, (_, i) => (i * 387_420_489) % RECORDS)
    const there = await times(places, (i) => search(broker.brokers, idOf(start, i), true))
    const missing = await times(places.slice(0, 4), (i) =>
      search(broker.brokers, wordsOfParts({ ...partsOf(start, i), sequence: NOBODY }), false),
    )
    const whole = await times(places.slice(0, COMMANDS + 1), (i) =>
      command(broker.brokers, uuidOfHex(hexOfWords(idOf(start, i)))),
    )
    return {
      rows: [
        row('the search, it is there', there),
        row('the search, it is not: to the end of the log', missing),
        row('the whole command, it is there', whole),
      ],
      notes: [
        `Target: under ${TARGET_S} s. Medians and the slowest; the first round of each left out.`,
      ],
    }
  } finally {
    await broker.close()
  }
}

interface Timed {
  readonly ms: number
  /** Records read; the command does not tell. */
  readonly records: number
}

async function times(
  places: readonly number[],
  work: (place: number) => Promise<number>,
): Promise<readonly Timed[]> {
  const out: Timed[] = []
  for (const place of places) {
    const startedAt = performance.now()
    const records = await work(place)
    out.push({ ms: performance.now() - startedAt, records })
  }
  return out.slice(1)
}

function row(what: string, timed: readonly Timed[]): Record<string, string | number> {
  const sorted = timed.map(({ ms }) => ms).sort((a, b) => a - b)
  const read = timed.map(({ records }) => records).sort((a, b) => a - b)
  const middle = Math.floor(timed.length / 2)
  return {
    what,
    rounds: timed.length,
    'median s': (sorted[middle] as number) / 1000,
    'slowest s': (sorted[sorted.length - 1] as number) / 1000,
    'records read': read[middle] as number,
  }
}

const partsOf = (start: number, i: number) => ({
  ...{ birth: start + Math.floor((i * SPAN_MS) / RECORDS), version: 7 as const },
  ...{ tag: TAG, sequence: i, ordinal: 0 },
})

const idOf = (start: number, i: number): IdWords => wordsOfParts(partsOf(start, i))

async function fill(brokers: string[], start: number): Promise<void> {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: PARTITIONS }] })
  await admin.disconnect()
  const producer = kafka.producer()
  await producer.connect()
  const value = Buffer.alloc(VALUE_BYTES, 'x')
  for (let sent = 0; sent < RECORDS; sent += PER_SEND) {
    const messages = Array.from({ length: PER_SEND }, (_, i) => {
      const words = idOf(start, sent + i)
      return {
        ...{ key: String(sent + i), value, partition: i % PARTITIONS },
        timestamp: String(partsOf(start, sent + i).birth),
        headers: { [STAMP_HEADER]: bytesOfWords(words) },
      }
    })
    await producer.send({ topic: TOPIC, messages })
  }
  await producer.disconnect()
}

async function search(brokers: string[], words: IdWords, isThere: boolean): Promise<number> {
  const reader = kafkaLogReader({
    kafka: new Kafka({ brokers, logLevel: logLevel.NOTHING }),
    brokers,
  })
  const id = hexOfWords(words)
  const birth = words[0] * 65536 + (words[1] >>> 16)
  try {
    const { places, searched } = await searchLog({
      ...{ reader, until: 'found', latenessMs: 180_000, skewMs: DEFAULT_BOUNDS.skewMs },
      topic: {
        ...{ cluster: 'default', topic: TOPIC },
        ...{ identity: { by: 'stamp' }, time: { by: 'timestamp' } },
      },
      sought: [{ id, from: birth, to: birth, anyBirth: false }],
      budget: { records: 2 * RECORDS, ms: 60_000 },
    })
    const found = places.get(id)?.length ?? 0
    if (found !== (isThere ? 1 : 0) || (!isThere && !searched.isComplete))
      throw new Error(`expected it ${isThere ? 'once' : 'nowhere'}, found ${found}`)
    return searched.records
  } finally {
    await reader.close()
  }
}

/** Its records are not told; 0. */
async function command(brokers: string[], id: string): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--import', TSX, MAIN, 'trace', id, '--brokers', brokers.join(','), '--topics', TOPIC],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0 || !out.includes('✓ fine'))
    throw new Error(`expected exit code 0, got ${code}: ${out}`)
  return 0
}
