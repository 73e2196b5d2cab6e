/** Tables of Markdown: objectives, edges, versions of schemas. Cells are escaped by who fills them in. */
import { formatCount, formatInstant, formatPercent } from '../../src/base/words.ts'
import type { ObjectiveAssessment, ShapeVersion } from '../../src/objective/report.ts'
import type { EdgeSummary } from '../../src/objective/summary.ts'
import { durationWords } from '../latency.ts'
import {
  budgetWords,
  byNeed,
  eventWords,
  exhaustionWords,
  targetWords,
  valueWords,
  verdictMarks,
} from '../promises.ts'
import { versionWords } from '../shape-words.ts'
import { marks } from '../words.ts'
import { escaped } from './escape.ts'

/** Rows of one table; what is worst comes first. */
const ROWS_MAX = 50

export function objectivesTable(list: readonly ObjectiveAssessment[], several: boolean): string[] {
  const rows = byNeed(list).map((o) => {
    const { glyph, word } = verdictMarks[o.verdict]
    const name = several ? `${o.pipeline} / ${o.objective.id}` : o.objective.id
    const out = exhaustionWords(o.budget)
    return [
      `${glyph} ${word}`,
      `**${escaped(name)}** ${escaped(o.sentence)}`,
      targetWords(o.objective.target),
      valueWords(o.value, o.objective.target),
      eventWords(o.events, o.objective),
      `${budgetWords(o.budget)}${out === null ? '' : `, runs out ${out}`}`,
    ]
  })
  return table(
    [['Verdict'], ['Objective'], ['Target', 'right'], ['Actual', 'right'], ['Events'], ['Budget']],
    rows,
  )
}

export function edgesTable(edges: readonly EdgeSummary[]): string[] {
  const altered = edges.some((e) => e.integrity !== null || e.counts.altered > 0)
  const rows = edges.map((edge) => {
    const { glyph, word } = marks[edge.standing]
    const { counts: c, latency, sampling } = edge
    const about = sampling === null ? '' : 'about '
    const p99Ms = latency?.fromHop?.p99Ms ?? latency?.fromBirth?.p99Ms
    return [
      `${glyph} ${word}`,
      escaped(edge.edge),
      `${about}${formatCount(c.expected)}`,
      `${about}${formatCount(c.delivered)}`,
      `${c.lost > 0 ? about : ''}${formatCount(c.lost)}`,
      ...(altered ? [formatCount(c.altered)] : []),
      formatCount(c.duplicated),
      formatCount(c.undetermined),
      formatCount(c.in_flight),
      p99Ms === undefined ? '–' : durationWords(p99Ms),
    ]
  })
  return table(
    [
      ['Verdict'],
      ['Edge'],
      ['Expected', 'right'],
      ['Delivered', 'right'],
      ['Lost', 'right'],
      ...(altered ? ([['Altered', 'right']] as const) : []),
      ['Doubled', 'right'],
      ['Undetermined', 'right'],
      ['In flight', 'right'],
      ['p99', 'right'],
    ],
    rows,
  )
}

export function versionsTable(list: readonly ShapeVersion[], several: boolean): string[] {
  const rows = list.map((v) => {
    const topic = several ? `${v.pipeline} / ${v.topic}` : v.topic
    return [
      escaped(topic),
      escaped(versionWords(v)),
      v.of === 0 ? '–' : formatPercent(Math.min(v.count, v.of), v.of),
      formatInstant(Date.parse(v.firstSeen)),
      formatInstant(Date.parse(v.lastSeen)),
      escaped(v.services.join(', ')),
      escaped(v.groups.join(', ')),
    ]
  })
  return table(
    [
      ...([
        ['Topic'],
        ['Version'],
        ['Share while seen', 'right'],
        ['First seen'],
        ['Last seen'],
      ] as const),
      ...([['Written by'], ['Read by']] as const),
    ],
    rows,
  )
}

function table(
  heads: readonly (readonly [name: string, align?: 'right'])[],
  rows: readonly (readonly string[])[],
): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const more = rows.length - ROWS_MAX
  return [
    line(heads.map(([name]) => name)),
    line(heads.map(([, align]) => (align === 'right' ? '--:' : ':--'))),
    ...rows.slice(0, ROWS_MAX).map(line),
    ...(more > 0 ? ['', `${formatCount(more)} more rows are in the JSON of the report.`] : []),
  ]
}
