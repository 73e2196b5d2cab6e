/** `quipu alert status`: what fires, what waits, and what came of sending, by target. */
import type { AlertEvent } from '../alert/event.ts'
import { type AlertState, phases } from '../alert/state.ts'
import { statesIn } from '../alert/tell.ts'
import { visible, visibleJson } from '../base/visible.ts'
import { plural } from '../base/words.ts'
import { isoOf } from '../objective/iso.ts'
import type { Delivery, OutboxRow } from '../store/alerts.ts'
import type { AlertStatusFlags } from './alert.ts'
import { out } from './io.ts'
import { withStore } from './store-reader.ts'

const WAITING_MAX = 1_000

/** 0 all is well and told, 1 something fires, 3 something could not be sent so far. @throws QuipuError */
export async function alertStatus({ store: path, json }: AlertStatusFlags): Promise<0 | 1 | 3> {
  const { states, waiting, deliveries } = await withStore(path, async (store) => ({
    states: [...statesIn(await store.alerts()).values()].filter((s) => s.phase !== phases[2]),
    waiting: await store.outbox(Number.MAX_SAFE_INTEGER, WAITING_MAX),
    deliveries: await store.deliveries(),
  }))
  if (json) {
    const schema = 'quipu.alert-status/v1'
    const firing = states.map(firingOf)
    const all = {
      schema,
      firing,
      waiting: waiting.map(waitingOf),
      deliveries: deliveries.map(deliveryOf),
    }
    out(`${visibleJson(JSON.stringify(all, null, 2))}\n`)
  } else print(states, waiting, deliveries)
  if (waiting.some(({ attempts }) => attempts > 0)) return 3
  return states.some(({ phase }) => phase === 'firing') ? 1 : 0
}

const firingOf = ({ phase, since, toldAt, fineSince, toldTo, condition }: AlertState) => ({
  ...{ key: condition.key, kind: condition.kind, severity: condition.severity, phase },
  ...{ since: isoOf(since), toldAt: toldAt === 0 ? null : isoOf(toldAt) },
  ...{ wellSince: fineSince === null ? null : isoOf(fineSince), summary: condition.summary },
  toldTo: Object.keys(toldTo),
})

const waitingOf = ({ route, key, event, madeAt, dueAt, attempts, lastError }: OutboxRow) => ({
  ...{ target: route, key, status: (JSON.parse(event) as AlertEvent).status },
  ...{ madeAt: isoOf(madeAt), dueAt: isoOf(dueAt), attempts, lastError },
})

const deliveryOf = ({ route, at, ...rest }: Delivery) => ({ target: route, at: isoOf(at), ...rest })

function print(
  states: readonly AlertState[],
  waiting: readonly OutboxRow[],
  deliveries: readonly Delivery[],
): void {
  const isFirst = states.length + waiting.length + deliveries.length === 0
  if (isFirst) out('Nothing fires, and nothing was told so far: `alerting.routes` says who is.\n')
  else if (states.length === 0) out('Nothing fires.\n')
  for (const { phase, since, fineSince, condition } of states) {
    const { severity, key, summary } = condition
    const state = phase === 'firing' && fineSince !== null ? 'ending' : phase
    out(`${visible(`${state}  ${severity}  ${key}  since ${isoOf(since)}  ${summary}`)}\n`)
  }
  for (const { route, key, attempts, dueAt, lastError } of waiting) {
    const tried = attempts === 0 ? '' : `, tried ${plural(attempts, 'time')}: ${lastError}`
    out(`${visible(`waits   ${route}  ${key}  due ${isoOf(dueAt)}${tried}`)}\n`)
  }
  for (const { route, at, isDone, result, sent, failed, dropped } of deliveries) {
    const counts = `${sent} sent, ${failed} failed, ${dropped} given up`
    out(
      `${visible(`${isDone ? 'ok  ' : 'fail'}  ${route}  ${isoOf(at)}  ${result}  (${counts})`)}\n`,
    )
  }
}
