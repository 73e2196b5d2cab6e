/** A store in which three of ten windows lost messages of one producer instance at one group, in one partition. */
import type { Finding } from '../../src/finding/finding.ts'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import type { Frame } from '../../src/hop/frame.ts'
import type { HopRef } from '../../src/hop/hop.ts'
import type { Mishap } from '../../src/hop/mishap.ts'
import { bytesOfWords, hexOfWords, wordsOfHex, wordsOfParts } from '../../src/message/id.ts'
import { DEFAULT_SEED, Sketch } from '../../src/sketch/sketch.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { LogReader, LogRecord } from '../../src/transport/log.ts'
import { FLIGHTS, finding, once, START, verdict } from '../reports/build.ts'
import { deltaOf, frameOf, instanceOf } from '../store/frames.ts'

const MINUTE = 60_000
/** Of each instance, in each window. */
const EACH = 200
/** Of the windows that lost messages. */
const BAD_WINDOWS: readonly number[] = [4, 5, 6]
const LOST_EACH = 6
const TAGS: readonly number[] = [0x11, 0x22]

const hopOf = (name: string): HopRef => FLIGHTS.hops.find((d) => d.name === name)?.hop as HopRef

export const startOf = (w: number): number => START + w * MINUTE

interface Message {
  readonly id: string
  readonly w: number
  readonly instance: number
  readonly partition: number
  readonly isLost: boolean
}

/** In the order of their births. Lost: some of the second instance that lie in partition 1. */
const MESSAGES: readonly Message[] = Array.from({ length: 10 }, (_, w) => w).flatMap((w) => {
  let lost = 0
  return Array.from({ length: 2 * EACH }, (_, n): Message => {
    const [instance, sequence] = [n % 2, Math.floor(n / 2)]
    const birth = startOf(w) + n * 100
    const tag = TAGS[instance] as number
    const id = hexOfWords(wordsOfParts({ birth, version: 7, tag, sequence, ordinal: 0 }))
    const partition = sequence % 4
    const isOne = instance === 1 && partition === 1 && sequence % 16 === 5
    const isLost = BAD_WINDOWS.includes(w) && isOne && lost < LOST_EACH
    if (isLost) lost++
    return { id, w, instance, partition, isLost }
  })
})

export const lostIn = (w: number): readonly string[] =>
  MESSAGES.filter((m) => m.w === w && m.isLost).map(({ id }) => id)

export const EDGE = 'flights → enrich'
export const INCIDENT: string = `flights/${EDGE}/${new Date(startOf(4)).toISOString()}`

interface Parts {
  /** Windows after the bad ones are met. */
  readonly over?: boolean
  readonly mishaps?: readonly Mishap[]
  readonly findings?: (w: number) => readonly Finding[]
  /** Whether tallies tell of which tags they are; else those of the first window do. */
  readonly witnessed?: boolean
}

/** The one that `path` names is made. */
export async function makeStore(path: string, parts: Parts = {}): Promise<void> {
  const { over = true, mishaps = [], findings = lostFindings, witnessed = true } = parts
  const store = await openSqliteStore(path)
  const last = over ? 9 : 6
  for (const instance of [0, 1])
    await store.fold(
      [
        frame(instance + 1, 'checkin', {
          host: `host-${instance + 1}`,
          client: `checkin/1.${instance}`,
          deltas: windows(last).map((w) => ({
            ...delta('checkin', w, [instance]),
            // Who minted a tag is known from the first window.
            ...(witnessed || w === 0 ? {} : { tags: null }),
          })),
          seals: [{ hop: hopOf('checkin'), sealedUntil: startOf(last + 1), open: [] }],
        }),
      ],
      {},
      startOf(last + 1),
    )
  const log = windows(last).map((w) => ({
    ...delta('flights', w, [0, 1]),
    ...(witnessed ? {} : { tags: null }),
  }))
  await store.fold([frame(8, 'audit', { deltas: log })], {}, startOf(last + 1))
  const handled = windows(last).map((w) => delta('enrich', w, [0, 1], (m) => !m.isLost))
  const frames = [frame(9, 'enrich', { deltas: handled, mishaps: [...mishaps] })]
  await store.fold(frames, {}, startOf(last + 1))
  await store.setFact('pipelines', [FLIGHTS])
  await store.saveVerdicts(
    windows(last).flatMap((w) => FLIGHTS.edges.map((e) => judged(e.name, w, findings(w)))),
    startOf(last + 2),
  )
  await store.close()
}

const windows = (last: number): number[] => Array.from({ length: last + 1 }, (_, w) => w)

function frame(n: number, service: string, rest: Partial<Frame>): Frame {
  return frameOf(0, { instance: instanceOf(n), service, sentAt: START, goodbye: true, ...rest })
}

/** What of a window's messages passed there. @param keep by default all */
function delta(
  name: string,
  w: number,
  instances: readonly number[],
  keep: (m: Message) => boolean = () => true,
): Frame['deltas'][number] {
  const sketch = new Sketch(DEFAULT_SEED)
  const there = MESSAGES.filter((m) => m.w === w && instances.includes(m.instance) && keep(m))
  for (const { id } of there) sketch.add(...wordsOfHex(id))
  const tags = instances.map((i) => ({
    ...{ tag: TAGS[i] as number, low: 0, high: EACH - 1, count: EACH },
  }))
  const parts = { count: there.length, sketch: sketch.toBytes() }
  return {
    ...deltaOf(hopOf(name), startOf(w), []),
    ...parts,
    tags: name === 'enrich' ? null : tags,
  }
}

const lostFindings = (w: number): Finding[] =>
  BAD_WINDOWS.includes(w)
    ? [finding('lost', { w, edge: EDGE, ids: lostIn(w).map(once), args: { unacknowledged: 0 } })]
    : []

function judged(edge: string, w: number, findings: readonly Finding[]): EdgeVerdict {
  const expected = 2 * EACH
  const found = findings.filter((f) => f.edge === edge)
  const lost = found.reduce((sum, f) => sum + f.count, 0)
  const counts = { expected, lost, delivered: expected - lost }
  if (lost === 0) return verdict(edge, { w, counts })
  return verdict(edge, { w, counts, findings: found, verdict: 'breached' })
}

/** The handler of enrich threw on each message that was lost there. */
export const thrown: readonly Mishap[] = BAD_WINDOWS.flatMap((w) =>
  lostIn(w).map((id): Mishap => {
    const none = { partition: -1, from: -1, to: -1, traceId: '', spanId: '' }
    const hop = hopOf('enrich')
    return {
      hop,
      kind: 'handler_threw',
      at: startOf(w) + 1_000,
      ...none,
      id,
      detail: 'TypeError',
      count: 1,
    }
  }),
)

/** The log of flights as it would be: four partitions, a record a moment after each birth. */
export function flightsLog(): LogReader {
  const partitions = new Map<number, LogRecord[]>()
  for (const { id, partition } of MESSAGES) {
    const log = partitions.get(partition) ?? []
    partitions.set(partition, log)
    const words = wordsOfHex(id)
    log.push({
      ...{ partition, offset: log.length, timestamp: timeOf(id) + 5, leaderEpoch: 0 },
      key: Buffer.from(`key-${log.length % 7}`),
      value: Buffer.from('{}'),
      headers: { quipu: bytesOfWords(words) },
    })
  }
  // All other topics are empty.
  const of = (topic: string): readonly (readonly [number, readonly LogRecord[]])[] =>
    topic === 'flights' ? [...partitions] : [[0, []]]
  return {
    partitions: async (topic) =>
      of(topic).map(([partition, log]) => ({ partition, low: 0, high: log.length })),
    offsetsAt: async (topic, time) =>
      new Map(
        of(topic).map(([partition, log]) => {
          const first = log.findIndex((r) => r.timestamp >= time)
          return [partition, first < 0 ? log.length : first]
        }),
      ),
    // Few at a time, so that whoever reads must read on.
    read: async (topic, partition, from, to) => {
      const log = of(topic).find(([p]) => p === partition)?.[1] ?? []
      const records = log.slice(from, Math.min(to, from + 50))
      return { records, looked: records.length, next: from + records.length }
    },
    close: async () => undefined,
  }
}

const timeOf = (id: string): number => Number.parseInt(id.slice(0, 12), 16)
