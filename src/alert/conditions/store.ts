/**
 * The auditor cannot write its store: it sees nothing new until it can. That is blindness and no loss: what
 * agents report waits in the audit topic.
 */
import type { AlertingConfig } from '../../config/alerting.ts'
import type { Condition } from '../condition.ts'
import { factsOf, summaryOf } from '../words.ts'

const STORE_KEY = 'auditor/store'

/** @param why what the store says. @param since ms. @param next the command that says more */
export function storeConditions(
  { coverage: severity }: Pick<AlertingConfig, 'coverage'>,
  why: string,
  since: number,
  next: string,
): Condition[] {
  if (severity === 'off') return []
  return [
    {
      ...{ key: STORE_KEY, kind: 'coverage', severity, since, windows: null },
      ...{ pipeline: '', objective: null, edge: null, owner: {} },
      summary: summaryOf(`the auditor cannot write its store, so nothing new is judged: ${why}`),
      facts: factsOf([
        ['store', why],
        ['meanwhile', 'whether anything is lost is not known; frames wait in the audit topic'],
      ]),
      ...{ samples: [], evidence: null, links: { runbook: null, report: null } },
      ...{ isGoingOn: true, tally: null, next, forMs: 0 },
    },
  ]
}
