/** What tests need of a browser: pages opened from files, and all that went wrong with them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { findChromium } from '../../src/testbed/chromium.ts'

/** Where there is none its tests are skipped by name; `npm test` says how to get one. */
export const isChromiumMissing: boolean = await findChromium().then(
  () => false,
  () => true,
)

export interface Opened {
  readonly page: Page
  /** What the console said, scripts threw, the policy refused, and was asked of anything but the file. */
  readonly troubles: string[]
  close(): Promise<void>
}

export interface Pages {
  open(html: string, options?: BrowserContextOptions): Promise<Opened>
  stop(): Promise<void>
}

export async function startPages(): Promise<Pages> {
  const { path, flags } = await findChromium()
  const folder = await mkdtemp(join(tmpdir(), 'quipu-pages-'))
  const browser = await chromium.launch({ executablePath: path, args: [...flags] })
  let files = 0
  return {
    async open(html, options = {}) {
      const file = join(folder, `${files++}.html`)
      await writeFile(file, html)
      return open(browser, pathToFileURL(file).href, options)
    },
    async stop() {
      await browser.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function open(
  browser: Browser,
  address: string,
  options: BrowserContextOptions,
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1_200, height: 900 }, ...options })
  const page = await context.newPage()
  const troubles: string[] = []
  // A refused style or script is told by the console too.
  page.on('console', (message) => troubles.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (request.url() !== address) troubles.push(`request: ${request.url()}`)
  })
  await page.goto(address)
  return { page, troubles, close: () => context.close() }
}

/** What axe-core calls serious or critical: rule, and the first element. @param rules left out: all */
export async function seriousOf(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(axe.source)
  const options = rules === undefined ? {} : { runOnly: { type: 'rule', values: rules } }
  const { violations } = (await page.evaluate(
    `axe.run(document, ${JSON.stringify(options)})`,
  )) as axe.AxeResults
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}: ${nodes[0]?.failureSummary ?? ''}`)
}

/** Pixels by which the page is wider than its window. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - innerWidth')
