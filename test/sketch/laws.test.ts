/** What the sketch promises, for ids (4 limbs) and for ids with digests (5) alike. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HASH_WORDS } from '../../src/sketch/hash.ts'
import { peelTable } from '../../src/sketch/peel.ts'
import { BASE_CELLS, PRIME, SUB_TABLE_CELLS } from '../../src/sketch/shape.ts'
import { DEFAULT_SEED, LIST_LIMIT, Sketch } from '../../src/sketch/sketch.ts'
import { Table } from '../../src/sketch/table.ts'
import {
  addAll,
  anyEntriesOf,
  anyId,
  anyInt32,
  type Entry,
  kinds,
  netOf,
  onceEach,
  series,
  stamp,
} from './ids.ts'

/** Many ids, which entries of the tests never meet: for a sketch that is to become a table. */
const filler = series.random!(LIST_LIMIT + 1, 99)

describe.each([4, 5] as const)('of %i limbs', (limbs) => {
  const sketchOf = (entries: Iterable<Entry>, seed = DEFAULT_SEED): Sketch => {
    const sketch = new Sketch(seed, limbs)
    addAll(sketch, entries)
    return sketch
  }

  /** A table of what a few entries would leave a list: many ids in, and the same ids out. */
  const tableOf = (entries: Iterable<Entry>): Sketch => {
    const sketch = sketchOf(onceEach(filler, limbs))
    addAll(sketch, entries)
    addAll(sketch, onceEach(filler, limbs, -1))
    return sketch
  }

  const sum = (a: Sketch, b: Sketch, sign: 1 | -1 = 1): Sketch => {
    const result = a.clone()
    result.merge(b, sign)
    return result
  }

  const equal = (a: Sketch, b: Sketch): void => {
    expect(sum(a, b, -1).isEmpty()).toBe(true)
    expect(a.count).toBe(b.count)
    expect(a.peel()).toEqual(b.peel())
  }

  const anyEntries = anyEntriesOf(limbs)
  const anySketch = fc
    .tuple(anyEntries, fc.boolean())
    .map(([entries, table]) => (table ? tableOf(entries) : sketchOf(entries)))

  describe('they are a commutative group, lists and tables alike', () => {
    test('a + b = b + a', () => {
      fc.assert(
        fc.property(anySketch, anySketch, (a, b) => equal(sum(a, b), sum(b, a))),
        { numRuns: 40 },
      )
    })

    test('(a + b) + c = a + (b + c)', () => {
      fc.assert(
        fc.property(anySketch, anySketch, anySketch, (a, b, c) =>
          equal(sum(sum(a, b), c), sum(a, sum(b, c))),
        ),
        { numRuns: 40 },
      )
    })

    test('a + 0 = 0 + a = a', () => {
      fc.assert(
        fc.property(anySketch, (a) => {
          equal(sum(a, sketchOf([])), a)
          equal(sum(sketchOf([]), a), a)
        }),
        { numRuns: 40 },
      )
    })

    test('a − a = 0, and (a + b) − b = a', () => {
      fc.assert(
        fc.property(anySketch, anySketch, (a, b) => {
          expect(sum(a, a, -1).isEmpty()).toBe(true)
          equal(sum(sum(a, b), b, -1), a)
        }),
        { numRuns: 40 },
      )
    })

    test('a sketch merged into itself is doubled, or nothing', () => {
      fc.assert(
        fc.property(anySketch, (a) => {
          const doubled = a.clone()
          doubled.merge(doubled)
          equal(doubled, sum(a, a))
          doubled.merge(doubled, -1)
          expect(doubled.isEmpty()).toBe(true)
        }),
        { numRuns: 20 },
      )
    })
  })

  test('the form does not show: list + table = table + list = all in one table', () => {
    fc.assert(
      fc.property(anyEntries, anyEntries, (some, others) => {
        const all = tableOf([...some, ...others])
        equal(sum(sketchOf(some), tableOf(others)), all)
        equal(sum(tableOf(some), sketchOf(others)), all)
        equal(sketchOf([...some, ...others]), all)
      }),
      { numRuns: 40 },
    )
  })

  test('what is added and then taken out, in any order, leaves nothing', () => {
    fc.assert(
      fc.property(anyEntries, fc.boolean(), fc.nat(), (entries, table, turn) => {
        const sketch = table ? tableOf([]) : sketchOf([])
        addAll(sketch, entries)
        const out = entries.map(([words, times, digest]): Entry => [words, -times, digest])
        const at = turn % (out.length + 1)
        addAll(sketch, [...out.slice(at), ...out.slice(0, at)])
        expect(sketch.isEmpty()).toBe(true)
        expect(sketch.peel()).toMatchObject({ complete: true, ids: [], net: 0 })
      }),
      { numRuns: 50 },
    )
  })

  test('n adds of an element are one add of n times', () => {
    fc.assert(
      fc.property(anyId, fc.integer({ min: -40, max: 40 }), fc.boolean(), (words, times, table) => {
        const make = table ? tableOf : sketchOf
        const [one] = onceEach([words], limbs, Math.sign(times)) as [Entry]
        const many = Array.from({ length: Math.abs(times) }, () => one)
        equal(make(many), make(onceEach([words], limbs, times)))
      }),
      { numRuns: 50 },
    )
  })

  test('words and digest may come as int32', () => {
    fc.assert(
      fc.property(anyEntries, fc.boolean(), (entries, table) => {
        const signed = entries.map(([[w0, w1, w2, w3], times, digest]): Entry => {
          const words = [w0 | 0, w1 | 0, w2 | 0, w3 | 0] as const
          return [words, times, digest === undefined ? undefined : digest | 0]
        })
        const make = table ? tableOf : sketchOf
        equal(make(signed), make(entries))
      }),
      { numRuns: 40 },
    )
  })

  test('shards merged in any split and order equal one pass', () => {
    const anySplit = fc.array(fc.nat({ max: 6 }), { minLength: 40, maxLength: 40 })
    const anyOrder = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 })
    const entries = onceEach(series.stamped!(3000, 2), limbs)
    const whole = sketchOf(entries)
    fc.assert(
      fc.property(anySplit, anyOrder, (split, order) => {
        const shards = order.map(() => sketchOf([]))
        entries.forEach((entry, i) => {
          addAll(shards[split[i % split.length]!]!, [entry])
        })
        const merged = sketchOf([])
        for (const shard of order) merged.merge(shards[shard]!)
        merged.merge(whole, -1)
        expect(merged.isEmpty()).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  test('decoded is as encoded', () => {
    fc.assert(
      fc.property(anySketch, (a) => {
        const bytes = a.toBytes()
        const back = Sketch.fromBytes(bytes, a.seed, limbs)
        equal(back, a)
        expect(back.toBytes()).toEqual(bytes)
      }),
      { numRuns: 60 },
    )
  })

  test('names exactly what was added, with its times, and the net count', () => {
    fc.assert(
      fc.property(anyEntriesOf(limbs, anyInt32), fc.boolean(), (entries, table) => {
        const sketch = table ? tableOf(entries) : sketchOf(entries)
        const net = entries.reduce((total, [, times]) => total + times, 0)
        expect(sketch.count).toBe(net)
        expect(sketch.peel()).toEqual({ complete: true, ids: netOf(entries), net, estimate: null })
      }),
      { numRuns: 100 },
    )
  })

  test.each([-1_000_000, -65_536, -4, -2, 2, 4, 6, 65_536, 1_000_000, 2 ** 31 - 1, 1 - 2 ** 31])(
    'divides a multiplicity of %i out',
    (times) => {
      const entries = onceEach(series.stamped!(50, 1), limbs, times)
      expect(tableOf(entries).peel()).toMatchObject({ complete: true, ids: netOf(entries) })
    },
  )

  describe.each(Object.keys(kinds))('among 5,000 ids, %s', (kind) => {
    test.each([1, 10, 500, 600])('names %i differences completely', (differences) => {
      for (let seed = 1; seed <= 3; seed++) {
        const entries = onceEach(kinds[kind]!(5000, seed), limbs)
        const [from, to] = [sketchOf([], seed), sketchOf([], seed)]
        const expected: Entry[] = []
        entries.forEach((entry, i) => {
          const [words, , digest] = entry
          const apart = (i * 7919) % entries.length < differences
          if (!apart || i % 2 === 0) addAll(from, [entry])
          if (!apart || i % 2 === 1) addAll(to, [entry])
          if (apart) expected.push([words, i % 2 === 0 ? 1 : -1, digest])
        })
        from.merge(to, -1)
        expect(from.peel()).toMatchObject({ complete: true, ids: netOf(expected) })
      }
    })

    test('gives true samples of too many, with their times, and says that they are not all', () => {
      const ids = kinds[kind]!(5000, 1)
      const entries = onceEach(ids, limbs).map(
        ([words, , digest], i): Entry => [words, i % 3 === 0 ? -2 : 1, digest],
      )
      const { complete, ids: named, net, estimate } = sketchOf(entries).peel()
      expect({ complete, net }).toEqual({ complete: false, net: 3333 - 2 * 1667 })
      expect(estimate!.missing.low - estimate!.extra.low).toBe(net)
      expect(named.length).toBeGreaterThan(5)
      expect(netOf(entries)).toEqual(expect.arrayContaining([...named]))
    })
  })

  test('names 650 differences under each of 300 seeds', () => {
    const entries = onceEach(series.stamped!(650, 3), limbs)
    const named: number[] = []
    for (let seed = 1; seed <= 300; seed++) {
      const table = new Table(seed, limbs)
      addAll(table, entries)
      const { complete, ids } = peelTable(table)
      if (complete && ids.length === entries.length) named.push(seed)
    }
    expect(named).toHaveLength(300)
  })

  describe('stuffed with ids that someone has chosen, who knows the seed', () => {
    const seed = 7
    const probe = new Table(seed, limbs)
    const out = new Uint32Array(HASH_WORDS)
    const candidate = (n: number): Entry => onceEach([stamp(n >> 8, 1, n)], limbs)[0] as Entry
    const cellsOf = ([words, , digest = 0]: Entry): Uint32Array => {
      probe.locate(...words, digest, out)
      return out
    }

    /** Every one in the first tenth of each sub-table. */
    function crowded(): Entry[] {
      const found: Entry[] = []
      for (let n = 0; n < 1_200_000; n++) {
        const entry = candidate(n)
        const cells = cellsOf(entry)
        let low = true
        for (let part = 0; part < 4; part++) low &&= cells[part]! % SUB_TABLE_CELLS < 22
        if (low) found.push(entry)
      }
      return found
    }

    /** Two by two in the same four cells. */
    function pairs(): Entry[] {
      const found: Entry[] = []
      const seen = new Map<number, number>()
      for (let n = 0; n < 250_000; n++) {
        const key = cellsOf(candidate(n))
          .subarray(0, 4)
          .reduce((all, cell) => all * BASE_CELLS + cell, 0)
        const other = seen.get(key)
        if (other === undefined) seen.set(key, n)
        else found.push(candidate(other), candidate(n))
      }
      return found
    }

    const negated = (entries: readonly Entry[]): Entry[] =>
      entries.map(([words, times, digest], i) => [words, i % 2 === 0 ? times : -times, digest])

    test.each([
      ['crowded into few cells', crowded],
      ['in pairs that share all cells', pairs],
      ['in pairs that take each other out of all counts', () => negated(pairs())],
    ])('%s: ends, names none that is not in it, and all of them under another seed', (_, find) => {
      const entries = find()
      expect(entries.length).toBeGreaterThan(10)
      const innocent = onceEach(kinds['random UUIDv7']!(50, 1), limbs)
      const all = [...entries, ...innocent]

      const stuffed = new Table(seed, limbs)
      addAll(stuffed, all)
      const { complete, ids, net } = peelTable(stuffed)
      expect(complete).toBe(false)
      expect(net).toBe(all.reduce((total, [, times]) => total + times, 0))
      expect(netOf(all)).toEqual(expect.arrayContaining([...ids]))

      const other = new Table(seed + 1, limbs)
      addAll(other, all)
      expect(peelTable(other)).toMatchObject({ complete: true, ids: netOf(all), net })
    })
  })
})

describe('an altered message', () => {
  test('is one missing and one extra of the same id, whatever was altered', () => {
    const uint32 = fc.nat({ max: 0xffffffff })
    // Both stand for the same residues.
    const alike = fc.constantFrom([0, PRIME], [PRIME + 4, 4])
    const altered = fc
      .tuple(anyId, fc.oneof(fc.tuple(uint32, uint32), alike))
      .filter(([, [before, after]]) => before !== after)
    const messages = fc.uniqueArray(altered, {
      maxLength: 40,
      selector: ([words]) => words.join(),
    })
    fc.assert(
      fc.property(messages, fc.boolean(), (list, table) => {
        const difference = new Sketch(DEFAULT_SEED, 5)
        const others = onceEach(filler, 5)
        if (table) addAll(difference, others)
        const expected: Entry[] = []
        for (const [words, [before, after]] of list) {
          expected.push([words, 1, before], [words, -1, after])
        }
        addAll(difference, expected)
        if (table) addAll(difference, onceEach(filler, 5, -1))
        expect(difference.peel()).toMatchObject({ complete: true, ids: netOf(expected), net: 0 })
      }),
    )
  })

  test('shows even where all messages were altered, up to what a table can name', () => {
    const [from, to] = [new Sketch(1, 5), new Sketch(1, 5)]
    series.stamped!(2000, 1).forEach((words, i) => {
      from.add(...words, 1, 1)
      to.add(...words, 1, i < 300 ? 2 : 1)
    })
    from.merge(to, -1)
    const { complete, ids } = from.peel()
    expect(complete).toBe(true)
    expect(ids).toHaveLength(600)
    expect(new Set(ids.map(({ hex }) => hex.slice(0, 32))).size).toBe(300)
  })
})
