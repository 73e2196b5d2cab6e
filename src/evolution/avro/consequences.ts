/**
 * In a recursive schema a branch that does not fit may be a mere consequence: a list whose `value` is
 * wrong has a `next` that does not fit either. What follows from a pair around it is not told again.
 */
import { CONSEQUENCE_STEPS_MAX } from './limits.ts'
import type { AvroType } from './type.ts'
import { Verdicts } from './verdicts.ts'

export class Consequences {
  /** Keys of the pairs around what is looked at: their own flaws are told already. */
  readonly around: Set<number> = new Set()
  readonly #verdicts: Verdicts
  readonly #writerCount: number
  /** Of all questions together; beyond, more is told than needed. */
  #stepsLeft: number = CONSEQUENCE_STEPS_MAX

  constructor(verdicts: Verdicts, writerCount: number) {
    this.#verdicts = verdicts
    this.#writerCount = writerCount
  }

  /** Of a pair that does not fit: whether it would, if only those around it did. */
  isOne(reader: AvroType, writer: AvroType): boolean {
    if (this.around.has(this.#verdicts.key(reader, writer))) return false
    const count = this.#writerCount
    const without = new Verdicts(reader, writer, count, this.#stepsLeft, this.around)
    this.#stepsLeft = Math.max(0, without.stepsLeft)
    return without.isComplete && without.fits(reader, writer)
  }
}
