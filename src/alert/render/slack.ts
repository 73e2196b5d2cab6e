/**
 * Slack, incoming webhook: the verdict, facts, a few ids, what to do, a button for the runbook.
 *
 * Limits of Slack: header 150 characters, 10 fields of 2,000 each, a section 3,000, a button's address
 * 3,000, and near 13,000 in all, which it does not document. Ours come to less than 12,000. `& < >` have to
 * be escaped everywhere.
 */
import { plural } from '../../base/words.ts'
import type { AlertTarget } from '../../config/alerting.ts'
import type { AlertEvent } from '../event.ts'
import { cut, isWeb } from '../words.ts'
import { JSON_TYPE, jsonText, type Post } from './post.ts'

const TITLE_CHARS_MAX = 150
const LABEL_CHARS_MAX = 150
const VALUE_CHARS_MAX = 600
const LINE_CHARS_MAX = 600
const ADDRESS_CHARS_MAX = 3_000

export function renderSlack(
  { url }: Extract<AlertTarget, { kind: 'slack' }>,
  event: AlertEvent,
): Post {
  const { facts, samples, next, owner, links, windows, startsAt, endsAt } = event
  const title = escaped(`${stateOf(event)}: ${event.summary}`, TITLE_CHARS_MAX)
  const when = endsAt === null ? `since ${startsAt}` : `from ${startsAt} to ${endsAt}`
  const about = [
    when,
    ...(windows === null ? [] : [plural(windows.count, 'window')]),
    ...(owner.contact ? [owner.contact] : []),
  ]
  const runbook = links.runbook
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: title } },
    ...(facts.length === 0
      ? []
      : [
          {
            type: 'section',
            fields: facts.map(({ label, value }) =>
              mrkdwn(`*${escaped(label, LABEL_CHARS_MAX)}*\n${escaped(value, VALUE_CHARS_MAX)}`),
            ),
          },
        ]),
    ...(samples.length === 0
      ? []
      : [{ type: 'section', text: mrkdwn(samples.map(({ id }) => `\`${id}\``).join('\n')) }]),
    { type: 'section', text: mrkdwn(`\`${escaped(next, LINE_CHARS_MAX)}\``) },
    {
      type: 'context',
      elements: [mrkdwn(escaped(about.join(', '), LINE_CHARS_MAX))],
    },
    ...(runbook === null || runbook.length > ADDRESS_CHARS_MAX || !isWeb(runbook)
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
  const body = jsonText({ text: title, blocks })
  return { url, headers: { 'content-type': JSON_TYPE }, body }
}

const stateOf = ({ status, severity }: AlertEvent): string =>
  status === 'resolved' ? 'Resolved' : severity === 'page' ? 'PAGE' : 'Ticket'

/** `verbatim`: no name becomes a link, however much it looks like one. */
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text, verbatim: true })

/** Cut before it is escaped, so that no `&amp;` is cut in two. */
function escaped(text: string, charsMax: number): string {
  for (let chars = charsMax; ; chars -= 10) {
    const out = cut(text, chars)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
    if (out.length <= charsMax) return out
  }
}
