/** From an event to what its receiver understands. Pure. */
import type { AlertTarget } from '../config/alerting.ts'
import type { AlertEvent } from './event.ts'
import { renderAlertmanager } from './render/alertmanager.ts'
import { renderPagerduty } from './render/pagerduty.ts'
import type { Post } from './render/post.ts'
import { renderSlack } from './render/slack.ts'
import { renderWebhook } from './render/webhook.ts'

/** @param target with the values of its variables. @param now ms */
export function render(target: AlertTarget, event: AlertEvent, now: number): Post {
  switch (target.kind) {
    case 'webhook':
      return renderWebhook(target, event, now)
    case 'alertmanager':
      return renderAlertmanager(target, [event])
    case 'pagerduty':
      return renderPagerduty(target, event)
    case 'slack':
      return renderSlack(target, event)
  }
}
