/** One topic as read by one group: the consumer's hop and its tallies. */
import type { Agent, Recorder } from '../../src/hop/agent.ts'
import type { Channel, Origin } from '../../src/hop/frame.ts'
import { consumerHop, type HopRef, sinkHop } from '../../src/hop/hop.ts'
import type { IdWords } from '../../src/message/id.ts'
import {
  type IdentitySpec,
  identify,
  identityName,
  offsetId,
  type TimeSpec,
} from '../../src/message/identity.ts'
import { readStamp } from '../../src/message/stamp.ts'
import { Handled } from './handled.ts'
import type { TopicIdentity } from './options.ts'

/** Reasons and sinks come from the caller, perhaps from data: those beyond share one name. */
const NAMES_MAX = 100
const NAME_LENGTH_MAX = 200
const OTHER = 'other'
const BY_PLACE = identityName({ by: 'offset' })

/** A message as an agent reads it. */
export interface Received {
  readonly offset: string
  readonly headers?: unknown
  readonly key?: unknown
  readonly value?: unknown
  readonly timestamp?: unknown
}

export class ConsumerTopic {
  readonly name: string
  readonly hop: HopRef
  readonly origin: Origin
  readonly passed: Recorder
  readonly unidentified: Recorder
  readonly agent: Agent
  readonly handled: Handled = new Handled()
  readonly #identity: IdentitySpec
  readonly #time: TimeSpec
  readonly #identityName: string
  readonly #named = new Map<string, Recorder>()

  constructor(
    agent: Agent,
    cluster: string,
    name: string,
    group: string,
    { identity, time = { by: 'timestamp' } }: TopicIdentity,
  ) {
    this.name = name
    this.hop = consumerHop(cluster, name, group)
    this.origin = { topic: name, group }
    this.agent = agent
    this.#identity = identity
    this.#time = time
    this.#identityName = identityName(identity, time)
    this.passed = agent.recorder(this.hop, 'passed', { identity: this.#identityName })
    this.unidentified = agent.recorder(this.hop, 'unidentified', { identity: BY_PLACE })
  }

  count(name: string, count = 1): void {
    this.agent.count(this.hop, name, count)
  }

  /** The id that the message carries, or null. */
  idOf(message: Received, partition: number): IdWords | null {
    if (this.#identity.by === 'stamp') {
      const reading = readStamp(message.headers)
      if (reading.kind === 'stamped') return reading.words
      if (reading.kind === 'malformed') this.count('malformed-stamp')
      return null
    }
    return identify(message, this.#identity, this.#time, this.#place(message, partition))
  }

  /** The id of a message that carries none. */
  placeId(message: Received, partition: number): IdWords | null {
    const words = offsetId(message, this.#place(message, partition))
    if (words === null) this.count('unreadable-timestamp')
    return words
  }

  #place(message: Received, partition: number): Parameters<typeof offsetId>[1] {
    return { cluster: this.hop.cluster, topic: this.name, partition, offset: message.offset }
  }

  filtered(reason: string, identified: boolean): Recorder {
    return this.#recorder(this.hop, 'filtered', identified, reason)
  }

  sink(name: string, identified: boolean): Recorder {
    const known = name.slice(0, NAME_LENGTH_MAX)
    return this.#recorder(sinkHop(known), identified ? 'passed' : 'unidentified', identified, '')
  }

  #recorder(hop: HopRef, channel: Channel, identified: boolean, reason: string): Recorder {
    const text = reason.slice(0, NAME_LENGTH_MAX)
    const key = `${channel} ${identified} ${hop.name} ${text}`
    let recorder = this.#named.get(key)
    if (recorder === undefined) {
      if (this.#named.size >= NAMES_MAX) {
        if (channel === 'filtered' && text !== OTHER)
          return this.#recorder(hop, channel, identified, OTHER)
        if (channel !== 'filtered') this.count('sinks-full')
      }
      const identity = identified ? this.#identityName : BY_PLACE
      recorder = this.agent.recorder(hop, channel, { identity, reason: text })
      if (this.#named.size < 2 * NAMES_MAX) this.#named.set(key, recorder)
    }
    return recorder
  }
}
