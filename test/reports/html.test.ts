import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { renderHtml } from '../../reports/html.ts'
import type { Report, StripCell } from '../../src/objective/report.ts'
import {
  emptyReport,
  flightsReport,
  HOSTILE,
  healthyReport,
  hostileReport,
  hugeReport,
  severalReport,
  silentReport,
  states,
} from './support/reports.ts'

const LIMIT_BYTES = 500_000

const bytesOf = (html: string): number => Buffer.byteLength(html)

/** What people read: no style, no script, no data. */
const bodyOf = (html: string): string =>
  html
    .replace(/^[\s\S]*<body>/, '')
    .replace(/<script[\s\S]*?<\/script>/g, '')
    .trim()

/** Without tags, one text a line. */
const linesOf = (html: string): string[] =>
  bodyOf(html)
    .replace(/<[^>]+>/g, '\n')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

const sectionOf = (html: string, id: string): string => {
  const start = html.indexOf(`<section id="${id}"`)
  return start < 0 ? '' : html.slice(start, html.indexOf('</section>', start))
}

const embeddedOf = (html: string): string =>
  /<script type="application\/json" id="report">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? ''

describe('the page of a report', () => {
  it('of nothing says what to do', () => {
    expect(bodyOf(renderHtml(emptyReport()))).toMatchSnapshot()
  })

  it('of a pipeline that nobody has reported on calls nothing well', () => {
    const html = renderHtml(silentReport())
    expect(linesOf(html).join('\n')).toMatchSnapshot()
    expect(sectionOf(html, 'pipeline-0')).not.toContain('met')
  })

  it('of losses and copies', () => {
    expect(linesOf(renderHtml(flightsReport())).join('\n')).toMatchSnapshot()
  })

  it('has its parts in the order in which they are asked for', () => {
    const html = renderHtml(flightsReport())
    const ids = [...html.matchAll(/<section id="([^"]*)"/g)].map(([, id]) => id)
    expect(ids).toEqual([
      'pipeline-0',
      ...['objectives', 'agreements', 'incidents', 'messages', 'latency', 'coverage', 'method'],
    ])
    expect(html.indexOf('<h1>')).toBeLessThan(html.indexOf('class="tiles"'))
    expect(html.indexOf('class="tiles"')).toBeLessThan(html.indexOf('class="graph"'))
    expect(html.indexOf('class="graph"')).toBeLessThan(html.indexOf('class="strips"'))
  })

  it.each(Object.keys(states))('is the same bytes for the same report: %s', (name) => {
    const make = states[name] as () => Report
    expect(renderHtml(make())).toBe(renderHtml(make()))
  })

  it('stays a file that can be mailed, whatever happened', () => {
    expect(bytesOf(renderHtml(hugeReport()))).toBeLessThan(LIMIT_BYTES)
  })

  it('stays so where every other window of every edge is bad', () => {
    const huge = hugeReport()
    const strips = huge.strips.map((strip) => ({ ...strip, cells: strip.cells.map(flapping) }))
    const html = renderHtml({ ...huge, strips })
    expect(bytesOf(html)).toBeLessThan(LIMIT_BYTES)
    // What is left out to reach that is said, and what is left is a report.
    const embedded = JSON.parse(embeddedOf(html)) as Report & { leftOut: string[] }
    expect(embedded.leftOut).toContain('cells of strips, put together')
    expect(embedded.strips).toHaveLength(20)
    for (const { cells } of embedded.strips) {
      expect(cells.reduce((sum, c) => sum + c.windows, 0)).toBe(1_440)
      expect(cells.some((c) => c.standing === 'breached')).toBe(true)
    }
  })

  it('holds its own data', () => {
    const report = healthyReport()
    const embedded = JSON.parse(embeddedOf(renderHtml(report))) as Report
    expect(embedded).not.toHaveProperty('leftOut')
    expect(embedded.objectives).toEqual(report.objectives)
    expect(embedded.pipelines[0]?.edges[0]?.counts).toEqual(report.pipelines[0]?.edges[0]?.counts)
    // 240 windows that are all met are one cell.
    expect(embedded.strips.map(({ cells }) => cells.map((c) => c.windows))).toEqual([
      [240],
      [240],
      [240],
      [240],
    ])
  })
})

const flapping = (cell: StripCell, i: number): StripCell =>
  i % 2 === 0 ? { ...cell, standing: 'met', lost: 0 } : { ...cell, standing: 'breached', lost: 1 }

describe('what the page allows', () => {
  it('is its own style and its own script, by their hashes', () => {
    const html = renderHtml(flightsReport())
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1]
    const hash = (text: string | undefined): string =>
      `'sha256-${createHash('sha256')
        .update(text ?? '')
        .digest('base64')}'`
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1]
    const script = /<script>([\s\S]*?)<\/script>/.exec(html)?.[1]
    expect(policy?.split('; ')).toEqual([
      "default-src 'none'",
      `style-src ${hash(style)}`,
      `script-src ${hash(script)}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ])
    // The policy stands before everything that it judges.
    expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.indexOf('<style>'))
  })

  it.each(Object.keys(states))('has nothing else that runs, styles or loads: %s', (name) => {
    const html = renderHtml((states[name] as () => Report)())
    const markup = bodyOf(html)
    // Attributes of tags; texts of others may say anything.
    const tags = [...markup.matchAll(/<[a-z](?:[^>"]|"[^"]*")*>/gi)].map(([tag]) => tag)
    const names = tags.flatMap((tag) => tag.replace(/"[^"]*"/g, '').match(/[\w-]+(?==)/g) ?? [])
    expect(names.filter((at) => /^(style|on\w*|src|srcset|action|data|xlink)$/i.test(at))).toEqual(
      [],
    )
    expect(
      tags.filter((tag) =>
        /^<(img|iframe|object|embed|link|base|meta|form|use|image)\b/i.test(tag),
      ),
    ).toEqual([])
    const links = tags.flatMap((tag) => /\shref="([^"]*)"/.exec(tag)?.[1] ?? [])
    expect(links.filter((link) => !link.startsWith('#'))).toEqual([])
    expect(html.match(/<script/g)).toHaveLength(2)
    expect(html.slice(0, html.indexOf('<body>'))).not.toMatch(/url\(|@import|<link|<base/)
  })
})

describe('names that want to be more than names', () => {
  const html = renderHtml(hostileReport())
  const lines = linesOf(html)

  it('are text', () => {
    for (const name of [HOSTILE.script, HOSTILE.image, HOSTILE.comment, HOSTILE.markup]) {
      expect(lines.some((line) => line.includes(name))).toBe(true)
    }
    expect(bodyOf(html)).not.toContain('<img')
    expect(bodyOf(html)).not.toContain('<!--')
  })

  it('show what they hide', () => {
    expect(lines.some((line) => line.includes('pay\\u{202e}gro.elif\\u{202c}'))).toBe(true)
    expect(lines.some((line) => line.includes('a\\u{0}b\\u{7}\\u{1b}[31m'))).toBe(true)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is for
    expect(html.match(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/)).toBeNull()
  })

  it('are cut where they are long, and say so', () => {
    expect(bodyOf(html)).not.toContain('x'.repeat(500))
    expect(lines.some((line) => /^x{90,}…x+ \(10,240 characters\)/.test(line))).toBe(true)
  })

  it('neither end the data nor change it', () => {
    const text = embeddedOf(html)
    expect(text).not.toMatch(/[<>]/)
    const { pipelines } = JSON.parse(text) as Report
    expect(pipelines[0]?.pipeline).toBe(HOSTILE.image)
    expect(pipelines[0]?.owner).toEqual({ team: HOSTILE.script, contact: HOSTILE.formula })
  })
})

describe('what the page says', () => {
  it('is never 100% where something is lost', () => {
    const report = flightsReport()
    const [first] = report.objectives
    const objectives = [
      {
        ...first,
        value: { low: 1 - 1e-9, high: 1 - 1e-9 },
        events: { good: 999_999_999, bad: 1, unknown: 0 },
      },
    ] as Report['objectives']
    const html = sectionOf(renderHtml({ ...report, objectives }), 'objectives')
    // The target is 99.9%, so two digits more tell enough.
    expect(html).toContain('data-sort="0.999999999" data-label="Actual">99.999%</td>')
    expect(html).toContain('1 bad of 1,000,000,000 messages')
  })

  it('acquits nobody where something is not known', () => {
    const tiles = (report: Report): string => {
      const html = renderHtml(report)
      return linesOf(html.slice(html.indexOf('class="tiles"'), html.indexOf('<section'))).join(' ')
    }
    expect(tiles(healthyReport())).toContain('Altered 0 ✓ none')
    // 100 messages in a hole: none is proven altered, which is not none.
    expect(tiles(flightsReport())).toContain('Altered 0 ? none proven')
    expect(tiles(silentReport())).toContain('Lost – ? nothing counted')
    // Nothing is undetermined, but of one edge nothing was seen at all.
    const healthy = healthyReport()
    const pipelines = healthy.pipelines.map((p) => ({
      ...p,
      edges: p.edges.map((e, i) => (i === 3 ? { ...e, standing: 'no_data' as const } : e)),
    }))
    expect(tiles({ ...healthy, pipelines })).toContain('Lost 0 ? none proven')
  })

  it('tells what is scaled up from what is counted', () => {
    const html = renderHtml(severalReport())
    const tiles = linesOf(html.slice(html.indexOf('class="tiles"'), html.indexOf('<section')))
    // 412 of one pipeline, counted, and 3 in a sample of one in 64.
    expect(tiles.join(' ')).toContain('Lost ≈604 ✗ on 2 edges Doubled 58 ✗ on 1 edge')
    expect(html).toContain('>sampled on 2 edges</dd>')
    expect(sectionOf(html, 'pipeline-2')).toContain('≈192 lost')
    expect(sectionOf(html, 'pipeline-0')).not.toContain('≈')
  })

  it('tells a verdict by glyph and word wherever it is coloured', () => {
    const marks = [
      ...renderHtml(flightsReport()).matchAll(
        /<span class="mark [^>]*>(.*?)<\/span> ([^<]*)<\/span>/g,
      ),
    ]
    expect(marks.length).toBeGreaterThan(20)
    for (const [, glyph, word] of marks) {
      expect(glyph).toMatch(/>[✓✗!?…·]$/)
      expect(word).not.toBe('')
    }
  })

  it('draws each hop and each edge once', () => {
    const html = renderHtml(flightsReport())
    const graph = html.slice(html.indexOf('<svg role="img" class="graph"'))
    const svg = graph.slice(0, graph.indexOf('</svg>'))
    const hops = [...svg.matchAll(/<g class="hop ([^"]*)">/g)].map(([, kind]) => kind)
    expect(hops.sort()).toEqual(['consumer', 'dead-letter', 'producer', 'sink', 'topic', 'topic'])
    expect(svg.match(/<g class="knot /g)).toHaveLength(4)
    expect(svg.match(/<g class="line breached bad"/g)).toHaveLength(1)
    expect(svg).toContain('412 lost')
    expect(svg).toContain('58 doubled')
  })

  it('has a table for every chart', () => {
    const html = renderHtml(flightsReport())
    const charts = html.match(/role="img"/g)?.length ?? 0
    const titled = html.match(/role="img"[^>]*><title>/g)?.length ?? 0
    expect(charts).toBeGreaterThan(6)
    expect(titled).toBe(charts)
    for (const summary of [
      'Every edge in numbers',
      'Windows that are not met, as a table',
      'Data of no-loss',
    ]) {
      expect(html).toContain(`<summary>${summary}</summary>`)
    }
  })

  it('lists ids and how to get the others', () => {
    const messages = linesOf(sectionOf(renderHtml(flightsReport()), 'messages')).join(' ')
    expect(messages.match(/01a2066d-\S+ lost /g)).toHaveLength(20)
    expect(messages).toContain('20 of 412 lost on enrich → enriched + dlq shown')
    expect(messages).toContain("quipu losses --edge 'enrich → enriched + dlq' --kind lost")
    const summary = renderHtml({ ...flightsReport(), detail: 'summary' })
    expect(sectionOf(summary, 'messages')).not.toContain('01a2066d')
  })
})
