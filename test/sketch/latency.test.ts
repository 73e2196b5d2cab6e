import { DDSketch } from '@datadog/sketches-js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Latencies, LatencyFormatError } from '../../src/sketch/latency.ts'
import { bucketOf, LIMIT_MS, middleOf } from '../../src/sketch/latency-buckets.ts'

const hexOf = (latencies: Latencies): string => Buffer.from(latencies.toBytes()).toString('hex')
const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const decodeHex = (hex: string): Latencies => Latencies.fromBytes(bytesOf(hex))

/** Bits as hexadecimal digits, filled with 0. */
function bits(text: string): string {
  const all = text.replaceAll(' ', '')
  const octets = all.padEnd(Math.ceil(all.length / 8) * 8, '0').match(/.{8}/g) ?? []
  return octets.map((octet) => Number.parseInt(octet, 2).toString(16).padStart(2, '0')).join('')
}

const GAMMA_4096: string = `${'0'.repeat(12)}1${'0'.repeat(12)}`
/** The number 2 in the form for large ones. */
const PLAIN_2: string = '1'.repeat(24) + '10'.padStart(49, '0')

/** Its first digit is no part of what stands before it. */
const PLAIN_2_48: string = '1'.repeat(24) + '1'.padEnd(49, '0')

/** The exact boundaries: the largest whole number at most (101 / 99)^i, those that differ. */
const boundaries: readonly number[] = (() => {
  const found: number[] = []
  for (let [over, under] = [1n, 1n]; (found.at(-1) ?? 0) < LIMIT_MS; ) {
    const boundary = Number(over / under)
    if (boundary !== found.at(-1)) found.push(boundary)
    over *= 101n
    under *= 99n
  }
  return found
})()

const anySize = fc.oneof(
  fc.nat(70),
  fc.nat(5_000),
  fc.nat(100_000_000),
  fc.nat({ max: LIMIT_MS }),
  fc.constantFrom(...boundaries.slice(0, -1)),
)
const anyMs = fc.tuple(anySize, fc.constantFrom(1, 1, -1)).map(([ms, sign]) => ms * sign + 0)
const anyValues = fc.array(anyMs, { maxLength: 60 })
const someValues = fc.array(anyMs, { minLength: 1, maxLength: 60 })
const anyThresholds = fc.subarray([0, 10, 100, 1_000, 60_000, 3_600_000])

function latenciesOf(values: Iterable<number>, thresholdsMs: readonly number[] = []): Latencies {
  const latencies = new Latencies(thresholdsMs)
  for (const ms of values) latencies.record(ms)
  return latencies
}

const anyLatencies = fc
  .tuple(anyValues, anyThresholds)
  .map(([values, thresholdsMs]) => latenciesOf(values, thresholdsMs))

function sum(...all: readonly Latencies[]): Latencies {
  const total = new Latencies()
  for (const each of all) total.merge(each)
  return total
}

describe('buckets', () => {
  test('end at the exact powers of 101/99, on every machine', () => {
    boundaries.forEach((high, i) => {
      expect(bucketOf(high)).toBe(i + 1)
      expect(bucketOf(-high)).toBe(-(i + 1))
      if (high < LIMIT_MS) expect(bucketOf(high + 1)).toBe(i + 2)
    })
    expect(boundaries.length).toBe(1_275)
    expect(bucketOf(LIMIT_MS)).toBe(1_275)
    expect(bucketOf(0)).toBe(0)
  })

  test('ascend with the values', () => {
    fc.assert(
      fc.property(anyMs, anyMs, (a, b) => {
        expect(Math.sign(bucketOf(a) - bucketOf(b)) * Math.sign(a - b)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('have a value within 1% of all in them, and up to 57 ms that value alone', () => {
    for (let ms = -57; ms <= 57; ms++) expect(middleOf(bucketOf(ms))).toBe(ms)
    fc.assert(
      fc.property(anyMs, (ms) => {
        expect(Math.abs(middleOf(bucketOf(ms)) - ms)).toBeLessThanOrEqual(0.01 * Math.abs(ms))
      }),
    )
  })
})

describe('quantiles', () => {
  test('are within 1% of the value of their rank, of either sign, and exact at both ends', () => {
    const anyQ = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.5, 1))
    fc.assert(
      fc.property(someValues, anyQ, (values, q) => {
        const sorted = [...values].sort((a, b) => a - b)
        const truth = sorted[Math.floor(q * (sorted.length - 1))]!
        const seen = latenciesOf(values).quantile(q)!
        expect(Math.abs(seen - truth)).toBeLessThanOrEqual(0.01 * Math.abs(truth))
        expect(seen).toBeGreaterThanOrEqual(sorted[0]!)
        expect(seen).toBeLessThanOrEqual(sorted.at(-1)!)
        expect(latenciesOf(values).quantile(0)).toBe(sorted[0])
        expect(latenciesOf(values).quantile(1)).toBe(sorted.at(-1))
      }),
      { numRuns: 500 },
    )
  })

  test('take the lower value between two', () => {
    const four = latenciesOf([40, 10, 30, 20])
    expect([0, 0.32, 0.34, 0.5, 0.67, 0.99, 1].map((q) => four.quantile(q))).toEqual([
      10, 10, 20, 20, 30, 30, 40,
    ])
  })

  test('never leave the range where a bucket does', () => {
    // The middle of a bucket lies below its top.
    const top = boundaries[bucketOf(2_040) - 1]!
    expect(middleOf(bucketOf(top))).toBeLessThan(top)
    expect(latenciesOf([top, top, top]).quantile(0.5)).toBe(top)
    expect(latenciesOf([-top, -top, -top]).quantile(0.5)).toBe(-top)
  })

  test.each([-0.01, 1.01, Number.NaN])('of %d are a mistake', (q) => {
    expect(() => latenciesOf([1]).quantile(q)).toThrow('from 0 to 1')
  })
})

describe('count, least, most and mean', () => {
  test('are exact', () => {
    fc.assert(
      fc.property(someValues, (values) => {
        const exact = values.reduce((total, ms) => total + BigInt(ms), 0n)
        expect(latenciesOf(values)).toMatchObject({
          isEmpty: false,
          count: values.length,
          min: Math.min(...values),
          max: Math.max(...values),
          mean: Number(exact) / values.length,
        })
      }),
    )
  })

  test('of none are null', () => {
    expect(new Latencies()).toMatchObject({
      isEmpty: true,
      count: 0,
      min: null,
      max: null,
      mean: null,
    })
    expect(new Latencies().quantile(0.5)).toBeNull()
  })

  test('stay exact where the sum is beyond what a double counts', () => {
    const large = latenciesOf([1])
    for (let i = 0; i < 10_000; i++) large.record(LIMIT_MS - 1)
    large.record(LIMIT_MS, 2 ** 20)
    const exact = 10_000n * BigInt(LIMIT_MS - 1) + BigInt(LIMIT_MS) * 2n ** 20n + 1n
    expect(exact).toBeGreaterThan(2n ** 60n)
    expect(large.mean).toBe(Number(exact) / (10_001 + 2 ** 20))
    const negative = latenciesOf([-1])
    for (let i = 0; i < 10_000; i++) negative.record(1 - LIMIT_MS)
    negative.record(-LIMIT_MS, 2 ** 20)
    expect(negative.mean).toBe(-large.mean!)
    negative.merge(large)
    expect(negative.mean).toBe(0)
    expect(hexOf(large.clone())).toBe(hexOf(large))
    // 58 and 59 share a bucket: these two differ in the last digit of the sum only.
    expect(bucketOf(58)).toBe(bucketOf(59))
    expect(hexOf(sum(large, latenciesOf([58])))).not.toBe(hexOf(sum(large, latenciesOf([59]))))
  })
})

describe('recording', () => {
  test('so many times is recording that often', () => {
    fc.assert(
      fc.property(anyMs, fc.nat(50), anyThresholds, (ms, times, thresholdsMs) => {
        const once = new Latencies(thresholdsMs)
        once.record(ms, times)
        expect(hexOf(once)).toBe(hexOf(latenciesOf(Array(times).fill(ms), thresholdsMs)))
      }),
    )
  })

  test.each([-1, 0.5, Number.NaN, 2 ** 53])('%d times is a mistake', (times) => {
    expect(() => new Latencies().record(1, times)).toThrow('whole number')
  })

  test('rounds fractions, holds what is too far at the limit, passes over what is no number', () => {
    expect(latenciesOf([1.4, -0.2])).toMatchObject({ count: 2, min: 0, max: 1 })
    expect(Object.is(latenciesOf([-0.2]).min, 0)).toBe(true)
    const far = latenciesOf([1e300, Number.NEGATIVE_INFINITY, Number.NaN])
    expect(far).toMatchObject({ count: 2, min: -LIMIT_MS, max: LIMIT_MS, mean: 0 })
  })

  test('takes bounded memory, whatever is recorded', () => {
    const latencies = new Latencies([1, 2, 3, 4, 5, 6, 7, 8])
    for (const high of boundaries) {
      latencies.record(high)
      latencies.record(-high)
    }
    expect(latencies.bytesInMemory).toBe(2_560 * 8 + 64)
    expect(latencies.toBytes().length).toBeLessThanOrEqual(18_006)
    expect(latenciesOf([5, 200]).bytesInMemory).toBe(128 * 8)
  })
})

describe('merge', () => {
  test('is commutative and associative, and the empty one is its identity', () => {
    fc.assert(
      fc.property(anyLatencies, anyLatencies, anyLatencies, (a, b, c) => {
        expect(hexOf(sum(a, b))).toBe(hexOf(sum(b, a)))
        expect(hexOf(sum(sum(a, b), c))).toBe(hexOf(sum(a, sum(b, c))))
        expect(hexOf(sum(a, new Latencies([5])))).toBe(hexOf(a))
        const empty = new Latencies([5])
        empty.merge(a)
        expect(hexOf(empty)).toBe(hexOf(a))
      }),
    )
  })

  test('of shards, split in any way, is one pass over all', () => {
    const anyShards = fc.array(fc.tuple(anyMs, fc.nat(3)), { maxLength: 80 })
    fc.assert(
      fc.property(anyShards, anyThresholds, (entries, thresholdsMs) => {
        const shards = [0, 1, 2, 3].map((shard) =>
          latenciesOf(
            entries.filter(([, of]) => of === shard).map(([ms]) => ms),
            thresholdsMs,
          ),
        )
        const onePass = latenciesOf(
          entries.map(([ms]) => ms),
          thresholdsMs,
        )
        expect(hexOf(sum(...shards))).toBe(hexOf(onePass))
        expect(hexOf(sum(...shards.reverse()))).toBe(hexOf(onePass))
      }),
    )
  })

  test('leaves the other as it was, and a clone goes its own way', () => {
    const a = latenciesOf([1, -5], [10])
    const b = latenciesOf([3, 700], [10])
    const [was, copy] = [hexOf(b), b.clone()]
    a.merge(b)
    a.record(3)
    expect(hexOf(b)).toBe(was)
    copy.record(3)
    expect(hexOf(b)).toBe(was)
    expect(hexOf(copy)).toBe(hexOf(latenciesOf([3, 700, 3], [10])))
  })

  test('with itself doubles it', () => {
    const latencies = latenciesOf([1, -5, 0, 300], [10])
    latencies.merge(latencies)
    expect(hexOf(latencies)).toBe(hexOf(latenciesOf([1, -5, 0, 300, 1, -5, 0, 300], [10])))
  })

  test('keeps negative ones, which a published sketch loses', () => {
    const left = [1, 2, 3]
    const right = [-5, -4, -3, 0, 1, 2]
    const [theirs, other] = [new DDSketch(), new DDSketch()]
    for (const ms of left) theirs.accept(ms)
    for (const ms of right) other.accept(ms)
    theirs.merge(other)
    // It has been told of nine values, three of them below 0, and finds none of those.
    expect(theirs.count).toBe(9)
    expect(theirs.min).toBe(-5)
    expect(theirs.getValueAtQuantile(0)).toBe(0)

    const ours = sum(latenciesOf(left), latenciesOf(right))
    expect([0, 0.25, 0.5].map((q) => ours.quantile(q))).toEqual([-5, -3, 1])
    expect(decodeHex(hexOf(ours)).quantile(0.25)).toBe(-3)
  })
})

describe('counts within thresholds', () => {
  test('are exact, negative ones within', () => {
    fc.assert(
      fc.property(anyValues, anyThresholds, (values, thresholdsMs) => {
        const exact = thresholdsMs.map((t) => [t, values.filter((ms) => ms <= t).length])
        expect([...latenciesOf(values, thresholdsMs).within]).toEqual(exact)
        const back = decodeHex(hexOf(latenciesOf(values, thresholdsMs)))
        expect([...back.within]).toEqual(values.length === 0 ? [] : exact)
      }),
    )
  })

  test('count what is equal to them', () => {
    const around = latenciesOf([-1, 0, 1, 999, 1_000, 1_001], [0, 1_000])
    expect([...around.within]).toEqual([
      [0, 2],
      [1_000, 5],
    ])
  })

  test('that only one side knows are left out of the sum, not undercounted', () => {
    const a = latenciesOf([5, 50, 500], [10, 100])
    const b = latenciesOf([50, 500], [100, 1_000])
    expect([...sum(a, b).within]).toEqual([[100, 3]])
    a.merge(b)
    a.record(7)
    expect([...a.within]).toEqual([[100, 4]])
  })

  test('are those of the first that is merged into an empty one', () => {
    const total = new Latencies([5])
    total.merge(latenciesOf([1, 50], [10]))
    expect([...total.within]).toEqual([[10, 1]])
    total.merge(new Latencies([7]))
    expect([...total.within]).toEqual([[10, 1]])
  })

  test('are the 8 lowest that can be counted', () => {
    const many = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, -1, 0.5, Number.NaN, LIMIT_MS]
    expect([...new Latencies(many).within.keys()]).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect([...new Latencies([LIMIT_MS, LIMIT_MS - 1]).within.keys()]).toEqual([LIMIT_MS - 1])
    const far = latenciesOf([Number.POSITIVE_INFINITY], [LIMIT_MS - 1])
    expect([...far.within.values()]).toEqual([0])
  })
})

describe('bytes', () => {
  test('are these', () => {
    expect(hexOf(new Latencies([10]))).toBe('0100')
    const latencies = latenciesOf([-2, 0, 3, 3, 3, 5, 60], [4, 100])
    expect(hexOf(latencies)).toBe(
      [
        '01 07', // version, 7 values
        '03 3e', // least -2, most 62 above it
        '00 56', // sum 72, less 7 times -2: 86
        '02 04 05 60 02', // within 4 ms: 5, within 100 ms: 2 more
        bits(
          [
            '010', // -2: 1
            '01 1', // -1: 0
            '100', // 0: 1
            '01 010', // 1, 2: 0
            '1110 0', // 3: 3
            '110 1 1', // 4: 0
            '010', // 5: 1
            '01 00000110101', // 6 to 57, and 58 to 59 which share a bucket: 0
            '100', // 60: 1
          ].join(' '),
        ),
      ]
        .join('')
        .replaceAll(' ', ''),
    )
  })

  test('of a single one that is hours late are few', () => {
    const latencies = new Latencies()
    for (let ms = 20; ms <= 90; ms++) latencies.record(ms, 100)
    const before = latencies.toBytes().length
    latencies.record(36_000_000)
    expect(latencies.toBytes().length).toBeLessThan(before + 10)
  })

  test('of a busy minute are fewer than 200', () => {
    // A thousand a second, log-normal around 50 ms: nearly all between 10 and 250 ms.
    const busy = new Latencies([60_000])
    const share = lehmer()
    for (let i = 0; i < 60_000; i++) {
      const normal = Math.sqrt(-2 * Math.log(share())) * Math.cos(2 * Math.PI * share())
      busy.record(50 * Math.exp(0.5 * normal))
    }
    expect(busy.toBytes().length).toBeLessThan(200)
  })

  test('come back, and equal values are equal bytes in any order', () => {
    fc.assert(
      fc.property(anyValues, anyThresholds, (values, thresholdsMs) => {
        const latencies = latenciesOf(values, thresholdsMs)
        const back = decodeHex(hexOf(latencies))
        expect(hexOf(back)).toBe(hexOf(latencies))
        expect(back.quantile(0.3)).toBe(latencies.quantile(0.3))
        expect(back.mean).toBe(latencies.mean)
        expect(hexOf(latenciesOf([...values].reverse(), [...thresholdsMs].reverse()))).toBe(
          hexOf(latencies),
        )
      }),
    )
  })

  test('of counts of any size come back', () => {
    const anyTimes = fc.nat(46).map((digits) => 2 ** digits - 1)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(9), anyTimes), { maxLength: 2 }), (entries) => {
        const latencies = latenciesOf([0, 0, 1, 3])
        for (const [ms, times] of entries) latencies.record(ms, times)
        const back = decodeHex(hexOf(latencies))
        expect(back.count).toBe(latencies.count)
        expect(hexOf(back)).toBe(hexOf(latencies))
      }),
    )
  })

  test('that came back go on as if they had never been written', () => {
    fc.assert(
      fc.property(anyLatencies, anyLatencies, anyMs, (a, b, ms) => {
        fc.pre(!a.isEmpty)
        const back = decodeHex(hexOf(a))
        for (const one of [a, back]) {
          one.record(ms)
          one.merge(b)
        }
        expect(hexOf(back)).toBe(hexOf(a))
      }),
    )
  })

  test('are not written of more than 2^47', () => {
    const latencies = new Latencies()
    latencies.record(1, 2 ** 47)
    expect(hexOf(decodeHex(hexOf(latencies)))).toBe(hexOf(latencies))
    latencies.record(1)
    expect(() => latencies.toBytes()).toThrow(LatencyFormatError)
  })

  test.each([
    ['nothing', '', 'truncated'],
    ['another version', '0200', 'version'],
    ['no count', '01', 'truncated'],
    ['more after none', '010000', 'too many'],
    ['a count beyond the limit', '01 8180808080 8020', '2^47'],
    ['a least beyond the limit', '01 01 818080808080 01 00 00 00 00 03', '2^41'],
    ['a most beyond the limit', '01 02 8080808080 8001 01 00 01 00 03 03', '2^41'],
    ['one value and two ends', '01 01 02 01 00 01 00 03 03', 'sum'],
    ['a sum too low', '01 02 02 03 00 02 00 03 00 01 03', 'sum'],
    ['a sum too high', '01 02 02 03 00 04 00 03 00 01 03', 'sum'],
    ['a remainder too large', '01 02 02 03 00 80808080808040 00 03 00 01 03', 'remainder'],
    ['nine thresholds', '01 01 02 00 00 00 09', 'at most 8'],
    ['a threshold twice', '01 01 02 00 00 00 02 01 01 00 00 03', 'ascending'],
    ['a threshold beyond the limit', '01 01 02 00 00 00 01 808080808040 01 03', 'lower'],
    ['too few within', `01 01 02 00 00 00 01 05 00 ${bits('010')}`, 'within 5 ms'],
    ['too many within', `01 01 02 00 00 00 01 05 02 ${bits('010')}`, 'within 5 ms'],
    ['some within, below all', `01 01 04 00 00 00 01 01 01 ${bits('010')}`, 'within 1 ms'],
    // 58 and 59 share a bucket: only the ends tell that one is within 58 ms and one is not.
    ['no least within', `01 02 74 01 00 01 01 3a 00 ${bits('1000')}`, 'within 58 ms'],
    ['a most within', `01 02 74 01 00 01 01 3a 02 ${bits('1000')}`, 'within 58 ms'],
    ['no bucket', '01 01 02 00 00 00 00', 'truncated'],
    ['an empty first bucket', `01 02 02 02 00 02 00 ${bits('000 1 010')}`, 'misplaced'],
    ['an empty last bucket', `01 02 02 02 00 02 00 ${bits('1000 011 010')}`, 'misplaced'],
    ['an empty stretch in two', `01 02 02 03 00 03 00 ${bits('010 01 1 00 1 100')}`, 'misplaced'],
    ['a stretch past the end', `01 02 02 03 00 03 00 ${bits('010 01 00101 100')}`, 'misplaced'],
    ['a stretch past all ends', `01 02 02 03 00 03 00 ${bits(`010 01 ${GAMMA_4096}`)}`, 'longer'],
    ['a count below 0', `01 02 02 01 00 01 00 ${bits('010 101')}`, 'counts from 0'],
    ['counts above n', `01 02 02 01 00 01 00 ${bits('1010')}`, 'counts from 0'],
    ['counts below n', `01 03 02 01 00 01 00 ${bits('010 00')}`, 'expected 3 values'],
    ['a count in more bits than need be', `01 01 02 00 00 00 00 ${bits(PLAIN_2)}`, 'fewer bits'],
    ['a count beyond all', `01 02 02 01 00 01 00 ${bits(`010 ${PLAIN_2_48}`)}`, 'counts from 0'],
    ['last bits other than 0', `01 01 02 00 00 00 00 ${bits('010 00001')}`, 'last bits'],
    ['a byte too many', `01 01 02 00 00 00 00 ${bits('010')} 00`, 'too many'],
    ['a varint longer than need be', `01 8100 02 00 00 00 00 ${bits('010')}`, 'overlong'],
  ])('with %s are refused', (_, hex, message) => {
    expect(() => decodeHex(hex)).toThrow(LatencyFormatError)
    expect(() => decodeHex(hex)).toThrow(message)
  })

  test('beside those that are refused are read', () => {
    const values = (hex: string): unknown => {
      const { min, max, count, within } = decodeHex(hex)
      return { min, max, count, within: [...within] }
    }
    const one = bits('010')
    const apart = bits('010 01 010 100')
    expect(values(`01 01 02 00 00 00 00 ${one}`)).toEqual({ min: 1, max: 1, count: 1, within: [] })
    expect(values(`01 02 02 03 00 03 00 ${apart}`)).toMatchObject({ min: 1, max: 4, count: 2 })
    expect(values(`01 01 02 00 00 00 01 05 01 ${one}`)).toMatchObject({ within: [[5, 1]] })
    expect(values(`01 02 74 01 00 01 01 3a 01 ${bits('1000')}`)).toMatchObject({
      within: [[58, 1]],
    })
  })

  test('of any kind either decode and encode again to themselves, or are refused', () => {
    const good = fc.tuple(someValues, anyThresholds).map((of) => latenciesOf(...of).toBytes())
    const changed = fc.tuple(good, fc.nat(), fc.nat(255)).map(([bytes, at, value]) => {
      bytes[at % bytes.length] = value
      return bytes
    })
    const cut = fc.tuple(good, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % bytes.length))
    const small = fc.uint8Array({ maxLength: 20, max: 8 }).map((rest) => Uint8Array.of(1, ...rest))
    let read = 0
    fc.assert(
      fc.property(fc.oneof(changed, cut, small, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        let latencies: Latencies
        try {
          latencies = Latencies.fromBytes(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(LatencyFormatError)
          expect((error as LatencyFormatError).code).toBe('LATENCY_FORMAT')
          return
        }
        read++
        expect(hexOf(latencies)).toBe(Buffer.from(bytes).toString('hex'))
      }),
      { numRuns: 1_000 },
    )
    expect(read).toBeGreaterThan(0)
  })
})

/** The same numbers between 0 and 1 on every run. */
function lehmer(): () => number {
  let state = 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
