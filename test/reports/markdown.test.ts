import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escaped, fenced, mermaidText } from '../../reports/markdown/escape.ts'
import { heatLine } from '../../reports/markdown/heat.ts'
import { renderMarkdown } from '../../reports/markdown.ts'
import type { StripCell } from '../../src/objective/report.ts'
import type { Standing } from '../../src/objective/standing.ts'
import {
  emptyReport,
  flightsReport,
  HOSTILE,
  hostileReport,
  hugeReport,
  silentReport,
} from './support/reports.ts'

/** GitHub's for a comment, the smallest of those that we know. */
const COMMENT_MAX = 65_536

describe('a report in Markdown', () => {
  it('of losses and copies', () => {
    expect(renderMarkdown(flightsReport())).toMatchSnapshot()
  })

  it('of nothing', () => {
    expect(renderMarkdown(emptyReport())).toMatchInlineSnapshot(`
      "## ? no data: Nothing has been audited yet.

      No pipeline has been audited into this store.

      Made by Quipu 0.1.0. All times are UTC.
      "
    `)
  })

  it('of a pipeline that nobody has reported on calls nothing well', () => {
    const text = renderMarkdown(silentReport())
    expect(text).not.toMatch(/✓|met\b/)
    expect(text).toContain('| ? no data | checkin → flights |')
  })

  it('is the same for the same report', () => {
    expect(renderMarkdown(flightsReport())).toBe(renderMarkdown(flightsReport()))
  })

  it('fits into a comment, whatever happened', () => {
    const huge = hugeReport()
    const [pipeline] = huge.pipelines
    const pipelines = Array.from({ length: 40 }, () => pipeline as NonNullable<typeof pipeline>)
    const hostile = hostileReport()
    const incidents = Array.from({ length: 50 }, () => hostile.incidents).flat()
    const objectives = Array.from({ length: 50 }, () => hostile.objectives).flat()
    for (const report of [huge, { ...hostile, incidents, objectives }, { ...huge, pipelines }]) {
      expect(renderMarkdown(report).length).toBeLessThan(COMMENT_MAX)
    }
    expect(renderMarkdown({ ...huge, pipelines })).toMatch(/^\d+ sections left out/m)
    expect(renderMarkdown(huge)).not.toContain('left out')
    expect(renderMarkdown(huge)).toMatch(/^\d+ more are in the JSON of the report\.$/m)
  })

  it('has tables whose rows have as many cells as their heads', () => {
    for (const report of [flightsReport(), hostileReport()]) {
      const tables = renderMarkdown(report).match(/(?:^\|.*\n)+/gm) ?? []
      expect(tables.length).toBeGreaterThan(1)
      for (const table of tables) {
        const widths = table
          .trim()
          .split('\n')
          .map((row) => row.split(/(?<!\\)\|/).length)
        expect(new Set(widths).size).toBe(1)
      }
    }
  })

  it('keeps names of others out of its markup', () => {
    const text = renderMarkdown(hostileReport())
    expect(outside(text)).not.toMatch(/<(?!!-- -->)/)
    expect(text).toContain('pay\\\\u{202e}gro.elif\\\\u{202c}')
    expect(outside(text)).not.toMatch(/@\w/)
    expect(text).not.toContain('x'.repeat(400))
    // Fences are ended by us alone: one of text, one of mermaid, one of a diff, and their ends.
    expect(text.match(/^```/gm)).toHaveLength(6)
    expect(HOSTILE.markup).toContain('`')
  })
})

/** Without what is fenced. */
const outside = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '')

describe('text of others in Markdown', () => {
  it.each([
    ['flights', 'flights'],
    ['enrich → enriched + dlq', 'enrich → enriched + dlq'],
    ['flights_enriched', 'flights_enriched'],
    ['_all_', '\\_all\\_'],
    ['a|b', 'a&#124;b'],
    ['`code`', '\\`code\\`'],
    ['*bold* ~~not~~', '\\*bold\\* \\~\\~not\\~\\~'],
    ['[a](b)', '\\[a\\](b)'],
    ['<b>&amp;', '&lt;b&gt;&amp;amp;'],
    ['a\\b', 'a\\\\b'],
    ['two\nlines', 'two\\\\u{a}lines'],
    ['pay\u202egro', 'pay\\\\u{202e}gro'],
    ['@team and a@b.example', '@<!-- -->team and a@<!-- -->b.example'],
    ['see #12, ask #bi', 'see #<!-- -->12, ask #bi'],
    ['# head', '\\# head'],
    ['#12', '\\#12'],
    ['- item', '\\- item'],
    ['1. item', '1<!-- -->. item'],
    ['412 of 600', '412 of 600'],
    ['https://a.example www.b.example', 'https&#58;//a.example www<!-- -->.b.example'],
    ['$x$', '\\$x\\$'],
  ])('%j is %j', (text, shown) => {
    expect(escaped(text)).toBe(shown)
  })

  it('is one line, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const shown of [escaped(text), fenced(text), mermaidText(text)]) {
          expect(shown).not.toMatch(/[\r\n\u2028\u2029]/)
        }
        expect(escaped(text)).not.toMatch(/(?<!\\)`|\|/)
        expect(fenced(text)).not.toContain('`')
        expect(mermaidText(text)).not.toMatch(/["`]/)
      }),
    )
  })
})

describe('a line of signs', () => {
  const MINUTE = 60_000
  const cells = (list: readonly Standing[]): StripCell[] =>
    list.map((standing, i) => ({
      start: new Date(i * MINUTE).toISOString(),
      end: new Date((i + 1) * MINUTE).toISOString(),
      ...{ standing, windows: 1, expected: 1, lost: 0, duplicated: 0, altered: 0 },
      ...{ inFlight: 0, undetermined: 0 },
    }))
  const line = (list: readonly Standing[], columns: number, minutes = list.length): string =>
    heatLine(cells(list), { from: 0, to: minutes * MINUTE, columns })

  it.each([
    // One sign each.
    [['met', 'breached', 'indeterminate', 'open', 'no_data'], 5, 5, '▁█▒…·'],
    // The worst of two, never the average.
    [['met', 'breached', 'met', 'met'], 2, 4, '█▁'],
    [['open', 'met', 'indeterminate', 'open'], 2, 4, '…▒'],
    // Each window is two signs.
    [['met', 'breached'], 4, 2, '▁▁██'],
    // A window that ends where a sign begins is not in it.
    [['breached', 'met', 'met'], 3, 3, '█▁▁'],
    // Nothing was judged at the end.
    [['met', 'met'], 4, 4, '▁▁··'],
  ] as const)('of %j in %d', (list, columns, minutes, signs) => {
    expect(line(list, columns, minutes)).toBe(signs)
  })
})
