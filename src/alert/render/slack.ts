/**
 * Slack, incoming webhook: the verdict, facts, a few ids, what to do, a button for the runbook.
 *
 * Limits of Slack: header 150 characters, 10 fields of 2,000 each, a section 3,000, a button's address
 * 3,000; `& < >` have to be escaped everywhere. Ours (event.ts) keep the whole far below 13,000 characters,
 * where it refuses blocks without saying so.
 */
import type { AlertTarget } from '../../config/alerting.ts'
import type { AlertEvent } from '../event.ts'
import { cut } from '../words.ts'
import { JSON_TYPE, type Post } from './post.ts'

const HEADER_CHARS_MAX = 150
const ADDRESS_CHARS_MAX = 3_000

export function renderSlack(
  { url }: Extract<AlertTarget, { kind: 'slack' }>,
  event: AlertEvent,
): Post {
  const { facts, samples, next, owner, links, windows, startsAt, endsAt } = event
  const title = `${stateOf(event)}: ${event.summary}`
  const when = endsAt === null ? `since ${startsAt}` : `from ${startsAt} to ${endsAt}`
  const about = [when, ...(windows === null ? [] : [`${windows.count} windows`])]
  const runbook = links.runbook
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: headerOf(title) } },
    ...(facts.length === 0
      ? []
      : [
          {
            type: 'section',
            fields: facts.map(({ label, value }) =>
              mrkdwn(`*${escaped(label)}*\n${escaped(value)}`),
            ),
          },
        ]),
    ...(samples.length === 0
      ? []
      : [{ type: 'section', text: mrkdwn(samples.map(({ id }) => `\`${id}\``).join('\n')) }]),
    { type: 'section', text: mrkdwn(`\`${escaped(next)}\``) },
    {
      type: 'context',
      elements: [mrkdwn(escaped([...about, ...(owner.contact ? [owner.contact] : [])].join(', ')))],
    },
    ...(runbook === null || runbook.length > ADDRESS_CHARS_MAX || !URL.canParse(runbook)
      ? []
      : [
          {
            type: 'actions',
            elements: [
              { type: 'button', text: { type: 'plain_text', text: 'Runbook' }, url: runbook },
            ],
          },
        ]),
  ]
  const body = JSON.stringify({ text: escaped(title), blocks })
  return { url, headers: { 'content-type': JSON_TYPE }, body }
}

const stateOf = ({ status, severity }: AlertEvent): string =>
  status === 'resolved' ? 'Resolved' : severity === 'page' ? 'PAGE' : 'Ticket'

/** Cut before it is escaped, so that no `&amp;` is cut in two. */
function headerOf(title: string): string {
  for (let charsMax = HEADER_CHARS_MAX; ; charsMax -= 10) {
    const header = escaped(cut(title, charsMax))
    if (header.length <= HEADER_CHARS_MAX) return header
  }
}

const mrkdwn = (text: string) => ({ type: 'mrkdwn', text })

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
