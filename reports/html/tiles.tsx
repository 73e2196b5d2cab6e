/** @jsxRuntime automatic @jsxImportSource preact */
/** A handful of numbers: messages before percentages, and zero only as sure as the evidence is. */
import type { VNode } from 'preact'
import { formatCount, formatPercent, plural } from '../../src/base/words.ts'
import type { EdgeSummary } from '../../src/objective/summary.ts'
import { durationWords } from '../latency.ts'
import type { Tone } from './mark.tsx'
import type { View } from './view.ts'

interface Tile {
  readonly name: string
  readonly value: string
  readonly glyph: string
  readonly note: string
  readonly tone: Tone
}

export function Tiles({ view }: { readonly view: View }): VNode {
  return (
    <ul class="tiles" aria-label="Key figures">
      {tilesOf(view).map(({ name, value, glyph, note, tone }) => (
        <li class={tone}>
          <span class="name">{name}</span>
          <span class={value.length > LONG ? 'value long' : 'value'}>{value}</span>
          <span class="note">
            <span class="glyph" aria-hidden="true">
              {glyph}
            </span>{' '}
            {note}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** Characters that fit in large letters. */
const LONG = 9

/** `≈` where it is scaled up. */
const figure = (n: number, of: readonly EdgeSummary[]): string =>
  `${of.some((e) => e.sampling !== null) ? '≈' : ''}${formatCount(n)}`

function tilesOf({ report, pipelines }: View): Tile[] {
  const edges = pipelines.flatMap((p) => p.summary.edges)
  const sum = (pick: (counts: EdgeSummary['counts']) => number): number =>
    edges.reduce((total, e) => total + pick(e.counts), 0)
  const sources = pipelines.flatMap((p) => sourcesOf(p.summary.edges))
  const messages = sources.reduce((total, e) => total + e.counts.expected, 0)
  const unknown = sum((c) => c.undetermined)
  const inFlight = sum((c) => c.in_flight)
  const whole = edges.every((e) => e.sampling === null)
  const harm = (name: string, pick: (counts: EdgeSummary['counts']) => number): Tile => {
    const n = sum(pick)
    const on = edges.filter((e) => pick(e.counts) > 0)
    if (n > 0) {
      const note = `on ${plural(on.length, 'edge')}`
      return { name, value: figure(n, on), glyph: '✗', note, tone: 'bad' }
    }
    if (messages === 0)
      return { name, value: '–', glyph: '?', note: 'nothing counted', tone: 'idle' }
    return unknown + inFlight > 0 || !whole || !edges.every(isKnown)
      ? { name, value: '0', glyph: '?', note: 'none proven', tone: 'idle' }
      : { name, value: '0', glyph: '✓', note: 'none', tone: 'good' }
  }
  return [
    {
      name: 'Messages',
      value: messages === 0 ? '–' : figure(messages, sources),
      glyph: messages === 0 ? '?' : '·',
      note: messages === 0 ? 'nothing expected' : 'entered the pipeline',
      tone: 'idle',
    },
    harm('Lost', (c) => c.lost),
    harm('Doubled', (c) => c.duplicated),
    ...(edges.some((e) => e.integrity !== null || e.counts.altered > 0)
      ? [harm('Altered', (c) => c.altered)]
      : []),
    unknownTile(unknown, inFlight, messages === 0),
    ...slowestOf(edges),
    coverageTile(report.coverage),
  ]
}

function unknownTile(unknown: number, inFlight: number, nothing: boolean): Tile {
  const name = 'Not known yet'
  if (nothing && unknown + inFlight === 0) {
    return { name, value: '–', glyph: '?', note: 'nothing counted', tone: 'idle' }
  }
  if (unknown + inFlight === 0) {
    return { name, value: '0', glyph: '✓', note: 'nothing open', tone: 'good' }
  }
  const parts = [
    ...(unknown > 0 ? [`${formatCount(unknown)} undetermined`] : []),
    ...(inFlight > 0 ? [`${formatCount(inFlight)} in flight`] : []),
  ]
  return {
    ...{ name, value: formatCount(unknown + inFlight), glyph: '?' },
    ...{ note: parts.join(', '), tone: unknown > 0 ? 'warn' : 'idle' },
  }
}

/** Judged to its end, well or not. */
const isKnown = ({ standing }: EdgeSummary): boolean =>
  standing === 'met' || standing === 'breached'

/** Edges that nothing in the pipeline feeds; in a ring all of them. */
function sourcesOf(edges: readonly EdgeSummary[]): readonly EdgeSummary[] {
  const fed = new Set(edges.flatMap((e) => e.to))
  const sources = edges.filter((e) => e.from.every((hop) => !fed.has(hop)))
  return sources.length > 0 ? sources : edges.slice(0, 1)
}

function slowestOf(edges: readonly EdgeSummary[]): Tile[] {
  const read = new Set(edges.flatMap((e) => e.from))
  const ends = edges.filter((e) => e.to.some((hop) => !read.has(hop)))
  const measured = ends.flatMap(({ edge, to, latency }) => {
    const p99Ms = latency?.fromBirth?.p99Ms
    return p99Ms === undefined ? [] : [{ edge, to: to.join(' + '), p99Ms }]
  })
  if (measured.length === 0) return []
  const { to, p99Ms } = measured.reduce((a, b) => (b.p99Ms > a.p99Ms ? b : a))
  return [
    {
      ...{ name: 'End to end, p99', value: durationWords(p99Ms), glyph: '·' },
      ...{ note: `from birth to ${to}`, tone: 'idle' },
    },
  ]
}

function coverageTile({ cells, seen }: View['report']['coverage']): Tile {
  const name = 'Audit coverage'
  if (cells === 0) return { name, value: '–', glyph: '?', note: 'nothing judged yet', tone: 'idle' }
  const whole = seen === cells
  return {
    ...{ name, value: formatPercent(seen, cells) },
    ...{ glyph: whole ? '✓' : '!', tone: whole ? 'good' : 'warn' },
    note: whole ? 'seen whole' : `${plural(cells - seen, 'hop window')} not whole`,
  }
}
