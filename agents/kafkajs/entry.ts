/** What the agent remembers of one message on its way out, and of the messages of one send. */
import type { Message } from 'kafkajs'
import type { Origin } from '../../src/hop/frame.ts'
import { NOWHERE } from '../../src/hop/tally.ts'
import type { IdWords } from '../../src/message/id.ts'
import type { Handling } from './handling.ts'
import type { KeptValue } from './kept-values.ts'
import type { ProducerTopic } from './producer-topic.ts'

/** On our copy of the message; survives another wrapper's copy by spread. */
export const ENTRY: unique symbol = Symbol('quipu.entry')

export class Entry {
  /** Null: no id (yet); such a message is not counted. */
  words: IdWords | null = null
  origin: Origin | null = null
  /** Our copy, as the client gets it. */
  copy: Message | null = null
  /** Whether the stamp on the copy is ours. */
  isStamped = false
  /** The handling that gave the id, and which ordinal of it. */
  handling: Handling | null = null
  slot = -1
  /** Of what the caller sent, when it was sent; null: nothing is to be preserved. */
  digests: readonly number[] | null = null
  /** To be looked into when it passes; null: it is not chosen, or there was no room. */
  kept: KeptValue | null = null
  isChosen = false
  /** What the partitioner said, whatever it is. */
  chosen = 0
  partition: number = NOWHERE
  offset: number = NOWHERE
  /** The send resolved, the partition did not answer. */
  isMissing = false
}

/** The messages of one send on one topic, until their outcome is known. */
export class Flight {
  readonly topic: ProducerTopic
  /** ms: when the send began */
  readonly begun: number
  readonly entries: Entry[] = []
  /** Starts of the windows that hold its ids. */
  readonly windows: number[] = []
  /** Unresolved for longer than the lateness: already counted as unconfirmed. */
  isExpired = false
  /** Unstamped because of the fuse; its outcome may decide. */
  isProbe = false

  constructor(topic: ProducerTopic, begun: number) {
    this.topic = topic
    this.begun = begun
  }

  touch(window: number): void {
    const { windows } = this
    if (windows[windows.length - 1] !== window && !windows.includes(window)) windows.push(window)
  }
}
