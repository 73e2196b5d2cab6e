/** Why a schema cannot be used: thrown within the parser only, and caught at its edge. */
import type { Position, SchemaProblem } from '../engine.ts'

export class ProtoProblem extends Error {
  readonly problem: SchemaProblem

  constructor(code: string, message: string, source: string, position: Position | null = null) {
    super(message)
    this.problem = { code, message, source, position }
  }
}
