/** Messages that drifted, one row per id, beside those that were lost or doubled. Pure. */
import { birthOf, hexOfUuid, wordsOfHex } from '../message/id.ts'
import { isoOf } from './iso.ts'
import type { LossRow } from './losses.ts'
import type { ShapeFinding, Shapes } from './report.ts'

/** A row of either kind. */
export interface IdRow extends Omit<LossRow, 'kind' | 'args'> {
  readonly kind: string
  readonly args: Readonly<Record<string, unknown>>
  /** Of a drift the field; left out: the message as a whole. */
  readonly path?: string
}

/** In the order of the findings, all but notes; messages beyond the named ones are a row with `id: null`. */
export function* shapeRows({ findings }: Shapes): Generator<IdRow> {
  for (const finding of findings) {
    if (finding.severity === 'info') continue
    for (const id of finding.ids) yield rowOf(finding, { id, times: 1, born: bornOf(id) })
    const rest = finding.count - finding.ids.length
    if (rest > 0) yield rowOf(finding, { id: null, times: rest, born: null })
  }
}

function rowOf(finding: ShapeFinding, shown: Pick<IdRow, 'id' | 'times' | 'born'>): IdRow {
  const { pipeline, edge, hop, code, since, until, oneIn, path, topic, schema, args } = finding
  return {
    ...{ pipeline, edge: edge ?? hop, kind: code, ...shown },
    window: { start: Date.parse(since), end: Date.parse(until) },
    ...{ state: 'settled', revision: 0, evidence: oneIn === 1 ? 'exact' : 'sampled' },
    args: { ...args, topic, schema },
    ...(path === '' ? {} : { path }),
  }
}

/** By the id itself. */
function bornOf(uuid: string): string {
  const [w0, w1] = wordsOfHex(hexOfUuid(uuid) ?? '0'.repeat(32))
  return isoOf(birthOf(w0, w1))
}
