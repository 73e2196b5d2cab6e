/** Reading keywords: what has the wrong form is a problem, never silently nothing. */
import { get, isArray, isObject, type Json, type JsonObject } from './json.ts'
import { NAME_LENGTH_MAX } from './limits.ts'
import type { Place } from './model.ts'

export type Complain = (place: Place, keyword: string, expected: string) => void

/** The keywords of one schema. */
export class Keywords {
  readonly raw: JsonObject
  readonly #place: Place
  readonly #complain: Complain

  constructor(raw: JsonObject, place: Place, complain: Complain) {
    this.raw = raw
    this.#place = place
    this.#complain = complain
  }

  has(...keywords: readonly string[]): boolean {
    return keywords.some((keyword) => Object.hasOwn(this.raw, keyword))
  }

  wrong(keyword: string, expected: string): void {
    this.#complain(this.#place, keyword, expected)
  }

  number(keyword: string): number | null {
    const value = get(this.raw, keyword)
    if (value === undefined) return null
    if (typeof value === 'number') return value
    this.wrong(keyword, 'a number')
    return null
  }

  string(keyword: string): string | null {
    const value = get(this.raw, keyword)
    if (value === undefined) return null
    if (typeof value === 'string') return value
    this.wrong(keyword, 'a string')
    return null
  }

  /** Names, of which each counts once. */
  names(keyword: string): ReadonlySet<string> {
    const value = get(this.raw, keyword)
    if (value === undefined) return new Set()
    if (isArray(value) && value.every((name) => typeof name === 'string')) return new Set(value)
    this.wrong(keyword, 'an array of strings')
    return new Set()
  }

  array(keyword: string): readonly Json[] {
    const value = get(this.raw, keyword)
    if (value === undefined) return []
    if (isArray(value)) return value
    this.wrong(keyword, 'an array')
    return []
  }

  entries(keyword: string): readonly (readonly [name: string, value: Json])[] {
    const value = get(this.raw, keyword)
    if (value === undefined) return []
    if (!isObject(value)) {
      this.wrong(keyword, 'an object')
      return []
    }
    const entries = Object.entries(value)
    const [long] = entries.find(([name]) => name.length > NAME_LENGTH_MAX) ?? []
    if (long === undefined) return entries
    this.wrong(keyword, `of names with at most ${NAME_LENGTH_MAX} characters`)
    return []
  }
}
