import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderCsv } from '../../reports/csv.ts'
import { renderNdjson } from '../../reports/ndjson.ts'
import { visible } from '../../src/base/visible.ts'
import type { LossRow } from '../../src/objective/losses.ts'
import { lossRows } from '../../src/objective/losses.ts'
import { type IdRow, shapeRows } from '../../src/objective/shape-rows.ts'
import { badRun, finding, idOf, START, verdict } from './build.ts'
import { shapesIn } from './drift.ts'

const row = (parts: Partial<LossRow>): LossRow => ({
  ...{ pipeline: 'flights', edge: 'a → b', kind: 'lost', id: null, times: 3, born: null },
  ...{ window: { start: START, end: START + 60_000 }, state: 'settled', revision: 0 },
  ...{ evidence: 'exact', args: {} },
  ...parts,
})

const csvOf = (rows: Iterable<IdRow>): string => [...renderCsv(rows)].join('')

/** RFC 4180, by the letter. */
function parsed(text: string): string[][] {
  const rows: string[][] = []
  let cells: string[] = []
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y
  while (field.lastIndex < text.length) {
    const match = field.exec(text)
    if (match === null) throw new Error('no CSV')
    cells.push(match[1]?.replace(/""/g, '"') ?? match[2] ?? '')
    if (match[3] === ',') continue
    rows.push(cells)
    cells = []
  }
  return rows
}

describe('ids as CSV', () => {
  it('one row each', () => {
    expect(csvOf(lossRows(badRun())).split('\r\n')).toEqual([
      'pipeline,edge,kind,id,times,born,copy_of,window_start,window_end,state,revision,evidence,field',
      ...[7, 8, 9].map(
        (n) =>
          `flights,enrich → enriched + dlq,lost,${uuid(idOf(n, 1))},1,2026-11-23T01:01:00.00${n}Z,,2026-11-23T01:01:00.000Z,2026-11-23T01:02:00.000Z,settled,0,exact,`,
      ),
      `flights,enrich → enriched + dlq,duplicated,${uuid(idOf(20, 1, 1))},2,2026-11-23T01:01:00.020Z,${uuid(idOf(20, 1))},2026-11-23T01:01:00.000Z,2026-11-23T01:02:00.000Z,settled,0,exact,`,
      '',
    ])
  })

  it('of drift with the field, and a row for the others; notes have none', () => {
    const [, ...rows] = parsed(csvOf(shapeRows(shapesIn())))
    expect(
      rows.map(([, edge, kind, , times, born, , , , , , evidence, field]) => [
        ...[edge, kind, times, born, evidence, field],
      ]),
    ).toEqual([
      ['checkin', 'type_changed', '1', '2026-11-23T01:00:00.007Z', 'sampled', '/delay'],
      ['checkin', 'type_changed', '383', '', 'sampled', '/delay'],
      ['checkin', 'unknown_field', '1', '2026-11-23T01:00:00.008Z', 'sampled', '/gate'],
      ['checkin', 'unknown_field', '399', '', 'sampled', '/gate'],
    ])
    const [first] = [...renderNdjson(shapeRows(shapesIn()))].map((line) => JSON.parse(line))
    expect(first).toMatchObject({
      ...{ kind: 'type_changed', path: '/delay', args: { expected: 'integer', topic: 'flights' } },
      window: { start: '2026-11-23T01:02:00.000Z', end: '2026-11-23T01:05:00.000Z' },
    })
  })

  it('and one row for those that cannot be named', () => {
    const estimated = verdict('a → b', {
      findings: [finding('lost', { edge: 'a → b', count: 4_000, evidence: 'estimated' })],
    })
    const [, unnamed] = parsed(csvOf(lossRows([estimated])))
    expect(unnamed?.slice(0, 6)).toEqual(['flights', 'a → b', 'lost', '', '4000', ''])
  })

  it.each([
    ['=HYPERLINK("http://example.invalid")', `"'=HYPERLINK(""http://example.invalid"")"`],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    [' =1', "' =1"],
    ['＝1', "'＝1"],
    // A tab, a return and others are written out.
    ['\t=1', "'\\u{9}=1"],
    ['two\r\nlines', 'two\\u{d}\\u{a}lines'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    // Harmless.
    ['a=b', 'a=b'],
    ['a-b', 'a-b'],
  ])('the name %j is no formula', (pipeline, cell) => {
    const [, line = ''] = csvOf([row({ pipeline })]).split('\r\n')
    expect(line.startsWith(`${cell},a → b,`)).toBe(true)
  })

  it('are read back as they were, but for what is made visible', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (pipeline, edge) => {
        const [, cells = []] = parsed(csvOf([row({ pipeline, edge })]))
        expect(cells).toHaveLength(13)
        expect(cells[0]?.replace(/^'/, '')).toBe(visible(pipeline).replace(/^'/, ''))
        expect(cells[1]?.replace(/^'/, '')).toBe(visible(edge).replace(/^'/, ''))
        expect(cells[0]).not.toMatch(/^\s*[=+\-@]/)
      }),
    )
  })
})

describe('ids as ndjson', () => {
  it('one object a line, with windows as instants', () => {
    const rows = [...lossRows(badRun())]
    const lines = [...renderNdjson(rows)]
    expect(lines).toHaveLength(4)
    for (const [i, line] of lines.entries()) {
      expect(line.indexOf('\n')).toBe(line.length - 1)
      const { id, kind, window } = JSON.parse(line)
      expect({ id, kind }).toEqual({ id: rows[i]?.id, kind: rows[i]?.kind })
      expect(window).toEqual({
        start: '2026-11-23T01:01:00.000Z',
        end: '2026-11-23T01:02:00.000Z',
      })
    }
  })

  it('in which nothing is hidden', () => {
    const [line = ''] = renderNdjson([row({ pipeline: 'pay\u202egro' })])
    expect(line).toContain('pay\\u202egro')
    expect(JSON.parse(line).pipeline).toBe('pay\u202egro')
  })
})

const uuid = (hex: string): string => hex.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
