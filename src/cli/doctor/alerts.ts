/**
 * The routes of alerts: whether each target has its variables and an address that may be spoken to, and can
 * be connected to. Nothing is sent: `quipu alert test` does that.
 */
import { knock } from '../../alert/knock.ts'
import { masked } from '../../alert/mask.ts'
import { type NamedTarget, targetsOf, withSecrets } from '../../alert/targets.ts'
import type { Environment } from '../../base/environment.ts'
import { messageOf } from '../../base/errors.ts'
import { plural } from '../../base/words.ts'
import type { AlertingConfig, AlertTarget } from '../../config/alerting.ts'
import { type CheckResult, fail, ok, warn } from './check.ts'

/** Tried at the same time. */
const AT_ONCE = 8
/** ms after which no other target is tried. */
const ALL_MS = 8_000

export async function checkAlerts(
  alerting: Pick<AlertingConfig, 'routes'>,
  env: Environment,
): Promise<CheckResult[]> {
  const targets = targetsOf(alerting)
  const until = Date.now() + ALL_MS
  const results: CheckResult[] = []
  for (let at = 0; at < targets.length; at += AT_ONCE) {
    if (Date.now() >= until) return [...results, untried(targets.length - at)]
    const some = targets.slice(at, at + AT_ONCE)
    results.push(...(await Promise.all(some.map((target) => checkTarget(target, env)))))
  }
  return results
}

async function checkTarget(named: NamedTarget, env: Environment): Promise<CheckResult> {
  const { name, target } = named
  let filled: AlertTarget
  try {
    filled = withSecrets(named, env)
  } catch (error) {
    const todo = 'Set it where `quipu audit` runs, or correct the route in the file.'
    return fail('alert-route', name, messageOf(error), todo)
  }
  const why = await knock(filled)
  if (why === null) {
    const message = 'can be connected to; `quipu alert test` sends something'
    return ok('alert-route', name, message)
  }
  const todo = 'Correct its address in the file or its variable, or see to it that it is reachable.'
  return fail('alert-route', name, `no alert reaches it: ${masked(why, target, filled)}`, todo)
}

function untried(count: number): CheckResult {
  const message = `${plural(count, 'target')} not tried in time`
  return warn(
    'alert-route',
    'alerting.routes',
    message,
    'Try them with `quipu alert test --route N`.',
  )
}
