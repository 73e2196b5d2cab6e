/** @jsxRuntime automatic @jsxImportSource preact */
/** What the audit itself could see, and what it could not: the limits of every number above. */
import type { VNode } from 'preact'
import { formatCount, formatPercent, plural } from '../../src/base/words.ts'
import type { Detail } from '../../src/objective/report.ts'
import type { EdgeSummary, FindingSummary } from '../../src/objective/summary.ts'
import { clockWords } from '../latency.ts'
import { Finding } from './incidents.tsx'
import { Badge, type Tone } from './mark.tsx'
import { count, instantOf, some, Table } from './parts.tsx'
import type { View } from './view.ts'

/** Notes of one kind on the page. */
const NOTES_MAX = 20

interface Note {
  readonly glyph: string
  readonly word: string
  readonly tone: Tone
  readonly text: string
}

export function Coverage({ view }: { readonly view: View }): VNode {
  const { agents } = view.report.coverage
  const beside = besideIncidents(view)
  return (
    <>
      <ul class="notes">
        {notesOf(view).map(({ glyph, word, tone, text }) => (
          <li>
            <Badge glyph={glyph} word={word} tone={tone} />
            <span>{text}</span>
          </li>
        ))}
      </ul>
      {beside.length === 0 ? null : (
        <>
          <h3>Said beside the incidents</h3>
          <ul class="findings">
            {beside.slice(0, NOTES_MAX).map((finding) => (
              <Finding finding={finding} />
            ))}
          </ul>
          {beside.length > NOTES_MAX ? (
            <p class="about">{formatCount(beside.length - NOTES_MAX)} more are in the JSON.</p>
          ) : null}
        </>
      )}
      {agents === null || agents.length === 0 ? null : (
        <>
          <h3>Agents</h3>
          <Table
            caption="Agents by service"
            columns={[
              { name: 'Service' },
              { name: 'State' },
              { name: 'Agents', number: true },
              { name: 'Silent', number: true },
              { name: 'Frames', number: true },
              { name: 'Missing', number: true },
              { name: 'Last heard' },
            ]}
            rows={agents.map((a) => [
              a.service,
              a.silent > 0 || a.missingFrames > 0 ? (
                <Badge glyph="!" word={a.silent > 0 ? 'silent' : 'frames missing'} tone="warn" />
              ) : (
                <Badge glyph="✓" word="heard" tone="good" />
              ),
              count(a.instances),
              some(a.silent),
              count(a.frames),
              some(a.missingFrames),
              { show: instantOf(a.lastHeard), sort: Date.parse(a.lastHeard) },
            ])}
          />
        </>
      )}
    </>
  )
}

function notesOf({ report, pipelines }: View): Note[] {
  const { cells, seen, agents, dropped, foreign, clocks } = report.coverage
  const edges = pipelines.flatMap((p) => p.summary.edges)
  const limit = (text: string): Note => ({ glyph: '!', word: 'limit', tone: 'warn', text })
  const method = (text: string): Note => ({ glyph: '·', word: 'method', tone: 'idle', text })
  const sampled = edges.filter((e) => e.sampling !== null).length
  return [
    cells === 0
      ? { glyph: '?', word: 'no data', tone: 'idle', text: 'No window has been judged.' }
      : {
          ...(seen === cells
            ? { glyph: '✓', word: 'whole', tone: 'good' }
            : { glyph: '!', word: 'limit', tone: 'warn' }),
          text: `${formatCount(seen)} of ${plural(cells, 'hop window')} seen whole (${formatPercent(seen, cells)}).`,
        },
    ...(agents?.length === 0
      ? [limit('No agent has reported: wrap a client with audited(), or run quipu audit.')]
      : []),
    ...edges.flatMap(unseenWords).slice(0, NOTES_MAX).map(limit),
    ...dropped
      .slice(0, NOTES_MAX)
      .map((d) => limit(`Evidence given up by agents: ${d.reason} (${formatCount(d.count)}).`)),
    ...(foreign > 0
      ? [limit(`${plural(foreign, 'record')} on the audit topic: not a frame of an agent.`)]
      : []),
    ...clocks.slice(0, NOTES_MAX).map((note) => limit(`${clockWords(note)}.`)),
    ...(sampled > 0
      ? [
          method(
            `${plural(sampled, 'edge')} sampled: counts are scaled up; their intervals hold the truth in ${percent(report.coverage.confidenceRatio)} of cases.`,
          ),
        ]
      : []),
    ...(edges.some((e) => e.latency !== null)
      ? [
          method(
            `Quantiles of latency are within ${percent(report.coverage.quantileErrorRatio)}; least, most and shares are exact.`,
          ),
        ]
      : []),
    method(detailWords[report.detail]),
  ] as Note[]
}

const states = {
  behind: 'had not passed',
  hole: 'has a hole in',
  out_of_scope: 'was not audited yet in',
} as const

function unseenWords({ edge, unseen }: EdgeSummary): string[] {
  return unseen.map(({ hop, passage, windows, why }) => {
    const reason = why.length === 0 ? '' : `: ${why.slice(0, 3).join('; ')}`
    return `${plural(windows, 'window')} of ${edge}: ${hop} ${states[passage]} ${windows === 1 ? 'it' : 'them'}${reason}.`
  })
}

const detailWords: Readonly<Record<Detail, string>> = {
  summary: 'Detail level “summary”: counts only, no ids of messages.',
  ids: 'Detail level “ids”: ids of messages and times, no keys; no contents unless a topic says “values: true”.',
  keys: 'Detail level “keys”: ids and keys of messages; no contents unless a topic says “values: true”.',
  samples: 'Detail level “samples”: ids, keys and samples of contents.',
}

const percent = (ratio: number): string => `${Math.round(ratio * 100)}%`

/** What edges say that no incident of theirs tells. */
function besideIncidents({ pipelines, incidents }: View): FindingSummary[] {
  return pipelines.flatMap(({ summary }) =>
    summary.edges.flatMap(({ pipeline, edge, findings }) => {
      const told = new Set(
        incidents
          .filter((i) => i.pipeline === pipeline && i.edge === edge)
          .flatMap((i) => i.findings.map((f) => f.code)),
      )
      return findings.filter(({ code }) => !told.has(code))
    }),
  )
}
