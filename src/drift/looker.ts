/**
 * Looks at the messages of one topic: which schema they say they are of, whether they can be read by it,
 * and what is wrong with them.
 *
 * What is held against a message was proven by its own bytes and an answer that was given; where
 * anything is missing it is unread, with the reason.
 */
import { messageOf } from '../base/errors.ts'
import type { Declared, Found } from './declared/declared.ts'
import { NO_SYMBOLS, type SymbolNode } from './declared/symbol-node.ts'
import type { FieldBudget } from './field-budget.ts'
import type { Framed } from './framing/framed.ts'
import { messageIndexes } from './framing/message-indexes.ts'
import { readFrame } from './framing/read-frame.ts'
import { type FileSide, noFile, openFile } from './looker-file.ts'
import { WaitingLine, type WaitingRoom } from './looker-waiting.ts'
import { ShapeBuilder } from './open-shape.ts'
import { VALUE_BYTES_MAX, type Value } from './read/reader.ts'
import type { SchemaBook } from './schemas/book.ts'
import type { SchemaBooks } from './schemas/books.ts'
import type { KnownSchema } from './schemas/known-schema.ts'
import {
  type Lookable,
  type Looker,
  ODDITIES_MAX,
  type OpenShape,
  type ShapePlan,
  type UnreadReason,
  type Variant,
} from './shape.ts'

/** What all lookers of a process share. */
export interface Shared {
  readonly books: SchemaBooks
  readonly budget: FieldBudget
  readonly room: WaitingRoom
  readonly onTrouble: (text: string) => void
}

type Claimed = Pick<Variant, 'claim' | 'schema'> & { readonly type?: string }
type Into = () => OpenShape | null

/** Of a text, what a frame before it could take. */
const FRAME_CHARS_MAX = 64

/**
 * Made when the first message is added: what is promised may have to be loaded, and no message is added
 * before that but those that are not looked into.
 */
class LazyShape implements OpenShape {
  readonly #make: () => ShapeBuilder
  #made: ShapeBuilder | null = null

  constructor(make: () => ShapeBuilder) {
    this.#make = make
  }

  get builder(): ShapeBuilder {
    this.#made ??= this.#make()
    return this.#made
  }

  toBytes(): Uint8Array {
    return this.builder.toBytes()
  }
}

export class TopicLooker implements Looker {
  readonly oneIn: number
  readonly #plan: ShapePlan
  readonly #shared: Shared
  readonly #line: WaitingLine
  /** Null: the plan names no registry, or none that can be reached. */
  readonly #book: SchemaBook | null
  #fingerprint = ''
  #file: FileSide | 'loading' | 'unusable'
  /** Who waits for the file. */
  #whenLoaded: (() => void)[] = []
  #hasFailed = false

  constructor(plan: ShapePlan, shared: Shared) {
    this.oneIn = plan.oneIn
    this.#plan = plan
    this.#shared = shared
    this.#line = new WaitingLine(shared.room)
    this.#book = plan.registry === null ? null : shared.books.at(plan.registry)
    this.#file = plan.file === null ? noFile(plan) : this.#open(plan.file)
  }

  open(): OpenShape {
    return new LazyShape(() => {
      const declared = typeof this.#file === 'string' ? null : this.#file.declared
      return new ShapeBuilder({
        ...{ oneIn: this.oneIn, declared: this.#fingerprint, fields: declared?.fields ?? null },
        ...{ values: this.#plan.values, budget: this.#shared.budget },
      })
    })
  }

  see({ value, headers }: Lookable, id: string, into: Into): void {
    this.#guard(() => {
      if (value === null || value === undefined) fold(into, (shape) => shape.tombstone())
      else if (typeof value === 'string') this.#text(value, headers, id, into)
      else if (value instanceof Uint8Array) this.#bytes(value, headers, id, into)
      // No client sends anything else.
      else unread(into, id, { claim: 'none', schema: '' }, 'no_schema')
    })
  }

  refuse(id: string, into: Into): void {
    this.#guard(() => unread(into, id, { claim: 'none', schema: '' }, 'full'))
  }

  giveUp(): void {
    this.#guard(() => this.#line.giveUp())
  }

  /** Encoded as clients do. */
  #text(value: string, headers: unknown, id: string, into: Into): void {
    if (value.length <= VALUE_BYTES_MAX) {
      this.#bytes(Buffer.from(value), headers, id, into)
      return
    }
    const framed = readFrame(Buffer.from(value.slice(0, FRAME_CHARS_MAX)), {}, this.#plan.framing)
    if (framed.claim === 'unframed') odd(into, id, framed, [])
    else unread(into, id, framed, framed.claim === 'ambiguous' ? 'no_schema' : 'too_large')
  }

  #bytes(value: Uint8Array, headers: unknown, id: string, into: Into): void {
    const framed = readFrame(value, headers, this.#plan.framing)
    if (framed.claim === 'empty' || framed.claim === 'unframed') odd(into, id, framed, [])
    else if (framed.claim === 'ambiguous') unread(into, id, framed, 'no_schema')
    else this.#look(framed, id, into)
  }

  #look(framed: Framed, id: string, into: Into): void {
    const file = this.#file
    if (file === 'unusable') {
      unread(into, id, framed, 'bad_schema')
      return
    }
    if (file === 'loading') {
      this.#wait(framed, id, into, (callback) => this.#whenLoaded.push(callback))
      return
    }
    if (this.#plan.registry === null || !isInRegistry(framed.claim)) {
      const isOther = framed.claim === 'single-object' && framed.schema !== file.avroName
      if (isOther) unread(into, id, framed, 'no_schema')
      else this.#read(framed, id, into, file, null)
      return
    }
    const book = this.#book
    const { claim, schema } = framed
    const lookup = book?.find(claim, schema) ?? { kind: 'unreachable' }
    switch (lookup.kind) {
      case 'known':
        this.#read(framed, id, into, file, lookup.schema)
        break
      case 'pending':
        this.#wait(framed, id, into, (callback) => book?.whenKnown(claim, schema, callback))
        break
      case 'unregistered':
        // Apicurio counts in two ways, and which of them it answers by is a setting of its own.
        if (claim === 'apicurio-v3') unread(into, id, framed, 'no_schema')
        else odd(into, id, framed, [{ kind: 'unregistered', path: '', expected: '', came: '' }])
        break
      default:
        unread(into, id, framed, lookup.kind)
    }
  }

  /** @param known in the registry; null: the message is read as the file says */
  #read(framed: Framed, id: string, into: Into, file: FileSide, known: KnownSchema | null): void {
    const { claim, schema } = framed
    const by = known ?? file
    let { payload } = framed
    let type = ''
    if (by.format === 'protobuf' && isConfluent(claim)) {
      const found = messageIndexes(payload)
      if (found === null) {
        odd(into, id, framed, [undecodable('no message indexes')])
        return
      }
      type = found.indexes
      payload = found.payload
    }
    const variant = { claim, schema, type }
    const reader = by.reader(type)
    if (reader === null) {
      // The schema is there, and has no such message.
      if (known !== null) odd(into, id, variant, [undecodable('no such message in its schema')])
      else unread(into, id, variant, 'no_schema')
      return
    }
    const reading = reader.read(payload)
    if (reading.kind === 'too_large') unread(into, id, variant, 'too_large')
    else if (reading.kind === 'undecodable') {
      // The id may name another schema than the file's: by that one it may be right.
      const isOfAnother = by.format === 'avro' && claim !== 'none' && claim !== 'single-object'
      const isProven = known !== null || (file.isFormatSaid && !isOfAnother)
      if (isProven) odd(into, id, variant, [undecodable(reading.reason)])
      else unread(into, id, variant, 'no_schema')
    } else {
      const { value } = reading
      const found = foundIn(value, [known?.promise ?? null, file.declared])
      if (found === null) unread(into, id, variant, 'too_large')
      else {
        const symbols = namesOf(known?.symbols(type) ?? null, file.declared?.symbols ?? null)
        fold(into, (shape) => shape.value(id, variant, value, found, symbols))
      }
    }
  }

  #wait(framed: Framed, id: string, into: Into, whenReady: (callback: () => void) => void): void {
    if (framed.payload.length > VALUE_BYTES_MAX) {
      unread(into, id, framed, 'too_large')
      return
    }
    // The client may use its buffer for something else.
    const kept = { ...framed, payload: Uint8Array.from(framed.payload) }
    const message = {
      bytes: kept.payload.length,
      look: () => this.#guard(() => this.#look(kept, id, into)),
      giveUp: () => unread(into, id, kept, 'pending'),
    }
    if (!this.#line.add(message, whenReady)) unread(into, id, framed, 'full')
  }

  #open(path: string): FileSide | 'loading' | 'unusable' {
    try {
      const opened = openFile(this.#plan, path)
      this.#fingerprint = opened.fingerprint
      const loaded = opened.load()
      if (!(loaded instanceof Promise)) return loaded
      void this.#load(loaded)
      return 'loading'
    } catch (error) {
      this.#shared.onTrouble(messageOf(error))
      return 'unusable'
    }
  }

  async #load(loading: Promise<FileSide>): Promise<void> {
    try {
      this.#file = await loading
    } catch (error) {
      this.#file = 'unusable'
      this.#shared.onTrouble(messageOf(error))
    }
    const waiting = this.#whenLoaded
    this.#whenLoaded = []
    for (const callback of waiting) callback()
  }

  /** What nobody thought of costs this message, and is told once. */
  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (this.#hasFailed) return
      this.#hasFailed = true
      this.#shared.onTrouble(`a message could not be looked into: ${messageOf(error)}`)
    }
  }
}

function isInRegistry(claim: Framed['claim']): boolean {
  return isConfluent(claim) || claim === 'apicurio-v3'
}

function isConfluent(claim: Framed['claim']): boolean {
  return claim === 'confluent' || claim === 'confluent-v1'
}

function undecodable(came: string): Found {
  return { kind: 'undecodable', path: '', expected: '', came }
}

/** One for each kind and path; null: nothing, but not all of it was tried. */
function foundIn(value: Value, promises: readonly (Declared | null)[]): readonly Found[] | null {
  let all: readonly Found[] = []
  let isWhole = true
  for (const promise of promises) {
    const found = promise === null ? [] : promise.check(value)
    if (found === null) isWhole = false
    else if (all.length === 0) all = found
    else {
      const known = all
      const isNew = ({ kind, path }: Found): boolean =>
        !known.some((one) => one.kind === kind && one.path === path)
      all = [...known, ...found.filter(isNew)].slice(0, ODDITIES_MAX)
    }
  }
  return all.length === 0 && !isWhole ? null : all
}

/** Of all schemas that speak of a message. */
function namesOf(...nodes: readonly (SymbolNode | null)[]): readonly SymbolNode[] {
  const named = nodes.filter((node) => node !== null)
  return named.length === 0 ? NO_SYMBOLS : named
}

function odd(
  into: Into,
  id: string,
  { claim, schema, type = '' }: Claimed,
  found: readonly Found[],
): void {
  fold(into, (shape) => shape.odd(id, { claim, schema, type }, found))
}

function unread(
  into: Into,
  id: string,
  { claim, schema, type = '' }: Claimed,
  reason: UnreadReason,
): void {
  fold(into, (shape) => shape.unread(id, { claim, schema, type }, reason))
}

function fold(into: Into, add: (shape: ShapeBuilder) => void): void {
  const shape = into()
  if (shape instanceof LazyShape) add(shape.builder)
}
