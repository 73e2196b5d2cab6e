/**
 * The stream agent: any async iterable or Node object stream, passed through unchanged and counted.
 *
 * An item counts in the turn in which it is handed on. Items keep their order and identity, errors are
 * passed on as they are, nothing is read ahead, nobody waits for the broker.
 */
import { Transform, type TransformCallback } from 'node:stream'
import { Agent, type AgentOptions } from '../src/hop/agent.ts'
import { digestsOf } from '../src/hop/digests.ts'
import { type HopRef, streamHop } from '../src/hop/hop.ts'
import { NEVER, NOWHERE } from '../src/hop/tally.ts'
import type { IdWords } from '../src/message/id.ts'
import {
  type Identifiable,
  type IdentitySpec,
  identify,
  identityName,
  type TimeSpec,
} from '../src/message/identity.ts'
import { readStamp } from '../src/message/stamp.ts'

export interface WatchOptions<T> {
  /** The hop's name in the pipeline file: `stream: NAME`. */
  readonly name: string
  /** An agent that others use too, or what one is made of: that one is closed with the stream. */
  readonly agent: Agent | (Omit<AgentOptions, 'service'> & { readonly service?: string })
  /**
   * What carries the id, and what is to be preserved; default: the item itself, as
   * `{ headers, key, value, timestamp }`.
   */
  readonly select?: (item: T) => Identifiable
  readonly identity?: IdentitySpec
  readonly time?: TimeSpec
  /** Reads the id itself, in place of `identity`; null where there is none. */
  readonly idOf?: (item: T) => IdWords | null
}

/** The same items, counted as they pass. Breaking off ends the source, as it would without. */
export async function* watched<T>(
  source: AsyncIterable<T> | Iterable<T>,
  options: WatchOptions<T>,
): AsyncGenerator<T, void, undefined> {
  const watcher = watcherOf(options)
  try {
    for await (const item of source) {
      watcher.see(item)
      yield item
    }
  } finally {
    watcher.end()
  }
}

/** The same as a Node stream, for `pipeline(source, watchedStream(options), destination)`. */
export function watchedStream<T>(options: WatchOptions<T>): Transform {
  const watcher = watcherOf(options)
  return new Transform({
    objectMode: true,
    // Nothing is kept here beyond the item that is passing.
    highWaterMark: 1,
    transform(item: T, _encoding: BufferEncoding, done: TransformCallback): void {
      watcher.see(item)
      done(null, item)
    },
    destroy(error, done): void {
      watcher.end()
      done(error)
    },
  })
}

interface Watcher<T> {
  see(item: T): void
  end(): void
}

function watcherOf<T>(options: WatchOptions<T>): Watcher<T> {
  return process.env.QUIPU_DISABLED === '1' ? BLIND : new StreamWatcher(options)
}

const BLIND: Watcher<unknown> = { see: () => {}, end: () => {} }

class StreamWatcher<T> implements Watcher<T> {
  readonly #hop: HopRef
  readonly #agent: Agent
  readonly #isOwn: boolean
  readonly #passed: ReturnType<Agent['recorder']>
  readonly #idOf: (item: T) => IdWords | null
  /** Null: nobody said where an item has its value, key and headers. */
  readonly #select: ((item: T) => Identifiable) | null

  constructor({
    name,
    agent,
    select,
    identity = { by: 'stamp' },
    time = { by: 'timestamp' },
    idOf,
  }: WatchOptions<T>) {
    this.#hop = streamHop(name)
    this.#isOwn = !(agent instanceof Agent)
    this.#agent = agent instanceof Agent ? agent : new Agent({ service: name, ...agent })
    this.#passed = this.#agent.recorder(this.#hop, 'passed', {
      identity: identityName(identity, time),
    })
    const whole = select ?? ((item) => item as Identifiable)
    this.#idOf = idOf ?? ((item) => this.#identify(whole(item), identity, time))
    this.#select = idOf === undefined ? whole : (select ?? null)
  }

  /** Never throws: the stream is somebody else's. */
  see(item: T): void {
    try {
      const words = this.#idOf(item)
      // No log, no place: what carries no id can only be counted.
      if (words === null) this.#agent.count(this.#hop, 'unidentified')
      else this.#passed.add(words, NOWHERE, NOWHERE, this.#agent.now(), NEVER, this.#digests(item))
    } catch {
      this.#agent.count(this.#hop, 'unreadable-item')
    }
  }

  /** Null where they are not asked for, or cannot be known. */
  #digests(item: T): readonly number[] | null {
    const { preserves } = this.#passed
    if (preserves.length === 0 || this.#select === null) return null
    try {
      return digestsOf(this.#select(item), preserves)
    } catch {
      return null
    }
  }

  end(): void {
    void (this.#isOwn ? this.#agent.close() : this.#agent.flush())
  }

  #identify(item: Identifiable, identity: IdentitySpec, time: TimeSpec): IdWords | null {
    if (identity.by === 'stamp') {
      const reading = readStamp(item.headers)
      if (reading.kind === 'stamped') return reading.words
      if (reading.kind === 'malformed') this.#agent.count(this.#hop, 'malformed-stamp')
      return null
    }
    // An id by offset means nothing where there are no offsets.
    if (identity.by === 'offset') return null
    return identify(item, identity, time, ELSEWHERE)
  }
}

const ELSEWHERE = { cluster: '', topic: '', partition: NOWHERE, offset: NOWHERE }
