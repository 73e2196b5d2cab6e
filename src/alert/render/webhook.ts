/**
 * Our own webhook: the event as it is, signed so that the receiver knows who sent it, and when.
 *
 *   X-Quipu-Event          alert.firing | alert.resolved
 *   X-Quipu-Delivery       id of the event: the same however often it is sent
 *   X-Quipu-Timestamp      seconds since 1970, of the sending
 *   X-Quipu-Signature-256  sha256=HEX, HMAC-SHA256 with the secret over `TIMESTAMP.BODY`
 *
 * A receiver that refuses timestamps some minutes old cannot be sent the same thing later by somebody else.
 */
import { createHmac } from 'node:crypto'
import type { AlertTarget } from '../../config/alerting.ts'
import type { AlertEvent } from '../event.ts'
import { alertmanagerWebhook } from './alertmanager.ts'
import { cloudEvent } from './cloudevents.ts'
import { JSON_TYPE, jsonText, type Post } from './post.ts'

type Webhook = Extract<AlertTarget, { kind: 'webhook' }>

/** @param now ms */
export function renderWebhook(
  { url, secret, format }: Webhook,
  event: AlertEvent,
  now: number,
): Post {
  const body = jsonText(bodyOf(format, event, now))
  const timestamp = String(Math.floor(now / 1000))
  return {
    url,
    headers: {
      'content-type':
        format === 'cloudevents' ? 'application/cloudevents+json; charset=utf-8' : JSON_TYPE,
      'x-quipu-event': `alert.${event.status}`,
      'x-quipu-delivery': event.id,
      'x-quipu-timestamp': timestamp,
      ...(secret === null ? {} : { 'x-quipu-signature-256': signature(secret, timestamp, body) }),
    },
    body,
  }
}

function bodyOf(format: Webhook['format'], event: AlertEvent, now: number): unknown {
  switch (format) {
    case 'quipu':
      return event
    case 'alertmanager':
      return alertmanagerWebhook(event)
    case 'cloudevents':
      return cloudEvent(event, now)
  }
}

const signature = (secret: string, timestamp: string, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
