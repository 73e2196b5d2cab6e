/** Membership filters and latencies: their encodings are canonical. */
import { Latencies, LatencyFormatError } from '../../src/sketch/latency.ts'
import {
  CAPACITY_MAX,
  CAPACITY_MIN,
  DEFAULT_CAPACITY,
  Membership,
  MembershipFormatError,
} from '../../src/sketch/membership.ts'
import { DEFAULT_SEED } from '../../src/sketch/shape.ts'
import type { Random } from './random.ts'
import { must, type Target } from './target.ts'

const bitBytesOf = (capacity: number): number => 2 * capacity

function membershipTarget(name: string, capacity: number, weight: number): Target<Membership> {
  return {
    name,
    weight,
    valid: (random) => membershipOf(random, capacity).toBytes(),
    // Of another capacity: never accepted.
    odd: (random) => membershipOf(random, random.from(CAPACITY_MIN, 3000)).toBytes(),
    decode: (bytes) => Membership.fromBytes(bytes, DEFAULT_SEED, capacity),
    refuses: (error) => error instanceof MembershipFormatError,
    // A dense one is written as sparse to see which is shorter.
    bytesMax: (length) => 64 * 1024 + 6 * bitBytesOf(capacity) + 4 * length,
    looksMax: 3,
    examine: (filter, bytes) => {
      must(Buffer.compare(filter.toBytes(), bytes) === 0, 'encodes to other bytes')
      must(filter.fill >= 0 && filter.fill <= 1, `fill ${filter.fill}`)
      const rate = filter.falsePositiveRate()
      must(rate >= 0 && rate <= 1, `rate ${rate}`)
      filter.merge(filter)
      must(Buffer.compare(filter.toBytes(), bytes) === 0, 'merged with itself is another')
    },
  }
}

export const memberships: readonly Target<Membership>[] = [
  membershipTarget('membership', CAPACITY_MIN, 50),
  membershipTarget('membership-default', DEFAULT_CAPACITY, 3),
  membershipTarget('membership-largest', CAPACITY_MAX, 1),
]

export function membershipOf(random: Random, capacity: number): Membership {
  const filter = new Membership(DEFAULT_SEED, capacity)
  for (let n = random.size(Math.min(2 * capacity, 3000)); n > 0; n--) {
    filter.add(random.uint32(), random.uint32(), random.uint32(), random.uint32())
  }
  return filter
}

export const latencies: Target<Latencies> = {
  name: 'latencies',
  weight: 80,
  valid: (random) => latenciesOf(random, 400).toBytes(),
  decode: (bytes) => Latencies.fromBytes(bytes),
  refuses: (error) => error instanceof LatencyFormatError,
  // The buckets, 20 KB of them, grow by 64.
  bytesMax: (length) => 2 ** 20 + 4 * length,
  looksMax: 2,
  examine: (value, bytes) => {
    must(Buffer.compare(value.toBytes(), bytes) === 0, 'encodes to other bytes')
    const { min, max, mean, count } = value
    if (count === 0) {
      must(min === null && max === null && mean === null, 'nothing, with values')
      return
    }
    must(min! <= mean! && mean! <= max!, `mean ${mean} of ${min} to ${max}`)
    for (const q of [0, 0.5, 0.99, 1]) {
      const ms = value.quantile(q)!
      must(ms >= min! && ms <= max!, `quantile ${q} is ${ms} of ${min} to ${max}`)
    }
    for (const within of value.within.values()) must(within <= count, `${within} of ${count}`)
    const twice = Latencies.fromBytes(bytes)
    twice.merge(value)
    must(twice.count === 2 * count, 'merged it does not count both')
    if (twice.count <= 2 ** 47) Latencies.fromBytes(twice.toBytes())
  },
}

export function latenciesOf(random: Random, most: number): Latencies {
  const value = new Latencies(random.list(random.size(10), () => random.size(2 ** 40)))
  for (let n = random.size(most); n > 0; n--) {
    const ms = random.size(random.pick([10, 1000, 100_000, 2 ** 41]))
    value.record(random.oneIn(8) ? -ms : ms, random.oneIn(50) ? random.size(2 ** 37) : 1)
  }
  return value
}
