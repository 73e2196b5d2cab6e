/**
 * The report as one page: a file that can be opened, printed, forwarded and kept.
 *
 * Laws: the same report gives the same bytes. Nothing is asked of the network, and nothing runs or is
 * styled but what the page was made with: the hashes of both are in its policy, so a name that got past
 * the escaping could still do nothing. Everything can be read without the script.
 */
import { createHash } from 'node:crypto'
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import type { Report } from '../src/objective/report.ts'
import { embeddedJson } from './html/embedded.ts'
import { Page } from './html/page.tsx'
import { script } from './html/script.ts'
import { style } from './html/style.ts'
import { viewOf } from './html/view.ts'

export function renderHtml(report: Report): string {
  const view = viewOf(report)
  const title = `${view.report.headline} – Quipu`
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="robots" content="noindex">',
    renderToString(h('title', null, title)),
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    renderToString(h(Page, { view })),
    `<script type="application/json" id="report">${embeddedJson(report)}</script>`,
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const policy: string = [
  "default-src 'none'",
  `style-src ${hashOf(style)}`,
  `script-src ${hashOf(script)}`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')
