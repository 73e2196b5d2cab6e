/** What each receiver gets, and that its limits are kept whatever the names are. */
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { conditionsOf } from '../../src/alert/conditions.ts'
import type { AlertEvent } from '../../src/alert/event.ts'
import { render } from '../../src/alert/render.ts'
import { tell } from '../../src/alert/tell.ts'
import type { AlertTarget } from '../../src/config/alerting.ts'
import { badRun, NOW } from '../reports/build.ts'
import { HOSTILE } from '../reports/ci.ts'
import { errorsOf } from '../support/json-schemas.ts'
import { alerting, event, known, webhook } from './build.ts'

const reach = { allow: [], plain: false }
const alertmanager: AlertTarget = {
  ...{ kind: 'alertmanager', url: 'http://127.0.0.1:9093/', token: null, ...reach },
}
const pagerduty: AlertTarget = {
  ...{
    kind: 'pagerduty',
    url: 'https://events.example/v2/enqueue',
    routingKey: 'R0UT1NG',
    ...reach,
  },
}
const slack: AlertTarget = { kind: 'slack', url: 'https://hooks.example/T/B/x', ...reach }
const resolved = event({ status: 'resolved', endsAt: '2026-11-23T01:20:00.000Z' })
const bodyOf = (target: AlertTarget, of: AlertEvent) => JSON.parse(render(target, of, NOW).body)

/** Names as nobody would choose them, in every text of an event. */
const hostile = HOSTILE.map((text) =>
  event({
    ...{ key: `${text}/${text}`, pipeline: text, objective: text, edge: `${text} → ${text}` },
    ...{ owner: { team: text, contact: text, runbook: text }, summary: text.slice(0, 150) },
    facts: Array.from({ length: 8 }, () => ({
      label: text.slice(0, 200),
      value: text.slice(0, 200),
    })),
    links: { runbook: text, report: null },
  }),
)

describe('the event', () => {
  it('is what its schema says, of everything that is told', () => {
    const conditions = conditionsOf(known({ verdicts: badRun(), foreign: 2 }))
    const { events } = tell([], conditions, {
      ...{ alerting: alerting(), now: NOW, newId: () => 'an id' },
    })
    expect(events).toHaveLength(2)
    for (const one of [...events, event(), resolved, ...hostile])
      expect(errorsOf('alert', JSON.parse(JSON.stringify(one)))).toEqual([])
  })

  it('is refused by its schema where anything is missing, added or of another kind', () => {
    const { key: _, ...missing } = event()
    for (const bad of [missing, { ...event(), more: 1 }, { ...event(), severity: 'info' }])
      expect(errorsOf('alert', bad)).not.toEqual([])
  })
})

describe('a webhook', () => {
  it('is signed over its time and its body', () => {
    const { headers, body, url } = render(
      webhook('https://a.example', { secret: 'key' }),
      event(),
      NOW,
    )
    const timestamp = String(NOW / 1000)
    expect(url).toBe('https://a.example')
    expect(headers).toEqual({
      'content-type': 'application/json; charset=utf-8',
      'x-quipu-event': 'alert.firing',
      'x-quipu-delivery': event().id,
      'x-quipu-timestamp': timestamp,
      'x-quipu-signature-256': `sha256=${createHmac('sha256', 'key').update(`${timestamp}.${body}`).digest('hex')}`,
    })
    expect(JSON.parse(body)).toEqual(event())
  })

  it('without a secret is not signed', () => {
    const { headers } = render(webhook('https://a.example'), resolved, NOW)
    expect(headers['x-quipu-event']).toBe('alert.resolved')
    expect(headers).not.toHaveProperty('x-quipu-signature-256')
  })

  it('as CloudEvents 1.0 has its envelope', () => {
    const target = webhook('https://a.example', { format: 'cloudevents' })
    expect(render(target, event(), NOW).headers['content-type']).toMatch(
      /^application\/cloudevents\+json/,
    )
    expect(bodyOf(target, event())).toEqual({
      ...{ specversion: '1.0', id: event().id, source: 'urn:quipu-audit:flights' },
      ...{ type: 'io.quipu-audit.alert.firing.v1', subject: 'flights/no-loss' },
      ...{ time: '2026-11-23T01:10:00.000Z', datacontenttype: 'application/json' },
      ...{ dataschema: 'urn:quipu-audit:schema:alert:v1', data: event() },
    })
  })

  it("as Alertmanager's, version 4, has what its receivers read", () => {
    const target = webhook('https://a.example', { format: 'alertmanager' })
    expect(bodyOf(target, event())).toMatchSnapshot()
    expect(bodyOf(target, resolved)).toMatchObject({
      status: 'resolved',
      alerts: [{ status: 'resolved', endsAt: '2026-11-23T01:20:00.000Z' }],
    })
  })
})

describe('Alertmanager', () => {
  it('is told labels that stay and annotations that change', () => {
    const { url, body } = render(alertmanager, event(), NOW)
    expect(url).toBe('http://127.0.0.1:9093/api/v2/alerts')
    expect(JSON.parse(body)).toMatchSnapshot()
  })

  it('knows by its labels alone what is the same', () => {
    const labels = (of: AlertEvent): unknown => bodyOf(alertmanager, of)[0].labels
    const later = event({ summary: 'more', facts: [], samples: [], windows: null, id: 'x' })
    expect(labels(later)).toEqual(labels(event()))
    expect(labels(event({ key: 'other' }))).not.toEqual(labels(event()))
  })

  it('is told the end, and no end while there is none', () => {
    expect(bodyOf(alertmanager, event())[0]).not.toHaveProperty('endsAt')
    expect(bodyOf(alertmanager, resolved)[0].endsAt).toBe('2026-11-23T01:20:00.000Z')
  })

  it('is given no runbook to link to but one of the web', () => {
    const annotations = (runbook: string): Record<string, string> =>
      bodyOf(alertmanager, event({ links: { runbook, report: null } }))[0].annotations
    expect(annotations('https://wiki.example/a').runbook_url).toBe('https://wiki.example/a')
    expect(annotations('javascript:alert(1)')).not.toHaveProperty('runbook_url')
    expect(annotations('ask Ada').runbook).toBe('ask Ada')
  })

  it('sends its token as bearer', () => {
    const { headers } = render({ ...alertmanager, token: 'tok' } as AlertTarget, event(), NOW)
    expect(headers.authorization).toBe('Bearer tok')
  })

  it('never gets a label that is empty or no text', () => {
    for (const of of hostile)
      for (const value of Object.values(bodyOf(alertmanager, of)[0].labels))
        expect(value).toEqual(expect.stringMatching(/./s))
  })
})

describe('PagerDuty', () => {
  it('is told what opens an incident, and what closes it', () => {
    expect(bodyOf(pagerduty, event())).toMatchSnapshot()
    expect(bodyOf(pagerduty, resolved)).toMatchObject({
      ...{ event_action: 'resolve', dedup_key: 'flights/no-loss', routing_key: 'R0UT1NG' },
    })
  })

  it('gets keys of at most 255 characters that stay apart', () => {
    const keyOf = (key: string): string => bodyOf(pagerduty, event({ key })).dedup_key
    const long = 'k'.repeat(300)
    expect(keyOf('k'.repeat(255))).toBe('k'.repeat(255))
    expect(keyOf(long)).toHaveLength(255)
    expect(keyOf(long)).not.toBe(keyOf(`${long}x`))
    for (const of of hostile)
      expect(bodyOf(pagerduty, of).dedup_key.length).toBeLessThanOrEqual(255)
  })
})

describe('Slack', () => {
  it('is told the verdict, facts, ids, what to do, and where the runbook is', () => {
    expect(bodyOf(slack, event())).toMatchSnapshot()
    expect(bodyOf(slack, resolved).text).toMatch(/^Resolved: /)
  })

  it('gets nothing that mentions anybody or stands for markup', () => {
    const text = '<!channel> & <https://evil.example|here>'
    const { body } = render(
      slack,
      event({ summary: text, next: text, owner: { contact: text } }),
      NOW,
    )
    expect(body).not.toMatch(/<!|<https/)
    expect(body).toContain('&lt;!channel&gt; &amp;')
  })

  it('makes no link of what looks like one', () => {
    const { body } = render(slack, event(), NOW)
    const texts = body.match(/"type":"mrkdwn"/g) ?? []
    expect(texts.length).toBeGreaterThan(3)
    expect(body.match(/"verbatim":true/g)).toHaveLength(texts.length)
  })

  it('stays within its limits', () => {
    const wide = event({ summary: '&'.repeat(150) })
    for (const of of [...hostile, wide]) {
      const { body } = render(slack, of, NOW)
      const { blocks } = JSON.parse(body)
      expect(JSON.stringify(blocks).length).toBeLessThan(13_000)
      expect(blocks.length).toBeLessThanOrEqual(50)
      for (const { type, text, fields = [], elements = [] } of blocks) {
        if (type === 'header') {
          expect(text.text.length).toBeLessThanOrEqual(150)
          expect(text.text).toMatch(/^(?:[^&]|&(?:amp|lt|gt);)*$/)
        }
        if (type === 'section') expect(text?.text.length ?? 0).toBeLessThanOrEqual(3_000)
        expect(fields.length).toBeLessThanOrEqual(10)
        for (const field of fields) expect(field.text.length).toBeLessThanOrEqual(2_000)
        for (const { url = '' } of elements) expect(url.length).toBeLessThanOrEqual(3_000)
      }
    }
  })
})

it('every body is JSON with no control characters in it', () => {
  for (const target of [webhook('https://a.example'), alertmanager, pagerduty, slack])
    for (const of of hostile) expect(render(target, of, NOW).body).not.toMatch(/\p{Cc}/u)
})
