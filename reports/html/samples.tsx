/** @jsxRuntime automatic @jsxImportSource preact */
/** Ids by name: the messages themselves, as many as a page can bear, and how to get the others. */
import type { VNode } from 'preact'
import { formatCount } from '../../src/base/words.ts'
import type { FindingSummary, ShownId } from '../../src/objective/findings.ts'
import { codeWords, lossesCommand } from '../finding-words.ts'
import { type Cell, count, Empty, instantOf, Table } from './parts.tsx'
import type { View } from './view.ts'

/** Of all findings together; what is gravest comes first. */
const SAMPLES_MAX = 120

interface Group {
  readonly pipeline: string
  readonly edge: string
  readonly finding: FindingSummary
  readonly ids: readonly ShownId[]
}

export function Samples({ view }: { readonly view: View }): VNode {
  const groups = groupsOf(view)
  const named = groups.filter(({ ids }) => ids.length > 0)
  if (view.report.detail === 'summary') {
    return <Empty>Left out: this report was made with the detail level “summary”.</Empty>
  }
  if (named.length === 0) return <Empty>None: no finding names a message.</Empty>
  const several = view.pipelines.length > 1
  const copies = named.some(({ ids }) => ids.some((id) => id.copyOf !== undefined))
  return (
    <>
      <Table
        caption="Messages by name"
        columns={[
          { name: 'Id' },
          { name: 'What' },
          { name: 'Edge' },
          { name: 'Times', number: true },
          { name: 'Born' },
          ...(copies ? [{ name: 'Copy of' }] : []),
        ]}
        rows={named.flatMap((group) =>
          group.ids.map((id) => rowOf(group, id, several).slice(0, copies ? 6 : 5)),
        )}
      />
      <ul class="rest">
        {groups.map((group) => (
          <Rest group={group} />
        ))}
      </ul>
    </>
  )
}

/** Findings that name messages, errors first, each with as many ids as there is room for. */
function groupsOf({ pipelines }: View): Group[] {
  const all = pipelines.flatMap(({ summary }) =>
    summary.edges.flatMap(({ edge, findings }) =>
      findings
        .filter(({ ids }) => ids.length > 0)
        .map((finding) => ({ pipeline: summary.pipeline, edge, finding })),
    ),
  )
  const grave = [
    ...all.filter(({ finding }) => finding.severity === 'error'),
    ...all.filter(({ finding }) => finding.severity !== 'error'),
  ]
  let room = SAMPLES_MAX
  return grave.map((group) => {
    const ids = group.finding.ids.slice(0, room)
    room -= ids.length
    return { ...group, ids }
  })
}

function rowOf({ pipeline, edge, finding }: Group, id: ShownId, several: boolean): Cell[] {
  return [
    <code>{id.id}</code>,
    codeWords(finding.code),
    several ? `${pipeline}: ${edge}` : edge,
    count(id.times),
    { show: instantOf(id.born), sort: Date.parse(id.born) },
    id.copyOf === undefined ? <span class="dim">–</span> : <code>{id.copyOf}</code>,
  ]
}

/** Null where all are shown. */
function Rest({ group }: { readonly group: Group }): VNode | null {
  const { edge, finding, ids } = group
  const shown = ids.reduce((sum, { times }) => sum + times, 0)
  if (shown >= finding.count) return null
  return (
    <li>
      {`${formatCount(shown)} of ${formatCount(finding.count)} ${codeWords(finding.code)} on ${edge} shown; all that are known: `}
      <code>{lossesCommand(edge, finding.code)}</code>
    </li>
  )
}
