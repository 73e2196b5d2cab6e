/** Collects the differences of one comparison, bounded, in the order in which they are found. */
import type { Difference } from '../engine.ts'
import { DIFFERENCES_MAX, PAIRS_MAX } from './limits.ts'

/** Paths of the two sides; null: it is not there. */
export interface Sides {
  readonly reader: string | null
  readonly writer: string | null
}

export class Report {
  readonly #found: Difference[] = []

  add(rule: string, sides: Sides, args: Difference['args'], message: string): void {
    if (this.#found.length >= DIFFERENCES_MAX) return
    this.#found.push({ rule, readerPath: sides.reader, writerPath: sides.writer, args, message })
  }

  get differences(): readonly Difference[] {
    return this.#found
  }
}

/** No acquittal without having looked at everything. */
export function tooComplex(report: Report): void {
  const said = `only the first ${PAIRS_MAX} pairs of messages were compared`
  report.add('PROTO_TOO_COMPLEX', { reader: null, writer: null }, { pairs: PAIRS_MAX }, said)
}
