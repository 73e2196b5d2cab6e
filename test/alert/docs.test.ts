/** docs/alerts.md shows what receivers get, and a file that can be used. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alertKinds } from '../../src/alert/event.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { type Example, examples } from './examples.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/alerts.md'), 'utf8')
const sectionOf = (title: string): string =>
  page.split(/^#+ /m).find((s) => s.startsWith(`${title}\n`)) ?? ''
const blockOf = (section: string, language: string): string =>
  new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(section)?.[1] ?? ''

describe('docs/alerts.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quipu-alerts-page-'))
  let all: Readonly<Record<string, Example>>
  beforeAll(async () => {
    all = await examples(join(folder, 'store.db'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each([
    ['Webhook', 'webhook'],
    ['CloudEvents', 'cloudevents'],
    ["The body of Alertmanager's webhook", 'alertmanager-webhook'],
    ['Alertmanager', 'alertmanager'],
    ['PagerDuty', 'pagerduty'],
    ['Slack', 'slack'],
  ])('%s', (title, name) => {
    expect(JSON.parse(blockOf(sectionOf(title), 'json'))).toEqual(all[name]?.body)
  })

  it('shows the headers of a webhook', () => {
    const lines = Object.entries(all.webhook?.headers ?? {}).map(
      ([key, value]) => `${key}: ${value}\n`,
    )
    // The signature is over the body as it is sent, so it proves that the body above is that one.
    expect(blockOf(sectionOf('Webhook'), 'http')).toBe(lines.join(''))
  })

  it('has a file that can be used, with no variable set', () => {
    expect(parseConfig(blockOf(page, 'yaml'), 'quipu.yaml', {})).toMatchObject({ ok: true })
  })

  it.each(alertKinds)('says when %s is told', (kind) => {
    expect(sectionOf('What is told')).toContain(`| \`${kind}\``)
  })
})
