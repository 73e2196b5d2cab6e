/** @jsxRuntime automatic @jsxImportSource preact */
/** Bad windows in a row as a person would call them: since when, is it over, what, whom it reaches. */
import type { VNode } from 'preact'
import { formatCount, formatWindow, plural } from '../../src/base/words.ts'
import type { FindingSummary } from '../../src/objective/findings.ts'
import type { Incident } from '../../src/objective/report.ts'
import { rangesOf, titleOf } from '../finding-words.ts'
import { toldCauses } from '../incident-causes.ts'
import { durationWords } from '../latency.ts'
import { Badge, Mark, SeverityGlyph } from './mark.tsx'
import { Empty } from './parts.tsx'
import type { View } from './view.ts'

/** Shown; all are in the JSON. */
const INCIDENTS_MAX = 30

export function Incidents({ view }: { readonly view: View }): VNode {
  const { incidents, pipelines } = view
  const judged = pipelines.some((p) => p.summary.edges.some((e) => e.windows.judged > 0))
  if (incidents.length === 0) {
    return (
      <Empty>
        {judged
          ? 'None: no window was breached or lacked evidence.'
          : 'None: nothing is judged yet.'}
      </Empty>
    )
  }
  const sorted = [...incidents].sort(
    (a, b) =>
      Number(b.open) - Number(a.open) ||
      Number(b.standing === 'breached') - Number(a.standing === 'breached') ||
      Date.parse(b.start) - Date.parse(a.start),
  )
  const more = sorted.length - INCIDENTS_MAX
  return (
    <>
      <ol class="incidents">
        {sorted.slice(0, INCIDENTS_MAX).map((incident) => (
          <One incident={incident} several={pipelines.length > 1} />
        ))}
      </ol>
      {more > 0 ? (
        <p class="about">
          {`${formatCount(INCIDENTS_MAX)} of ${plural(sorted.length, 'incident')} shown, open and breached ones first; `}
          <code>quipu report --json</code> has all.
        </p>
      ) : null}
    </>
  )
}

function One(props: { readonly incident: Incident; readonly several: boolean }): VNode {
  const { incident, several } = props
  const [start, end] = [Date.parse(incident.start), Date.parse(incident.end)]
  return (
    <li class="card">
      <h3>
        {titleOf(incident.findings)} <span class="on">on {incident.edge}</span>
      </h3>
      <p class="line-of">
        <Mark verdict={incident.standing} />
        {incident.open ? (
          <Badge glyph="…" word="still open" tone="warn" />
        ) : (
          <Badge glyph="·" word="over" tone="idle" />
        )}
        <span>
          {formatWindow({ start, end })} ({durationWords(end - start)},{' '}
          {plural(incident.windows, 'window')})
        </span>
        {several ? <span class="dim">{incident.pipeline}</span> : null}
      </p>
      <ul class="findings">
        {incident.findings.map((finding) => (
          <Finding finding={finding} />
        ))}
      </ul>
      {toldCauses(incident.causes).map(({ sentence, why }) => (
        <p class="why">
          <span class="dim">Why</span> {sentence} <span class="dim">{why}</span>
        </p>
      ))}
      {incident.reaches.length === 0 ? null : (
        <p class="reaches">
          <span class="dim">Reaches</span> {incident.reaches.join(', ')}
        </p>
      )}
    </li>
  )
}

export function Finding({ finding }: { readonly finding: FindingSummary }): VNode {
  const { severity, sentence, certainty, next } = finding
  const ranges = rangesOf(finding)
  return (
    <li>
      <SeverityGlyph severity={severity} />
      <div>
        {sentence} <span class="dim">{certainty}</span>
        {ranges === null ? null : <span class="sentence">{ranges}</span>}
        {next === null ? null : <span class="next">→ {next}</span>}
      </div>
    </li>
  )
}
