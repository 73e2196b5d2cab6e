/** Objectives by hand, and what they come to on verdicts written or judged elsewhere. */
import type { ValidityCell } from '../../src/drift/judge.ts'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import type { InstanceState, StoredLatency } from '../../src/hop/evidence.ts'
import type { Pipeline } from '../../src/hop/pipeline.ts'
import { assessObjective } from '../../src/objective/assess.ts'
import { booksOf } from '../../src/objective/books.ts'
import {
  BURN_RATES_DEFAULT,
  type BurnRates,
  type Objective,
  type Promises,
} from '../../src/objective/objective.ts'
import type { ObjectiveAssessment } from '../../src/objective/report.ts'
import { TimelinessFold } from '../../src/objective/timings.ts'
import { FLIGHTS, NOW } from '../reports/build.ts'

export const DAY_MS = 86_400_000

export function objective(parts: Partial<Objective> = {}): Objective {
  return {
    id: 'no-loss',
    indicator: 'completeness',
    scope: { kind: 'end-to-end' },
    target: 0.999,
    period: { kind: 'rolling', ms: 30 * DAY_MS },
    thresholdMs: null,
    volume: null,
    budget: 'messages',
    windowTarget: null,
    severity: 'ticket',
    minEvents: 0,
    refundLate: false,
    description: null,
    place: null,
    ...parts,
  }
}

export const onEdge = (edge: string): Objective['scope'] => ({ kind: 'edge', edge })

export function promisesOf(
  objectives: readonly Objective[],
  parts: Partial<Promises> = {},
): Promises {
  return {
    pipeline: 'flights',
    objectives,
    agreement: null,
    burnRates: BURN_RATES_DEFAULT,
    ...parts,
  }
}

export interface Run {
  readonly verdicts: readonly EdgeVerdict[]
  readonly latencies?: readonly StoredLatency[]
  readonly instances?: readonly InstanceState[]
  readonly now?: number
  readonly pipeline?: Pipeline
  readonly burnRates?: BurnRates
  readonly cells?: readonly ValidityCell[]
}

export function assess(
  parts: Partial<Objective>,
  {
    verdicts,
    latencies = [],
    instances = [],
    now = NOW,
    pipeline = FLIGHTS,
    burnRates = BURN_RATES_DEFAULT,
    cells = [],
  }: Run,
): ObjectiveAssessment {
  const one = objective(parts)
  const timings = new TimelinessFold([promisesOf([one])])
  for (const latency of latencies) timings.add(latency)
  return assessObjective({
    ...{ books: booksOf(pipeline, verdicts), objective: one, burnRates, timings },
    ...{ agents: { instances, now }, cells },
  })
}
