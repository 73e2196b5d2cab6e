/**
 * Which receivers hear of an event, and what each is called where secrets must not be.
 *
 * Of the routes the first that fits decides, and those behind it that it goes on to. A name is the place in the
 * file, the kind, and a hash of what the file says of it: with the names of variables, never with their
 * values. Who changes the file has another target then.
 */
import { createHash } from 'node:crypto'
import { type Environment, withVariables } from '../base/environment.ts'
import { QuipuError } from '../base/errors.ts'
import type { AlertingConfig, AlertMatch, AlertTarget } from '../config/alerting.ts'
import type { AlertEvent } from './event.ts'

export interface NamedTarget {
  /** `0.1-slack-1f3a9c2d`: route, place in it, kind, hash. */
  readonly name: string
  readonly target: AlertTarget
}

const HASH_CHARS = 8

/** Of all routes, in their order. */
export const targetsOf = ({ routes }: Pick<AlertingConfig, 'routes'>): NamedTarget[] =>
  routes.flatMap((_, i) => targetsOfRoute({ routes }, i))

export function targetsOfRoute(
  { routes }: Pick<AlertingConfig, 'routes'>,
  route: number,
): NamedTarget[] {
  return (routes[route]?.to ?? []).map((target, place) => {
    const hash = createHash('sha256').update(JSON.stringify(target)).digest('hex')
    const name = `${route}.${place}-${target.kind}-${hash.slice(0, HASH_CHARS)}`
    return { name, target }
  })
}

type Matched = Pick<AlertEvent, 'severity' | 'pipeline' | 'kind' | 'objective' | 'edge'>

/** None: no route fits, and nobody hears of it. */
export function targetsFor(
  alerting: Pick<AlertingConfig, 'routes'>,
  event: Matched,
): NamedTarget[] {
  const found: NamedTarget[] = []
  for (const [i, { match, goesOn }] of alerting.routes.entries()) {
    if (!fits(match, event)) continue
    found.push(...targetsOfRoute(alerting, i))
    if (!goesOn) break
  }
  return found
}

function fits({ severity, pipeline, kind, objective, edge }: AlertMatch, event: Matched): boolean {
  const isSame = (wanted: string | undefined, is: string | null): boolean =>
    wanted === undefined || wanted === is
  return (
    isSame(severity, event.severity) &&
    isSame(pipeline, event.pipeline) &&
    isSame(kind, event.kind) &&
    isSame(objective, event.objective) &&
    isSame(edge === undefined ? undefined : edgeOf(edge), event.edge)
  )
}

/** As people write it: `a -> b`, `a..b`. */
const edgeOf = (text: string): string => text.replace(/\s*(?:→|->|\.\.)\s*/, ' → ')

/** With the values of its variables. @throws QuipuError CONFIG: never with a value in it */
export function withSecrets({ name, target }: NamedTarget, env: Environment): AlertTarget {
  const put = (text: string): string =>
    withVariables(text, env, (message) => {
      throw new QuipuError('CONFIG', `alerting route ${name}: ${message}`, {
        hint: 'Set it where `quipu audit` and `quipu alert` run.',
      })
    })
  const resolved: AlertTarget =
    target.kind === 'webhook'
      ? { ...target, url: put(target.url), secret: target.secret && put(target.secret) }
      : target.kind === 'alertmanager'
        ? { ...target, url: put(target.url), token: target.token && put(target.token) }
        : target.kind === 'pagerduty'
          ? { ...target, url: put(target.url), routingKey: put(target.routingKey) }
          : { ...target, url: put(target.url) }
  if (URL.canParse(resolved.url)) return resolved
  throw new QuipuError('CONFIG', `alerting route ${name}: its address is none`, {
    hint: 'Expected an address such as https://alerts.example/hook, in the file or in its variable.',
  })
}
