/** @jsxRuntime automatic @jsxImportSource preact */
/** The whole page in its order: verdict, numbers, where, when, promises, what happened, how sure. */
import type { VNode } from 'preact'
import { Agreements } from './agreements.tsx'
import { Coverage } from './coverage.tsx'
import { Edges } from './edges.tsx'
import { Graph } from './graph.tsx'
import { Header } from './header.tsx'
import { Incidents } from './incidents.tsx'
import { Latency } from './latency-table.tsx'
import { Mark } from './mark.tsx'
import { Method } from './method.tsx'
import { Objectives } from './objectives.tsx'
import { Details, Empty, Section } from './parts.tsx'
import { Samples } from './samples.tsx'
import { Shape } from './shapes.tsx'
import { Strips } from './strips.tsx'
import { Tiles } from './tiles.tsx'
import type { PipelineView, View } from './view.ts'

export function Page({ view }: { readonly view: View }): VNode {
  const { report, pipelines } = view
  const several = pipelines.length > 1
  return (
    <>
      <a class="skip" href="#report-body">
        Skip to the report
      </a>
      <Header view={view} />
      <main id="report-body" tabIndex={-1}>
        <Tiles view={view} />
        {pipelines.length === 0 ? (
          <Empty>
            No pipeline has been audited into this store. Declare one in <code>quipu.yaml</code> and
            start with <code>quipu audit</code>.
          </Empty>
        ) : null}
        {pipelines.map((pipeline, i) => (
          <Pipeline pipeline={pipeline} number={i} several={several} />
        ))}
        <Section
          id="objectives"
          title="Objectives"
          about="What was promised, and how much room is left."
        >
          <Objectives view={view} />
        </Section>
        {report.agreements.length === 0 ? null : (
          <Section
            id="agreements"
            title="Agreements"
            about="The same, for each consumer who was promised it."
          >
            <Agreements view={view} />
          </Section>
        )}
        <Section id="incidents" title="Incidents" about="Windows in a row that were not well.">
          <Incidents view={view} />
        </Section>
        {report.drift.findings.length + report.drift.versions.length === 0 ? null : (
          <Section
            id="shape"
            title="Shape of messages"
            about="What the messages looked like, against what was promised and what they were before."
          >
            <Shape view={view} />
          </Section>
        )}
        <Section id="messages" title="Messages by name">
          <Samples view={view} />
        </Section>
        <Section id="latency" title="Latency">
          <Latency view={view} />
        </Section>
        <Section
          id="coverage"
          title="Audit coverage and limits"
          about="What the numbers above rest on, and what could not be seen."
        >
          <Coverage view={view} />
        </Section>
        <Section id="method" title="Method and words">
          <Method />
        </Section>
      </main>
      <footer>
        Made by Quipu {report.version} ({report.schema}). All times are UTC. The page holds its own
        data as JSON and asks nothing of the network.
      </footer>
    </>
  )
}

function Pipeline(props: {
  readonly pipeline: PipelineView
  readonly number: number
  readonly several: boolean
}): VNode {
  const { pipeline, number, several } = props
  const { summary } = pipeline
  const owner = Object.values(summary.owner).join(', ')
  return (
    <Section id={`pipeline-${number}`} title={several ? summary.pipeline : 'Where'}>
      {several ? (
        <p class="about">
          <Mark verdict={summary.standing} />
          {owner === '' ? '' : ` Owner: ${owner}`}
        </p>
      ) : (
        <p class="about">
          Hops from left to right; on each edge what went wrong, and how long it took.
        </p>
      )}
      <Graph pipeline={pipeline} />
      {summary.edges.length === 0 ? null : (
        <Details summary="Every edge in numbers">
          <Edges pipeline={summary.pipeline} edges={summary.edges} />
        </Details>
      )}
      <h3>When</h3>
      <Strips pipeline={pipeline} number={number} />
    </Section>
  )
}
