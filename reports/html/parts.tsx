/** @jsxRuntime automatic @jsxImportSource preact */
/** What every section of the page is made of. */
import type { ComponentChildren, VNode } from 'preact'
import { formatCount, formatInstant } from '../../src/base/words.ts'

export function Section(props: {
  readonly id: string
  readonly title: string
  /** One line under the title, for readers who see it for the first time. */
  readonly about?: string
  readonly children: ComponentChildren
}): VNode {
  return (
    <section id={props.id} aria-labelledby={`${props.id}-title`}>
      <h2 id={`${props.id}-title`}>{props.title}</h2>
      {props.about === undefined ? null : <p class="about">{props.about}</p>}
      {props.children}
    </section>
  )
}

export interface Column {
  readonly name: string
  /** Numbers stand to the right. */
  readonly number?: boolean
}

/** What sorts by a number, whatever it shows. */
interface Valued {
  readonly show: ComponentChildren
  readonly sort: number
}

export type Cell = ComponentChildren | Valued

const isValued = (cell: Cell): cell is Valued =>
  cell !== null && typeof cell === 'object' && 'sort' in cell && 'show' in cell

/** What may be wider than the page scrolls on its own, by keyboard too. */
export function Scrolled(props: {
  readonly name: string
  readonly class?: string
  readonly children: ComponentChildren
}): VNode {
  const { name, class: kind = '', children } = props
  return (
    // biome-ignore lint/a11y/useSemanticElements: not a set of form fields
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse
    <div class={`wide ${kind}`.trim()} role="group" aria-label={name} tabIndex={0}>
      {children}
    </div>
  )
}

/** Rows are headed by their first cell. Stacked: on a narrow screen each row is a block, its cells named. */
export function Table(props: {
  readonly caption: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
  readonly stacked?: boolean
}): VNode {
  const { caption, columns, rows, stacked = false } = props
  return (
    <Scrolled name={caption}>
      <table class={stacked ? 'stacked' : undefined}>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, number }) => (
              <th scope="col" class={number ? 'number' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell, i) =>
                cellOf(
                  cell,
                  columns[i]?.number === true,
                  i === 0,
                  stacked ? columns[i]?.name : undefined,
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolled>
  )
}

function cellOf(cell: Cell, number: boolean, head: boolean, label?: string): VNode {
  const show = isValued(cell) ? cell.show : cell
  const attributes = {
    ...(number ? { class: 'number' } : {}),
    ...(isValued(cell) ? { 'data-sort': cell.sort } : {}),
    ...(label === undefined || head ? {} : { 'data-label': label }),
  }
  if (!head) return <td {...attributes}>{show}</td>
  return (
    <th scope="row" {...attributes}>
      {show}
    </th>
  )
}

/** A number that sorts as one. */
export const count = (n: number): Cell => ({ show: formatCount(n), sort: n })

/** Zero says nothing in a table of many. */
export const some = (n: number): Cell => ({
  show: n === 0 ? <span class="dim">0</span> : formatCount(n),
  sort: n,
})

/** Data behind a chart, for readers and for those who cannot see it. */
export function Details(props: {
  readonly summary: string
  readonly children: ComponentChildren
}): VNode {
  return (
    <details>
      <summary>{props.summary}</summary>
      {props.children}
    </details>
  )
}

export const instantOf = (iso: string): string => formatInstant(Date.parse(iso))

export function Time({ at }: { readonly at: string }): VNode {
  return <time dateTime={at}>{instantOf(at)}</time>
}

export function Empty({ children }: { readonly children: ComponentChildren }): VNode {
  return <p class="empty">{children}</p>
}
