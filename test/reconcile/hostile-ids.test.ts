/** Ids made to collide by somebody who knows the seed: naming suffers, the verdict does not lie. */
import { describe, expect, it } from 'vitest'
import { type IdWords, wordsOfParts } from '../../src/message/id.ts'
import { type Judgement, judgeEdge } from '../../src/reconcile/judge-edge.ts'
import { HASH_WORDS } from '../../src/sketch/hash.ts'
import { SUB_TABLE_CELLS, SUB_TABLES } from '../../src/sketch/shape.ts'
import { DEFAULT_SEED } from '../../src/sketch/sketch.ts'
import { Table } from '../../src/sketch/table.ts'
import { covered, EDGES, evidence, HOPS, hex, ids, instance, PIPELINE, tally, W } from './build.ts'
import { expectSums, idsOf } from './expect.ts'

/** Stamps of the window that all fall into the first tenth of each sub-table. */
function crowded(count: number): IdWords[] {
  const table = new Table(DEFAULT_SEED)
  const cells = new Uint32Array(HASH_WORDS)
  const found: IdWords[] = []
  for (let sequence = 0; found.length < count; sequence++) {
    const id = wordsOfParts({ birth: W + 5, version: 7, tag: 77, sequence, ordinal: 0 })
    table.locate(...id, 0, cells)
    let isLow = true
    for (let part = 0; part < SUB_TABLES; part++)
      isLow &&= (cells[part] as number) % SUB_TABLE_CELLS < SUB_TABLE_CELLS / 10
    if (isLow) found.push(id)
  }
  return found
}

const HOSTILE = crowded(120)
const hexOf = (words: IdWords): string =>
  words.map((word) => word.toString(16).padStart(8, '0')).join('')

function consume(read: readonly IdWords[], handled: readonly IdWords[]): Judgement {
  const judgement = judgeEdge({
    pipeline: PIPELINE,
    edge: EDGES.consume,
    evidence: evidence({
      tallies: [tally({ hop: HOPS.flights, ids: read }), tally({ hop: HOPS.enrich, ids: handled })],
      coverage: new Map([covered(HOPS.flights, [0, 10_000]), covered(HOPS.enrich, [0, 10_000])]),
      instances: [instance({ hops: [HOPS.checkin] })],
    }),
    passages: new Map(),
    inherited: new Map(),
  })
  expectSums(judgement)
  return judgement
}

describe('ids that share their cells', () => {
  it('are lost without a name: the number is exact, and nobody else is accused', () => {
    const j = consume([...ids(0, 2_000), ...HOSTILE], ids(0, 2_000))
    expect(j).toMatchObject({ verdict: 'breached', evidence: 'estimated' })
    const truth = new Set(HOSTILE.map(hexOf))
    expect(idsOf(j, 'lost').filter((id) => !truth.has(id))).toEqual([])
    expect(j.counts).toMatchObject({ lost: HOSTILE.length, duplicated: 0, extra: 0 })
  })

  it('do not hide what is lost beside them', () => {
    const j = consume([...ids(0, 2_000), ...HOSTILE], [...ids(5, 2_000)])
    expect(j.verdict).toBe('breached')
    expect(j.counts.lost).toBe(HOSTILE.length + 5)
    const truth = new Set([...HOSTILE.map(hexOf), ...ids(0, 5).map((_, n) => hex(n))])
    expect(idsOf(j, 'lost').filter((id) => !truth.has(id))).toEqual([])
  })

  it('take each other out of the net number, and acquit nobody by that', () => {
    const [half, other] = [HOSTILE.slice(0, 60), HOSTILE.slice(60)]
    const j = consume([...ids(0, 2_000), ...half], [...ids(0, 2_000), ...other])
    expect(j.evidence).toBe('estimated')
    expect(j.verdict).not.toBe('met')
    expect(j.counts.lost).toBeLessThanOrEqual(half.length)
    expect(j.counts.lost + j.counts.undetermined).toBeGreaterThanOrEqual(half.length)
    expect(j.counts.extra).toBeLessThanOrEqual(other.length)
  })
})
