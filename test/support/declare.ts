/** A hop as a pipeline file would declare it: every message, no membership. */
import type { HopRef } from '../../src/hop/hop.ts'
import type { HopDeclaration } from '../../src/hop/pipeline.ts'

export const declare = (
  name: string,
  hop: HopRef,
  deadLetter: boolean = false,
): HopDeclaration => ({ name, hop, deadLetter, oneIn: 1, membership: null })
