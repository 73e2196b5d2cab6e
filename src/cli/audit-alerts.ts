/**
 * Alerts of a running audit: looks every few seconds at what is wrong, stores what has to be told, and
 * sends it. Who audits goes on, whatever comes of it, and never waits for a receiver.
 */
import { randomUUID } from 'node:crypto'
import type { Condition } from '../alert/condition.ts'
import { BEHIND_KEY, behindConditions } from '../alert/conditions/coverage.ts'
import { isForetold } from '../alert/conditions/forecasts.ts'
import { conditionsOf } from '../alert/conditions.ts'
import { Courier } from '../alert/courier.ts'
import type { AlertEvent } from '../alert/event.ts'
import { eventOf } from '../alert/event-of.ts'
import type { Foretold } from '../alert/known.ts'
import { send } from '../alert/send.ts'
import { targetsOf, withSecrets } from '../alert/targets.ts'
import { isEmpty, statesIn, tell } from '../alert/tell.ts'
import type { Environment } from '../base/environment.ts'
import { messageOf } from '../base/errors.ts'
import type { AlertingConfig } from '../config/alerting.ts'
import { forecastOf } from '../diagnose/forecast.ts'
import { lagsOf } from '../diagnose/lags.ts'
import { hopKey } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import type { Clock } from '../message/mint.ts'
import { summarizeHops } from '../objective/hop-coverage.ts'
import { reportOf } from '../objective/report-of.ts'
import { LAGS_FACT } from '../store/facts.ts'
import type { Store } from '../store/store.ts'
import { inputOf } from './report-reader.ts'
import { versionOf } from './version.ts'

export interface AlertTellerOptions {
  readonly store: Store
  readonly alerting: AlertingConfig
  readonly env: Environment
  readonly onTrouble: (text: string) => void
  readonly clock?: Clock
}

/** ms between two looks at least; one reads the verdicts of a day, and of the periods of objectives. */
const LOOK_MS = 5_000
/** Looks take no more than so much of the time, however much there is to look at. */
const SHARE_MAX = 0.05
/** ms: incidents, drift and agents of the last day are told. */
const BACK_MS = 86_400_000
/** ms: a hop is called unseen for what it is now, not for what it was this morning. */
const HOPS_BACK_MS = 900_000
/** ms that a last round may take when the audit ends; what is left is sent by the next one. */
const LAST_MS = 5_000

export class AlertTeller {
  readonly #options: AlertTellerOptions
  readonly #clock: Clock
  readonly #courier: Courier
  readonly #isNeeded: boolean
  /** ms */
  #lookAt = 0
  /** ms: when all there was had been read */
  #caughtUpAt: number
  #sending: Promise<void> | null = null
  #isClosed = false

  constructor(options: AlertTellerOptions) {
    const { store, alerting, env, onTrouble, clock = Date.now } = options
    this.#options = options
    this.#clock = clock
    this.#isNeeded = alerting.routes.length > 0
    this.#caughtUpAt = clock()
    this.#courier = new Courier({
      ...{ alerting, outbox: store, env, send, clock },
      onTrouble: (text) => onTrouble(`alerts: ${text}`),
    })
  }

  /** Says which targets cannot be reached as they are written. What they miss waits for them. */
  open(): void {
    const { alerting, env, onTrouble } = this.#options
    for (const named of targetsOf(alerting)) {
      try {
        withSecrets(named, env)
      } catch (error) {
        onTrouble(messageOf(error))
      }
    }
  }

  /** Looks if it is time to, and starts to send what is due. */
  async turn(isCaughtUp: boolean): Promise<void> {
    if (!this.#isNeeded) return
    const now = this.#clock()
    if (isCaughtUp) this.#caughtUpAt = now
    if (now < this.#lookAt) return
    const begun = performance.now()
    await this.#guarded('looking for what is wrong', () => this.#look(isCaughtUp))
    const tookMs = performance.now() - begun
    this.#lookAt = this.#clock() + Math.max(LOOK_MS, tookMs / SHARE_MAX)
    this.#sending ??= this.#guarded('sending', () => this.#send()).finally(() => {
      this.#sending = null
    })
  }

  /** Looks once more, and sends what can be sent soon. */
  async close(isCaughtUp: boolean): Promise<void> {
    if (!this.#isNeeded) return
    if (isCaughtUp) await this.#guarded('looking for what is wrong', () => this.#look(true))
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_MS)
    })
    const last = (async (): Promise<void> => {
      await this.#sending
      await this.#guarded('sending', () => this.#send())
    })()
    await Promise.race([last, late])
    clearTimeout(timer)
    // What is still under way ends with the store, and its row stays in there.
    this.#isClosed = true
  }

  async #look(isCaughtUp: boolean): Promise<void> {
    const { store, alerting } = this.#options
    const now = this.#clock()
    const { conditions, isKnown } = isCaughtUp
      ? await lookInto(this.#options, now)
      : {
          conditions: behindConditions(alerting, now - this.#caughtUpAt, now),
          // Evidence that was not read yet is missing from all the others.
          isKnown: ({ key }: Condition) => key === BEHIND_KEY,
        }
    const of = { alerting, now, isKnown, newId: randomUUID }
    const { change } = tell(await store.alerts(), conditions, of)
    if (!isEmpty(change)) await store.changeAlerts(change, now)
  }

  async #send(): Promise<void> {
    const { store } = this.#options
    while ((await this.#courier.round()) > 0);
    const states = [...statesIn(await store.alerts()).values()].filter((s) => s.phase === 'firing')
    const now = this.#clock()
    await this.#courier.remind((target) =>
      states.flatMap((state): AlertEvent[] => {
        const severity = state.toldTo[target]
        if (severity === undefined) return []
        const { key } = state.condition
        return [eventOf({ key, status: 'firing', state }, randomUUID(), now, severity)]
      }),
    )
  }

  async #guarded(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!this.#isClosed) this.#options.onTrouble(`alerts, ${what}: ${messageOf(error)}`)
    }
  }
}

interface Looked {
  readonly conditions: readonly Condition[]
  readonly isKnown: (condition: Condition) => boolean
}

/** What is wrong now, by the store. */
export async function lookInto(
  { store, alerting }: Pick<AlertTellerOptions, 'store' | 'alerting'>,
  now: number,
): Promise<Looked> {
  const input = await inputOf(store, { since: now - BACK_MS, measured: false }, null, now)
  const { pipelines, verdicts, instances = [], gaps = [] } = input
  const report = reportOf({ ...input, detail: 'ids', version: versionOf() })
  const since = now - HOPS_BACK_MS
  const hops = summarizeHops({
    ...{ pipelines, instances, gaps, now, since },
    verdicts: verdicts.filter((v) => v.window.start >= since),
    coverage: await store.coverage(),
  })
  const forecasts = await foretold(store, pipelines, now)
  return {
    conditions: conditionsOf({ now, alerting, pipelines, report, hops, forecasts }),
    isKnown: (condition) => isForetold(condition, forecasts),
  }
}

/** Of the samples that the audit takes, for the groups that are declared. */
async function foretold(
  store: Store,
  pipelines: readonly Pipeline[],
  now: number,
): Promise<readonly Foretold[]> {
  const forecasts = forecastOf(lagsOf(await store.fact(LAGS_FACT)), now)
  const byGroup = new Map(forecasts.map((forecast) => [hopKey(forecast.group), forecast]))
  return pipelines.flatMap(({ name, hops }) =>
    hops.flatMap(({ name: hop, hop: ref }) => {
      const forecast = byGroup.get(hopKey(ref))
      return forecast === undefined ? [] : [{ pipeline: name, hop, forecast }]
    }),
  )
}
