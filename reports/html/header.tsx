/** @jsxRuntime automatic @jsxImportSource preact */
/** The first thing to read: is the data whole, whose is it, of when, and how sure is that. */
import type { VNode } from 'preact'
import { formatWindow, plural } from '../../src/base/words.ts'
import type { EdgeSummary } from '../../src/objective/summary.ts'
import { unborneOf } from '../ci/shapes.ts'
import { shapeSentence } from '../shape-words.ts'
import { verdictSentence } from '../words.ts'
import { Mark } from './mark.tsx'
import { Time } from './parts.tsx'
import type { View } from './view.ts'

export function Header({ view }: { readonly view: View }): VNode {
  const { report, pipelines } = view
  const edges = pipelines.flatMap((p) => p.summary.edges)
  const spans = edges.flatMap((e) => (e.span === null ? [] : [e.span]))
  const judged = Math.max(0, ...edges.map((e) => e.windows.judged))
  return (
    <header>
      <p class="eyebrow">
        <span class="brand">Quipu</span> data delivery report
      </p>
      <p class="verdict">
        <Mark
          verdict={unborneOf(report).length > 0 ? 'breached' : (report.verdict ?? report.standing)}
        />
      </p>
      <h1>{report.headline}</h1>
      {pipelines.length > 1 ? (
        <ul class="sentences">
          {pipelines.map(({ summary }) => {
            const { findings } = report.drift
            const own = findings.filter((f) => f.pipeline === summary.pipeline)
            const wrong = shapeSentence(summary.pipeline, own)
            return (
              <>
                <li>
                  <Mark verdict={summary.standing} /> {verdictSentence(summary, wrong !== null)}
                </li>
                {wrong === null ? null : (
                  <li>
                    <Mark verdict="breached" /> {wrong}
                  </li>
                )}
              </>
            )
          })}
        </ul>
      ) : null}
      <dl class="facts">
        <Fact name={pipelines.length === 1 ? 'Pipeline' : 'Pipelines'}>
          {pipelines.map((p) => p.summary.pipeline).join(', ') || 'none'}
        </Fact>
        {pipelines.length === 1 ? <Owner view={view} /> : null}
        <Fact name="Messages born">
          {spans.length === 0
            ? 'no window yet'
            : formatWindow({
                start: Math.min(...spans.map((s) => s.start)),
                end: Math.max(...spans.map((s) => s.end)),
              })}
        </Fact>
        <Fact name="Judged">
          {plural(judged, 'window')}, at <Time at={report.at} />
        </Fact>
        <Fact name="Evidence">{evidenceWords(edges)}</Fact>
      </dl>
    </header>
  )
}

function Owner({ view }: { readonly view: View }): VNode | null {
  const owner = Object.entries(view.pipelines[0]?.summary.owner ?? {})
  if (owner.length === 0) return null
  return <Fact name="Owner">{owner.map(([, value]) => value).join(', ')}</Fact>
}

function Fact(props: { readonly name: string; readonly children: unknown }): VNode {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children as VNode}</dd>
    </div>
  )
}

/** How strong the weakest of it is. */
function evidenceWords(edges: readonly EdgeSummary[]): string {
  const weak = (['sampled', 'estimated', 'committed'] as const).flatMap((kind) => {
    const n = edges.filter((e) => e.evidence === kind).length
    return n === 0 ? [] : [`${kind} on ${plural(n, 'edge')}`]
  })
  if (edges.every((e) => e.windows.judged === 0)) return 'none yet'
  return weak.length === 0 ? 'exact' : `${weak.join(', ')}`
}
