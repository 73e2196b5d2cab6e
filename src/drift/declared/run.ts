/** Holding one message against schemas: what is wrong so far, and what may still be spent on it. */
import type { Value } from '../read/reader.ts'
import { DETAIL_CHARS_MAX, type OddityKind, VALUE_CHARS_MAX } from '../shape.ts'
import type { Found } from './declared.ts'
import { FAILURES_MAX, NESTING_MAX, STEPS_MAX } from './limits.ts'
import { jsonTypeOf, type Site } from './site.ts'

/** Adds to `run` what is wrong. */
export type Test = (value: Value, at: Site, run: Run) => void

/** What may become a `Found`: most of them are of alternatives that were not meant. */
export interface Failure {
  /**
   * `closed`: a name that is not declared where only declared ones may be, which is no oddity of its own:
   * see `Declared`; `mixed`: one that is declared elsewhere.
   */
  readonly kind: OddityKind | 'closed' | 'mixed'
  readonly path: string
  readonly expected: string
  readonly came: string
  readonly value?: Value | undefined
}

export interface Outcome {
  readonly failures: readonly Failure[]
  /** Something was not understood, which might have failed. */
  readonly isUnsure: boolean
}

/** More than may be spent; what was found until then holds. */
class Spent extends Error {}

export class Run {
  #failures: Failure[] = []
  #isUnsure = false
  #steps = 0
  #isSpent = false
  #nesting = 0

  /** What is wrong with it, as far as it was looked into. */
  check(test: Test, value: Value, at: Site): readonly Failure[] {
    try {
      this.enter(test, value, at)
    } catch (error) {
      // Too deep for the stack is too much as well.
      if (!(error instanceof Spent) && !(error instanceof RangeError)) throw error
      this.#isSpent = true
    }
    return this.#failures
  }

  /** Whether it was not looked into to the end. */
  get isSpent(): boolean {
    return this.#isSpent
  }

  enter(test: Test, value: Value, at: Site): void {
    if (++this.#steps > STEPS_MAX || this.#nesting >= NESTING_MAX) throw new Spent()
    this.#nesting++
    test(value, at, this)
    // Whatever is thrown ends the whole run.
    this.#nesting--
  }

  /** What takes the longer the more there is: parts of a value, or characters, are steps as well. */
  spend(steps: number): void {
    this.#steps += Math.floor(steps)
    if (this.#steps > STEPS_MAX) throw new Spent()
  }

  /** What would be wrong. */
  probe(test: Test, value: Value, at: Site): Outcome {
    const [failures, isUnsure] = [this.#failures, this.#isUnsure]
    this.#failures = []
    this.#isUnsure = false
    try {
      this.enter(test, value, at)
      return { failures: this.#failures, isUnsure: this.#isUnsure }
    } finally {
      this.#failures = failures
      this.#isUnsure = isUnsure
    }
  }

  unsure(): void {
    this.#isUnsure = true
  }

  fail(kind: OddityKind, at: Site, expected: string, value?: Value): void {
    const came = value === undefined ? '' : jsonTypeOf(value)
    this.#failed({ kind, path: at.path, expected, came, value })
  }

  closed(at: Site, isKnown: boolean): void {
    this.#failed({ kind: isKnown ? 'mixed' : 'closed', path: at.path, expected: '', came: '' })
  }

  add(failures: readonly Failure[]): void {
    for (const failure of failures) this.#failed(failure)
  }

  #failed(failure: Failure): void {
    if (this.#failures.length < FAILURES_MAX) this.#failures.push(failure)
  }
}

/** For people; null: the fields tell it. */
export function foundOf({ kind, path, expected, came, value }: Failure): Found | null {
  if (kind === 'closed') return null
  if (kind === 'mixed') {
    return { kind: 'out_of_bounds', path, expected: 'not beside the others', came: '' }
  }
  const shown = value === undefined ? null : shownOf(value)
  const found = { kind, path, expected: expected.slice(0, DETAIL_CHARS_MAX), came }
  return shown === null ? found : { ...found, value: shown }
}

/** In JSON; null: it is no scalar. */
function shownOf(value: Value): string | null {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return JSON.stringify(value.slice(0, VALUE_CHARS_MAX))
  return value === null || typeof value !== 'object' ? JSON.stringify(value) : null
}
