/** Rules 16 and 17: the same messages at both ends of an edge. */
import { describe, expect, it } from 'vitest'
import type { DriftFinding } from '../../../src/drift/finding.ts'
import type { WatchedEdge } from '../../../src/drift/judge.ts'
import type { Variant } from '../../../src/drift/shape.ts'
import {
  at,
  brief,
  type Flat,
  facts,
  findingsOf,
  hop,
  inputOf,
  of,
  plan,
  profile,
  promised,
  unread,
  variant,
} from './build.ts'

const ids = Array.from({ length: 10 }, (_, i) => i.toString(16).padStart(32, '0'))
const others = ids.map((id) => id.replace(/^0/, 'f'))

const keeping: WatchedEdge = {
  ...{ edge: 'in → out', from: ['in'], to: ['out'], preserves: false, keep: ['/origin'] },
}

/** Ten messages, of which `with` hold the field. */
const records = (held: number, count = 10): Flat[] =>
  Array.from({ length: count }, (_, i) => ({ n: i, ...(i < held ? { origin: 'HEL' } : {}) }))

/** Undeclared or not, topics of their own are held against nothing here. */
function kept(
  from: readonly Variant[],
  to: readonly Variant[],
  minutes = 1,
): readonly DriftFinding[] {
  const shapes = Array.from({ length: minutes }, (_, minute) => [
    at('in', minute, from),
    at('out', minute, to),
  ])
  return findingsOf(inputOf([hop('in'), hop('out')], shapes.flat(), { edges: [keeping] }))
}

describe('rule 16, a field that is dropped', () => {
  const full = profile(records(10), ids)

  it('is silent where all that went in comes out', () => {
    expect(kept([full], [profile(records(10), ids)])).toEqual([])
  })

  it('is silent where few messages had it, and those still do', () => {
    expect(kept([profile(records(3), ids)], [profile(records(3), ids)])).toEqual([])
  })

  it('counts the messages that lost it', () => {
    const [found, ...more] = kept([full], [profile(records(7), ids)], 2)
    expect(more).toEqual([])
    expect(found).toMatchObject({ code: 'field_dropped', hop: 'out', edge: 'in → out', count: 6 })
    expect(found?.args).toMatchObject({ from: 'in', before: 20, after: 14 })
  })

  it('names the producers of the topic that leave it out', () => {
    const hops = [
      hop('in'),
      hop('enrich', { role: 'producer', topic: 'out' }),
      hop('out', { topic: 'out' }),
    ]
    const shapes = [
      at('in', 0, [full]),
      at('enrich', 0, [profile(records(6, 6), ids.slice(0, 6))], 'old'),
      at('enrich', 0, [profile(records(0, 4), ids.slice(6))], 'new'),
      at('out', 0, [profile(records(6), ids)]),
    ]
    const [found] = findingsOf(inputOf(hops, shapes, { edges: [keeping] }))
    expect(found).toMatchObject({ code: 'field_dropped', hop: 'out', count: 4 })
    expect(found?.producers).toMatchObject([{ service: 'new', count: 4, of: 4 }])
  })

  it('is one finding of an edge with several ends, whichever of them a window went to', () => {
    const routes = { ...keeping, edge: 'in → out, side', to: ['out', 'side'] }
    const shapes = [
      at('in', 0, [full]),
      at('side', 0, [profile(records(8), ids)]),
      at('in', 1, [full]),
      at('out', 1, [profile(records(1, 4), ids.slice(0, 4))]),
      at('side', 1, [profile(records(5, 6), ids.slice(4))]),
    ]
    const hops = [hop('in'), hop('out'), hop('side')]
    const [found, ...more] = findingsOf(inputOf(hops, shapes, { edges: [routes] }))
    expect(more).toEqual([])
    expect(found).toMatchObject({ code: 'field_dropped', hop: 'out', windows: 2, count: 2 + 4 })
  })

  it('tells it of a field that is nowhere any more', () => {
    expect(kept([full], [profile(records(0), ids)]).map(brief)).toEqual([
      'field_dropped out /origin 10/10',
    ])
  })

  it('takes what has not arrived for what may have held it', () => {
    // 4 of 10 have not come: of the 6 that came 2 hold it, so at least 4 have lost it.
    const arrived = profile(records(2, 6), ids.slice(0, 6))
    expect(kept([full], [arrived]).map(brief)).toEqual(['field_dropped out /origin 4/6'])
    // 4 of 10 have not come, and all that came hold it.
    expect(kept([full], [profile(records(6, 6), ids.slice(0, 6))])).toEqual([])
  })

  it('takes what could not be read for what may have held it', () => {
    const dark = { ...profile([], ids), count: 10, unread: unread('pending', 10) }
    expect(kept([full], [dark]).map(brief)).toEqual(['unread out 10/10'])
    const dim = { ...profile(records(2, 2), ids), count: 10, unread: unread('pending', 8) }
    expect(kept([full], [dim]).map(brief)).toEqual(['unread out 8/10'])
  })

  it('takes a list of fields without room for one that may have had it', () => {
    const crowded = { ...profile(records(0), ids), moreFields: 10 }
    expect(kept([full], [crowded])).toEqual([])
  })

  it('compares nothing where messages got other ids on the way', () => {
    expect(kept([full], [profile(records(2), others)])).toEqual([])
    expect(kept([full], [profile(records(0, 8), others.slice(0, 8))])).toEqual([])
  })

  it('compares nothing where one is lost and one came twice', () => {
    const twice = {
      ...profile(records(9), [...ids.slice(1), ids[1] as string]),
      ids: ids.slice(1, 4),
    }
    expect(kept([full], [twice])).toEqual([])
  })

  it('compares nothing where more came out than went in', () => {
    expect(kept([profile(records(5, 5), ids.slice(0, 5))], [profile(records(4), ids)])).toEqual([])
  })
})

describe('rule 17, another writer', () => {
  const preserving: WatchedEdge = { ...keeping, keep: [], preserves: true }
  const registry = facts({ 7: 3, 8: 4 })
  const hops = [hop('in', { plan: promised }), hop('out', { plan: promised })]
  const found = (from: readonly Variant[], to: readonly Variant[], edges = [preserving]) =>
    findingsOf(inputOf(hops, [at('in', 0, from), at('out', 0, to)], { registry, edges }))
  const known = { ids: ids.slice(0, 3) }

  it('is silent where both name the same', () => {
    expect(found([of(7, 10, known)], [of(7, 10, known)])).toEqual([])
  })

  it('counts what names another schema', () => {
    const [one, ...more] = found([of(7, 10, known)], [of(8, 10, known)])
    expect(more).toEqual([])
    expect(one && brief(one)).toBe('writer_differs out (version 4 (id 8)) 10/10')
    expect(one?.args).toEqual({ from: 'in', before: ['version 3 (id 7)'] })
  })

  it('is silent where the edge does not promise the value', () => {
    expect(found([of(7, 10, known)], [of(8, 10, known)], [keeping])).toEqual([])
  })

  it('is silent where they looked at unequal numbers', () => {
    expect(found([of(7, 10, known)], [of(8, 9, known)])).toEqual([])
  })

  it('leaves a schema that is wrong by itself to the rules before', () => {
    const wrong = {
      ...registry,
      schemas: { ...registry.schemas, 8: { state: 'unregistered' } as const },
    }
    const input = inputOf(
      hops,
      [at('in', 0, [of(7, 10, known)]), at('out', 0, [of(8, 10, known)])],
      {
        registry: wrong,
        edges: [preserving],
      },
    )
    expect(findingsOf(input).map(brief)).toEqual(['unregistered_schema out (id 8) 10/10'])
  })

  it('leaves unframed values to the rules before', () => {
    const bare = variant({ claim: 'unframed', ...known })
    expect(found([of(7, 10, known)], [bare]).map(brief)).toEqual(['unframed_value out 10/10'])
  })

  it('is silent of formats that name no schema', () => {
    const bare = [hop('in', { plan }), hop('out', { plan })]
    const shapes = [at('in', 0, [variant(known)]), at('out', 0, [variant(known)])]
    expect(findingsOf(inputOf(bare, shapes, { edges: [preserving] }))).toEqual([])
  })
})
