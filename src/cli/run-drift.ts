/** What the drift of a pipeline must be in a line of a recorded run, as far as a report goes by it. */
import { z } from 'zod'
import { type DriftCode, driftCodes } from '../drift/finding.ts'
import type { Drift } from '../drift/judge.ts'
import { count, instant, ms } from './run-numbers.ts'

const driftFinding = z.looseObject({
  code: z.enum(Object.keys(driftCodes) as DriftCode[]),
  severity: z.enum(['error', 'warning', 'info']),
  ...{ pipeline: z.string(), hop: z.string(), hops: z.array(z.string()), topic: z.string() },
  edge: z.string().nullable(),
  ...{ subject: z.string(), schema: z.string(), path: z.string() },
  ...{ since: instant, until: instant, open: z.boolean() },
  ...{ windows: count, count: z.number().min(0), of: z.number().min(0), oneIn: count.min(1) },
  producers: z.array(
    z.looseObject({
      ...{ service: z.string(), instance: z.string(), client: z.string(), host: z.string() },
      ...{ count: z.number().min(0), of: z.number().min(0) },
    }),
  ),
  ids: z.array(z.string().regex(/^[0-9a-f]{32}$/)),
  args: z.record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
  ),
})
export const drift: z.ZodType<Drift> = z.looseObject({
  pipeline: z.string(),
  findings: z.array(driftFinding),
  versions: z.array(
    z.looseObject({
      ...{ pipeline: z.string(), topic: z.string(), subject: z.string(), schema: z.string() },
      version: z.number().nullable(),
      ...{ firstSeen: instant, lastSeen: instant },
      ...{ count: z.number().min(0), of: z.number().min(0), oneIn: count.min(1) },
      ...{ services: z.array(z.string()), groups: z.array(z.string()) },
      changes: z.array(
        z.looseObject({
          path: z.string(),
          change: z.enum(['added', 'removed', 'changed']),
          ...{ before: z.string(), after: z.string() },
        }),
      ),
    }),
  ),
  cells: z.array(
    z.looseObject({
      ...{ hop: z.string(), window: instant, spanMs: ms.min(1), oneIn: count.min(1) },
      ...{ looked: count, invalid: count, unknown: count, tombstones: count },
    }),
  ),
}) as unknown as z.ZodType<Drift>
