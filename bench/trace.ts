/**
 * How long does it take to find one message in a topic of a million, or to prove that it is not there?
 *
 * Workload: one broker on this machine, a topic of 6 partitions with 1,000,000 stamped records of 200 B,
 * not compressed, all of one producer, born and written at an even rate over 20 minutes, by their times;
 * nothing was cut into segments by hand.
 *
 * Timed, by turns, each on a new client, from its making until the answer: the search as `quipu trace`
 * makes it, for an id at another place in each round; for ids that are not there, which reads from ten
 * minutes before the birth to the end of the log (of one born first the whole topic, of one born last its
 * second half); the same with each record decoded, and for a key that nobody has, as ids that were not
 * minted need; and the whole command as it is published, as a process with the start of Node, without a
 * store. Not timed: the build, filling the topic, and a first round of each.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Kafka, logLevel } from 'kafkajs'
import { type Sought, searchLog } from '../src/diagnose/log-search.ts'
import { soughtOf } from '../src/diagnose/search-ranges.ts'
import { unbornIdOf } from '../src/diagnose/trace-target.ts'
import { bytesOfWords, hexOfWords, uuidOfHex, wordsOfParts } from '../src/message/id.ts'
import type { IdentitySpec } from '../src/message/identity.ts'
import { STAMP_HEADER } from '../src/message/stamp.ts'
import { DEFAULT_BOUNDS } from '../src/message/window.ts'
import { startKafka } from '../src/testbed/kafka.ts'
import { kafkaLogReader } from '../src/transport/kafka-log.ts'
import type { LogReader } from '../src/transport/log.ts'
import { builtCommand } from './built.ts'
import type { BenchResult } from './types.ts'

export const name = 'trace'
export const about = 'time to find one message in a topic of a million records (target: under 2 s)'

const RECORDS = 1_000_000
const PARTITIONS = 6
const VALUE_BYTES = 200
const SPAN_MS = 20 * 60_000
const PER_SEND = 5_000
const ROUNDS = 7
const TARGET_S = 2
const TOPIC = 'million'
const TAG = 4711
/** A sequence that no message has. */
const NOBODY = 2 ** 24 - 1

interface Case {
  readonly what: string
  /** The records it read; null where that is not told. */
  readonly work: (round: number) => Promise<number | null>
}

interface Timed {
  readonly ms: number
  readonly records: number | null
}

export async function run(): Promise<BenchResult> {
  const program = builtCommand(name)
  const broker = await startKafka()
  try {
    const start = Date.now() - SPAN_MS
    await fill(broker.brokers, start)
    const cases = casesOf(program, broker.brokers, start)
    const timed = cases.map((): Timed[] => [])
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [i, { work }] of cases.entries()) {
        const startedAt = performance.now()
        const records = await work(round)
        if (round > 0) timed[i]?.push({ ms: performance.now() - startedAt, records })
      }
    }
    return {
      rows: cases.map(({ what }, i) => row(what, timed[i] as Timed[])),
      notes: [
        `Target: under ${TARGET_S} s. ${ROUNDS} rounds each, medians and the slowest; a first one left out.`,
      ],
    }
  } finally {
    await broker.close()
  }
}

function casesOf(program: string, brokers: readonly string[], start: number): readonly Case[] {
  const at = (i: number): string => hexOfWords(wordsOfParts(partsOf(start, i)))
  const nobody = (i: number): string =>
    hexOfWords(wordsOfParts({ ...partsOf(start, i), sequence: NOBODY }))
  const [first, last] = [nobody(0), nobody(RECORDS - 1)]
  const noKey = {
    ...{ id: unbornIdOf('nobody'), anyBirth: true },
    ...{ from: start, to: start + SPAN_MS },
  }
  const reader = (): LogReader =>
    kafkaLogReader({
      kafka: new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }),
      brokers,
    })
  const trace = (id: string, code: number, says: string) =>
    command([program, 'trace', uuidOfHex(id), '--brokers', brokers.join()], code, says)
  return [
    {
      what: 'search: it is there',
      work: (round) => search(reader(), soughtOf(at((round * 387_420_489) % RECORDS)), 1),
    },
    { what: 'search: not there, born last', work: () => search(reader(), soughtOf(last), 0) },
    { what: 'search: not there, born first', work: () => search(reader(), soughtOf(first), 0) },
    {
      what: 'the same, each record decoded',
      work: () => search(decoding(reader()), soughtOf(first), 0),
    },
    {
      what: 'search: a key that nobody has',
      work: () => search(reader(), noKey, 0, { by: 'key' }),
    },
    { what: 'whole command: it is there', work: () => trace(at(RECORDS / 2), 0, '✓ fine') },
    {
      what: 'whole command: not there, born first',
      work: () => trace(first, 3, 'nothing is known of it'),
    },
  ]
}

/** The same log, of which nothing is left out. */
const decoding = (reader: LogReader): LogReader => ({
  partitions: (topic) => reader.partitions(topic),
  offsetsAt: (topic, at) => reader.offsetsAt(topic, at),
  read: (topic, partition, from, to) => reader.read(topic, partition, from, to),
  close: () => reader.close(),
})

function row(what: string, timed: readonly Timed[]): Record<string, string | number> {
  const sorted = timed.map(({ ms }) => ms).sort((a, b) => a - b)
  const read = timed.map(({ records }) => records ?? -1).sort((a, b) => a - b)
  const middle = Math.floor(timed.length / 2)
  const records = read[middle] as number
  return {
    what,
    'median s': (sorted[middle] as number) / 1000,
    'slowest s': (sorted[sorted.length - 1] as number) / 1000,
    'records read': records < 0 ? '' : records,
  }
}

const partsOf = (start: number, i: number) => ({
  ...{ birth: start + Math.floor((i * SPAN_MS) / RECORDS), version: 7 as const },
  ...{ tag: TAG, sequence: i, ordinal: 0 },
})

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
      const parts = partsOf(start, sent + i)
      return {
        ...{ key: String(sent + i), value, partition: i % PARTITIONS },
        timestamp: String(parts.birth),
        headers: { [STAMP_HEADER]: bytesOfWords(wordsOfParts(parts)) },
      }
    })
    await producer.send({ topic: TOPIC, messages })
  }
  await producer.disconnect()
}

async function search(
  reader: LogReader,
  sought: Sought,
  times: 0 | 1,
  identity: IdentitySpec = { by: 'stamp' },
): Promise<number> {
  try {
    const { places, searched } = await searchLog({
      ...{ reader, until: 'found', latenessMs: 180_000, skewMs: DEFAULT_BOUNDS.skewMs },
      topic: { cluster: 'default', topic: TOPIC, identity, time: { by: 'timestamp' } },
      sought: [sought],
      budget: { records: 2 * RECORDS, ms: 60_000 },
    })
    const found = [...places.values()].flat().length
    if (found !== times || (times === 0 && !searched.isComplete))
      throw new Error(`expected it ${times} times, found ${found}: ${searched.why.join()}`)
    return searched.records
  } finally {
    await reader.close()
  }
}

async function command(args: readonly string[], expected: number, says: string): Promise<null> {
  const child = spawn(process.execPath, [...args, '--topics', TOPIC], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== expected || !out.includes(says))
    throw new Error(`expected exit code ${expected}, got ${code}: ${out}`)
  return null
}
