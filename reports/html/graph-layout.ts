/**
 * Where hops and edges lie: left to right, computed here so that the page carries no layout engine.
 *
 * An edge of several hops is one balance, so it is drawn as one knot in which their lines meet.
 */
import dagre from '@dagrejs/dagre'
import type { ReportHop } from '../../src/objective/report.ts'
import type { EdgeSummary } from '../../src/objective/summary.ts'
import { columnsOf, cut } from '../lines.ts'
import type { PipelineView } from './view.ts'

export interface Box {
  /** Of the middle. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface HopBox extends Box {
  readonly name: string
  readonly role: ReportHop['role'] | null
  readonly deadLetter: boolean
  /** What stands under the name. */
  readonly note: string
}

export interface Line {
  readonly path: string
  /** Where it arrives at a hop; null: it arrives in the middle of its edge. */
  readonly end: Point | null
}

interface Point {
  readonly x: number
  readonly y: number
}

export interface EdgeBox extends Box {
  readonly edge: EdgeSummary
  readonly lines: readonly Line[]
}

export interface GraphLayout {
  readonly width: number
  readonly height: number
  readonly hops: readonly HopBox[]
  readonly edges: readonly EdgeBox[]
}

/** Above that many edges a drawing is a knot of lines: the table tells more. */
export const DRAWN_EDGES_MAX = 60

const NAME_COLUMNS_MAX = 20
/** Width of a character of 13 pixels, bold, on the wide side. */
const CHARACTER = 8
const HOP_HEIGHT = 44
const EDGE_WIDTH = 98
const EDGE_HEIGHT = 78
const MARGIN = 4

interface Laid {
  x: number
  y: number
  width: number
  height: number
}

export function layoutOf({ summary, hops }: PipelineView): GraphLayout {
  const graph = new dagre.graphlib.Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 16, ranksep: 15, marginx: MARGIN, marginy: MARGIN })
  graph.setDefaultEdgeLabel(() => ({}))

  const declared = new Map(hops.map((hop) => [hop.hop, hop]))
  const names = [...new Set(summary.edges.flatMap((e) => [...e.from, ...e.to]))]
  for (const [i, name] of names.entries()) {
    const columns = Math.max(columnsOf(shortOf(name)), columnsOf(noteOf(declared.get(name))) * 0.9)
    const width = Math.max(72, Math.ceil(columns * CHARACTER) + 20)
    graph.setNode(`hop ${i}`, { width, height: HOP_HEIGHT })
  }
  const hopId = (name: string): string => `hop ${names.indexOf(name)}`
  for (const [i, { from, to }] of summary.edges.entries()) {
    graph.setNode(`edge ${i}`, { width: EDGE_WIDTH, height: EDGE_HEIGHT })
    for (const name of from) graph.setEdge(hopId(name), `edge ${i}`)
    for (const name of to) graph.setEdge(`edge ${i}`, hopId(name))
  }
  dagre.layout(graph)

  const boxOf = (id: string): Laid => {
    const { x, y, width, height } = graph.node(id) as Laid
    return { x: round(x), y: round(y), width, height }
  }
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number }
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    hops: names.map((name) => {
      const hop = declared.get(name)
      return {
        ...boxOf(hopId(name)),
        name: shortOf(name),
        role: hop?.role ?? null,
        deadLetter: hop?.deadLetter === true,
        note: noteOf(hop),
      }
    }),
    edges: summary.edges.map((edge, i) => {
      const knot = boxOf(`edge ${i}`)
      // Lines leave and arrive in the middle of a side; within the box of an edge, where its labels are,
      // they run level, and meet in its middle.
      const into = (name: string): Line => {
        const box = boxOf(hopId(name))
        const ahead = box.x <= knot.x
        const bends = bendsOf(graph.edge(hopId(name), `edge ${i}`))
        const points = [sideOf(box, ahead), ...bends, sideOf(knot, !ahead)]
        return { path: `${pathOf(points)}H${knot.x}`, end: null }
      }
      const outOf = (name: string): Line => {
        const box = boxOf(hopId(name))
        const ahead = knot.x <= box.x
        const end = sideOf(box, !ahead)
        const bends = bendsOf(graph.edge(`edge ${i}`, hopId(name)))
        const rest = pathOf([sideOf(knot, ahead), ...bends, end])
        return { path: `M${knot.x} ${knot.y}L${rest.slice(1)}`, end }
      }
      return { ...knot, edge, lines: [...edge.from.map(into), ...edge.to.map(outOf)] }
    }),
  }
}

/** Where a line goes around others: without both ends; neighbours need none. */
function bendsOf(edge: unknown): Point[] {
  const bends = (edge as { points: Point[] }).points.slice(1, -1)
  return bends.length === 1 ? [] : bends
}

const sideOf = ({ x, y, width }: Laid, right: boolean): Point => ({
  x: round(x + (right ? width / 2 : -width / 2)),
  y,
})

const shortOf = (name: string): string => cut(name, NAME_COLUMNS_MAX)

function noteOf(hop: ReportHop | undefined): string {
  if (hop === undefined) return 'undeclared'
  return hop.deadLetter ? 'dead letters' : hop.role
}

/** Level at both ends of each piece, so lines run out of boxes and into them straight. */
function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points as [Point, ...Point[]]
  let path = `M${round(first.x)} ${round(first.y)}`
  let at = first
  for (const next of rest) {
    const middle = round((at.x + next.x) / 2)
    path +=
      round(at.y) === round(next.y)
        ? `H${round(next.x)}`
        : `C${middle} ${round(at.y)} ${middle} ${round(next.y)} ${round(next.x)} ${round(next.y)}`
    at = next
  }
  return path
}

const round = (n: number): number => Math.round(n * 10) / 10
