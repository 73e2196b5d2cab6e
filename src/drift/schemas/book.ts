/**
 * What is known of the schemas of one registry, by what messages say of them.
 *
 * Laws:
 * - Asking never waits and never throws: what is not known yet is `pending`, and is asked for once.
 * - "Not registered" is an answer of the registry, believed for a short time; no answer is `unreachable`.
 * - A registry that is down is left alone for a while, longer each time; nothing else is ever asked.
 * - Everything is bounded: schemas kept, requests at once, ids that wait for one.
 */
import { messageOf, QuipuError } from '../../base/errors.ts'
import type { Answer, FoundSchema, Registry } from '../../registry/client.ts'
import { REQUESTS_AT_ONCE } from '../../registry/limits.ts'
import type { Claim } from '../shape.ts'
import { type KnownSchema, knownSchema, type SchemaTexts } from './known-schema.ts'
import { withReferences } from './texts.ts'

export type Lookup =
  | { readonly kind: 'known'; readonly schema: KnownSchema }
  | { readonly kind: 'pending' | 'unregistered' | 'unreachable' | 'bad_schema' | 'full' }

export interface BookOptions {
  readonly registry: Registry
  /** ms */
  readonly clock: () => number
  /** Told once each time that the registry stops to answer, and of schemas that cannot be used. */
  readonly onTrouble: (text: string) => void
}

/** Schemas and answers that are kept; the one that was used longest ago goes first. */
const KEPT_MAX = 1_000
/** Of their texts, together: ready to read with, each takes some ten times as much. */
const KEPT_CHARS_MAX: number = 8 * 1024 * 1024
/** Schemas that wait for a request; the next ones are asked for when they are met again. */
const WAITING_MAX = 1_000
/** A writer registers its schema, then writes with it: that it is missing is mostly true for long. */
const MISSING_MS = 30_000
/** In that time; whoever makes up an id for each message is not asked about any further. */
const MISSING_MAX = 100
/** After the first silence; twice as long after each next one. */
const DOWN_MS = 5_000
const DOWN_MS_MAX = 60_000

interface Kept {
  readonly lookup: Lookup
  /** ms: forgotten then; null: never, for what an id means does not change. */
  readonly until: number | null
  readonly chars: number
}

const PENDING: Lookup = { kind: 'pending' }

export class SchemaBook {
  readonly #registry: Registry
  readonly #clock: () => number
  readonly #onTrouble: (text: string) => void
  /** By claim and schema; in the order of their last use. */
  readonly #kept = new Map<string, Kept>()
  #keptChars = 0
  /** Asked for, or going to be, with who waits for the answer. */
  readonly #waiting = new Map<string, (() => void)[]>()
  readonly #queue: { readonly key: string; readonly ask: () => Promise<Answer<FoundSchema>> }[] = []
  #underWay = 0
  /** Ids that were missing since `#missingFrom` (ms). */
  #missing = 0
  #missingFrom = 0
  #downUntil = 0
  #downMs = 0

  constructor({ registry, clock, onTrouble }: BookOptions) {
    this.#registry = registry
    this.#clock = clock
    this.#onTrouble = onTrouble
  }

  /** `pending`: `whenKnown` tells when to ask again. */
  find(claim: Claim, schema: string): Lookup {
    const key = `${claim} ${schema}`
    const kept = this.#kept.get(key)
    const now = this.#clock()
    if (kept !== undefined && (kept.until === null || now < kept.until)) {
      this.#kept.delete(key)
      this.#kept.set(key, kept)
      return kept.lookup
    }
    if (this.#waiting.has(key)) return PENDING
    if (now < this.#downUntil) return { kind: 'unreachable' }
    const ask = this.#askFor(claim, schema)
    if (ask === null) return { kind: 'unregistered' }
    const isFlooded = this.#missing >= MISSING_MAX && now < this.#missingFrom + MISSING_MS
    if (isFlooded || this.#waiting.size >= WAITING_MAX) return { kind: 'full' }
    this.#waiting.set(key, [])
    this.#queue.push({ key, ask })
    this.#next()
    return PENDING
  }

  /** Calls back once, when asking again will not say `pending`; not at all if nobody asked for it. */
  whenKnown(claim: Claim, schema: string, callback: () => void): void {
    this.#waiting.get(`${claim} ${schema}`)?.push(callback)
  }

  close(): void {
    this.#registry.close()
  }

  /** Null: no registry has such an id. */
  #askFor(claim: Claim, schema: string): (() => Promise<Answer<FoundSchema>>) | null {
    if (claim === 'confluent-v1') return () => this.#registry.schemaByGuid(schema)
    const id = Number(schema)
    const isId = Number.isSafeInteger(id) && id >= 0
    return isId ? () => this.#registry.schemaById(id) : null
  }

  #next(): void {
    while (this.#underWay < REQUESTS_AT_ONCE) {
      const next = this.#queue.shift()
      if (next === undefined) return
      this.#underWay++
      // It never fails: whatever happens is an answer.
      void this.#lookUp(next.key, next.ask).then((kept) => {
        this.#underWay--
        this.#settle(next.key, kept)
        this.#next()
      })
    }
  }

  async #lookUp(key: string, ask: () => Promise<Answer<FoundSchema>>): Promise<Kept> {
    // Asked for before the one ahead of it in the queue got no answer.
    if (this.#clock() < this.#downUntil) return this.#unreachable()
    let texts: SchemaTexts | null
    try {
      const answer = await ask()
      if (!answer.ok && answer.missing !== 'schema') return this.#silent()
      texts = answer.ok ? await withReferences(this.#registry, answer.value) : null
    } catch (error) {
      if (!(error instanceof QuipuError)) return this.#bad(key, error)
      // Older registries know numbers only: that they do not answer for a GUID says nothing of others.
      return key.startsWith('confluent-v1') ? this.#silent() : this.#down(messageOf(error))
    }
    this.#downMs = 0
    if (texts === null) return this.#notThere()
    try {
      const schema = await knownSchema(texts)
      return { lookup: { kind: 'known', schema }, until: null, chars: charsOf(texts) }
    } catch (error) {
      return this.#bad(key, error)
    }
  }

  #notThere(): Kept {
    const now = this.#clock()
    if (now >= this.#missingFrom + MISSING_MS) {
      this.#missing = 0
      this.#missingFrom = now
    }
    this.#missing++
    return { lookup: { kind: 'unregistered' }, until: now + MISSING_MS, chars: 0 }
  }

  #bad(key: string, error: unknown): Kept {
    this.#onTrouble(`schema ${key} cannot be read: ${messageOf(error)}`)
    return { lookup: { kind: 'bad_schema' }, until: this.#clock() + MISSING_MS, chars: 0 }
  }

  #down(why: string): Kept {
    const now = this.#clock()
    // Several requests that fail together are one silence.
    if (now >= this.#downUntil) {
      if (this.#downMs === 0) this.#onTrouble(`schemas cannot be looked up for now: ${why}`)
      this.#downMs = Math.min(this.#downMs === 0 ? DOWN_MS : this.#downMs * 2, DOWN_MS_MAX)
      this.#downUntil = now + this.#downMs
    }
    return this.#unreachable()
  }

  /** What it said is no answer to what it was asked. */
  #silent(): Kept {
    return { lookup: { kind: 'unreachable' }, until: this.#clock() + MISSING_MS, chars: 0 }
  }

  #unreachable(): Kept {
    return { lookup: { kind: 'unreachable' }, until: this.#downUntil, chars: 0 }
  }

  #settle(key: string, kept: Kept): void {
    this.#forget(key)
    this.#kept.set(key, kept)
    this.#keptChars += kept.chars
    for (const oldest of this.#kept.keys()) {
      const isFull = this.#kept.size > KEPT_MAX || this.#keptChars > KEPT_CHARS_MAX
      if (!isFull || oldest === key) break
      this.#forget(oldest)
    }
    const callbacks = this.#waiting.get(key) ?? []
    this.#waiting.delete(key)
    for (const callback of callbacks) callback()
  }

  #forget(key: string): void {
    this.#keptChars -= this.#kept.get(key)?.chars ?? 0
    this.#kept.delete(key)
  }
}

function charsOf({ text, references }: SchemaTexts): number {
  return [...references.values()].reduce((sum, { length }) => sum + length, text.length)
}
