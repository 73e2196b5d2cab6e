/** What a pipeline promises: from the shape of the file to objectives, and whether they can be kept. */
import { parseDuration } from '../base/duration.ts'
import { suggestion } from '../base/nearest.ts'
import {
  type Agreement,
  BURN_RATES_DEFAULT,
  type BurnRates,
  type Indicator,
  type Objective,
  type Period,
  type Promises,
  type Scope,
} from '../objective/objective.ts'
import { edgeMeant, edgeSuggestion } from './edge-scope.ts'
import type { AgreementInput, ObjectiveInput } from './objective-schema.ts'
import { type Complain, edgeName } from './pipelines.ts'
import type { EdgeInput, PipelineInput } from './schema.ts'
import { parseShare } from './share.ts'

/** The period of an objective that names none. */
const PERIOD_DEFAULT = '30d'
/** A year and some days to look back on it; nothing longer is kept anywhere. */
const PERIOD_MS_MAX: number = 400 * 86_400_000

/** These need a threshold, and only these. */
const BY_THRESHOLD: readonly Indicator[] = ['timeliness', 'freshness']
/** These count windows, or parts of them, and nothing else. */
const BY_WINDOW: readonly Indicator[] = ['freshness', 'volume', 'audit-coverage']

export interface PromisesContext {
  readonly windowMs: number
  readonly timeZone: string
  readonly burnRates: BurnRates
  /** Where a key of the map at a path stands. */
  readonly keyAt: (path: readonly string[], key: string) => Objective['place']
  readonly complain: Complain
}

export const nothingPromised = (pipeline: string): Promises => ({
  pipeline,
  objectives: [],
  agreement: null,
  burnRates: BURN_RATES_DEFAULT,
})

export function promisesOf(
  pipeline: string,
  input: PipelineInput,
  context: PromisesContext,
): Promises {
  const path = ['pipelines', pipeline, 'objectives']
  const declared = Object.entries(input.objectives ?? {})
  const objectives = declared.map(([id, objective]) => {
    const wrong: Complain = (rest, message) => context.complain([...path, id, ...rest], message)
    const place = context.keyAt(path, id)
    return { ...objectiveOf(id, objective, input.edges, context, wrong), place }
  })
  const agreement = input.agreement === undefined ? null : agreementOf(input.agreement)
  const ids = declared.map(([id]) => id)
  for (const [i, id] of (agreement?.promises ?? []).entries()) {
    const at = ['pipelines', pipeline, 'agreement', 'promises', i]
    if (!ids.includes(id)) {
      context.complain(at, `there is no objective \`${id}\`${suggestion(id, ids)}`)
    } else if (agreement?.promises.indexOf(id) !== i)
      context.complain(at, `\`${id}\` is there twice`)
  }
  return { pipeline, objectives, agreement, burnRates: context.burnRates }
}

function objectiveOf(
  id: string,
  input: ObjectiveInput,
  edges: readonly EdgeInput[],
  { windowMs, timeZone }: PromisesContext,
  wrong: Complain,
): Omit<Objective, 'place'> {
  const { indicator } = input
  const target = parseShare(input.target) as number
  if (input.strict === true && target < 1) {
    wrong(['strict'], '`strict` means a target of `100%`: any bad event breaches')
  }
  checkKeys(input, wrong)
  const budget = input.budget ?? (BY_WINDOW.includes(indicator) ? 'windows' : 'messages')
  const share = input.windowTarget === undefined ? null : parseShare(input.windowTarget)
  return {
    id,
    indicator,
    scope: scopeOf(input, edges, wrong),
    target,
    period: periodOf(input, windowMs, timeZone, wrong),
    thresholdMs: input.threshold === undefined ? null : parseDuration(input.threshold),
    volume: volumeOf(input, wrong),
    budget,
    windowTarget: budget === 'windows' ? share : null,
    severity: input.severity ?? 'ticket',
    minEvents: input.minEvents ?? 0,
    refundLate: input.refundLate ?? false,
    description: input.description ?? null,
  }
}

/** Keys that go with some indicators only, and with each other. */
function checkKeys(input: ObjectiveInput, wrong: Complain): void {
  const { indicator, threshold, volume, budget, windowTarget } = input
  const needs = (key: string, value: unknown, needed: boolean, example: string): void => {
    if (needed && value === undefined) {
      wrong([], `\`${indicator}\` needs \`${key}\`, as in \`${example}\``)
    } else if (!needed && value !== undefined) {
      wrong([key], `\`${indicator}\` has no \`${key}\`; leave it out`)
    }
  }
  needs('threshold', threshold, BY_THRESHOLD.includes(indicator), 'threshold: 60s')
  needs('volume', volume, indicator === 'volume', 'volume: { min: 1000 }')
  if (budget !== undefined && BY_WINDOW.includes(indicator)) {
    wrong(['budget'], `\`${indicator}\` counts windows anyway; leave \`budget\` out`)
  }
  if (budget === 'windows' && windowTarget === undefined) {
    wrong(
      ['budget'],
      '`budget: windows` needs `windowTarget`, as in `windowTarget: 99%`: the share of its messages ' +
        'that makes a window good',
    )
  }
  if (budget !== 'windows' && windowTarget !== undefined) {
    wrong(['windowTarget'], '`windowTarget` goes with `budget: windows`')
  }
}

function scopeOf(
  { scope = 'end-to-end', indicator }: ObjectiveInput,
  edges: readonly EdgeInput[],
  wrong: Complain,
): Scope {
  const noPreserve = (where: string): void =>
    wrong(
      ['scope'],
      `\`integrity\` needs an edge that promises it: ${where}; declare \`preserve: value\` there`,
    )
  if (scope === 'end-to-end') {
    if (indicator === 'integrity' && edges.every((e) => e.preserve === undefined)) {
      noPreserve('no edge of the pipeline has `preserve`')
    }
    return { kind: 'end-to-end' }
  }
  const meant = edgeMeant(scope.edge, edges)
  if (meant === null) {
    const near = edgeSuggestion(scope.edge, edges)
    wrong(['scope', 'edge'], `there is no edge \`${scope.edge}\`${near}`)
    return { kind: 'edge', edge: scope.edge }
  }
  const edge = edgeName(meant.from, meant.to)
  if (indicator === 'integrity' && meant.preserve === undefined) {
    noPreserve(`the edge \`${edge}\` has no \`preserve\``)
  }
  return { kind: 'edge', edge }
}

function periodOf(
  { period = PERIOD_DEFAULT }: ObjectiveInput,
  windowMs: number,
  timeZone: string,
  wrong: Complain,
): Period {
  if (typeof period !== 'string') return { kind: 'calendar', unit: period.calendar, timeZone }
  const ms = parseDuration(period) as number
  if (ms < windowMs) wrong(['period'], 'expected a period of one window or more, see `window`')
  if (ms > PERIOD_MS_MAX) wrong(['period'], 'expected a period of at most `400d`')
  return { kind: 'rolling', ms }
}

function volumeOf({ volume }: ObjectiveInput, wrong: Complain): Objective['volume'] {
  if (volume === undefined) return null
  const { min = 0, max = null } = volume
  if (volume.min === undefined && max === null)
    wrong(['volume'], 'expected `min` or `max`, or both')
  if (max !== null && min > max) wrong(['volume'], `expected \`min\` of at most \`max\`: ${max}`)
  return { min, max }
}

function agreementOf(input: AgreementInput): Agreement {
  return {
    consumers: input.consumers.map(({ name, contact }) => ({ name, contact: contact ?? null })),
    promises: input.promises,
    driver: input.driver ?? null,
    review: input.review ?? null,
    consequence: input.consequence ?? null,
  }
}
