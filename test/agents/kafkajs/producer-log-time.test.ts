/** Ids made of the record's timestamp, in a topic whose log replaces it. */
import type { Kafka, Producer, RecordMetadata } from 'kafkajs'
import { expect, it } from 'vitest'
import { overlay } from '../../../agents/kafkajs/overlay.ts'
import type { TopicIdentity } from '../../../agents/kafkajs.ts'
import { audited } from '../../../agents/kafkajs.ts'
import { hexOfWords } from '../../../src/message/id.ts'
import { identify } from '../../../src/message/identity.ts'
import { windowStartOf } from '../../../src/message/window.ts'
import { FakeKafka } from './fake-kafka.ts'
import { FrameLog } from './frames.ts'
import { intoOut } from './setup.ts'

/** By the producer, and by the log: of two windows. */
const SENT = 1_767_225_600_000
const APPENDED = SENT + 90_000
const WINDOW_MS = 60_000

const BY_HEADER: TopicIdentity = { identity: { by: 'header', name: 'ce_id' } }
const BY_OFFSET: TopicIdentity = { identity: { by: 'offset' } }

/** Answers that all was appended at that time. */
function appending(fake: FakeKafka, logAppendTime: string): Kafka {
  const timed = (producer: Producer): Producer =>
    overlay(producer, {
      send: async (record): Promise<RecordMetadata[]> =>
        (await producer.send(record)).map((part) => ({ ...part, logAppendTime })),
    })
  return overlay(fake.kafka, { producer: (config) => timed(fake.kafka.producer(config)) })
}

async function sendThree(
  identity: TopicIdentity,
  logAppendTime: string,
  skipped: readonly number[] = [],
): Promise<{ readonly fake: FakeKafka; readonly log: FrameLog }> {
  const fake = new FakeKafka()
  for (const partition of skipped) fake.skipped.add(partition)
  const log = new FrameLog()
  const producer = audited(appending(fake, logAppendTime), {
    ...{ service: 'svc', audit: { sender: log }, timer: false, windowMs: WINDOW_MS },
    ...{ clock: () => SENT, identity: { out: identity } },
  }).producer()
  await producer.connect()
  const messages = [0, 1, 1].map((partition, i) => {
    return { partition, value: 'v', headers: { ce_id: `a-${i}` } }
  })
  await producer.send({ topic: 'out', messages })
  await producer.disconnect()
  return { fake, log }
}

/** The ids that a reader finds in the log, sorted. */
const idsIn = (
  { log }: FakeKafka,
  { identity, time = { by: 'timestamp' } }: TopicIdentity,
  at: number,
): string[] =>
  log
    .map(({ topic, partition, offset, message }) => {
      const place = { cluster: 'default', topic, partition, offset }
      const words = identify({ ...message, timestamp: String(at) }, identity, time, place)
      return words === null ? 'none' : hexOfWords(words)
    })
    .sort()

it.each([
  ['header', BY_HEADER],
  ['offset', BY_OFFSET],
])('by %s: the ids are those that a reader finds there', async (_, identity) => {
  const { fake, log } = await sendThree(identity, String(APPENDED))
  expect(log.ids(intoOut)).toEqual(idsIn(fake, identity, APPENDED))
  const windows = log.deltas(intoOut, 'passed').map(({ window }) => window)
  expect(windows).toEqual([windowStartOf(APPENDED, WINDOW_MS)])
  expect(log.ranges(intoOut)).toEqual({ 0: [0, 0], 1: [0, 1] })
})

it.each([
  ['header', BY_HEADER],
  ['offset', BY_OFFSET],
])('by %s: a log that keeps the time of the producer changes nothing', async (_, identity) => {
  const { fake, log } = await sendThree(identity, '-1')
  expect(log.ids(intoOut)).toEqual(idsIn(fake, identity, SENT))
})

it('a time that is taken from elsewhere is not touched', async () => {
  const identity: TopicIdentity = {
    identity: { by: 'header', name: 'ce_id' },
    time: { by: 'header', name: 'at' },
  }
  const { log } = await sendThree(identity, String(APPENDED))
  // They carry no such header: none has an id.
  expect(log.total(intoOut, 'passed')).toBe(0)
  expect(log.counted('unidentified')).toBe(3)
})

it('what did not answer beside what did is given up: its id is not known', async () => {
  const { fake, log } = await sendThree(BY_HEADER, String(APPENDED), [1])
  expect(log.ids(intoOut)).toEqual(idsIn(fake, BY_HEADER, APPENDED))
  expect(log.ids(intoOut)).toHaveLength(1)
  const [fromWindow, toWindow] = [SENT, APPENDED].map((at) => windowStartOf(at, WINDOW_MS))
  expect(log.frames.flatMap(({ dropped }) => dropped)).toEqual([
    { hop: intoOut, reason: 'log-append-time', count: 2, fromWindow, toWindow },
  ])
})
