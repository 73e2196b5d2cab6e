/** What is wrong and what is known of it, by hand. */
import type { Condition } from '../../src/alert/condition.ts'
import type { AlertEvent } from '../../src/alert/event.ts'
import type { Known } from '../../src/alert/known.ts'
import {
  ALERTING_DEFAULT,
  type AlertingConfig,
  type AlertTarget,
  alertingOf,
} from '../../src/config/alerting.ts'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import { BURN_RATES_DEFAULT, type Objective } from '../../src/objective/objective.ts'
import { reportOf } from '../../src/objective/report-of.ts'
import { FLIGHTS, NOW } from '../reports/build.ts'
import { assessed } from '../reports/ci.ts'

export const objective = (of: Partial<Objective> = {}): Objective =>
  assessed('met', { of }).objective

interface Parts extends Partial<Omit<Known, 'report' | 'alerting'>> {
  readonly verdicts?: readonly EdgeVerdict[]
  readonly objectives?: readonly Objective[]
  readonly alerting?: Partial<AlertingConfig>
  readonly drift?: Parameters<typeof reportOf>[0]['drift']
  readonly foreign?: number
}

/** As a look at a store finds it. */
export function known({
  verdicts = [],
  objectives = [],
  alerting = {},
  drift = [],
  foreign = 0,
  ...rest
}: Parts = {}): Known {
  const now = rest.now ?? NOW
  const promises = [
    { pipeline: 'flights', objectives, agreement: null, burnRates: BURN_RATES_DEFAULT },
  ]
  const report = reportOf({
    ...{ pipelines: [FLIGHTS], promises, verdicts, drift, foreign, now },
    ...{ since: now - 86_400_000, detail: 'ids', version: '0.1.0' },
  })
  return {
    ...{ now, pipelines: [FLIGHTS], hops: [], forecasts: [], ...rest },
    ...{ report, alerting: { ...ALERTING_DEFAULT, ...alerting } },
  }
}

export const condition = (parts: Partial<Condition> = {}): Condition => ({
  ...{ key: 'flights/no-loss', kind: 'objective', severity: 'page', pipeline: 'flights' },
  ...{ objective: 'no-loss', edge: null, owner: { team: 'network-ops', contact: '#flights' } },
  since: NOW - 120_000,
  windows: { first: '2026-11-23T01:00:00.000Z', last: '2026-11-23T01:02:00.000Z', count: 2 },
  summary: 'flights/no-loss is breached: completeness, 412 bad events',
  facts: [
    { label: 'kept', value: '99.98%' },
    { label: 'bad', value: '412 of 6,012,345' },
  ],
  samples: [{ id: '01935b2c-7a00-7abc-8def-0123456789ab', traceId: null }],
  ...{ evidence: 'exact', next: 'quipu report --pipeline flights --since 1h' },
  links: { runbook: 'https://wiki.example/flights', report: null },
  ...{ isGoingOn: true, tally: null, forMs: 0 },
  ...parts,
})

export const event = (parts: Partial<AlertEvent> = {}): AlertEvent => {
  const { since: _, isGoingOn: __, tally: ___, forMs: ____, ...about } = condition()
  return {
    ...{ schema: 'quipu.alert/v1', id: '6f1c1f5e-2f53-4f0c-9d6f-0a8f4a3c2b1d', status: 'firing' },
    ...about,
    ...{ startsAt: '2026-11-23T01:08:00.000Z', endsAt: null },
    ...parts,
  }
}

export const webhook = (url: string, parts: Partial<AlertTarget> = {}): AlertTarget =>
  ({
    ...{ kind: 'webhook', url, secret: null, format: 'quipu', allow: [], plain: false },
    ...parts,
  }) as AlertTarget

/** What a file says, over the defaults. */
export function alerting(input: Parameters<typeof alertingOf>[0] = {}): AlertingConfig {
  return alertingOf(input, (_, message) => {
    throw new Error(message)
  })
}
