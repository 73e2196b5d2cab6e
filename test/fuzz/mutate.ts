/** The kinds of inputs: bytes of which one is told only that they once were, or could be, valid. */
import type { Random } from './random.ts'

export const kinds = [
  'valid',
  'odd',
  'random',
  'truncated',
  'extended',
  'flipped',
  'inserted',
  'removed',
  'lengths',
  'joined',
  'huge',
] as const
export type Kind = (typeof kinds)[number]

/** One input in so many is huge: each takes as long as hundreds of others. */
const HUGE_ONE_IN = 500
const HUGE_BYTES: number = 2 ** 20

export interface Base {
  /** Must be accepted. */
  valid(random: Random): Uint8Array
  /** Well-formed on the outside, of contents that nobody honest has. May be accepted. */
  readonly odd?: (random: Random) => Uint8Array
  /** What could matter at any place of a text. */
  readonly tokens?: readonly string[]
  /** Makes a checksum right again, so that what is behind it is reached. */
  readonly reseal?: (bytes: Uint8Array) => Uint8Array
}

export interface Input {
  readonly kind: Kind
  readonly bytes: Uint8Array
}

export function inputOf(base: Base, random: Random): Input {
  const kind = random.oneIn(HUGE_ONE_IN) ? 'huge' : random.pick(kinds.slice(0, -1))
  if (kind === 'valid') return { kind, bytes: base.valid(random) }
  const made = (): Uint8Array =>
    base.odd !== undefined && random.oneIn(3) ? base.odd(random) : base.valid(random)
  let bytes = mutated(kind, base, made, random)
  if (base.reseal !== undefined && !random.oneIn(4)) bytes = base.reseal(bytes)
  return { kind, bytes }
}

function mutated(kind: Kind, base: Base, made: () => Uint8Array, random: Random): Uint8Array {
  switch (kind) {
    case 'random':
      return random.bytes(random.size(4096))
    case 'odd':
      return (base.odd ?? base.valid)(random)
    case 'joined':
      return joined(random.list(random.from(2, 4), made))
    case 'huge':
      return huge(made(), random)
    default:
      return changed(kind, made(), base.tokens, random)
  }
}

function changed(
  kind: Kind,
  bytes: Uint8Array,
  tokens: readonly string[] | undefined,
  random: Random,
): Uint8Array {
  const at = random.below(bytes.length + 1)
  switch (kind) {
    case 'truncated':
      return bytes.subarray(0, at)
    case 'extended':
      return joined([bytes, random.bytes(random.from(1, 64))])
    case 'flipped':
      return flipped(bytes, random)
    case 'inserted':
      return joined([bytes.subarray(0, at), random.bytes(random.from(1, 16)), bytes.subarray(at)])
    case 'removed':
      return joined([bytes.subarray(0, at), bytes.subarray(at + random.from(1, 16))])
    default: {
      const length = tokens === undefined ? random.pick(LENGTHS) : Buffer.from(random.pick(tokens))
      // In the place of a byte, or between two.
      const after = bytes.subarray(at + random.below(2))
      return joined([bytes.subarray(0, at), length, after])
    }
  }
}

function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice()
  if (copy.length === 0) return copy
  for (let n = random.from(1, 8); n > 0; n--) {
    copy[random.below(copy.length)]! ^= 1 << random.below(8)
  }
  return copy
}

/** The bytes again and again, or with random ones, or with one byte, up to a MiB. */
function huge(bytes: Uint8Array, random: Random): Uint8Array {
  const out = new Uint8Array(random.oneIn(2) ? HUGE_BYTES : random.from(2 ** 16, HUGE_BYTES + 16))
  const way = random.below(3)
  if (way === 0 && bytes.length > 0) {
    for (let at = 0; at < out.length; at += bytes.length) {
      out.set(bytes.subarray(0, out.length - at), at)
    }
    return out
  }
  if (way === 1) out.set(random.bytes(out.length))
  else out.fill(random.uint32())
  out.set(bytes.subarray(0, random.below(Math.min(bytes.length, out.length) + 1)))
  return out
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

/** Numbers at which something ends, as varints, plain and zigzag, and fixed. */
const LENGTHS: readonly Uint8Array[] = [
  ...[
    2 ** 7,
    1000,
    1001,
    2 ** 16,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 48 - 1,
    2 ** 49 - 1,
    2 ** 53 - 1,
    2 ** 53,
  ].flatMap((n) => [varint(BigInt(n)), varint(2n * BigInt(n)), varint(2n * BigInt(n) - 1n)]),
  varint(2n ** 63n - 1n),
  varint(2n ** 64n - 1n),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
  new Uint8Array(16).fill(0xff),
  Uint8Array.of(0x80, 0),
  Uint8Array.of(0x7f, 0xff, 0xff, 0xff),
  Uint8Array.of(0x80, 0, 0, 0),
  Uint8Array.of(0xff, 0xff, 0xff, 0xfb),
  new Uint8Array(4),
]

function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}
