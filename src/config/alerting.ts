/** What is told of what goes wrong, how often, and whom: what the file says, over the defaults. */
import { parseDuration } from '../base/duration.ts'
import type { ObjectiveSeverity } from '../objective/objective.ts'
import type {
  AlertsInput,
  alertAllowances,
  MatchInput,
  ReachInput,
  TargetInput,
  webhookFormats,
} from './alert-schema.ts'
import type { Complain } from './pipelines.ts'

/** `off`: it is not told at all. */
export type Told = ObjectiveSeverity | 'off'

export interface Reach {
  /** Addresses, not public, to which a name may lead. */
  readonly allow: readonly (typeof alertAllowances)[number][]
  /** Whether http may be spoken beyond the private network. */
  readonly plain: boolean
}

/** One receiver. Texts are as the file has them, with the names of variables. */
export type AlertTarget = Reach &
  (
    | {
        readonly kind: 'webhook'
        readonly url: string
        readonly secret: string | null
        readonly format: (typeof webhookFormats)[number]
      }
    | { readonly kind: 'alertmanager'; readonly url: string; readonly token: string | null }
    | { readonly kind: 'pagerduty'; readonly url: string; readonly routingKey: string }
    | { readonly kind: 'slack'; readonly url: string }
  )

/** All that is said must fit. */
export type AlertMatch = MatchInput

export interface AlertRoute {
  readonly match: AlertMatch
  readonly to: readonly AlertTarget[]
  /** Whether routes below are tried as well. */
  readonly goesOn: boolean
}

export interface AlertingConfig {
  readonly incident: Told
  readonly noData: Told
  readonly coverage: Told
  readonly drift: Told
  readonly forecast: { readonly withinMs: number; readonly severity: Told }
  /** ms: what is still wrong is told again. */
  readonly repeatMs: number
  /** ms: well for so long is resolved. */
  readonly resolveAfterMs: number
  /** Messages to one target. */
  readonly perMinute: number
  readonly routes: readonly AlertRoute[]
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

export const ALERTING_DEFAULT: AlertingConfig = {
  ...{ incident: 'ticket', noData: 'ticket', coverage: 'ticket', drift: 'ticket' },
  forecast: { withinMs: 24 * HOUR_MS, severity: 'ticket' },
  ...{ repeatMs: 4 * HOUR_MS, resolveAfterMs: 5 * MINUTE_MS, perMinute: 20, routes: [] },
}

/** Repeating more often than that tells nobody more. */
const REPEAT_MS_MIN = MINUTE_MS
const PAGERDUTY = 'https://events.pagerduty.com/v2/enqueue'

export function alertingOf(input: AlertsInput = {}, complain: Complain): AlertingConfig {
  const { forecast, repeat, resolveAfter, routes = [] } = input
  const { repeatMs, resolveAfterMs, ...rest } = ALERTING_DEFAULT
  const config: AlertingConfig = {
    incident: input.incident ?? rest.incident,
    noData: input.noData ?? rest.noData,
    coverage: input.coverage ?? rest.coverage,
    drift: input.drift ?? rest.drift,
    forecast:
      forecast === undefined
        ? rest.forecast
        : {
            withinMs: msOf(forecast.within),
            severity: forecast.severity ?? rest.forecast.severity,
          },
    repeatMs: repeat === undefined ? repeatMs : msOf(repeat),
    resolveAfterMs: resolveAfter === undefined ? resolveAfterMs : msOf(resolveAfter),
    perMinute: input.perMinute ?? rest.perMinute,
    routes: routes.map(
      ({ match = {}, to, continue: goesOn = false }): AlertRoute => ({
        ...{ match, goesOn },
        to: to.map(targetOf),
      }),
    ),
  }
  if (config.repeatMs < REPEAT_MS_MIN)
    complain(['alerting', 'repeat'], '`repeat`: expected `1m` or more')
  const last = routes.length - 1
  for (const [i, { match = {}, continue: goesOn = false }] of routes.entries()) {
    if (goesOn || i === last || Object.keys(match).length > 0) continue
    const message =
      'this route takes everything, so none below it is ever tried: add `match` or `continue: true`'
    complain(['alerting', 'routes', i], message)
  }
  return config
}

const msOf = (text: string): number => parseDuration(text) as number

function targetOf({ webhook, alertmanager, pagerduty, slack }: TargetInput): AlertTarget {
  if (webhook !== undefined) {
    const { url, secret = null, format = 'quipu' } = webhook
    return { kind: 'webhook', url, secret, format, ...reachOf(webhook) }
  }
  if (alertmanager !== undefined) {
    const { url, token = null } = alertmanager
    return { kind: 'alertmanager', url, token, ...reachOf(alertmanager) }
  }
  if (pagerduty !== undefined) {
    const { url = PAGERDUTY, routingKey } = pagerduty
    return { kind: 'pagerduty', url, routingKey, ...reachOf(pagerduty) }
  }
  if (slack !== undefined) return { kind: 'slack', url: slack.webhook, ...reachOf(slack) }
  throw new Error('the shape lets no target through that is none of these')
}

const reachOf = ({ allow = [], plain }: ReachInput): Reach => ({ allow, plain: plain === true })
