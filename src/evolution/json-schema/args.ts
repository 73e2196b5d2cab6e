import type { Difference } from '../engine.ts'

/** Details of a difference. */
export type Args = Difference['args']
