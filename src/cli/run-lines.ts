/** What the lines of a recorded run must be, as far as a report goes by them: they may be anybody's. */
import { z } from 'zod'
import { timeZoneProblem } from '../config/config.ts'
import type { Drift } from '../drift/judge.ts'
import { type FindingCode, findingCodes } from '../finding/finding.ts'
import { type EdgeVerdict, NO_COUNTS } from '../finding/verdict.ts'
import type { HopGap, InstanceState } from '../hop/evidence.ts'
import { hopRoles } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { calendarUnits, indicators, type Promises, severities } from '../objective/objective.ts'
import { drift } from './run-drift.ts'
import { count, instant, ms } from './run-numbers.ts'

/** Version 2 added what drifted; runs of version 1 hold nothing of it. */
export const RUN_SCHEMA = 'quipu.run/v2'

const window = z.object({ start: instant, end: instant })
/** Those that an older version did not know were not counted. */
const counts = Object.fromEntries(
  Object.keys(NO_COUNTS).map((name) => [name, z.number().min(0).default(0)]),
)
const hopPassage = z.looseObject({
  hop: z.string(),
  count: z.number(),
  passage: z.enum(['passed', 'behind', 'hole', 'out_of_scope']),
  why: z.array(z.string()),
})
const finding = z.looseObject({
  code: z.enum(Object.keys(findingCodes) as FindingCode[]),
  ...{ pipeline: z.string(), edge: z.string(), window },
  count: z.number().min(0),
  ids: z.array(z.looseObject({ id: z.string().regex(/^[0-9a-f]{32}$/), times: z.number().min(1) })),
  evidence: z.enum(['exact', 'estimated', 'sampled', 'committed']),
  args: z.record(z.string(), z.unknown()),
})
const verdict = z.looseObject({
  pipeline: z.string(),
  edge: z.string(),
  window,
  state: z.enum(['open', 'settled', 'revised']),
  revision: count,
  verdict: z.enum(['met', 'breached', 'indeterminate', 'no_data']),
  evidence: z.enum(['exact', 'estimated', 'sampled', 'committed']),
  oneIn: z.number(),
  counts: z.looseObject(counts),
  from: z.array(hopPassage),
  to: z.array(hopPassage),
  findings: z.array(finding),
})
const latency = z.object({
  key: z.string(),
  origin: z.object({ topic: z.string(), group: z.string() }).nullable(),
  window: instant,
  oneIn: z.number().min(1),
  fromBirth: z.base64(),
  fromHop: z.base64(),
})
const hopDeclaration = z.looseObject({
  name: z.string(),
  hop: z.looseObject({
    role: z.enum(hopRoles),
    ...{ cluster: z.string(), topic: z.string(), group: z.string(), name: z.string() },
  }),
  deadLetter: z.boolean(),
})
const share = z.number().gt(0).max(1)
const objective = z.looseObject({
  id: z.string(),
  indicator: z.enum(indicators),
  scope: z.union([
    z.looseObject({ kind: z.literal('end-to-end') }),
    z.looseObject({ kind: z.literal('edge'), edge: z.string() }),
  ]),
  target: share,
  period: z.union([
    z.looseObject({ kind: z.literal('rolling'), ms }),
    z.looseObject({
      kind: z.literal('calendar'),
      unit: z.enum(calendarUnits),
      timeZone: z.string().refine((zone) => timeZoneProblem(zone) === null, 'expected a time zone'),
    }),
  ]),
  thresholdMs: ms.nullable(),
  volume: z.looseObject({ min: z.number(), max: z.number().nullable() }).nullable(),
  budget: z.enum(['messages', 'windows']),
  windowTarget: share.nullable(),
  severity: z.enum(severities),
  minEvents: count,
  refundLate: z.boolean(),
  description: z.string().nullable(),
  place: z.looseObject({ line: count, column: count }).nullable(),
})
const promises = z.looseObject({
  pipeline: z.string(),
  objectives: z.array(objective),
  agreement: z
    .looseObject({
      consumers: z.array(z.looseObject({ name: z.string(), contact: z.string().nullable() })),
      promises: z.array(z.string()),
    })
    .nullable(),
  burnRates: z.looseObject({
    forMs: ms.min(1),
    tiers: z.array(
      z.looseObject({
        ...{ severity: z.enum(severities), speed: z.enum(['quick', 'slow']), budget: share },
        ...{ longMs: ms.min(1), shortMs: ms.min(1) },
      }),
    ),
  }),
})
const head = z.looseObject({
  schema: z.enum(['quipu.run/v1', RUN_SCHEMA]),
  at: z.iso.datetime(),
  since: z.iso.datetime().nullable(),
  pipelines: z.array(
    z.looseObject({
      name: z.string(),
      owner: z.record(z.string(), z.string()),
      windowMs: ms.min(1),
      latenessMs: ms,
      hops: z.array(hopDeclaration),
      edges: z.array(
        z.looseObject({
          name: z.string(),
          from: z.array(hopDeclaration),
          to: z.array(hopDeclaration),
          filter: z.array(z.string()),
        }),
      ),
    }),
  ),
  promises: z.array(promises),
  instances: z.array(
    z.looseObject({
      service: z.string(),
      ...{ lastHeardAt: ms, flushMs: ms, windowMs: ms, goodbye: count.nullable() },
      ...{ seen: z.array(z.any()), missing: z.array(z.any()), hops: z.array(z.string()) },
    }),
  ),
  gaps: z.array(z.looseObject({ reason: z.string(), count: z.number() })),
  foreign: count,
})
const end = z.strictObject({ verdicts: count, latencies: count, drift: count.default(0) })
const line = z.union([
  z.strictObject({ verdict }),
  z.strictObject({ latency }),
  z.strictObject({ drift }),
  z.strictObject({ end }),
])

export interface RunHead {
  /** When it was recorded, ISO 8601. */
  readonly at: string
  /** Windows that start before were not recorded; null: all that there were, were. */
  readonly since: string | null
  readonly pipelines: readonly Pipeline[]
  readonly promises: readonly Promises[]
  readonly instances: readonly InstanceState[]
  readonly gaps: readonly HopGap[]
  readonly foreign: number
}

/** Of one hop and window; latencies in base64. */
interface RunLatency {
  readonly key: string
  readonly origin: { readonly topic: string; readonly group: string } | null
  readonly window: number
  readonly oneIn: number
  readonly fromBirth: string
  readonly fromHop: string
}

export type RunLine =
  | { readonly verdict: EdgeVerdict }
  | { readonly latency: RunLatency }
  | { readonly drift: Drift }
  | { readonly end: Record<'verdicts' | 'latencies' | 'drift', number> }

// What else stands in a line is kept as it is, and nobody goes by it.
export const runHead: z.ZodType<RunHead> = head as unknown as z.ZodType<RunHead>
export const runLine: z.ZodType<RunLine> = line as unknown as z.ZodType<RunLine>
