import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hexOfWords, wordsOfHex } from '../../src/message/id.ts'
import { foreignId } from '../../src/message/identity.ts'
import { HASH_WORDS, hash, lanesOfSeed } from '../../src/sketch/hash.ts'
import {
  CAPACITY_MAX,
  CAPACITY_MIN,
  DEFAULT_CAPACITY,
  Membership,
  MembershipFormatError,
} from '../../src/sketch/membership.ts'
import { anyId, random, series, stamp, type Words } from './ids.ts'

const loaded = (): string[] =>
  Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('bloom-filters'))
const loadedByImport = loaded()

const SEED = 0x71756970
const page = readFileSync(new URL('../../schemas/membership.md', import.meta.url), 'utf8')
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const decode = (bytes: Uint8Array, capacity = CAPACITY_MIN): Membership =>
  Membership.fromBytes(bytes, SEED, capacity)
const decodeHex = (hex: string): Membership => decode(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

function filterOf(ids: Iterable<Words>, capacity = CAPACITY_MIN): Membership {
  const filter = new Membership(SEED, capacity)
  for (const words of ids) filter.add(...words)
  return filter
}

const anyForeign: fc.Arbitrary<Words> = fc
  .tuple(fc.nat({ max: 2 ** 48 - 1 }), fc.uint8Array({ minLength: 1, maxLength: 40 }))
  .map(([birth, bytes]) => foreignId(birth, bytes))
const anyIds = fc.array(fc.oneof(anyId, anyForeign), { maxLength: 60 })

test('the package is loaded with the first filter, not before', () => {
  expect(loadedByImport).toEqual([])
  new Membership(SEED)
  expect(loaded()).not.toEqual([])
})

describe('what was added', () => {
  test('is never denied: not at once, not merged, not out of bytes, not beyond capacity', () => {
    fc.assert(
      fc.property(anyIds, anyIds, fc.nat({ max: 3000 }), (some, others, more) => {
        const filter = filterOf(some)
        filter.merge(filterOf(others))
        for (const words of series.stamped!(more, 1)) filter.add(...words)
        for (const each of [filter, decode(filter.toBytes())]) {
          for (const words of [...some, ...others]) expect(each.mayHave(...words)).toBe(true)
          for (const [w0, w1, w2, w3] of some) {
            expect(each.mayHave(w0 | 0, w1 | 0, w2 | 0, w3 | 0)).toBe(true)
          }
        }
      }),
    )
  })

  test('makes no other id of a small window likely', () => {
    for (const [kind, make] of Object.entries(series)) {
      const ids = make(2000, 7)
      const filter = filterOf(ids.slice(0, 1000), DEFAULT_CAPACITY)
      const believed = ids.slice(1000).filter((words) => filter.mayHave(...words))
      expect(believed, kind).toEqual([])
    }
  })

  test('is nothing in an empty filter', () => {
    const empty = new Membership(SEED)
    expect([empty.fill, empty.falsePositiveRate()]).toEqual([0, 0])
    expect(empty.mayHave(0, 0, 0, 0)).toBe(false)
    expect(empty.mayHaveForeign(new Uint8Array(8))).toBe(false)
  })

  test('is asked with the seed it was added with', () => {
    const ids = series.stamped!(1000, 1)
    const bytes = filterOf(ids, DEFAULT_CAPACITY).toBytes()
    const other = Membership.fromBytes(bytes, SEED + 1, DEFAULT_CAPACITY)
    expect(ids.filter((words) => other.mayHave(...words)).length).toBeLessThan(5)
  })
})

describe('foreign ids', () => {
  const names = Array.from({ length: 1000 }, (_, i) => `order-${i}`)
  const digest = (name: string): Buffer => createHash('sha256').update(name).digest()
  const born = (name: string, birth: number): Words => foreignId(birth, Buffer.from(name))
  const filter = filterOf(
    names.slice(0, 500).map((name, i) => born(name, 1_767_225_600_000 + i)),
    DEFAULT_CAPACITY,
  )

  test('are found by their hash alone', () => {
    names.forEach((name, i) => {
      const hash64 = digest(name).subarray(0, 8)
      expect(filter.mayHaveForeign(hash64), name).toBe(i < 500)
      expect(filter.mayHaveForeign(digest(name)), name).toBe(i < 500)
    })
  })

  test('are the same whenever they were born', () => {
    names.forEach((name, i) => {
      expect(filter.mayHave(...born(name, i * i)), name).toBe(i < 500)
    })
  })

  test('of any birth and hash are found', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 48 - 1 }), fc.uint8Array({ minLength: 1 }), (birth, bytes) => {
        const one = filterOf([foreignId(birth, bytes)])
        expect(one.mayHaveForeign(createHash('sha256').update(bytes).digest())).toBe(true)
      }),
    )
  })

  test('are asked by all 64 bits of the hash', () => {
    const hash64 = digest(names[0]!).subarray(0, 8)
    for (let bit = 0; bit < 64; bit++) {
      const turned = Buffer.from(hash64)
      turned[bit >> 3]! ^= 1 << (bit & 7)
      expect(filter.mayHaveForeign(turned), `bit ${bit}`).toBe(false)
    }
  })

  test('are told from what was derived from them, and from minted ids of the same bits', () => {
    const [w0, w1, w2, w3] = born('order-0', 0)
    expect(filter.mayHave(w0, w1, w2, w3)).toBe(true)
    expect(filter.mayHave(w0, w1, w2, w3 | 1)).toBe(false)
    expect(filter.mayHave(w0, (w1 & ~0xf000) | 0x7000, w2, w3)).toBe(false)
  })

  test('of fewer than 8 bytes of hash are a mistake', () => {
    expect(() => filter.mayHaveForeign(new Uint8Array(7))).toThrow('expected 8 bytes, got 7')
  })
})

test('minted ids that differ in birth alone are different', () => {
  const filter = filterOf([stamp(5, 1, 1)], DEFAULT_CAPACITY)
  for (let ms = 0; ms < 100; ms++) expect(filter.mayHave(...stamp(ms, 1, 1))).toBe(ms === 5)
})

describe('merging', () => {
  const merged = (...filters: Membership[]): string => {
    const sum = new Membership(SEED, CAPACITY_MIN)
    for (const filter of filters) sum.merge(filter)
    return hexOf(sum.toBytes())
  }

  test('is associative, commutative and idempotent, with the empty filter as identity', () => {
    fc.assert(
      fc.property(anyIds, anyIds, anyIds, (ids, jds, kds) => {
        const [a, b, c] = [filterOf(ids), filterOf(jds), filterOf(kds)]
        const all = hexOf(filterOf([...ids, ...jds, ...kds]).toBytes())
        const right = filterOf(jds)
        right.merge(c)
        expect(merged(a, right)).toBe(all)
        expect(merged(a, b, c)).toBe(all)
        expect(merged(c, b, a)).toBe(all)
        expect(merged(a, b, a, c, c, b)).toBe(all)
        a.merge(a)
        a.merge(new Membership(SEED, CAPACITY_MIN))
        expect(hexOf(a.toBytes())).toBe(hexOf(filterOf(ids).toBytes()))
        expect(hexOf(b.toBytes())).toBe(hexOf(filterOf(jds).toBytes()))
      }),
    )
  })

  test('is refused for filters of another seed or capacity', () => {
    const filter = new Membership(SEED, 2000)
    expect(() => filter.merge(new Membership(SEED + 1, 2000))).toThrow('different seeds')
    expect(() => filter.merge(new Membership(SEED, 2001))).toThrow('different capacities')
  })
})

describe('places', () => {
  test('are what SQL computes in 64-bit integers', () => {
    const sql = /```sql\n([\s\S]*?)```/.exec(page)![1]!
    const database = new Database(':memory:')
    const query = database.prepare(sql).raw()
    const anyCapacity = fc.integer({ min: CAPACITY_MIN, max: CAPACITY_MAX })
    const anySeed = fc.nat({ max: 0xffffffff })
    fc.assert(
      fc.property(fc.oneof(anyId, anyForeign), anySeed, anyCapacity, (words, seed, capacity) => {
        const filter = new Membership(seed, capacity)
        filter.add(...words)
        // As BigInt, for a number would be bound as a double.
        const [s, n, w0, w1, w2, w3] = [seed, capacity, ...words].map(BigInt)
        const rows = query.all({ seed: s, capacity: n, w0, w1, w2, w3 }) as [number][]
        const places = [...new Set(rows.flat())].sort((a, b) => a - b)
        expect(rows.length).toBe(7)
        expect(placesIn(filter)).toEqual(places)
      }),
      { numRuns: 500 },
    )
    database.close()
  })

  for (const [kind, make] of Object.entries(series)) {
    test(`of ${kind} ids are spread evenly`, () => {
      expectEven(placesIn(filterOf(make(20_000, 3), CAPACITY_MAX)), 4_194_298)
    })
  }

  test('of ids that share a cell of the table are spread evenly', () => {
    const { a, b } = lanesOfSeed(SEED)
    const cells = new Uint32Array(HASH_WORDS)
    const inOneCell = (words: Words): boolean => {
      hash(...words, a, b, cells)
      return cells[0] === 17
    }
    const ids = series.stamped!(500_000, 3).filter(inOneCell)
    expect(ids.length).toBeGreaterThan(2000)
    expectEven(placesIn(filterOf(ids, CAPACITY_MAX)), 4_194_298)
  })
})

/** Chi-squared over 256 stripes has mean 255 and standard deviation 22.6. */
function expectEven(places: readonly number[], size: number): void {
  const hits = new Float64Array(256)
  for (const place of places) hits[Math.floor((place * 256) / size)]! += 1
  const expected = places.length / 256
  const chi = hits.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0)
  expect(chi).toBeGreaterThan(255 - 5 * 22.6)
  expect(chi).toBeLessThan(255 + 5 * 22.6)
}

/** The set bits, read from the sparse or dense form as the page defines them. */
function placesIn(filter: Membership): number[] {
  const bytes = filter.toBytes()
  let at = 1
  const varint = (): number => {
    let [value, scale, byte] = [0, 1, 0]
    do {
      byte = bytes[at++]!
      value += (byte & 127) * scale
      scale *= 128
    } while (byte >= 128)
    return value
  }
  expect(varint()).toBe(filter.capacity)
  const places: number[] = []
  if (bytes[0] === 0x12) {
    let next = 0
    for (let count = varint(); count > 0; count--) {
      next += varint() + 1
      places.push(next - 1)
    }
    return places
  }
  for (let i = 0; i < 8 * (bytes.length - at); i++) {
    if ((bytes[at + (i >> 3)]! & (1 << (i & 7))) !== 0) places.push(i)
  }
  return places
}

describe('bytes', () => {
  test('are these', () => {
    const examples: [id: string, places: number[], hex: string][] = [
      [
        '019b76daa8007259ae2b8ed000003401',
        [717, 2093, 2777, 4139, 4838, 6190, 8245],
        '12 e8 07 07 cd 05 df 0a ab 05 d1 0a ba 05 c7 0a 86 10',
      ],
      [
        hexOfWords(foreignId(1_767_225_600_000, Buffer.from('order-4711'))),
        [1647, 1711, 1780, 1853, 1929, 2007, 2086],
        '12 e8 07 07 ef 0c 3f 44 48 4b 4d 4e',
      ],
    ]
    expect(hexOf(new Membership(SEED, CAPACITY_MIN).toBytes())).toBe('12e80700')
    for (const [id, places, hex] of examples) {
      const filter = filterOf([wordsOfHex(id)])
      expect(placesIn(filter)).toEqual(places)
      expect(hexOf(filter.toBytes())).toBe(hex.replaceAll(' ', ''))
      expect(page).toContain(hex)
      expect(page).toContain(places.join(' '))
    }
    const full = filterOf(series.stamped!(1000, 1)).toBytes()
    const sha256 = createHash('sha256').update(full).digest('hex')
    expect({ length: full.length, sha256 }).toMatchInlineSnapshot(`
      {
        "length": 1202,
        "sha256": "19ad3e1f154c9d49257ee6832f7a78421221a3af372701e2ec555c7265ffe921",
      }
    `)
  })

  test('come back equal, the shorter form of the two, whatever the fill and the order', () => {
    const forms = new Set<number>()
    const anyCount = fc.oneof(fc.nat({ max: 40 }), fc.integer({ min: 100, max: 200 }), fc.nat(3000))
    fc.assert(
      fc.property(anyCount, fc.nat(1000), fc.integer({ min: 1000, max: 1016 }), (n, seed, size) => {
        const ids = series.random!(n, seed)
        const filter = filterOf(ids, size)
        const bytes = filter.toBytes()
        const back = decode(bytes, size)
        expect(hexOf(back.toBytes())).toBe(hexOf(bytes))
        expect(hexOf(filterOf(ids.reverse(), size).toBytes())).toBe(hexOf(bytes))
        expect(back.fill).toBe(filter.fill)
        expect(bytes.length).toBe(3 + Math.min(filter.bytesInMemory, sparseBytes(filter)))
        forms.add(bytes[0]!)
      }),
      { numRuns: 300 },
    )
    expect([...forms].sort()).toEqual([0x11, 0x12])
  })

  test.each([
    [CAPACITY_MIN, 9586, 1199, 2],
    [DEFAULT_CAPACITY, 958_506, 119_814, 3],
    [CAPACITY_MAX, 4_194_298, 524_288, 3],
  ])('for %i messages are %i bits, %i bytes and a head', (capacity, bits, bytes, varint) => {
    const filter = new Membership(SEED, capacity)
    expect(filter.bytesInMemory).toBe(bytes)
    for (let i = 0; i < capacity; i++) filter.add(0, 0, 0, i)
    expect(filter.toBytes().length).toBe(1 + varint + bytes)
    expect(placesIn(filter).length).toBe(Math.round(filter.fill * bits))
    expect(placesIn(filter).at(-1)).toBeLessThan(bits)
  })

  const full = filterOf(series.stamped!(1000, 1)).toBytes()
  const few = filterOf(series.stamped!(20, 1)).toBytes()

  test.each([
    ['nothing', '', 'truncated'],
    ['a sketch', '010000', 'version 1'],
    ['an unknown form', '13e80700', 'version 1'],
    ['another version', '22e80700', 'version 1'],
    ['no capacity', '12', 'truncated'],
    ['another capacity', '12e90700', 'one for 1001'],
    ['a capacity not in its shortest form', '12e8870000', 'overlong'],
    ['no count', '12e807', 'truncated'],
    ['fewer bits than counted', '12e80702 05', 'truncated'],
    ['more bits than counted', '12e80701 0505', 'too many'],
    ['a count not in its shortest form', '12e8078000', 'overlong'],
    ['a distance not in its shortest form', '12e80701 8500', 'overlong'],
    ['a bit beyond the last', '12e80701 f24a', 'below 9586'],
    ['a bit far beyond the last', '12e80701 ffffffffffff3f', 'below 9586'],
    ['two bits, the second beyond', '12e80702 f04a 01', 'below 9586'],
    ['a huge count', '12e807 ffffffffffff3f', 'truncated'],
    ['an endless varint', '12e807 ffffffffffffffff01', 'varint'],
  ])('with %s are refused', (_, hex, message) => {
    expect(() => decodeHex(hex)).toThrow(MembershipFormatError)
    expect(() => decodeHex(hex)).toThrow(message)
  })

  test('of the last bit are read', () => {
    expect(placesIn(decodeHex('12e80701 f14a'))).toEqual([9585])
    expect(placesIn(decodeHex('12e80702 f04a 00'))).toEqual([9584, 9585])
  })

  test('cut anywhere or lengthened are refused', () => {
    for (const bytes of [full, few]) {
      for (let length = 0; length < bytes.length; length++) {
        expect(() => decode(bytes.subarray(0, length))).toThrow(MembershipFormatError)
      }
      expect(() => decode(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow(MembershipFormatError)
    }
  })

  test('with bits beyond the last are refused', () => {
    expect(9586 % 8).toBe(2)
    for (let bit = 2; bit < 8; bit++) {
      const bytes = Uint8Array.from(full)
      bytes[bytes.length - 1]! |= 1 << bit
      expect(() => decode(bytes), `bit ${bit}`).toThrow('no bit beyond 9586')
    }
  })

  test('in the longer form are refused', () => {
    const dense = new Uint8Array(3 + 1199)
    dense.set([0x11, 0xe8, 0x07])
    expect(() => decode(dense)).toThrow('sparse form')

    const gaps = placesIn(decode(full)).map((place, i, all) => place - (all[i - 1] ?? -1) - 1)
    const count = [(gaps.length & 127) | 128, gaps.length >> 7]
    const sparse = Uint8Array.from([0x12, 0xe8, 0x07, ...count, ...gaps])
    expect(Math.max(...gaps)).toBeLessThan(128)
    expect(() => decode(sparse)).toThrow('dense form')
  })

  test.each([0, CAPACITY_MIN - 1, CAPACITY_MAX + 1, 1000.5, Number.NaN])(
    'for a capacity of %d are refused',
    (capacity) => {
      expect(() => decode(few, capacity)).toThrow(MembershipFormatError)
      expect(() => new Membership(SEED, capacity)).toThrow('expected a capacity of 1000 to 437587')
    },
  )

  test('of any kind either decode and encode again to themselves, or are refused', () => {
    const seen = { read: 0, refused: 0 }
    const headed = fc.uint8Array({ maxLength: 60 }).map((rest) => [0x12, 0xe8, 0x07, ...rest])
    const turned = fc
      .tuple(fc.constantFrom(full, few), fc.nat(), fc.nat({ max: 255 }))
      .map(([bytes, at, value]) => bytes.with(at % bytes.length, value))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 99 }), headed, turned), (bytes) => {
        let filter: Membership
        try {
          filter = decode(Uint8Array.from(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(MembershipFormatError)
          expect((error as MembershipFormatError).code).toBe('MEMBERSHIP_FORMAT')
          seen.refused++
          return
        }
        expect(hexOf(filter.toBytes())).toBe(hexOf(Uint8Array.from(bytes)))
        expect(filter.bytesInMemory).toBe(1199)
        seen.read++
      }),
      { numRuns: 1000 },
    )
    expect(seen.read).toBeGreaterThan(50)
    expect(seen.refused).toBeGreaterThan(50)
  })
})

/** Without the head. */
function sparseBytes(filter: Membership): number {
  const places = placesIn(filter)
  const gaps = places.map((place, i) => place - (places[i - 1] ?? -1) - 1)
  const varintBytes = (n: number): number => (n < 128 ? 1 : n < 16_384 ? 2 : 3)
  return varintBytes(gaps.length) + gaps.reduce((sum, gap) => sum + varintBytes(gap), 0)
}

/** Calls `take` with ids number `from` up to `to`, all different. */
type Run = (from: number, to: number, take: (...words: Words) => void) => void

const runs: Readonly<Record<string, Run>> = {
  stamped: (from, to, take) => {
    for (let i = from; i < to; i++) {
      const ms = Math.floor(i / 20)
      const w1 = (((ms & 0xffff) << 16) | 0x7abc) >>> 0
      take(0x0190_0000 + (ms >>> 16), w1, 0x8000_1234 | (i >>> 22), (i << 10) >>> 0)
    }
  },
  sequential: (from, to, take) => {
    for (let i = from; i < to; i++) take(0, 0, 0, i)
  },
  random: (from, to, take) => {
    const next = random(from)
    for (let i = from; i < to; i++) take(next(), next(), next(), next())
  },
  foreign: (from, to, take) => {
    const next = random(from + 1)
    for (let i = from; i < to; i++) {
      const [high, low] = [next(), next()]
      const w1 = (((i & 0xffff) << 16) | 0x8000 | (high >>> 20)) >>> 0
      take(0x0190_0000, w1, (2 << 30) | (high & 0xfffff), (low << 10) >>> 0)
    }
  },
}

/** So many that at least 200 false answers are due: 20% are then 2.8 standard deviations or more. */
const shares: readonly [share: number, probes: number][] = [
  [0.25, 57_000_000],
  [0.5, 1_500_000],
  [1, 200_000],
  [2, 50_000],
]

describe('the rate of false answers is that of theory, within 20%, and told within 5%', () => {
  for (const [kind, run] of Object.entries(runs)) {
    test(`of ${kind} ids`, { timeout: 120_000 }, () => {
      for (const [share, probes] of shares) {
        const ids = share * DEFAULT_CAPACITY
        const filter = new Membership(SEED)
        run(0, ids, (w0, w1, w2, w3) => filter.add(w0, w1, w2, w3))
        let yes = 0
        run(ids, ids + probes, (w0, w1, w2, w3) => {
          if (filter.mayHave(w0, w1, w2, w3)) yes++
        })
        const theory = (1 - Math.exp((-7 * ids) / 958_506)) ** 7
        const figures = `${share * 100}% of capacity: ${yes} of ${probes}, due ${theory * probes}`
        expect(theory * probes, figures).toBeGreaterThan(200)
        expect(Math.abs(yes / probes / theory - 1), figures).toBeLessThan(0.2)
        expect(Math.abs(filter.falsePositiveRate() / theory - 1), figures).toBeLessThan(0.05)
      }
    })
  }
})
