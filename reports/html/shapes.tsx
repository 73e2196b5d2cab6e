/** @jsxRuntime automatic @jsxImportSource preact */
/** The shape of messages: what drifted and by whom, which versions were written when, what changed. */
import type { VNode } from 'preact'
import { formatCount, formatInstant, formatPercent, plural } from '../../src/base/words.ts'
import type { FieldChange } from '../../src/drift/judge.ts'
import type { ShapeFinding, ShapeVersion } from '../../src/objective/report.ts'
import { lookedWords, versionWords, whenWords, whereWords } from '../shape-words.ts'
import { SeverityGlyph } from './mark.tsx'
import { type Cell, count, Details, Empty, instantOf, Table } from './parts.tsx'
import type { View } from './view.ts'

/** Shown; all are in the JSON. */
const FINDINGS_MAX = 40
const TOPICS_MAX = 30
/** Of one topic, the newest ones. */
const VERSIONS_MAX = 20
const CHANGES_MAX = 60

export function Shape({ view }: { readonly view: View }): VNode {
  const { findings, versions } = view.report.drift
  const several = view.pipelines.length > 1
  const more = findings.length - FINDINGS_MAX
  return (
    <>
      {findings.length === 0 ? (
        <Empty>No drift was found among the messages that were looked at.</Empty>
      ) : (
        <ul class="findings">
          {findings.slice(0, FINDINGS_MAX).map((finding) => (
            <One finding={finding} several={several} />
          ))}
        </ul>
      )}
      {more > 0 ? (
        <p class="about">{`${plural(more, 'more finding')} in the JSON of the report.`}</p>
      ) : null}
      {versions.length === 0 ? null : <Topics versions={versions} several={several} />}
    </>
  )
}

function One(props: { readonly finding: ShapeFinding; readonly several: boolean }): VNode {
  const { finding, several } = props
  const { severity, sentence, certainty, next, producers, ids, pipeline } = finding
  return (
    <li>
      <SeverityGlyph severity={severity} />
      <div>
        {sentence} <span class="dim">{certainty}</span>
        <span class="sentence">
          {several ? `${pipeline}: ` : ''}
          {whenWords(finding)}
        </span>
        {next === null ? null : <span class="next">→ {next}</span>}
        {producers.length === 0 ? null : (
          <Details summary={`Written by ${plural(producers.length, 'producer')}`}>
            <Table
              caption={`Producers of ${whereWords(finding)}`}
              columns={[
                { name: 'Service' },
                { name: 'Instance' },
                { name: 'Runs' },
                { name: 'Host' },
                { name: 'Concerned', number: true },
                { name: 'Looked at', number: true },
              ]}
              rows={producers.map((p) => [
                p.service,
                <code>{p.instance}</code>,
                p.client,
                p.host,
                count(p.count),
                count(p.of),
              ])}
            />
          </Details>
        )}
        {ids.length === 0 ? null : (
          <Details summary="The first of them by id">
            {ids.map((id) => (
              <code class="id">{id}</code>
            ))}
          </Details>
        )}
      </div>
    </li>
  )
}

/** Topics in the order of their versions. */
function Topics(props: {
  readonly versions: readonly ShapeVersion[]
  readonly several: boolean
}): VNode {
  const { versions, several } = props
  const topics = new Map<string, ShapeVersion[]>()
  for (const version of versions) {
    const key = JSON.stringify([version.pipeline, version.topic])
    topics.set(key, [...(topics.get(key) ?? []), version])
  }
  const more = topics.size - TOPICS_MAX
  return (
    <>
      {[...topics.values()].slice(0, TOPICS_MAX).map((list) => (
        <Topic versions={list} several={several} />
      ))}
      {more > 0 ? (
        <p class="about">{`${plural(more, 'more topic')} in the JSON of the report.`}</p>
      ) : null}
    </>
  )
}

function Topic(props: {
  readonly versions: readonly ShapeVersion[]
  readonly several: boolean
}): VNode {
  const { versions, several } = props
  const [first] = versions
  const topic = `${several ? `${first?.pipeline}: ` : ''}${first?.topic}`
  const shown = versions.slice(-VERSIONS_MAX)
  const from = Math.min(...shown.map((v) => Date.parse(v.firstSeen)))
  const to = Math.max(...shown.map((v) => Date.parse(v.lastSeen)))
  const changed = shown.filter((v) => v.changes.length > 0)
  return (
    <>
      <h3>Versions of {topic}</h3>
      <div class="bars">
        {shown.map((version) => (
          <div class="strip-row">
            <div class="strip-name">{versionWords(version)}</div>
            <Bar version={version} from={from} to={to} />
            <div class="strip-sum">{shareOf(version)}</div>
          </div>
        ))}
        <div class="strip-row axis" aria-hidden="true">
          <div />
          <div class="ticks">
            <span>{formatInstant(from)}</span>
            <span>{formatInstant(to)}</span>
          </div>
          <div />
        </div>
      </div>
      {shown.length < versions.length ? (
        <p class="about">{`${plural(versions.length - shown.length, 'older version')} in the JSON of the report.`}</p>
      ) : null}
      <Details summary={`Versions of ${topic}, as a table`}>
        <Table
          caption={`Versions of ${topic}`}
          columns={[
            { name: 'Version' },
            { name: 'Share while seen', number: true },
            { name: 'Messages', number: true },
            { name: 'First seen' },
            { name: 'Last seen' },
            { name: 'Written by' },
            { name: 'Read by' },
          ]}
          rows={shown.map(rowOf)}
        />
      </Details>
      {changed.map((version) => (
        <Details
          summary={`What changed in ${topic} with ${versionWords(version)}: ${plural(version.changes.length, 'field')}`}
        >
          <Table
            caption={`Fields changed in ${topic} with ${versionWords(version)}`}
            columns={[{ name: 'Field' }, { name: 'Change' }, { name: 'Before' }, { name: 'After' }]}
            rows={version.changes.slice(0, CHANGES_MAX).map(changeOf)}
          />
          {version.changes.length > CHANGES_MAX ? (
            <p class="about">{`${formatCount(version.changes.length - CHANGES_MAX)} more are in the JSON of the report.`}</p>
          ) : null}
        </Details>
      ))}
    </>
  )
}

/** Units of the drawing: it is stretched to the width that there is. */
const WIDTH = 1_200
const HEIGHT = 24
const BAR_WIDTH_MIN = 3

function Bar(props: {
  readonly version: ShapeVersion
  readonly from: number
  readonly to: number
}): VNode {
  const { version, from, to } = props
  const scale = WIDTH / Math.max(1, to - from)
  const [start, end] = [Date.parse(version.firstSeen), Date.parse(version.lastSeen)]
  const width = Math.max(BAR_WIDTH_MIN, (end - start) * scale)
  const left = Math.min((start - from) * scale, WIDTH - width)
  return (
    <div class="bar">
      <svg role="img" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
        <title>{`${versionWords(version)} of ${version.topic}`}</title>
        <desc>{`From ${formatInstant(start)} to ${formatInstant(end)}, ${lookedWords(version)}.`}</desc>
        <path d={`M${round(left)} ${HEIGHT / 2}h${round(width)}`} />
      </svg>
    </div>
  )
}

const round = (n: number): number => Math.round(n * 10) / 10

const shareOf = ({ count: n, of }: ShapeVersion): string =>
  of === 0 ? '–' : formatPercent(Math.min(n, of), of)

const rowOf = (version: ShapeVersion): Cell[] => [
  versionWords(version),
  { show: shareOf(version), sort: version.of === 0 ? 0 : version.count / version.of },
  count(version.count),
  { show: instantOf(version.firstSeen), sort: Date.parse(version.firstSeen) },
  { show: instantOf(version.lastSeen), sort: Date.parse(version.lastSeen) },
  version.services.join(', '),
  version.groups.join(', '),
]

const changeOf = ({ path, change, before, after }: FieldChange): Cell[] => [
  <code>{path}</code>,
  change,
  before === '' ? <span class="dim">–</span> : before,
  after === '' ? <span class="dim">–</span> : after,
]
