/** PagerDuty, Events API v2: an alert is known there by its `dedup_key`, which opens and closes it. */
import { createHash } from 'node:crypto'
import type { AlertTarget } from '../../config/alerting.ts'
import type { AlertEvent } from '../event.ts'
import { isWeb } from '../words.ts'
import { JSON_TYPE, jsonText, type Post } from './post.ts'

const DEDUP_KEY_CHARS_MAX = 255
const HASH_CHARS = 16

export function renderPagerduty(
  { url, routingKey }: Extract<AlertTarget, { kind: 'pagerduty' }>,
  event: AlertEvent,
): Post {
  const { key, kind, status, severity, pipeline, objective, edge, links } = event
  const { owner, windows, samples, evidence, next, facts, summary, startsAt } = event
  const body = {
    routing_key: routingKey,
    event_action: status === 'firing' ? 'trigger' : 'resolve',
    dedup_key: dedupKey(key),
    client: 'quipu',
    payload: {
      ...{ summary, source: pipeline === '' ? 'quipu' : pipeline, timestamp: startsAt },
      severity: severity === 'page' ? 'critical' : 'warning',
      component: edge ?? objective ?? undefined,
      ...{ group: pipeline === '' ? undefined : pipeline, class: kind },
      custom_details: {
        ...Object.fromEntries(facts.map(({ label, value }) => [label, value])),
        ...{ owner, windows, samples, evidence, next },
      },
    },
    links:
      links.runbook === null || !isWeb(links.runbook)
        ? []
        : [{ href: links.runbook, text: 'Runbook' }],
  }
  return { url, headers: { 'content-type': JSON_TYPE }, body: jsonText(body) }
}

/** Long ones end in their hash: two that begin alike stay two. */
function dedupKey(key: string): string {
  if (key.length <= DEDUP_KEY_CHARS_MAX) return key
  const hash = createHash('sha256').update(key).digest('hex').slice(0, HASH_CHARS)
  return `${key.slice(0, DEDUP_KEY_CHARS_MAX - HASH_CHARS - 1)}~${hash}`
}
