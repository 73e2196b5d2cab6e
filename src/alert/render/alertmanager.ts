/**
 * Alertmanager, both ways: its API v2, and the body of its own webhook (version 4) for receivers that
 * understand that one.
 *
 * Labels are identity there: two alerts of the same labels are one. So what changes while it is wrong
 * (counts, samples, windows) stands in annotations. A severity that rises makes another alert; the one before
 * ends by itself, since it is not sent again.
 */
import { createHash } from 'node:crypto'
import type { AlertTarget } from '../../config/alerting.ts'
import type { AlertEvent, AlertKind } from '../event.ts'
import { isWeb } from '../words.ts'
import { JSON_TYPE, jsonText, type Post } from './post.ts'

type Labels = Readonly<Record<string, string>>

const names: Readonly<Record<AlertKind, string>> = {
  objective: 'QuipuObjective',
  incident: 'QuipuIncident',
  drift: 'QuipuDrift',
  no_data: 'QuipuNoData',
  coverage: 'QuipuCoverage',
  forecast: 'QuipuForecast',
  summary: 'QuipuSummary',
  test: 'QuipuTest',
}
/** Go's zero time: no end. */
const NO_END = '0001-01-01T00:00:00Z'
const FINGERPRINT_CHARS = 16

/** All that fire, in one request: it wants to hear of them again while they do. */
export function renderAlertmanager(
  { url, token }: Extract<AlertTarget, { kind: 'alertmanager' }>,
  events: readonly AlertEvent[],
): Post {
  return {
    url: `${url.replace(/\/+$/, '')}/api/v2/alerts`,
    headers: {
      'content-type': JSON_TYPE,
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: jsonText(
      events.map((event) => ({
        labels: labelsOf(event),
        annotations: annotationsOf(event),
        startsAt: event.startsAt,
        // Without an end its own time-out decides, should nobody send it again.
        ...(event.endsAt === null ? {} : { endsAt: event.endsAt }),
      })),
    ),
  }
}

export function alertmanagerWebhook(event: AlertEvent): Readonly<Record<string, unknown>> {
  const labels = labelsOf(event)
  const annotations = annotationsOf(event)
  const { alertname = '', pipeline } = labels
  const groupLabels = { alertname, ...(pipeline === undefined ? {} : { pipeline }) }
  const group = Object.entries(groupLabels).map(([k, v]) => `${k}=${JSON.stringify(v)}`)
  return {
    ...{ version: '4', groupKey: `{}:{${group.join(', ')}}`, truncatedAlerts: 0 },
    ...{ status: event.status, receiver: 'quipu', groupLabels },
    ...{ commonLabels: labels, commonAnnotations: annotations, externalURL: '' },
    alerts: [
      {
        ...{ status: event.status, labels, annotations },
        ...{ startsAt: event.startsAt, endsAt: event.endsAt ?? NO_END, generatorURL: '' },
        fingerprint: createHash('sha256')
          .update(JSON.stringify(labels))
          .digest('hex')
          .slice(0, FINGERPRINT_CHARS),
      },
    ],
  }
}

/** An empty label is none there. */
function labelsOf({ kind, key, severity, pipeline, objective, edge, owner }: AlertEvent): Labels {
  const team = owner.team ?? ''
  const all = { alertname: names[kind], key, kind, severity, pipeline, objective, edge, team }
  return filled(all)
}

function annotationsOf(event: AlertEvent): Labels {
  const { summary, facts, samples, windows, evidence, next, links, owner } = event
  return filled({
    summary,
    description: facts.map(({ label, value }) => `${label}: ${value}`).join('\n'),
    windows: windows === null ? '' : `${windows.count}, ${windows.first} to ${windows.last}`,
    samples: samples.map(({ id }) => id).join(', '),
    evidence,
    next,
    contact: owner.contact ?? '',
    // What reads it makes a link of the first.
    [isWeb(links.runbook ?? '') ? 'runbook_url' : 'runbook']: links.runbook,
    report_url: links.report,
  })
}

const filled = (all: Readonly<Record<string, string | null>>): Labels =>
  Object.fromEntries(
    Object.entries(all).filter((e): e is [string, string] => e[1] !== null && e[1] !== ''),
  )
