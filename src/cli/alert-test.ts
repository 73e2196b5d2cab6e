/** `quipu alert test`: one event through each target, at once and without the outbox. */
import { randomUUID } from 'node:crypto'
import type { AlertEvent } from '../alert/event.ts'
import { masked } from '../alert/mask.ts'
import { render } from '../alert/render.ts'
import { type Sent, send } from '../alert/send.ts'
import { type NamedTarget, targetsOf, targetsOfRoute, withSecrets } from '../alert/targets.ts'
import { messageOf, QuipuError } from '../base/errors.ts'
import { visible, visibleJson } from '../base/visible.ts'
import { ALERTING_DEFAULT } from '../config/alerting.ts'
import { isoOf } from '../objective/iso.ts'
import type { ObjectiveSeverity } from '../objective/objective.ts'
import type { AlertTestFlags } from './alert.ts'
import { declaredIn } from './declared.ts'
import { out } from './io.ts'

interface Tried extends Pick<Sent, 'isDone'> {
  readonly target: string
  readonly result: string
}

/** 0 every target took it, 1 one did not. @throws QuipuError CONFIG: there is none */
export async function testAlerts(flags: AlertTestFlags): Promise<0 | 1> {
  const { severity = 'ticket', json } = flags
  const targets = await targetsOfFile(flags)
  const tried = await Promise.all(targets.map((target) => tryOne(target, severity)))
  if (json) {
    const schema = 'quipu.alert-test/v1'
    out(`${visibleJson(JSON.stringify({ schema, severity, targets: tried }, null, 2))}\n`)
  } else
    for (const { target, isDone, result } of tried)
      out(`${isDone ? 'ok  ' : 'fail'}  ${target}  ${visible(result)}\n`)
  return tried.every(({ isDone }) => isDone) ? 0 : 1
}

async function targetsOfFile({ config: file, route }: AlertTestFlags): Promise<NamedTarget[]> {
  const { config } = await declaredIn(file)
  const alerting = config.alerting ?? ALERTING_DEFAULT
  const { length } = alerting.routes
  if (length === 0)
    throw new QuipuError('CONFIG', 'the pipeline file names nobody who is told of alerts', {
      hint: 'Add `alerting: { routes: [{ to: [...] }] }`: see docs/alerts.md.',
    })
  if (route === undefined) return targetsOf(alerting)
  if (route <= length) return targetsOfRoute(alerting, route - 1)
  throw new QuipuError('CONFIG', `--route ${route}: the pipeline file has ${length}`, {
    hint: `Name one from 1 to ${length}.`,
  })
}

async function tryOne(named: NamedTarget, severity: ObjectiveSeverity): Promise<Tried> {
  const { name, target } = named
  try {
    const filled = withSecrets(named, process.env)
    const firing = testEvent(severity)
    const resolved = { ...firing, status: 'resolved' as const, endsAt: isoOf(Date.now()) }
    let last: Sent | null = null
    for (const event of [firing, resolved]) {
      last = await send(render(filled, event, Date.now()), filled)
      if (!last.isDone) break
    }
    const { isDone = false, text = '' } = last ?? {}
    return { target: name, isDone, result: masked(text, target, filled) }
  } catch (error) {
    return { target: name, isDone: false, result: messageOf(error) }
  }
}

function testEvent(severity: ObjectiveSeverity): AlertEvent {
  const id = randomUUID()
  return {
    ...{ schema: 'quipu.alert/v1', id, key: `test/${id}`, kind: 'test', status: 'firing' },
    ...{ severity, pipeline: '', objective: null, edge: null, owner: {} },
    ...{ startsAt: isoOf(Date.now()), endsAt: null, windows: null },
    summary: 'This is a test of quipu: nothing is wrong, nothing has to be done.',
    facts: [{ label: 'sent by', value: 'quipu alert test' }],
    ...{ samples: [], evidence: null, next: 'quipu alert status' },
    links: { runbook: null, report: null },
  }
}
