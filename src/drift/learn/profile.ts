/**
 * What was seen of the values in one place, and of those within: enough to write a schema of it, and no
 * values unless they are asked for.
 *
 * Laws: memory is bounded, whatever comes; nothing is thrown. Profiles add up: the profile of a map is the
 * sum of those of its entries.
 */
import type { Value } from '../read/reader.ts'
import { type JsonType, jsonTypes } from '../shape.ts'
import { formatOf, type LearnedFormat } from './formats.ts'

/** Names of one object; with more it is a map. */
const NAMES_MAX = 200
/** Places in one topic's messages; what is within further ones is not looked at. */
export const PLACES_MAX = 5_000
/** Different texts of one place, as long as it may be an enumeration. */
const WORDS_MAX = 16
const WORD_CHARS_MAX = 64

export interface ProfileRules {
  /** Whether texts are kept, so that an enumeration can be told. */
  readonly values: boolean
  /** Counts places. */
  readonly room: { left: number }
}

export class Profile {
  readonly #rules: ProfileRules
  readonly types: Record<JsonType, number> = emptyTypes()
  /** Messages in which it stood. */
  messages = 0
  /** Messages in which it was an object. */
  objectMessages = 0
  /** Of an object that is no map, by name; `present` counts objects that have it. */
  readonly members: Map<string, { present: number; profile: Profile }> = new Map()
  /** Of a map. */
  entries: Profile | null = null
  items: Profile | null = null
  readonly lengths: Range = new Range()
  readonly numbers: Range = new Range()
  readonly sizes: Range = new Range()
  /** Of texts; only the first may be the format of all. */
  readonly formats: Map<LearnedFormat | null, number> = new Map()
  /** Null: there are too many, or nobody asked. */
  words: Map<string, number> | null
  /** There was no room to look into all objects or lists that stood here. */
  isCut = false
  #lastMessage = 0
  #lastObject = 0

  constructor(rules: ProfileRules) {
    this.#rules = rules
    this.words = rules.values ? new Map() : null
    rules.room.left--
  }

  get occurrences(): number {
    return jsonTypes.reduce((sum, type) => sum + this.types[type], 0)
  }

  /** @param message its number, from 1 */
  add(value: Value, message: number): void {
    if (this.#lastMessage !== message) {
      this.#lastMessage = message
      this.messages++
    }
    if (value === null) this.types.null++
    else if (typeof value === 'boolean') this.types.boolean++
    else if (typeof value === 'string') this.#addText(value)
    else if (typeof value === 'number') this.#addNumber(value, Number.isInteger(value))
    else if (typeof value === 'bigint') this.#addNumber(Number(value), true)
    else if (Array.isArray(value)) this.#addList(value as readonly Value[], message)
    else if (value instanceof Uint8Array) this.#addBytes(value)
    else this.#addObject(value as Exclude<typeof value, readonly Value[]>, message)
  }

  #addNumber(value: number, isWhole: boolean): void {
    this.types[isWhole ? 'integer' : 'number']++
    if (Number.isFinite(value)) this.numbers.add(value)
  }

  #addText(value: string): void {
    this.types.string++
    this.lengths.add(lengthOf(value))
    const format = formatOf(value)
    this.formats.set(format, (this.formats.get(format) ?? 0) + 1)
    if (this.words === null) return
    if (value.length > WORD_CHARS_MAX) this.words = null
    else this.words.set(value, (this.words.get(value) ?? 0) + 1)
    if (this.words !== null && this.words.size > WORDS_MAX) this.words = null
  }

  #addBytes(value: Uint8Array): void {
    this.types.string++
    this.lengths.add(value.length)
    this.formats.set(null, (this.formats.get(null) ?? 0) + 1)
    this.words = null
  }

  #addList(value: readonly Value[], message: number): void {
    this.types.array++
    this.sizes.add(value.length)
    if (value.length === 0) return
    this.items ??= this.#within()
    for (const item of value) this.items?.add(item, message)
  }

  #addObject(
    value: ReadonlyMap<string, Value> | { readonly [name: string]: Value },
    message: number,
  ): void {
    this.types.object++
    if (this.#lastObject !== message) {
      this.#lastObject = message
      this.objectMessages++
    }
    const isMap = value instanceof Map
    const names = isMap ? [...value.keys()] : Object.keys(value)
    if (isMap || names.length > NAMES_MAX) this.becomeMap()
    for (const name of names) {
      const part = (isMap ? value.get(name) : (value as { [name: string]: Value })[name]) as Value
      if (this.entries !== null) this.entries.add(part, message)
      else this.#addMember(name, part, message)
    }
  }

  #addMember(name: string, value: Value, message: number): void {
    let member = this.members.get(name)
    if (member === undefined) {
      if (this.members.size === NAMES_MAX) {
        this.becomeMap()
        this.entries?.add(value, message)
        return
      }
      const profile = this.#within()
      if (profile === null) return
      member = { present: 0, profile }
      this.members.set(name, member)
    }
    member.present++
    member.profile.add(value, message)
  }

  /** Its names are data: what is known of each is put together. */
  becomeMap(): void {
    this.entries ??= this.#within()
    for (const { profile } of this.members.values()) {
      this.entries?.merge(profile)
      this.#rules.room.left++
    }
    this.members.clear()
  }

  /** Takes over what `other` saw, which is not used any more. Messages may be the same: no more are believed. */
  merge(other: Profile): void {
    for (const type of jsonTypes) this.types[type] += other.types[type]
    this.messages = Math.max(this.messages, other.messages)
    this.objectMessages = Math.max(this.objectMessages, other.objectMessages)
    this.lengths.merge(other.lengths)
    this.numbers.merge(other.numbers)
    this.sizes.merge(other.sizes)
    this.isCut ||= other.isCut
    for (const [format, count] of other.formats) {
      this.formats.set(format, (this.formats.get(format) ?? 0) + count)
    }
    this.#mergeWords(other.words)
    this.#lastMessage = Math.max(this.#lastMessage, other.#lastMessage)
    this.#lastObject = Math.max(this.#lastObject, other.#lastObject)
    this.items = mergedProfiles(this.items, other.items)
    if (this.entries !== null || other.entries !== null) {
      this.becomeMap()
      other.becomeMap()
      this.entries = mergedProfiles(this.entries, other.entries)
      return
    }
    for (const [name, { present, profile }] of other.members) {
      const own = this.members.get(name)
      if (own === undefined) this.members.set(name, { present, profile })
      else {
        own.present += present
        own.profile.merge(profile)
      }
    }
    if (this.members.size > NAMES_MAX) this.becomeMap()
  }

  #mergeWords(words: ReadonlyMap<string, number> | null): void {
    if (words === null) this.words = null
    if (this.words === null || words === null) return
    for (const [word, count] of words) this.words.set(word, (this.words.get(word) ?? 0) + count)
    if (this.words.size > WORDS_MAX) this.words = null
  }

  /** Null: there is no room. */
  #within(): Profile | null {
    if (this.#rules.room.left > 0) return new Profile(this.#rules)
    this.isCut = true
    return null
  }
}

class Range {
  min: number = Number.POSITIVE_INFINITY
  max: number = Number.NEGATIVE_INFINITY

  add(value: number): void {
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
  }

  merge({ min, max }: Range): void {
    this.min = Math.min(this.min, min)
    this.max = Math.max(this.max, max)
  }
}

function mergedProfiles(a: Profile | null, b: Profile | null): Profile | null {
  if (a === null || b === null) return a ?? b
  a.merge(b)
  return a
}

function emptyTypes(): Record<JsonType, number> {
  return { null: 0, boolean: 0, integer: 0, number: 0, string: 0, array: 0, object: 0 }
}

/** In characters, as JSON Schema counts them. */
function lengthOf(text: string): number {
  let pairs = 0
  for (let i = 0; i < text.length; i++) {
    if (text.codePointAt(i) !== text.charCodeAt(i)) pairs++
  }
  return text.length - pairs
}
