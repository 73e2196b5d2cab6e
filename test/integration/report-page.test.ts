/** The page of a report in a real browser: from a file, as people open it. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { renderHtml } from '../../reports/html.ts'
import type { Report } from '../../src/objective/report.ts'
import { flightsReport, HOSTILE, hostileReport, states } from '../reports/support/reports.ts'
import {
  isChromiumMissing,
  type Opened,
  overflowOf,
  type Pages,
  seriousOf,
  startPages,
} from '../support/pages.ts'

const NARROW = { width: 375, height: 800 }
/** What A4 leaves between its margins, in pixels. */
const PAPER = { width: 690, height: 1_000 }

describe.skipIf(isChromiumMissing)('the page of a report in a browser', () => {
  let pages: Pages
  beforeAll(async () => {
    pages = await startPages()
  })
  afterAll(async () => {
    await pages?.stop()
  })

  const open = async (...args: Parameters<Pages['open']>): Promise<Opened> => {
    const opened = await pages.open(...args)
    onTestFinished(() => opened.close())
    return opened
  }

  it('is looked at with eyes that see', async () => {
    const flawed = renderHtml(flightsReport()).replace(
      '<h1>',
      '<p style="color: red">a</p><img src="http://127.0.0.1:9/b.png"><script>console.log(1)</script><svg width="3000"></svg><h1>',
    )
    const { page, troubles } = await open(flawed)
    expect(troubles.filter((text) => /style|inline/i.test(text)).length).toBeGreaterThan(0)
    expect(troubles.some((text) => text.includes('script'))).toBe(true)
    expect(troubles.some((text) => text.includes('127.0.0.1:9'))).toBe(true)
    expect((await seriousOf(page)).join()).toContain('image-alt')
    expect(await overflowOf(page)).toBeGreaterThan(0)
  })

  it.each(Object.keys(states))(
    'is calm in light and dark, narrow and on paper: %s',
    async (name) => {
      const { page, troubles } = await open(html(name))
      expect(await overflowOf(page)).toBe(0)
      expect(await seriousOf(page)).toEqual([])

      await page.emulateMedia({ colorScheme: 'dark' })
      expect(await backgroundOf(page)).toBe('rgb(19, 20, 23)')
      // Of the two only colours differ, and of the huge one there are only more of them.
      if (name !== 'huge') expect(await seriousOf(page, ['color-contrast'])).toEqual([])

      await page.setViewportSize(NARROW)
      expect(await overflowOf(page)).toBe(0)
      expect(await seriousOf(page, ['scrollable-region-focusable', 'target-size'])).toEqual([])

      await page.setViewportSize(PAPER)
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
      // Whatever the screen is like, paper is white.
      expect(await backgroundOf(page)).toBe('rgb(255, 255, 255)')
      const pdf = await page.pdf({ format: 'A4' })
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
      expect(troubles).toEqual([])
    },
  )

  it('shows every figure of an objective on a narrow screen, each by its name', async () => {
    const { page } = await open(html('flights'))
    await page.setViewportSize(NARROW)
    const table = page.locator('#objectives > .wide')
    const widths = await table.evaluate((of) => [of.scrollWidth, of.clientWidth])
    expect(widths[0]).toBe(widths[1])
    const label = await table
      .locator('td')
      .nth(2)
      .evaluate((of) => getComputedStyle(of, '::before').content)
    expect(label).toBe('"Actual"')
  })

  it('says everything without a script', async () => {
    const { page, troubles } = await open(html('flights'), { javaScriptEnabled: false })
    const text = await textOf(page)
    for (const words of ['412 of 290,404 messages were lost', 'overspent by', 'Reaches store']) {
      expect(text).toContain(words)
    }
    expect(await page.locator('#messages tbody tr').count()).toBe(40)
    expect(await page.locator('button, input').count()).toBe(0)
    expect(troubles).toEqual([])
  })

  it('shows names of others as text, whatever they are', async () => {
    const { page, troubles } = await open(html('hostile'))
    expect(troubles).toEqual([])
    expect(await page.title()).toMatch(/^3 messages were lost on <\/script><script>document.title=/)
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.locator('script').count()).toBe(2)
    const text = await textOf(page)
    expect(text).toContain(HOSTILE.script)
    expect(text).toContain(HOSTILE.image)
    expect(text).toContain('pay\\u{202e}gro.elif')
    expect(text).toContain('a\\u{0}b\\u{7}\\u{1b}[31m')
    expect(text).toContain('(10,240 characters)')
    // The data is whole, and can be read by a program.
    const data = await page.locator('#report').textContent()
    expect((JSON.parse(data ?? '') as Report).hops.map(({ hop }) => hop)).toEqual(
      hostileReport().hops.map(({ hop }) => hop),
    )
  })

  it('can be walked through by keyboard', async () => {
    const { page, troubles } = await open(html('flights'))
    const focused = (): Promise<string> =>
      page.evaluate(
        '(document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent).trim()',
      )
    const said = (): Promise<string | null> =>
      page.locator('.strip:focus').getAttribute('aria-valuetext')

    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Skip to the report')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('report-body')

    // One stop for all strips; arrows walk along cells and between strips.
    const stops: string[] = []
    for (let i = 0; i < 4; i++) {
      await page.keyboard.press('Tab')
      stops.push(await focused())
    }
    expect(stops).toEqual([
      'Graph of flights',
      'Every edge in numbers',
      'Windows of checkin → flights',
      'Windows that are not met, as a table',
    ])
    await page.keyboard.press('Shift+Tab')
    expect(await said()).toContain('✓ met · 240 windows')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toBe('Windows of enrich → enriched + dlq')
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    expect(await said()).toContain('✗ breached · 9 windows')
    expect(await said()).toContain('412 lost, 58 doubled')
    expect(await page.locator('.strip-words').textContent()).toBe(await said())
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    // At the end it stays.
    expect(await said()).toContain('✓ met')
    // The last that was visited is the one that is come back to.
    await page.keyboard.press('Tab')
    await page.keyboard.press('Shift+Tab')
    expect(await focused()).toBe('Windows of enrich → enriched + dlq')
    expect(troubles).toEqual([])
  })

  it('sorts and filters its tables', async () => {
    const { page, troubles } = await open(html('flights'))
    const verdicts = (): Promise<string[]> =>
      page.locator('#objectives > .wide tbody th strong').allTextContents()
    expect(await verdicts()).toEqual(['no-loss', 'on-time', 'shape', 'unaltered'])
    const target = page.locator('#objectives > .wide thead th', { hasText: 'Target' })
    await target.locator('button').focus()
    await page.keyboard.press('Enter')
    expect(await target.getAttribute('aria-sort')).toBe('ascending')
    expect((await verdicts())[0]).toBe('on-time')
    await page.keyboard.press('Enter')
    expect(await target.getAttribute('aria-sort')).toBe('descending')
    expect((await verdicts())[0]).toBe('unaltered')

    const rows = page.locator('#messages tbody tr:visible')
    expect(await rows.count()).toBe(40)
    await page.locator('#messages input').fill('DOUBLED')
    expect(await rows.count()).toBe(20)
    expect(await page.locator('#messages .filter').textContent()).toContain('20 of 40')
    await page.locator('#messages input').fill('')
    expect(await rows.count()).toBe(40)
    expect(troubles).toEqual([])
  })
})

const backgroundOf = (page: Opened['page']): Promise<string> =>
  page.evaluate('getComputedStyle(document.body).backgroundColor')

/** What people read: not the data of the page. */
const textOf = async (page: Opened['page']): Promise<string> =>
  (await page.locator('header, main').allTextContents()).join('\n')

const rendered = new Map<string, string>()

function html(name: string): string {
  const known = rendered.get(name) ?? renderHtml((states[name] as () => Report)())
  rendered.set(name, known)
  return known
}
