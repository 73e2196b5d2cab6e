/** A store with a loss in it, as an auditor leaves it, and who is told. */
import type { AlertsInput } from '../../src/config/alert-schema.ts'
import { type AlertingConfig, alertingOf } from '../../src/config/alerting.ts'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import { BURN_RATES_DEFAULT, type Objective } from '../../src/objective/objective.ts'
import { PIPELINES_FACT, PROMISES_FACT } from '../../src/store/facts.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { FLIGHTS, finding, idOf, NOW, once, verdict } from '../reports/build.ts'
import { assessed } from '../reports/ci.ts'

export const NOW_OF_LOSS: number = NOW
export const EDGE = 'enrich → enriched + dlq'

export function alertingTo(url: string, more: AlertsInput = {}): AlertingConfig {
  const input: AlertsInput = {
    ...{ coverage: 'off', resolveAfter: '2m', repeat: '1h' },
    routes: [{ to: [{ webhook: { url } }] }],
    ...more,
  }
  return alertingOf(input, (_, message) => {
    throw new Error(message)
  })
}

/** Of which any lost message is one too many. */
const strict: Objective = assessed('met', {
  of: { target: 1, period: { kind: 'rolling', ms: 86_400_000 } },
}).objective

export async function storeOf(
  path: string,
  verdicts: readonly EdgeVerdict[],
  objectives: readonly Objective[] = [strict],
): Promise<Store> {
  const store = await openSqliteStore(path)
  const promises = {
    pipeline: 'flights',
    objectives,
    agreement: null,
    burnRates: BURN_RATES_DEFAULT,
  }
  await store.setFact(PIPELINES_FACT, [FLIGHTS])
  await store.setFact(PROMISES_FACT, [promises])
  await store.saveVerdicts(verdicts, NOW)
  return store
}

/** Windows of the transformation: `x` lost one, `?` cannot be judged, anything else is well. */
export const windowsOf = (text: string, from = 0): EdgeVerdict[] =>
  [...text].map((is, i) => {
    const w = from + i
    if (is === 'x')
      return verdict(EDGE, {
        ...{ w, verdict: 'breached', counts: { expected: 400, delivered: 399, lost: 1 } },
        findings: [finding('lost', { w, ids: [once(idOf(1, w))] })],
      })
    if (is === '?')
      return verdict(EDGE, {
        ...{ w, verdict: 'indeterminate' },
        counts: { expected: 400, delivered: 390, undetermined: 10 },
        findings: [finding('undetermined', { w, count: 10 })],
      })
    return verdict(EDGE, { w })
  })
