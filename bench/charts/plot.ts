/**
 * A line chart of one or more panels under each other, as one SVG file: legible on light and on dark
 * pages, named for screen readers, without a script, a font or an image from elsewhere.
 */
import { decimal, element, text } from './svg.ts'

export interface Scale {
  readonly kind: 'log' | 'linear'
  readonly min: number
  readonly max: number
  readonly ticks: ReadonlyArray<{ readonly at: number; readonly label: string }>
}

/** Hues by their place in the style; dashes tell them apart without any. */
export type Hue = 1 | 2 | 3

export interface Line {
  readonly hue: Hue
  readonly points: ReadonlyArray<readonly [x: number, y: number]>
}

/** Words inside of a panel, at a place of its scales. */
export interface Note {
  readonly x: number
  readonly y: number
  readonly words: string
  readonly hue?: Hue
  readonly anchor?: 'start' | 'middle' | 'end'
}

export interface Panel {
  readonly heading: string
  readonly height: number
  readonly y: Scale
  readonly lines: readonly Line[]
  readonly notes: readonly Note[]
}

export interface Plot {
  /** One sentence; and what the lines say, for those who do not see them. */
  readonly title: string
  readonly description: string
  readonly xHeading: string
  readonly x: Scale
  /** A place on the x axis that all panels mark. */
  readonly markAt?: number
  readonly panels: readonly Panel[]
}

const WIDTH = 760
const LEFT = 64
const RIGHT = 44
const TITLE_HEIGHT = 44
const HEADING_HEIGHT = 30
const PANEL_GAP = 18
const AXIS_HEIGHT = 56

const STYLE = [
  'text{font:13px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}',
  '.page{fill:#fff}.title{font-size:16px;font-weight:600}.heading{font-weight:600}',
  '.tick{font-size:12px;fill:#59636e}.grid{stroke:#dde2e7;stroke-width:1}',
  '.mark{stroke:#59636e;stroke-width:1;stroke-dasharray:2 3}',
  '.line{fill:none;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}',
  '.hue1{stroke:#0550ae}.hue2{stroke:#b04a00;stroke-dasharray:8 4}.hue3{stroke:#116329;stroke-dasharray:2 5}',
  '.note{paint-order:stroke;stroke:#fff;stroke-width:5px;stroke-linejoin:round}',
  '.ink1{fill:#0550ae}.ink2{fill:#953800}.ink3{fill:#116329}',
  '@media (prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117}.tick{fill:#9da7b3}',
  '.note{stroke:#0d1117}.grid{stroke:#2b323b}.mark{stroke:#9da7b3}.hue1{stroke:#6cb6ff}.hue2{stroke:#f0883e}.hue3{stroke:#56d364}',
  '.ink1{fill:#6cb6ff}.ink2{fill:#f0883e}.ink3{fill:#56d364}}',
].join('')

export function svgOf(plot: Plot): string {
  let top = TITLE_HEIGHT
  const panels = plot.panels.map((panel) => {
    const drawn = panelAt(panel, plot, top + HEADING_HEIGHT)
    top += HEADING_HEIGHT + panel.height + PANEL_GAP
    return drawn
  })
  const height = top - PANEL_GAP + AXIS_HEIGHT
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${WIDTH} ${height}`,
    width: WIDTH,
    height,
    role: 'img',
    'aria-labelledby': 'title description',
  }
  const parts = [
    element('title', { id: 'title' }, text(plot.title)),
    element('desc', { id: 'description' }, text(plot.description)),
    element('style', {}, STYLE),
    element('rect', { class: 'page', width: WIDTH, height, rx: 6 }),
    words(plot.title, LEFT, 28, 'title'),
    ...panels,
    ...plot.x.ticks.map(({ at, label }) =>
      words(label, across(plot.x, at), top - PANEL_GAP + 18, 'tick', 'middle'),
    ),
    words(plot.xHeading, (LEFT + WIDTH - RIGHT) / 2, top - PANEL_GAP + 42, 'heading', 'middle'),
  ]
  return `${element('svg', attributes, `\n${parts.join('\n')}\n`)}\n`
}

function panelAt(panel: Panel, { x, markAt }: Plot, top: number): string {
  const bottom = top + panel.height
  const down = (value: number): number => bottom - panel.height * share(panel.y, value)
  const grid = [
    ...panel.y.ticks.map(({ at }) => rule(LEFT, down(at), WIDTH - RIGHT, down(at), 'grid')),
    ...x.ticks.map(({ at }) => rule(across(x, at), top, across(x, at), bottom, 'grid')),
  ]
  const labels = panel.y.ticks.map(({ at, label }) =>
    words(label, LEFT - 8, down(at) + 4, 'tick', 'end'),
  )
  const marked =
    markAt === undefined ? [] : [rule(across(x, markAt), top, across(x, markAt), bottom, 'mark')]
  const lines = panel.lines.map(({ hue, points }) => {
    const places = points.map(([at, y]) => `${decimal(across(x, at))} ${decimal(down(y))}`)
    return element('path', { class: `line hue${hue}`, d: `M${places.join('L')}` })
  })
  const notes = panel.notes.map((note) =>
    words(
      note.words,
      across(x, note.x),
      down(note.y),
      note.hue === undefined ? 'note tick' : `note ink${note.hue}`,
      note.anchor ?? 'start',
    ),
  )
  const heading = words(panel.heading, LEFT, top - 10, 'heading')
  return [heading, ...grid, ...labels, ...marked, ...lines, ...notes].join('\n')
}

function across(scale: Scale, value: number): number {
  return LEFT + (WIDTH - LEFT - RIGHT) * share(scale, value)
}

/** Where between the ends of the scale, from 0 to 1. */
function share({ kind, min, max }: Scale, value: number): number {
  if (kind === 'linear') return (value - min) / (max - min)
  return Math.log(value / min) / Math.log(max / min)
}

function rule(x1: number, y1: number, x2: number, y2: number, name: string): string {
  return element('line', { class: name, x1, y1, x2, y2 })
}

function words(value: string, x: number, y: number, name: string, anchor = 'start'): string {
  return element('text', { class: name, x, y, 'text-anchor': anchor }, text(value))
}
