/** Numbers in the lines of a recorded run. */
import { z } from 'zod'

/** The last instant that a date can name. */
const MS_MAX = 8_640_000_000_000_000

export const count: z.ZodNumber = z.number().int().min(0)
export const ms: z.ZodNumber = z.number().min(0).max(MS_MAX)
export const instant: z.ZodNumber = z.number().int().min(0).max(MS_MAX)
