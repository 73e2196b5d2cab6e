/**
 * Which edge a text means: `enrich..enriched`, `enrich -> enriched`, or the edge's own name,
 * `enrich → enriched`; several hops at one end with ` + ` between them, in the order of the edge.
 *
 * The forms of each edge are compared with the text, rather than the text taken apart: names of hops
 * may hold dots.
 */
import { suggestion } from '../base/nearest.ts'
import { edgeName } from './pipelines.ts'

/** An edge as the file declares it. */
export interface EdgeEnds {
  readonly from: readonly string[]
  readonly to: readonly string[]
}

export function edgeMeant<T extends EdgeEnds>(text: string, edges: readonly T[]): T | null {
  const meant = normal(text)
  return edges.find((e) => meant === edgeName(e.from, e.to) || meant === short(e)) ?? null
}

/** What an error about a text that means no edge suggests. */
export function edgeSuggestion(text: string, edges: readonly EdgeEnds[]): string {
  const near = suggestion(normal(text).replace(' → ', '..'), edges.map(short))
  if (near !== '' || edges.length === 0) return near
  return `; there are ${edges
    .slice(0, 5)
    .map((e) => `\`${short(e)}\``)
    .join(', ')}${edges.length > 5 ? ', …' : ''}`
}

/** `enrich..enriched + dlq` */
const short = ({ from, to }: EdgeEnds): string => `${from.join(' + ')}..${to.join(' + ')}`

const normal = (text: string): string =>
  text
    .trim()
    .replace(/\s*\+\s*/g, ' + ')
    .replace(/\s*(->|→)\s*/g, ' → ')
    .replace(/\s*\.\.\s*/g, '..')
