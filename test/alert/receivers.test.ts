/** What PagerDuty (Events API v2) and Slack (incoming webhooks) demand of a body, written down by hand. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { summaryEvent } from '../../src/alert/cap.ts'
import { storeConditions } from '../../src/alert/conditions/store.ts'
import { type AlertEvent, alertKinds } from '../../src/alert/event.ts'
import { eventOf } from '../../src/alert/event-of.ts'
import { render } from '../../src/alert/render.ts'
import type { AlertTarget } from '../../src/config/alerting.ts'
import { NOW } from '../reports/build.ts'
import { HOSTILE } from '../reports/ci.ts'
import { alerting, event } from './build.ts'

const web = z
  .string()
  .max(3_000)
  .regex(/^https?:\/\//)
const said = z.string().min(1)

const pagerdutyBody = z.strictObject({
  routing_key: said,
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: said.max(255),
  client: said,
  payload: z.strictObject({
    summary: said.max(1_024),
    source: said,
    severity: z.enum(['critical', 'error', 'warning', 'info']),
    timestamp: z.iso.datetime(),
    component: said.optional(),
    group: said.optional(),
    class: said,
    custom_details: z.record(z.string(), z.unknown()),
  }),
  links: z.array(z.strictObject({ href: web, text: said })),
})
/** Of a whole event. */
const PAGERDUTY_BYTES_MAX = 512 * 1_024

const plain = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: said.max(max) })
const mrkdwn = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: said.max(max), verbatim: z.boolean() })
const section = z
  .strictObject({
    type: z.literal('section'),
    text: mrkdwn(3_000).optional(),
    fields: z.array(mrkdwn(2_000)).min(1).max(10).optional(),
  })
  .refine(({ text, fields }) => text !== undefined || fields !== undefined, 'neither is there')
const button = z.strictObject({ type: z.literal('button'), text: plain(75), url: web })
const slackBody = z.strictObject({
  text: said.max(40_000),
  blocks: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('header'), text: plain(150) }),
        section,
        z.strictObject({
          type: z.literal('context'),
          elements: z.array(mrkdwn(3_000)).min(1).max(10),
        }),
        z.strictObject({ type: z.literal('actions'), elements: z.array(button).min(1).max(25) }),
      ]),
    )
    .min(1)
    .max(50),
})

const reach = { allow: [], plain: false }
const pagerduty: AlertTarget = {
  ...{ kind: 'pagerduty', url: 'https://events.example/v2/enqueue', routingKey: 'R', ...reach },
}
const slack: AlertTarget = { kind: 'slack', url: 'https://hooks.example/T/B/x', ...reach }

/** Every kind, firing and resolved; with as little and as much in it as there can be. */
const at = '2026-11-23T01:00:00.000Z'
const bare = event({
  ...{ pipeline: '', objective: null, edge: null, owner: {}, windows: null },
  ...{ facts: [], samples: [], evidence: null, links: { runbook: null, report: null } },
})
const most = (text: string): AlertEvent =>
  event({
    ...{ key: `${text}/${text}`, pipeline: text, objective: text, edge: `${text} → ${text}` },
    ...{ owner: { team: text, contact: text }, summary: text.slice(0, 150), next: text },
    facts: Array.from({ length: 8 }, () => ({
      label: text.slice(0, 200),
      value: text.slice(0, 200),
    })),
    samples: Array.from({ length: 5 }, () => ({ id: 'i'.repeat(36), traceId: 't'.repeat(32) })),
    links: {
      runbook: `https://wiki.example/${encodeURIComponent(text.slice(0, 9))}`,
      report: null,
    },
  })
const store = storeConditions(alerting(), 'store x is full', NOW, 'quipu doctor').map((condition) =>
  eventOf(
    {
      ...{ key: condition.key, status: 'firing' },
      state: {
        ...{ phase: 'firing', since: NOW, toldAt: NOW, fineSince: null, tally: null, toldTo: {} },
        condition,
      },
    },
    'i',
    NOW,
  ),
)
const events: readonly AlertEvent[] = [
  ...alertKinds.map((kind) => event({ kind })),
  ...[event({ severity: 'ticket' }), event({ severity: 'page' }), bare],
  event({ status: 'resolved', endsAt: '2026-11-23T01:20:00.000Z' }),
  summaryEvent([event(), event()], { route: 'r', id: 'i', at, flags: '' }),
  ...store,
  ...HOSTILE.filter((text) => !/[\ud800-\udfff]/.test(text)).map(most),
  most('&'.repeat(10_000)),
]
const bodyOf = (target: AlertTarget, of: AlertEvent): string => render(target, of, NOW).body
const wrong = (schema: z.ZodType, value: unknown): string[] =>
  schema.safeParse(value).error?.issues.map((i) => `${i.path.join('.')}: ${i.message}`) ?? []

describe('PagerDuty', () => {
  it('gets what its API wants, whatever is told', () => {
    for (const of of events) {
      const body = bodyOf(pagerduty, of)
      expect(wrong(pagerdutyBody, JSON.parse(body)), of.key.slice(0, 40)).toEqual([])
      expect(Buffer.byteLength(body)).toBeLessThan(PAGERDUTY_BYTES_MAX)
    }
  })

  it('would refuse what the schema here refuses', () => {
    const good = JSON.parse(bodyOf(pagerduty, event()))
    const bad = [
      ...[
        { ...good, event_action: 'firing' },
        { ...good, dedup_key: 'k'.repeat(256) },
      ],
      ...[
        { ...good, more: 1 },
        { ...good, routing_key: undefined },
      ],
      { ...good, payload: { ...good.payload, severity: 'page' } },
      { ...good, payload: { ...good.payload, summary: 's'.repeat(1_025) } },
      { ...good, payload: { ...good.payload, source: undefined } },
    ]
    for (const one of bad) expect(wrong(pagerdutyBody, one)).toHaveLength(1)
  })
})

describe('Slack', () => {
  it('gets blocks that it shows, whatever is told', () => {
    for (const of of events) {
      const body = JSON.parse(bodyOf(slack, of))
      expect(wrong(slackBody, body), of.key.slice(0, 40)).toEqual([])
      // What it does not document, and answers with `msg_blocks_too_long`.
      expect(JSON.stringify(body.blocks).length).toBeLessThan(13_000)
    }
  })

  it('would refuse what the schema here refuses', () => {
    const good = JSON.parse(bodyOf(slack, event()))
    const header = { type: 'header', text: { type: 'plain_text', text: 'h'.repeat(151) } }
    const field = { type: 'mrkdwn', text: 'f', verbatim: true }
    const bad = [
      ...[
        { ...good, text: undefined },
        { ...good, blocks: [] },
        { ...good, blocks: [header] },
      ],
      { ...good, blocks: [{ type: 'section', fields: Array(11).fill(field) }] },
      ...[
        { ...good, blocks: [{ type: 'section' }] },
        { ...good, blocks: [{ type: 'markdown' }] },
      ],
    ]
    for (const one of bad) expect(wrong(slackBody, one)).toHaveLength(1)
  })
})
