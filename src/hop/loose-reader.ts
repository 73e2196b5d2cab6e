/** Reads values of a file that may be anything; says where it did not find what it looked for. */
import { type Environment, withVariables } from '../base/environment.ts'

/** As many entries are read of each list or map. */
const LIST_MAX = 1_000

export type YamlMap = Readonly<Record<string, unknown>>
export type Trouble = (text: string) => void

export class LooseReader {
  readonly #env: Environment
  readonly #onTrouble: Trouble
  readonly #at: string

  constructor(env: Environment, onTrouble: Trouble, at = '') {
    this.#env = env
    this.#onTrouble = onTrouble
    this.#at = at
  }

  under(at: string): LooseReader {
    return new LooseReader(this.#env, this.#onTrouble, `${at}.`)
  }

  trouble(name: string, expected: string): null {
    this.#onTrouble(`${this.#at}${name}: expected ${expected}; it is left out`)
    return null
  }

  map(name: string, value: unknown): YamlMap | null {
    if (isMap(value)) return value
    return this.trouble(name, 'a map')
  }

  /** The maps of a map; none where nothing is. */
  entries(name: string, value: unknown): [string, YamlMap][] {
    if (isNothing(value)) return []
    const all = Object.entries(this.map(name, value) ?? {})
    if (all.length > LIST_MAX) this.trouble(name, `at most ${LIST_MAX} entries`)
    return all.slice(0, LIST_MAX).flatMap(([key, item]) => {
      const map = this.map(`${name}.${key}`, item)
      return map === null ? [] : [[key, map]]
    })
  }

  /** A list, or one item that stands for it. */
  list(name: string, value: unknown): readonly unknown[] {
    if (isNothing(value)) return []
    const all: readonly unknown[] = Array.isArray(value) ? value : [value]
    if (all.length > LIST_MAX) this.trouble(name, `at most ${LIST_MAX} entries`)
    return all.slice(0, LIST_MAX)
  }

  text(name: string, value: unknown): string | null {
    if (typeof value !== 'string' || value === '') return this.trouble(name, 'a text')
    let sound = true
    const text = withVariables(value, this.#env, (message) => {
      sound = false
      this.#onTrouble(`${this.#at}${name}: ${message}; it is left out`)
    })
    return sound ? text : null
  }
}

export const isNothing = (value: unknown): boolean => value === undefined || value === null

export const isMap = (value: unknown): value is YamlMap =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
