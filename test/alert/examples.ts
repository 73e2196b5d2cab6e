/** What receivers get of one loss, as docs/alerts.md shows it: of a real store, with a fixed id. */

import { render } from '../../src/alert/render.ts'
import { tell } from '../../src/alert/tell.ts'
import { lookInto } from '../../src/cli/alert-look.ts'
import type { AlertTarget } from '../../src/config/alerting.ts'
import { FLIGHTS, verdict } from '../reports/build.ts'
import { alertingTo, EDGE, NOW_OF_LOSS, storeOf, windowsOf } from '../support/alerting.ts'

const reach = { allow: [], plain: false }
const hook = { kind: 'webhook' as const, url: 'https://relay.example/quipu', ...reach }
const targets: Readonly<Record<string, AlertTarget>> = {
  webhook: { ...hook, secret: 'a secret', format: 'quipu' },
  cloudevents: { ...hook, secret: null, format: 'cloudevents' },
  'alertmanager-webhook': { ...hook, secret: null, format: 'alertmanager' },
  alertmanager: { kind: 'alertmanager', url: 'http://127.0.0.1:9093', token: null, ...reach },
  pagerduty: {
    ...{ kind: 'pagerduty', url: 'https://events.pagerduty.com/v2/enqueue', ...reach },
    routingKey: '…',
  },
  slack: { kind: 'slack', url: 'https://hooks.slack.com/services/…', ...reach },
}

export interface Example {
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** By name. @param path of a store that is made */
export async function examples(path: string): Promise<Readonly<Record<string, Example>>> {
  const alerting = alertingTo('https://relay.example/quipu')
  const others = FLIGHTS.edges.filter(({ name }) => name !== EDGE)
  const well = others.flatMap(({ name }) => [0, 1, 2, 3].map((w) => verdict(name, { w })))
  const store = await storeOf(path, [...windowsOf('.xx.'), ...well])
  try {
    const { conditions } = await lookInto(store, alerting, NOW_OF_LOSS)
    const newId = (): string => '6f1c1f5e-2f53-4f0c-9d6f-0a8f4a3c2b1d'
    const [event] = tell([], conditions, { alerting, now: NOW_OF_LOSS, newId }).events
    if (event === undefined) throw new Error('expected that the loss is told')
    return Object.fromEntries(
      Object.entries(targets).map(([name, target]) => {
        const { headers, body } = render(target, event, NOW_OF_LOSS)
        return [name, { headers, body: JSON.parse(body) }]
      }),
    )
  } finally {
    await store.close()
  }
}
