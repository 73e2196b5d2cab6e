/** One topic as its agent reads it: which id a record has, and where it is counted. */
import type { Agent, Noted, Recorder } from '../../src/hop/agent.ts'
import { digestsOf } from '../../src/hop/digests.ts'
import { type HopRef, topicHop } from '../../src/hop/hop.ts'
import { RecordTimes } from '../../src/hop/record-times.ts'
import { NEVER } from '../../src/hop/tally.ts'
import { type IdWords, isId } from '../../src/message/id.ts'
import {
  type IdentitySpec,
  identify,
  identityName,
  offsetId,
  type Place,
  type TimeSpec,
} from '../../src/message/identity.ts'
import { readStamp, STAMP_HEADER } from '../../src/message/stamp.ts'

export interface TopicIdentity {
  readonly identity: IdentitySpec
  readonly time?: TimeSpec
}

/** A record as any Kafka client hands it over. */
export interface TopicRecord {
  readonly offset: string
  readonly headers?: unknown
  readonly key?: unknown
  readonly value?: unknown
  readonly timestamp?: unknown
  /** What kafkajs keeps of the record batch. */
  readonly batchContext?: unknown
}

/** The broker gave the timestamp, when it wrote the record. */
const LOG_APPEND_TIME = 1

const BY_PLACE = identityName({ by: 'offset' })

export class TopicRecorder {
  readonly hop: HopRef
  readonly agent: Agent
  readonly #identity: IdentitySpec
  readonly #time: TimeSpec
  readonly #passed: Recorder
  readonly #unidentified: Recorder
  readonly #times = new RecordTimes()
  /** Used again for every stamp: a recorder reads the words and keeps none. */
  readonly #words: [number, number, number, number] = [0, 0, 0, 0]

  constructor(
    agent: Agent,
    cluster: string,
    topic: string,
    { identity, time = { by: 'timestamp' } }: TopicIdentity = { identity: { by: 'stamp' } },
  ) {
    this.agent = agent
    this.hop = topicHop(cluster, topic)
    this.#identity = identity
    this.#time = time
    this.#passed = agent.recorder(this.hop, 'passed', { identity: identityName(identity, time) })
    this.#unidentified = agent.recorder(this.hop, 'unidentified', { identity: BY_PLACE })
  }

  add(record: TopicRecord, partition: number, offset: number): void {
    const bytes = (record.headers as Record<string, unknown> | null | undefined)?.[STAMP_HEADER]
    if (this.#identity.by === 'stamp' && bytes instanceof Uint8Array && isId(bytes)) {
      const words = this.#words
      words[0] = word(bytes, 0)
      words[1] = word(bytes, 4)
      words[2] = word(bytes, 8)
      words[3] = word(bytes, 12)
      this.#pass(words, record, partition, offset)
    } else this.#addSlowly(record, partition, offset)
  }

  #pass(words: IdWords, record: TopicRecord, partition: number, offset: number): void {
    const digests = digestsOf(record, this.#passed.preserves)
    this.#passed.add(words, partition, offset, this.#appended(record), NEVER, digests)
    if (this.#passed.looksInto(words)) this.#passed.look(words, record)
  }

  /**
   * When the record came into the log. Known only where the broker says it: the producer's own time is
   * that of its making, and this agent may read it hours later.
   */
  #appended({ batchContext, timestamp }: TopicRecord): number {
    const context = batchContext as { readonly timestampType?: unknown } | null | undefined
    return context?.timestampType === LOG_APPEND_TIME ? this.#times.msOf(timestamp) : NEVER
  }

  count(name: string, count = 1): void {
    if (count > 0) this.agent.count(this.hop, name, count)
  }

  mishap(noted: Omit<Noted, 'hop'>): void {
    this.agent.mishap({ ...noted, hop: this.hop })
  }

  #addSlowly(record: TopicRecord, partition: number, offset: number): void {
    const place = { cluster: this.hop.cluster, topic: this.hop.topic, partition, offset }
    const id = this.#idOf(record, place)
    if (id !== null) {
      this.#pass(id, record, partition, offset)
      return
    }
    const byPlace = offsetId(record, place)
    if (byPlace === null) this.count('unreadable-timestamp')
    else {
      const digests = digestsOf(record, this.#unidentified.preserves)
      this.#unidentified.add(byPlace, partition, offset, NEVER, NEVER, digests)
      if (this.#unidentified.looksInto(byPlace)) this.#unidentified.look(byPlace, record)
    }
  }

  #idOf(record: TopicRecord, place: Place): IdWords | null {
    if (this.#identity.by !== 'stamp') return identify(record, this.#identity, this.#time, place)
    const reading = readStamp(record.headers)
    if (reading.kind === 'malformed') this.count('malformed-stamp')
    return reading.kind === 'stamped' ? reading.words : null
  }
}

function word(b: Uint8Array, i: number): number {
  return (
    (((b[i] as number) << 24) |
      ((b[i + 1] as number) << 16) |
      ((b[i + 2] as number) << 8) |
      (b[i + 3] as number)) >>>
    0
  )
}
