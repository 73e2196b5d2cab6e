/**
 * From what was seen to a draft of a JSON Schema (2020-12), and what is doubtful about it. Pure.
 *
 * Law: every message that was learned from is valid by the draft. What it asks of other messages rests on
 * at least `CERTAIN_MIN` of them; below, a field is not required, may be null, and may have a fraction.
 */
import { shareAtLeast } from './confidence.ts'
import type { Doubt } from './doubts.ts'
import type { LearnedFormat } from './formats.ts'
import type { Profile } from './profile.ts'

/** By the rule of three fewer than one in 17 lack what all of so many have. */
export const CERTAIN_MIN = 50
/** Texts of a format by chance: none of these formats has so many. */
const FORMAT_MIN = 20
/** An enumeration: so many texts, and each of them so often. */
const ENUM_TEXTS_MIN = 100
const ENUM_EACH_MIN = 5
/** A map: so many names, each in a tenth of the objects at most, all of one type. */
const MAP_NAMES_MIN = 20
const MAP_SHARE_MAX = 0.1

export type JsonSchema = { [keyword: string]: unknown }

export interface DraftRules {
  /** Whether ranges of numbers and lengths that were seen become bounds. */
  readonly bounds: boolean
}

export class Drafter {
  readonly #rules: DraftRules
  readonly doubts: Doubt[] = []

  constructor(rules: DraftRules) {
    this.#rules = rules
  }

  schemaOf(profile: Profile, path: string): JsonSchema {
    if (isMap(profile)) profile.becomeMap()
    const types = this.#typesOf(profile, path)
    if (profile.isCut) this.doubts.push({ kind: 'cut', path })
    return {
      ...(types.length === 0 ? {} : { type: types.length === 1 ? types[0] : types }),
      ...this.#ofNumbers(profile),
      ...this.#ofTexts(profile, types, path),
      ...this.#ofList(profile, path),
      ...this.#ofObject(profile, path),
    }
  }

  /** Empty: nothing is known of it. */
  #typesOf({ types, occurrences }: Profile, path: string): string[] {
    const isCertain = occurrences >= CERTAIN_MIN
    const found: string[] = (['boolean', 'string', 'array', 'object'] as const).filter(
      (type) => types[type] > 0,
    )
    const numbers = types.integer + types.number
    if (numbers > 0) {
      found.push(types.number === 0 && numbers >= CERTAIN_MIN ? 'integer' : 'number')
    }
    if (found.length === 0) {
      if (types.null > 0) this.doubts.push({ kind: 'only_null', path, count: types.null })
      return []
    }
    if (found.length > 1) {
      this.doubts.push({ kind: 'mixed', path, types: found })
    }
    if (!isCertain) this.doubts.push({ kind: 'few', path, count: occurrences })
    if (types.null > 0 || !isCertain) found.push('null')
    return found
  }

  #ofNumbers({ types, numbers }: Profile): JsonSchema {
    if (!this.#rules.bounds || types.integer + types.number === 0) return {}
    return {
      ...(isExact(numbers.min) ? { minimum: numbers.min } : {}),
      ...(isExact(numbers.max) ? { maximum: numbers.max } : {}),
    }
  }

  #ofTexts(profile: Profile, types: readonly string[], path: string): JsonSchema {
    const { formats, words, lengths } = profile
    const count = profile.types.string
    if (count === 0) return {}
    const isAlone = types.every((type) => type === 'string' || type === 'null')
    if (words !== null && isAlone && count >= ENUM_TEXTS_MIN) {
      const isEnum = [...words.values()].every((times) => times >= ENUM_EACH_MIN)
      if (isEnum) {
        return { enum: [...[...words.keys()].sort(), ...(types.includes('null') ? [null] : [])] }
      }
    }
    const bounds = this.#rules.bounds ? { minLength: lengths.min, maxLength: lengths.max } : {}
    const format = mostOf(formats)
    if (format === null || count < FORMAT_MIN) return bounds
    if (formats.size === 1) return { format, ...bounds }
    const fitting = formats.get(format) as number
    if (fitting / count >= 0.5) {
      this.doubts.push({ kind: 'format', path, format, count: fitting, of: count })
    }
    return bounds
  }

  #ofList(profile: Profile, path: string): JsonSchema {
    if (profile.types.array === 0) return {}
    return {
      ...(profile.items === null ? {} : { items: this.schemaOf(profile.items, `${path}/*`) }),
      ...(this.#rules.bounds ? { minItems: profile.sizes.min, maxItems: profile.sizes.max } : {}),
    }
  }

  #ofObject(profile: Profile, path: string): JsonSchema {
    if (profile.types.object === 0) return {}
    if (profile.entries !== null) {
      return { additionalProperties: this.schemaOf(profile.entries, `${path}/{}`) }
    }
    if (profile.members.size === 0) return {}
    const properties: [string, JsonSchema][] = []
    const required: string[] = []
    for (const [name, { present, profile: member }] of profile.members) {
      const place = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      const seen = seenOf(profile, present)
      const isAlways = present === profile.types.object
      if (isAlways && profile.objectMessages >= CERTAIN_MIN) required.push(name)
      else if (isAlways) {
        this.doubts.push({ kind: 'always_so_far', path: place, count: profile.objectMessages })
      }
      properties.push([name, { ...this.schemaOf(member, place), 'x-quipu': seen }])
    }
    return {
      properties: Object.fromEntries(properties),
      ...(required.length === 0 ? {} : { required: required.sort() }),
    }
  }
}

/** In how many messages it stood, of those that had what is around it; within lists and maps, of how many objects. */
function seenOf(around: Profile, present: number): JsonSchema {
  const { objectMessages: messages } = around
  const objects = around.types.object
  if (objects === messages) {
    return { messages, present, confidence: shareAtLeast(present, messages) }
  }
  // Objects of one message are alike: they say no more than their messages.
  const share = Math.floor((messages * present) / objects)
  return { messages, objects, present, confidence: shareAtLeast(share, messages) }
}

function isMap({ types, members, entries }: Profile): boolean {
  if (entries !== null || members.size < MAP_NAMES_MIN) return false
  const kinds = new Set<string>()
  for (const { present, profile } of members.values()) {
    if (present > types.object * MAP_SHARE_MAX) return false
    for (const [type, count] of Object.entries(profile.types)) {
      if (count > 0 && type !== 'null') kinds.add(type === 'integer' ? 'number' : type)
    }
  }
  return kinds.size <= 1
}

/** Beyond, whole numbers are rounded, and a bound would be too. */
function isExact(value: number): boolean {
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER
}

function mostOf(formats: ReadonlyMap<LearnedFormat | null, number>): LearnedFormat | null {
  const named = [...formats].filter(([format]) => format !== null)
  return named.sort(([, a], [, b]) => b - a)[0]?.[0] ?? null
}
